// Makes a fresh clone ready: checks Node, installs the packages of package-lock.json, builds dist/; says nothing and takes
// a fraction of a second where all that is done. The npm scripts call it first, so that each works as the first command.
// Only node:* here, since nothing is installed yet.
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";

const root = resolve(import.meta.dirname ?? ".", "..");
const readJson = (...path) => JSON.parse(readFileSync(join(root, ...path), "utf8"));

try {
  checkNode();
  if (!isInstalled()) install();
  const { buildIfStale } = await import("./build.mjs");
  buildIfStale();
} catch (error) {
  console.error(`error: ${error.message}`);
  process.exitCode = 1;
}

function checkNode() {
  const needed = readJson("package.json").engines.node.replace(">=", "");
  const numbers = (version) => version.split(".").map(Number);
  const [major, minor] = numbers(process.versions.node);
  const [neededMajor, neededMinor] = numbers(needed);
  if (major > neededMajor || (major === neededMajor && minor >= neededMinor)) return;
  throw new Error(`pudnet needs Node ${needed} or newer, this is ${process.versions.node}; see https://nodejs.org`);
}

/** Compares what npm says it installed with the lock file; packages for other systems are optional and may be missing. */
function isInstalled() {
  if (!existsSync(join(root, "node_modules", ".package-lock.json"))) return false;
  const installed = readJson("node_modules", ".package-lock.json").packages;
  return Object.entries(readJson("package-lock.json").packages).every(([path, { version, optional }]) => {
    if (path === "") return true;
    return installed[path] === undefined ? optional : installed[path].version === version;
  });
}

function install() {
  console.error("installing the packages of package-lock.json ...");
  // onnxruntime-node's install script downloads CUDA libraries. npm 11 skips the script by package.json's allowScripts;
  // this variable skips the download where npm is older.
  const env = { ...process.env, ONNXRUNTIME_NODE_INSTALL: "skip" };
  const options = { cwd: root, stdio: "inherit", env, shell: process.platform === "win32" };
  const { status, error } = spawnSync("npm", ["ci"], options);
  if (error) throw new Error(`npm could not be started: ${error.message}`);
  if (status !== 0) throw new Error("npm ci failed: see the lines above");
}
