// Builds dist/ from src/ where it is missing or was built from other sources. A build that fails leaves the old dist/.
//
//   node scripts/build.mjs [--force]
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { join, relative, resolve } from "node:path";
import { pathToFileURL } from "node:url";

export const root = resolve(import.meta.dirname, "..");
export const dist = join(root, "dist");
export const STAMP = ".built-from";
/** The page, which scripts/build-web.mjs builds. */
export const WEB = "web";
/** Read by src/node/provenance.ts where the build is not in a checkout: results name the commit that made them. */
const COMMIT = "commit.txt";
const CONFIGS = ["tsconfig.json", "tsconfig.build.json"];
const OWN_SOURCE = join("scripts", "build.mjs");
/**
 * The WebAssembly build for Node and (bundle) for browsers: 14 of the package's 139 MB, so that what users install need not
 * depend on it.
 */
const WEB_RUNTIME = [
  "ort.node.min.mjs",
  "ort.wasm.bundle.min.mjs",
  "ort-wasm-simd-threaded.mjs",
  "ort-wasm-simd-threaded.wasm",
];
export const RUNTIME = join("node_modules", "onnxruntime-web", "package.json");
const WEB_RUNTIME_LICENSE = join("scripts", "onnxruntime-license.txt");

/** Builds dist/ unless it was built from these very sources; throws where TypeScript finds an error. */
export function buildIfStale({ force = false } = {}) {
  const sources = fingerprint([...CONFIGS, OWN_SOURCE, WEB_RUNTIME_LICENSE, RUNTIME, ...librarySources()]);
  if (!force && builtFrom(dist) === sources) return;
  console.error("building dist/ ...");
  const target = join(root, `dist.tmp-${process.pid}-0`);
  const compiler = join(root, "node_modules", "typescript", "bin", "tsc");
  const options = ["-p", "tsconfig.build.json", "--outDir", target, "--noEmitOnError"];
  try {
    const { status } = spawnSync(process.execPath, [compiler, ...options], { cwd: root, stdio: "inherit" });
    if (status !== 0) throw new Error("the build failed: see the errors above");
    copyWebRuntime(join(target, "vendor", "onnxruntime-web"));
    writeFileSync(join(target, STAMP), sources);
    writeCommit(target);
    if (existsSync(join(dist, WEB))) renameSync(join(dist, WEB), join(target, WEB));
    replaceFolder(target, dist);
  } finally {
    rmSync(target, { recursive: true, force: true });
  }
}

/** The files that the library is made of. */
export function librarySources() {
  return filesBelow("src").filter((name) => name.endsWith(".ts") && !name.endsWith(".test.ts"));
}

/** Paths from the root, sorted. */
export function filesBelow(folder) {
  return readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => relative(root, join(parentPath, name)))
    .sort();
}

/** SHA-256 over names and contents of all that a folder is made of. */
export function fingerprint(names) {
  const hash = createHash("sha256");
  for (const name of names) hash.update(`${name}\0`).update(readFileSync(join(root, name)));
  return hash.digest("hex");
}

/** The files, with the licence (which the package only names), and a package.json that names the version. */
function copyWebRuntime(folder) {
  mkdirSync(folder, { recursive: true });
  const source = join(root, "node_modules", "onnxruntime-web");
  for (const name of WEB_RUNTIME) copyFileSync(join(source, "dist", name), join(folder, name));
  copyFileSync(join(root, WEB_RUNTIME_LICENSE), join(folder, "LICENSE"));
  const { name, version, license, repository } = JSON.parse(readFileSync(join(source, "package.json"), "utf8"));
  const described = { name, version, license, repository, type: "module" };
  writeFileSync(join(folder, "package.json"), `${JSON.stringify(described, undefined, 2)}\n`);
}

/** Nothing is written without git or outside a checkout. "-dirty": the sources were changed since that commit. */
function writeCommit(folder) {
  const git = (...options) => spawnSync("git", options, { cwd: root, encoding: "utf8" });
  const { status, stdout } = git("rev-parse", "HEAD");
  if (status !== 0) return;
  const isDirty = git("diff", "--quiet", "HEAD", "--", "src").status !== 0;
  writeFileSync(join(folder, COMMIT), `${stdout.trim()}${isDirty ? "-dirty" : ""}`);
}

/** The fingerprint that a built folder keeps. */
export function builtFrom(folder) {
  const path = join(folder, STAMP);
  return existsSync(path) ? readFileSync(path, "utf8") : undefined;
}

/** The old folder is moved away, not deleted in place, so that it is never half there for longer than two renames. */
export function replaceFolder(fresh, place) {
  const aside = `${place}.tmp-${process.pid}-1`;
  if (existsSync(place)) renameSync(place, aside);
  renameSync(fresh, place);
  rmSync(aside, { recursive: true, force: true });
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  try {
    buildIfStale({ force: process.argv.includes("--force") });
  } catch (error) {
    console.error(error.message);
    process.exitCode = 1;
  }
}
