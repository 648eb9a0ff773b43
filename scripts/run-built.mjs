// `npm run pudnet -- ARGS` and `npm run reproduce -- ARGS` from any folder of the checkout: npm starts scripts in the topmost
// one, but paths are meant from where the user stands, which npm tells in INIT_CWD.
//
//   node scripts/run-built.mjs dist/cli/main.js ARGS

import { resolve } from "node:path";
import { pathToFileURL } from "node:url";

const [, , program, ...args] = process.argv;
const main = resolve(import.meta.dirname, "..", program);
if (args.find((arg) => !arg.startsWith("-")) === "serve") await buildPage();
process.argv = [process.argv[0], main, ...args]; // what commands are told, and started again, by
if (process.env.INIT_CWD) process.chdir(process.env.INIT_CWD);
await import(pathToFileURL(main).href);

/** The one command that needs dist/web/, which takes what only a checkout has. */
async function buildPage() {
  try {
    await (await import("./build-web.mjs")).buildWebIfStale();
  } catch (error) {
    console.error(`error: ${error.message}`);
    process.exit(1);
  }
}
