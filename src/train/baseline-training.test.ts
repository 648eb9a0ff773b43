// Trainings of the baselines: their batches are functions of the step, and they learn what is easy.

import { describe, expect, it } from "vitest";
import { coloursOf, easyDataset } from "../../test/easy-data.ts";
import { METHODS, type MethodName } from "../baselines/methods.ts";
import { MUSML_OPTIONS } from "../baselines/musml.ts";
import type { ClassSplit } from "../data/splits.ts";
import { architecture } from "../models/architectures.ts";
import type { Spec } from "../tensor/program.ts";
import { key } from "../tensor/random.ts";
import { type HostTensor, leaves, type Tree } from "../tensor/tree.ts";
import { episodicTraining, neckOf } from "./episodic-training.ts";
import { musmlTraining } from "./musml-training.ts";
import { ADAM } from "./optimizer.ts";
import { pretraining, type PretrainingOptions } from "./pretraining.ts";
import { trainingData } from "./training-data.ts";
import { Training, type TrainingProblem } from "./loop.ts";

const SIDE = 8;
const arch = architecture("convnet-3", SIDE, { width: 8 });
const split: ClassSplit = { train: [0, 2, 3, 5], val: [], test: [1, 4], valFrom: "images" };
const data = trainingData(easyDataset({ classes: 6, perClass: 40 }), split, { trainOn: "train" });
const STRIDE = 3 * SIDE * SIDE;

const pretrainingOptions: PretrainingOptions = {
  epochs: 4,
  batch: 16,
  optimizer: ADAM,
  augment: false,
  seed: 3,
  logEvery: 9,
};
const task = { ways: 3, shots: 3, queries: 4 };
const episodicOptions = { task, tasksPerStep: 1, steps: 40, optimizer: ADAM, augment: false, seed: 3, logEvery: 10 };

const pixels = (batch: Tree<HostTensor>): Uint8Array => (batch as { images: HostTensor }).images.data as Uint8Array;
const imagesOf = (batch: Tree<HostTensor>): string[] => {
  const all = pixels(batch);
  return Array.from({ length: all.length / STRIDE }, (_, i) => all.subarray(i * STRIDE, (i + 1) * STRIDE).join());
};
/** The class whose colours an image has. */
function classOf(image: string): number {
  const values = image.split(",").map(Number);
  const plane = SIDE * SIDE;
  const mean = (from: number): number => values.slice(from, from + plane / 2).reduce((a, b) => a + b, 0) / (plane / 2);
  const seen = [0, plane, 2 * plane, plane / 2, 1.5 * plane, 2.5 * plane].map(mean);
  const distance = (c: number): number => coloursOf(c).reduce((sum, value, i) => sum + (value - seen[i]!) ** 2, 0);
  return [0, 1, 2, 3, 4, 5].toSorted((a, b) => distance(a) - distance(b))[0]!;
}

type Batches = { readonly batchSpec: Tree<Spec>; batch(step: number): Tree<HostTensor> };
const PROBLEMS: readonly [name: string, make: (seed: number, augment: boolean) => Batches][] = [
  ["pretraining", (seed, augment) => pretraining(data, arch, { ...pretrainingOptions, seed, augment })],
  [
    "episodic training",
    (seed, augment) =>
      episodicTraining(data, arch, METHODS.protonet, { ...episodicOptions, tasksPerStep: 2, seed, augment }),
  ],
  ["MUSML", (seed, augment) => musmlTraining(data, arch, { ...episodicOptions, seed, augment, musml: MUSML_OPTIONS })],
];

describe.each(PROBLEMS)("batches of %s", (_, make) => {
  it("are functions of the step, in any order and in any process", () => {
    const [problem, again] = [make(3, true), make(3, true)];
    const forth = [0, 1, 12, 13, 30].map((step) => problem.batch(step));
    const back = [30, 13, 12, 1, 0].map((step) => again.batch(step)).toReversed();
    expect(back).toEqual(forth);
    expect(new Set(forth.map((batch) => pixels(batch).join())).size).toBe(5);
    expect(pixels(make(4, true).batch(0))).not.toEqual(pixels(forth[0]!));
  });

  it("fit the compiled shapes and hold training classes only", () => {
    const problem = make(3, false);
    const specs = new Map(leaves(problem.batchSpec));
    for (const step of [0, 7, 20]) {
      const batch = problem.batch(step);
      for (const [path, { shape, data: values }] of leaves<HostTensor>(batch)) {
        expect(shape).toEqual(specs.get(path)!.shape);
        expect(values).toHaveLength(shape.reduce((a, b) => a * b, 1));
      }
      expect(new Set(imagesOf(batch)).size).toBeGreaterThan(imagesOf(batch).length / 2); // two tasks may share images
      expect(imagesOf(batch).filter((image) => split.test.includes(classOf(image)))).toEqual([]);
    }
  });

  it("are flipped and shifted where asked for", () => {
    const known = new Set(
      Array.from(data.dataset.labels, (_label, i) => data.dataset.images.subarray(i * STRIDE, (i + 1) * STRIDE).join()),
    );
    const plain = imagesOf(make(3, false).batch(5));
    expect(plain.every((image) => known.has(image))).toBe(true);
    const turned = imagesOf(make(3, true).batch(5));
    expect(turned.filter((image) => known.has(image)).length).toBeLessThan(plain.length / 2);
  });
});

