// A step of several groups: what is averaged, and that nothing else changes the numbers.

import { expect, it } from "vitest";
import { easyDataset } from "../../test/easy-data.ts";
import { asTree, type HostTensor, leaves } from "../tensor/tree.ts";
import { parseTrainConfig } from "./config.ts";
import { GroupComputer } from "./group-computer.ts";
import { Training } from "./loop.ts";
import { metaSetup, metaTraining, parallelMetaTraining } from "./meta-training.ts";
import { ownWorker } from "./parallel-groups.ts";
import { trainingData } from "./training-data.ts";

const config = (more: object) =>
  parseTrainConfig(
    {
      name: "tiny",
      data: { dataset: "easy", split: "easy" },
      target: { width: 4 },
      pudnet: { hiddenSize: 8, generatorWidth: 2 },
      group: { ways: 2, shots: 2, queries: 2, extra: 1 },
      steps: 6,
      optimizer: { warmUp: 2 },
      validation: { every: 6, groups: 1, generation: 4, test: 2 },
      logEvery: 2,
      ...more,
    },
    "test",
  );
const data = easyDataset({ classes: 6, perClass: 10 });
const setupOf = (of: ReturnType<typeof config>) =>
  metaSetup(
    of,
    trainingData(data, { train: [0, 1, 2], val: [3, 4, 5], test: [], valFrom: "classes" }, { trainOn: "train" }),
  );

async function trained(more: object) {
  const of = config(more);
  const problem = parallelMetaTraining(of, setupOf(of), ownWorker);
  const training = await Training.create(problem, { threads: 1 });
  const losses: number[] = [];
  for await (const event of training.run()) if (event.kind === "step") losses.push(event.means["loss"]!);
  const state = await training.state();
  await training.release();
  return { losses, numbers: leaves<HostTensor>(asTree(state)).map(([, { data: values }]) => [...values].map(Number)) };
}

it("the gradient of a step is the mean of its groups' gradients", async () => {
  const of = config({ groupsPerStep: 3, optimizer: { warmUp: 0, learningRate: 1e-30 } });
  const setup = setupOf(of);
  const problem = parallelMetaTraining(of, setup, ownWorker);
  const { params, stats } = problem.first;
  const computer = new GroupComputer(setup.problem);
  const each = [];
  for (const batch of problem.batch(0).groups) each.push(await computer.gradient({ params, stats }, batch));
  const gradients = each.map(({ gradient }) =>
    leaves<HostTensor>(asTree(gradient)).flatMap(([, { data: values }]) => [...(values as Float32Array)]),
  );
  const mean = gradients[0]!.map((_, i) => gradients.reduce((sum, one) => sum + one[i]!, 0) / 3);
  const stepper = await problem.stepper(problem.first, { threads: 1 });
  const [metrics] = await stepper.run([problem.batch(0)], 0);
  expect(metrics!["gradientNorm"]).toBeCloseTo(Math.hypot(...mean), 4);
  expect(metrics!["loss"]).toBeCloseTo(each.reduce((sum, one) => sum + Number(one.metrics["loss"].data[0]), 0) / 3, 5);
  await stepper.release();
  await computer.release();
});

it("each step of groupsPerStep N sees N groups of its own: those that single steps would see in turn", () => {
  const single = config({});
  const several = config({ groupsPerStep: 2 });
  const alone = metaTraining(single, setupOf(single));
  const together = parallelMetaTraining(several, setupOf(several), ownWorker);
  expect([0, 1].flatMap((step) => together.batch(step).groups)).toEqual([0, 1, 2, 3].map((step) => alone.batch(step)));
});

it.each([{ groupsPerStep: 2 }, { groupsPerStep: 2, localSteps: 2 }])("%j: learns, the same each time", async (more) => {
  const long = {
    steps: 60,
    logEvery: 20,
    validation: { every: 60, groups: 1, generation: 4, test: 2 },
    optimizer: { warmUp: 2, learningRate: 0.01 },
    ...more,
  };
  const [first, again] = [await trained(long), await trained(long)];
  expect(first).toEqual(again);
  expect(first.losses.at(-1)).toBeLessThan(first.losses[0]!);
});

it("local steps are averaged: from one state each stream goes its own way", async () => {
  const of = config({ groupsPerStep: 2, localSteps: 2, logEvery: 2 });
  const setup = setupOf(of);
  const problem = parallelMetaTraining(of, setup, ownWorker);
  const computer = new GroupComputer(setup.problem);
  const rounds = [problem.batch(0), problem.batch(1)];
  const ends = [];
  for (const stream of [0, 1]) {
    const batches = rounds.map(({ groups }) => groups[stream]!);
    ends.push(await computer.localSteps(problem.first, batches));
  }
  const stepper = await problem.stepper(problem.first, { threads: 1 });
  await stepper.run(rounds, 0);
  const means = leaves<HostTensor>(asTree(await stepper.state()));
  const [a, b] = ends.map(({ state }) => leaves<HostTensor>(asTree(state)));
  means.forEach(([path, { data: values }], at) => {
    expect([path, Number(values[0])]).toEqual([
      path,
      Math.fround(Math.fround(Number(a![at]![1].data[0]) + Number(b![at]![1].data[0])) / 2),
    ]);
  });
  await stepper.release();
  await computer.release();
});

it.each([
  [{ localSteps: 2 }, /localSteps \(2\) says nothing of one group a step/],
  [{ groupsPerStep: 2, localSteps: 4 }, /steps \(6\) is no multiple of localSteps \(4\)/],
  [{ groupsPerStep: 2, device: "webgpu" }, /groupsPerStep \(2\) is for the CPU/],
])("%j is refused", (more, message) => {
  expect(() => config(more)).toThrow(message);
});
