// The pools of a mixture: what of which source is trained and validated on, how often, and how pixels are normalised.

import { expect, it } from "vitest";
import { easyDataset } from "../../test/easy-data.ts";
import type { ClassSplit } from "../data/splits.ts";
import { type MixtureSource, mixedTrainingData, type TrainingData, trainingData } from "./training-data.ts";

const byClasses: ClassSplit = { train: [0, 1], val: [2], test: [3], valFrom: "classes" };
const a: MixtureSource = {
  name: "a",
  dataset: easyDataset({ classes: 4, perClass: 20 }),
  split: byClasses,
  role: "train",
};
/** Four times as many training images as in `a`. */
const b: MixtureSource = {
  name: "b",
  dataset: easyDataset({ classes: 3, perClass: 80, seed: 1 }),
  split: { train: [0, 2], val: [], test: [1], valFrom: "images" },
  role: "train",
};
const judge: MixtureSource = {
  name: "judge",
  dataset: easyDataset({ classes: 2, perClass: 5, seed: 2 }),
  split: { train: [], val: [0, 1], test: [], valFrom: "classes" },
  role: "validation",
};

const named = ({ dataset }: TrainingData, classes: readonly number[]) => classes.map((c) => dataset.classes[c]!);

it("each domain has its own classes; together they are the pools of the whole", () => {
  const data = mixedTrainingData([a, b, judge], { trainOn: "train" });
  const pools = data.domains.map(({ name, train, val, test }) => [
    name,
    ...[train.classes, val.classes, test].map((classes) => named(data, classes)),
  ]);
  expect(pools).toEqual([
    ["a", ["a/class-0", "a/class-1"], ["a/class-2"], ["a/class-3"]],
    ["b", ["b/class-0", "b/class-2"], ["b/class-0", "b/class-2"], ["b/class-1"]],
    ["judge", [], ["judge/class-0", "judge/class-1"], []],
  ]);
  expect(data.trainClasses).toEqual(["a/class-0", "a/class-1", "b/class-0", "b/class-2"]);
  expect(named(data, data.train.classes)).toEqual(data.trainClasses);
  for (const { train, val } of data.domains) {
    const trained = new Set(train.classes.flatMap((c) => train.positions[c]!));
    expect(val.classes.flatMap((c) => val.positions[c]!).filter((position) => trained.has(position))).toEqual([]);
    for (const pool of [train, val])
      for (const c of pool.classes) {
        expect(pool.positions[c]!.length).toBeGreaterThan(0);
        expect(new Set(pool.positions[c]!.map((position) => data.dataset.labels[position]))).toEqual(new Set([c]));
      }
  }
});

it("train+val trains on a source's validation classes, never on a source for validation, which then judges alone", () => {
  const data = mixedTrainingData([a, judge], { trainOn: "train+val" });
  expect(data.trainClasses).toEqual(["a/class-0", "a/class-1", "a/class-2"]);
  expect(named(data, data.val.classes)).toEqual(["judge/class-0", "judge/class-1"]);
  const trained = data.train.classes.flatMap((c) => data.train.positions[c]!).length;
  expect(trained).toBe(3 * 20); // nothing is held out
  expect(data.domains.map(({ weight }) => weight)).toEqual([1, 0]);
});

it("train+val without a source for validation holds out a tenth of the images", () => {
  const data = mixedTrainingData([a], { trainOn: "train+val" });
  expect(named(data, data.val.classes)).toEqual(data.trainClasses);
  expect(data.train.classes.flatMap((c) => data.train.positions[c]!).length).toBe(3 * 18);
});

it("domains count by the square root of their training images, or as they are told to", () => {
  const weights = (...sources: MixtureSource[]) =>
    mixedTrainingData(sources, { trainOn: "train" }).domains.map(({ weight }) => weight);
  const [ofA, ofB, ofJudge] = weights(a, b, judge); // of 40 and 144 images
  expect(ofB! / ofA!).toBeCloseTo(Math.sqrt(144 / 40), 12);
  expect(ofA! + ofB!).toBeCloseTo(1, 12);
  expect(ofJudge).toBe(0);
  expect(weights({ ...a, weight: 3 }, { ...b, weight: 1 })).toEqual([0.75, 0.25]);
});

it("pixels are normalised by what is seen: domains by their weights, turned copies with them", () => {
  const alone = [a, b].map(({ dataset, split }) => trainingData(dataset, split, { trainOn: "train" }).normalization);
  const weighted = (share: number) =>
    mixedTrainingData([{ ...a, weight: share }, { ...b, weight: 1 - share }, judge], { trainOn: "train" })
      .normalization;
  const [mean, ofA, ofB] = [weighted(0.25), ...alone].map((one) => one.mean[0]);
  expect(mean).toBeCloseTo(0.25 * ofA! + 0.75 * ofB!, 3);
  const data = mixedTrainingData([{ ...a, turnedClasses: true }, b], { trainOn: "train" });
  expect(data.trainClasses.slice(2, 4)).toEqual(["a/class-0 turned 90°", "a/class-0 turned 180°"]);
  expect(data.trainClasses.length).toBe(10);
});

it("a data set alone is one domain, and keeps its names", () => {
  const data = trainingData(a.dataset, a.split, { trainOn: "train" });
  expect(data.dataset).toBe(a.dataset);
  expect(data.domains).toEqual([{ name: "easy", weight: 1, train: data.train, val: data.val, test: [3] }]);
  expect(data.trainClasses).toEqual(["class-0", "class-1"]);
});