describe("pretraining", () => {
  it("visits distinct images in an epoch, others left out each time, all with their labels", () => {
    const problem = pretraining(data, arch, pretrainingOptions);
    const available = data.train.classes.reduce((sum, c) => sum + data.train.positions[c]!.length, 0);
    const perEpoch = Math.floor(available / 16);
    expect([available, perEpoch, problem.steps]).toEqual([144, 9, 4 * 9]);
    const epochs = [0, 1].map((epoch) => {
      const batches = Array.from({ length: perEpoch }, (_, i) => problem.batch(epoch * perEpoch + i));
      return batches.flatMap((batch) => {
        const { data: labels } = (batch as { labels: HostTensor }).labels;
        return imagesOf(batch).map((image, i) => {
          const row = Array.from(labels as Float32Array).slice(4 * i, 4 * i + 4);
          expect(row.reduce((a, b) => a + b)).toBe(1);
          expect(data.train.classes[row.indexOf(1)]).toBe(classOf(image));
          return image;
        });
      });
    });
    for (const epoch of epochs) expect(new Set(epoch).size).toBe(144);
    expect(epochs[0]).not.toEqual(epochs[1]);
    const odd = pretraining(data, arch, { ...pretrainingOptions, batch: 50 });
    const seen = [0, 1].flatMap((step) => imagesOf(odd.batch(step)));
    expect(new Set(seen).size).toBe(100);
  });

  it("takes all images at once where there are fewer than a batch", () => {
    const problem = pretraining(data, arch, { ...pretrainingOptions, batch: 1000 });
    expect(problem.steps).toBe(4);
    expect(new Set(imagesOf(problem.batch(0))).size).toBe(144);
    expect(leaves(problem.batchSpec).map(([, { shape }]) => shape[0])).toEqual([144, 144]);
  });
});

it("an episodic task is class after class, supports before queries", () => {
  const problem = episodicTraining(data, arch, METHODS.protonet, { ...episodicOptions, tasksPerStep: 2 });
  const classes = imagesOf(problem.batch(0)).map(classOf);
  expect(classes).toHaveLength(2 * 21);
  for (const of of [classes.slice(0, 21), classes.slice(21)]) {
    const ways = [of[0]!, of[3]!, of[6]!];
    expect(new Set(ways).size).toBe(3);
    const blocks = (size: number): number[] => ways.flatMap((way) => Array<number>(size).fill(way));
    expect(of).toEqual([...blocks(3), ...blocks(4)]);
  }
});

/** Mean losses of the first and the last event, and the last accuracy. */
async function trained<S extends object, B extends object>(problem: TrainingProblem<S, B>) {
  const training = await Training.create(problem, { threads: 1 });
  const losses: number[] = [];
  let accuracy = 0;
  for await (const event of training.run()) {
    if (event.kind !== "step") continue;
    losses.push(event.means["loss"]!);
    accuracy = event.means["accuracy"]!;
  }
  const state = await training.state();
  await training.release();
  return { first: losses[0]!, last: losses.at(-1)!, accuracy, state };
}

describe("learns easy classes", () => {
  const fast = { ...ADAM, learningRate: 1e-2 };

  it("pretrained, then Meta-Baseline", async () => {
    const before = await trained(pretraining(data, arch, { ...pretrainingOptions, optimizer: fast }));
    expect(before.last).toBeLessThan(before.first / 2);
    expect(before.accuracy).toBeGreaterThan(0.9);
    const { params, stats } = before.state;
    const method = METHODS["meta-baseline"];
    const start = { network: { weights: params.weights, stats }, method: method.init(key(0), arch) };
    const options = { ...episodicOptions, tasksPerStep: 2, optimizer: fast };
    const meta = await trained(episodicTraining(data, arch, method, options, start));
    expect(meta.last).toBeLessThan(meta.first);
    expect(meta.accuracy).toBeGreaterThan(0.95);
    // it does start from there: its first losses are those of a trained network
    const scratch = await trained(episodicTraining(data, arch, method, options));
    expect(meta.first).toBeLessThan(scratch.first);
  });

  it("Meta-DeepBDC, from pre-training with its own embedding", async () => {
    const method = METHODS["meta-deepbdc"];
    const neck = neckOf(method, arch, key(1))!;
    const before = await trained(pretraining(data, arch, { ...pretrainingOptions, optimizer: fast }, neck));
    expect(before.last).toBeLessThan(before.first);
    const { params, stats } = before.state;
    const start = { network: { weights: params.weights, stats }, method: params.neck };
    const options = { ...episodicOptions, optimizer: { ...ADAM, learningRate: 1e-3 } };
    const [meta, scratch] = [
      await trained(episodicTraining(data, arch, method, options, start)),
      await trained(episodicTraining(data, arch, method, options)),
    ];
    expect(scratch.last).toBeLessThan(scratch.first);
    expect(meta.first).toBeLessThan(scratch.first);
    expect(meta.accuracy).toBeGreaterThan(0.95);
  });

  it.each(["protonet", "matchnet-no-context", "matchnet"] as const satisfies MethodName[])("%s", async (name) => {
    const result = await trained(episodicTraining(data, arch, METHODS[name], { ...episodicOptions, optimizer: fast }));
    expect(result.last).toBeLessThan(0.8 * result.first);
    expect(result.accuracy).toBeGreaterThan(0.9);
  });

  it("MUSML", async () => {
    const musml = { ...MUSML_OPTIONS, dimension: 4, innerSteps: 2, secondOrder: false };
    const result = await trained(musmlTraining(data, arch, { ...episodicOptions, optimizer: fast, musml }));
    expect(result.last).toBeLessThan(0.8 * result.first);
    expect(result.accuracy).toBeGreaterThan(0.8);
  });
});
