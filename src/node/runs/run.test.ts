// A training on disk that is stopped and taken up again ends as an undisturbed one. (Kills are tested end to end.)

import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { easyDataset } from "../../../test/easy-data.ts";
import { METHODS } from "../../baselines/methods.ts";
import { MUSML_OPTIONS } from "../../baselines/musml.ts";
import { architecture } from "../../models/architectures.ts";
import { asTree, type HostTensor, leaves } from "../../tensor/tree.ts";
import { episodicTraining } from "../../train/episodic-training.ts";
import { musmlTraining } from "../../train/musml-training.ts";
import { ADAM } from "../../train/optimizer.ts";
import { pretraining } from "../../train/pretraining.ts";
import { trainingData } from "../../train/training-data.ts";
import type { TrainingProblem } from "../../train/loop.ts";
import { RunFolder } from "./run-folder.ts";
import { isComplete, runTraining, type TrainingPlan } from "./run.ts";

let parent: string;
beforeEach(async () => {
  parent = await mkdtemp(join(tmpdir(), "pudnet-training-"));
});
afterEach(() => rm(parent, { recursive: true }));

const arch = architecture("convnet-3", 8, { width: 4 });
const data = trainingData(
  easyDataset({ classes: 4, perClass: 12 }),
  { train: [0, 1, 2], val: [], test: [3], valFrom: "images" },
  { trainOn: "train" },
);
const common = { augment: true, seed: 5, logEvery: 3 };
const task = { ways: 2, shots: 2, queries: 2 };
const momentum = { algorithm: "sgd", learningRate: 0.05, momentum: 0.9, decay: "tenth-at-90%" } as const;

/** A problem of any type, as it is run in a folder. */
const runnable = <S extends object, B extends object>(problem: TrainingProblem<S, B>) => {
  const plan: TrainingPlan<S, B> = {
    problem,
    threads: 1,
    checkpointSeconds: 1000,
    modelTensors: (state) => new Map(leaves(asTree<HostTensor>(state))),
    facts: () => ({}),
  };
  const run = (folder: RunFolder, control?: Parameters<typeof runTraining>[2]) => runTraining(folder, plan, control);
  return { steps: problem.steps, run };
};

const PROBLEMS: readonly [name: string, make: () => ReturnType<typeof runnable>][] = [
  ["pretraining", () => runnable(pretraining(data, arch, { ...common, epochs: 4, batch: 11, optimizer: momentum }))],
  [
    "episodic training",
    () =>
      runnable(
        episodicTraining(data, arch, METHODS.protonet, {
          ...common,
          task,
          tasksPerStep: 2,
          steps: 10,
          optimizer: ADAM,
        }),
      ),
  ],
  [
    "MUSML",
    () =>
      runnable(
        musmlTraining(data, arch, {
          ...common,
          task,
          steps: 8,
          optimizer: { ...ADAM, decay: "linear" },
          musml: { ...MUSML_OPTIONS, dimension: 2, innerSteps: 1, secondOrder: false },
        }),
      ),
  ],
];

const create = (): Promise<RunFolder> =>
  RunFolder.create(parent, "run", { config: {}, columns: ["loss", "accuracy"], facts: {} });

/** Everything that a finished run says. */
async function ending(folder: RunFolder) {
  const { tensors, metadata } = await folder.loadCheckpoint("last");
  return { tensors, metadata, rows: await readFile(join(folder.path, "metrics.csv"), "utf8") };
}

describe.each(PROBLEMS)("%s", (_, make) => {
  it("ends the same after stops at every log line", async () => {
    const problem = make();
    await using whole = await create();
    expect(await problem.run(whole)).toBe(true);
    const expected = await ending(whole);
    expect(expected.metadata["step"]).toBe(String(problem.steps));
    expect(await isComplete(whole, problem.steps)).toBe(true);

    const path = await create().then(async (folder) => (await folder.close(), folder.path));
    const starts: number[] = [];
    for (let isDone = false; !isDone;) {
      const stop = new AbortController();
      await using folder = await RunFolder.open(path);
      // a problem of its own for each process: no state is carried over but what is on disk
      isDone = await make().run(folder, {
        signal: stop.signal,
        onStart: (step) => starts.push(step),
        onEvent: () => stop.abort(),
      });
      expect(await isComplete(folder, problem.steps)).toBe(isDone);
    }
    expect(starts).toEqual(starts.map((_step, i) => 3 * i));
    expect(starts.length).toBeGreaterThan(2);
    await using folder = await RunFolder.open(path);
    expect(await ending(folder)).toEqual(expected);
  });
});

it("what was logged after the last checkpoint is forgotten, and a run without one starts over", async () => {
  const make = PROBLEMS[1]![1];
  await using whole = await create();
  await make().run(whole);
  const folder = await create();
  const { path } = folder;
  // the process dies after its second log line, before any checkpoint
  let events = 0;
  const dies = (): void => {
    if (++events === 3) throw new Error("killed");
  };
  await expect(make().run(folder, { onEvent: dies })).rejects.toThrow("killed");
  await folder.close();
  expect((await readFile(join(path, "metrics.csv"), "utf8")).trim().split("\n")).toHaveLength(3);
  await using again = await RunFolder.open(path);
  const starts: number[] = [];
  expect(await make().run(again, { onStart: (step) => starts.push(step) })).toBe(true);
  expect(starts).toEqual([0]);
  expect(await ending(again)).toEqual(await ending(whole));
});
