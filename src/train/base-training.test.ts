// The base network's batches, its loss among the classes of one domain, and the running mean of its weights.

import { describe, expect, it } from "vitest";
import { coloursOf, easyDataset } from "../../test/easy-data.ts";
import { architecture } from "../models/architectures.ts";
import { hostTensor, type HostTensor, leaves } from "../tensor/tree.ts";
import { compileTrainer } from "../tensor/trainer.ts";
import { baseStep, initBaseState } from "./base-step.ts";
import { type BaseOptions, baseTraining } from "./base-training.ts";
import { Training } from "./loop.ts";
import { ADAM } from "./optimizer.ts";
import { type SupervisedProblem, supervisedBatchSpec } from "./supervised-step.ts";
import { mixedTrainingData } from "./training-data.ts";
import { key } from "../tensor/random.ts";

const SIDE = 8;
const all = { train: [0, 1, 2], val: [], test: [], valFrom: "images" } as const;
const sources = ["a", "b"].map((name, seed) => ({
  name,
  dataset: easyDataset({ classes: 3, perClass: 40, seed }),
  split: all,
  role: "train",
  weight: name === "a" ? 3 : 1,
})) satisfies Parameters<typeof mixedTrainingData>[0];
const data = mixedTrainingData(sources, { trainOn: "train" });
const arch = architecture("convnet-3", SIDE, { width: 8 });
const options: BaseOptions = {
  steps: 60,
  batch: 16,
  optimizer: { ...ADAM, learningRate: 1e-2 },
  variation: { smallest: 1, light: 0, grey: 0 },
  mirrored: [],
  turned: ["b"],
  averaging: 0.8,
  seed: 0,
  logEvery: 60,
};
const problem = baseTraining(data, arch, options);
const batches = Array.from({ length: 200 }, (_, step) => problem.batch(step));
/** The label of each image of a batch, of 3 classes of `a`, then 3 + 9 of `b`. */
const labelsOf = ({ labels }: { labels: HostTensor }): number[] =>
  Array.from({ length: 16 }, (_, i) => (labels.data as Float32Array).subarray(15 * i, 15 * (i + 1)).indexOf(1));

describe("batches", () => {
  it("have one domain each, drawn by its weight, and are a function of the step", () => {
    const ofA = batches.filter((batch) => {
      const isA = new Set(labelsOf(batch).map((label) => label < 3));
      expect(isA.size).toBe(1);
      return isA.has(true);
    });
    expect(ofA.length).toBeGreaterThan(125);
    expect(ofA.length).toBeLessThan(175);
    expect(problem.batch(7)).toEqual(batches[7]);
  });

  it("show turned images under the labels of their classes, half of the time", () => {
    const ofB = batches.map(labelsOf).filter(([label]) => label! >= 3);
    const turned = ofB.flat().filter((label) => label >= 6).length / ofB.flat().length;
    expect(turned).toBeGreaterThan(0.4);
    expect(turned).toBeLessThan(0.6);
    expect(new Set(ofB.flat())).toEqual(new Set([3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14]));
  });

  it("turn them counterclockwise by as many quarters as the label says", () => {
    const EDGES = ["top", "left", "bottom", "right"] as const; // where the upper half is after 0, 1, 2, 3 quarters
    const checked = new Set<number>();
    for (const batch of batches) {
      labelsOf(batch).forEach((label, i) => {
        if (label < 3) return;
        const [turns, way] = [Math.floor((label - 3) / 3), (label - 3) % 3];
        const upper = coloursOf(way).slice(0, 3);
        const distances = EDGES.map((edge) => {
          const colours = [0, 1, 2].map((c) => edgeMean(batch.images.data as Uint8Array, 3 * i + c, edge));
          return Math.hypot(...colours.map((value, c) => value - upper[c]!));
        });
        expect(distances.indexOf(Math.min(...distances))).toBe(turns);
        checked.add(label);
      });
    }
    expect(checked.size).toBe(12);
  });
});

/** Mean of the outermost row or column of a plane. */
function edgeMean(images: Uint8Array, plane: number, edge: "top" | "left" | "bottom" | "right"): number {
  const last = SIDE - 1;
  const values = Array.from({ length: SIDE }, (_, i) => {
    const [x, y] = { top: [i, 0], left: [0, i], bottom: [i, last], right: [last, i] }[edge] as [number, number];
    return images[plane * SIDE ** 2 + y * SIDE + x]!;
  });
  return values.reduce((sum, value) => sum + value) / SIDE;
}

describe("steps", () => {
  it("learn, and the running mean with them", async () => {
    const training = await Training.create(problem, { threads: 1 });
    const events = [];
    for await (const event of training.run()) events.push(event);
    const { trained, averaged } = await training.state();
    await training.release();
    const means = events.flatMap((event) => (event.kind === "step" ? [event.means] : []));
    expect(means).toHaveLength(1);
    expect(means[0]!["accuracy"]).toBeGreaterThan(0.6); // of all steps, the first ones too
    const latest = new Map(leaves<HostTensor>({ weights: trained.params.weights, head: trained.params.head }));
    for (const [path, { data: mean }] of leaves<HostTensor>({ weights: averaged.weights, head: averaged.head })) {
      const now = latest.get(path)!.data as Float32Array;
      const off = Math.hypot(...(mean as Float32Array).map((value, i) => value - now[i]!)) / Math.hypot(...now);
      expect(off, path).toBeLessThan(0.2);
    }
  });

  it("leave alone what tells other domains' classes apart", async () => {
    const one: SupervisedProblem = {
      arch,
      normalization: data.normalization,
      classes: 5,
      domains: [0, 0, 0, 1, 1],
      optimizer: { algorithm: "sgd", learningRate: 1 },
      steps: 1,
    };
    const first = initBaseState(key(3), one);
    const trainer = await compileTrainer(baseStep(one, 0), first, supervisedBatchSpec(one, 16), { threads: 1 });
    const labels = hostTensor([16, 5]);
    for (let i = 0; i < 16; i++) labels.data[5 * i + (i % 3)] = 1;
    await trainer.run([{ images: batches[0]!.images, labels }]);
    const before = first.trained.params.head.weight.data as Float32Array;
    const after = (await trainer.state()).trained.params.head.weight.data as Float32Array;
    await trainer.release();
    const d = before.length / 5;
    const moved = [0, 1, 2, 3, 4].map((c) =>
      before.subarray(c * d, (c + 1) * d).some((value, j) => value !== after[c * d + j]),
    );
    expect(moved).toEqual([true, true, true, false, false]);
  });
});
