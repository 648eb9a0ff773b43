// Readers of run folders: the record, the metrics that are cut and mended when a run goes on, locks.

import { hostname } from "node:os";
import { join } from "node:path";
import { parseCsv } from "../../../src/formats/csv.ts";
import { metricSeries } from "../../../src/node/runs/metrics-log.ts";
import { RunFolder } from "../../../src/node/runs/run-folder.ts";
import { lockFolder, ownerOf } from "../../../src/node/files/folder-lock.ts";
import { lastState } from "../../../src/node/runs/run.ts";
import type { Tensor } from "../../../src/tensor/tensor.ts";
import { hostTensor, sizeOf } from "../../../src/tensor/tree.ts";
import { demand, type Files, type Reader } from "../reader.ts";
import { mutated, text, textOf, writeFiles } from "../subjects.ts";
import { filesBelow, sealCheckpoint } from "./ours.ts";

const COLUMNS = ["loss", "accuracy", 'a, "quoted" one'];
/** What a training starts from: enough of a state for a checkpoint. */
type State = { readonly params: { readonly weight: Tensor; readonly bias: Tensor } };
const FIRST = { params: { weight: hostTensor([2, 2]), bias: hostTensor([2]) } };

/** A run of ten rows, with a checkpoint at the eighth. */
async function runSample(folder: string): Promise<Files> {
  const run = await RunFolder.create(folder, "tiny", {
    config: { name: "tiny", steps: 50 },
    columns: COLUMNS,
    facts: { steps: 50 },
  });
  for (let step = 5; step <= 50; step += 5)
    run.log(step, { loss: 10 / step, ...(step % 10 === 0 ? { accuracy: step / 100 } : {}) });
  await run.saveCheckpoint(
    "last",
    new Map([
      ["params.weight", hostTensor([2, 2], [1, 2, 3, 4])],
      ["params.bias", hostTensor([2])],
    ]),
    { step: "40", best: "0.4" },
  );
  await run.close();
  return filesBelow(run.path);
}

/** The name of the event file tells host and process; nothing reads it. */
const withoutEvents = (files: Files): Files => new Map([...files].filter(([path]) => !path.startsWith("events.")));

export const runFolder: Reader = {
  reads: "run folders: record, config, metrics, opened and gone on with",
  accepted: "sound",
  prepare: async (folder) => {
    const sample = new Map(
      [...withoutEvents(await runSample(folder))].filter(([path]) => !path.startsWith("checkpoints")),
    );
    return mutated(
      {
        samples: [sample],
        read: async (files) => {
          writeFiles(join(folder, "run"), files);
          await using run = await RunFolder.open(join(folder, "run"));
          await run.truncateAfter(40);
          run.log(45, {});
          return { series: await metricSeries(run.path), files: filesBelow(run.path) };
        },
        check: ({ series, files }) => {
          const rows = parseCsv(textOf(files, "metrics.csv"), "metrics.csv");
          demand(
            rows.every((row) => row.length === rows[0]!.length),
            "rows of different lengths go on",
          );
          demand(rows.at(-1)![0] === "45", "the row that was logged last is not the last one");
          for (const { points } of series)
            demand(
              points.every(({ x, y }) => Number.isFinite(x) && !Number.isNaN(y)),
              "a point that is no number",
            );
        },
      },
      "sound",
    );
  },
};

export const resumedState: Reader = {
  reads: "last checkpoints of a training, changed but with a right checksum",
  accepted: "sound",
  prepare: async (folder) => {
    const sample = withoutEvents(await runSample(folder));
    const path = join("checkpoints", "last.safetensors");
    const rest = new Map([...sample].filter(([name]) => name !== path));
    return mutated(
      {
        samples: [new Map([[path, sample.get(path)!]])],
        seal: sealCheckpoint,
        read: async (files) => {
          writeFiles(join(folder, "run"), new Map([...rest, ...files]));
          await using run = await RunFolder.open(join(folder, "run"));
          return await lastState<State>(run, FIRST);
        },
        check: ({ step, state, best }) => {
          demand(Number.isSafeInteger(step) && step >= 0, `step ${step}`);
          demand(best === undefined || Number.isFinite(best), `best accuracy ${best}`);
          for (const { shape, data } of Object.values(state.params))
            demand(data instanceof Float32Array && data.length === sizeOf(shape), "a state that is no numbers");
        },
      },
      "sound",
    );
  },
};

/** Above the largest process id. */
const GONE = 4_194_305;

/** As version 0.1 wrote them, and as they are now. */
export const lock: Reader = {
  reads: "locks of run folders",
  accepted: "sound",
  prepare: async (folder) =>
    mutated(
      {
        samples: [
          { pid: GONE, host: hostname(), started: "long ago 1" },
          { ...ownerOf(process.pid), pid: GONE },
        ].map((owner) => new Map([["lock", text(JSON.stringify(owner))]])),
        read: async (files) => {
          writeFiles(folder, files);
          const taken = await lockFolder(folder);
          await taken.release();
          return true;
        },
      },
      "sound",
    ),
};
