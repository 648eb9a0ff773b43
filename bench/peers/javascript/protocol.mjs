// How the driver talks to a peer: one line in, one timed step out, as in ../protocol.py.

import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { parseArgs } from "node:util";

/** `--start FILE` (start.mjs reads it), `--way NAME`, one of `ways`, and `--rate` of learning. */
export function options(ways) {
  const text = { type: "string" };
  const { values } = parseArgs({ options: { start: text, way: text, rate: { ...text, default: "1e-3" } } });
  if (!values.start || !ways.includes(values.way)) throw new Error(`usage: --start FILE --way ${ways.join("|")}`);
  return { start: values.start, way: values.way, rate: Number(values.rate) };
}

/** Runs `step`, which gives its loss when all its work is done, once a line of stdin; the first ones are slower. */
export async function serve(library, step) {
  const { version } = JSON.parse(
    readFileSync(new URL(`node_modules/${library}/package.json`, import.meta.url), "utf8"),
  );
  const say = (record) => process.stdout.write(`${JSON.stringify(record)}\n`);
  say({ ready: true, version });
  for await (const _ of createInterface({ input: process.stdin })) {
    const start = performance.now();
    const loss = await step();
    say({ ms: performance.now() - start, loss });
  }
}
