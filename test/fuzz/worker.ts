// The process that reads: inputs FROM to TO of a reader, each announced before it is tried, so that the parent knows which one
// ended the process or never ended. Ends early after an input that took too much memory, as its peak would hide later ones.
//
//   worker.js READER SEED FROM TO

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { peakMegabytes } from "../peak-memory.ts";
import { READERS } from "./readers.ts";
import { CPU_SECONDS, MEGABYTES, type Report } from "./limits.ts";
import type { Files } from "./reader.ts";
import { tryInput } from "./try-input.ts";

/** Garbage of earlier inputs is cleared away above this, so that it is not taken for what one input needs. */
const GARBAGE_MEGABYTES = 250;
const SHRINK_MS = 5000;

const [name, seed, from, to] = process.argv.slice(2) as [string, string, string, string];
const folder = mkdtempSync(join(tmpdir(), "pudnet-fuzz-"));
process.on("exit", () => rmSync(folder, { recursive: true, force: true }));

/** Resolves once the parent has it: what is under way when a process ends is lost. */
const send = (report: Report): Promise<void> => new Promise((done) => process.send!(report, () => done()));
const packed = (files: Files) =>
  Array.from(files, ([path, bytes]) => [path, Buffer.from(bytes).toString("base64")] as const);

const attempts = await READERS[name]!.prepare(folder);
for (let index = Number(from); index < Number(to); index++) {
  if (process.memoryUsage.rss() > GARBAGE_MEGABYTES * 1e6) globalThis.gc!();
  const limits = { cpuSeconds: CPU_SECONDS, shrinkMs: SHRINK_MS };
  const outcome = await tryInput(
    attempts,
    { seed: Number(seed), index },
    limits,
    () => void send({ kind: "try", index }),
  );
  const megabytes = peakMegabytes();
  if (outcome.kind === "finding") await send({ ...outcome, index, megabytes, files: packed(outcome.files) });
  else await send({ ...outcome, index, megabytes });
  if (megabytes > MEGABYTES) break;
}
process.disconnect();
