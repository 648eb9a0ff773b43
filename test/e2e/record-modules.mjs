// Writes the URL of every module that is loaded to the file named by MODULES_FILE: node --import record-modules.mjs MAIN

import { appendFileSync } from "node:fs";
import { register } from "node:module";
import { isMainThread } from "node:worker_threads";

if (isMainThread) register(import.meta.url);

/** A hook of Node's loader; it runs in a thread of its own, where this module is loaded again. */
export async function load(url, context, nextLoad) {
  appendFileSync(process.env.MODULES_FILE, `${url}\n`);
  return await nextLoad(url, context);
}
