// Runs a program of tools/, which needs an older TypeScript than the project: installs them first where they are missing.
//
//   node scripts/with-tools.mjs PROGRAM [ARGS]
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join, resolve } from "node:path";

const tools = join(resolve(import.meta.dirname, ".."), "tools");
const [program = "", ...args] = process.argv.slice(2);
const shell = process.platform === "win32"; // npm and the programs are scripts there
const run = (name, options) => spawnSync(name, options, { stdio: "inherit", shell }).status ?? 1;

const programs = join(tools, "node_modules", ".bin");
if (!existsSync(join(programs, program))) run("npm", ["ci", "--prefix", tools, "--ignore-scripts"]);
process.exitCode = run(join(programs, program), args);
