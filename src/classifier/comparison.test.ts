import { expect, test } from "vitest";
import { colouredImages, tinyPudNet } from "../../test/tiny-pudnet.ts";
import { compareMethods } from "./comparison.ts";

const part = (perClass: number, seed: number) => {
  const { pixels, labels } = colouredImages(3, perClass, 8, seed);
  return { images: pixels, labels };
};

test("all ways are judged on the same held-out pictures, the trained ones after the first and the last epoch", async () => {
  const data = { generation: part(20, 1), heldOut: part(10, 2), classes: ["red", "green", "blue"] };
  const told: string[] = [];
  const model = tinyPudNet({ width: 16 });
  const { methods, predictions, classifier, times } = await compareMethods(model, data, {
    seed: 0,
    norm: "generation",
    epochs: 3,
    onMethod: ({ name }) => told.push(name),
  });
  const names = methods.map(({ name }) => name);
  expect(names).toEqual([
    "PudNet, predicted",
    "Random weights",
    "Raw pixels",
    "Adam from scratch, 1 epoch",
    "Adam from scratch, 3 epochs",
  ]);
  expect(told).toEqual(names);
  const right = predictions.filter(({ predicted, label }) => predicted === label).length;
  expect(methods[0]!.accuracy).toBeCloseTo(right / 30, 10);
  expect(predictions.map(({ label }) => label)).toEqual(data.heldOut.labels);
  // colours are easy, even for random weights; three steps of training are not enough for running statistics
  for (const { accuracy } of methods.slice(0, 3)) expect(accuracy).toBeGreaterThan(0.6);
  expect(methods.map(({ n }) => n)).toEqual([30, 30, 30, 30, 30]);
  expect(methods[4]!.seconds).toBeGreaterThan(methods[3]!.seconds);
  expect(classifier.classes).toEqual(data.classes);
  expect(times.coldClassifier).toBeGreaterThan(times.coldPass);
});

test("a static network is called what it is, and the head that is asked for serves all", async () => {
  const data = { generation: part(6, 1), heldOut: part(4, 2), classes: ["red", "green", "blue"] };
  const model = tinyPudNet({ predict: "none" });
  const { methods, classifier } = await compareMethods(model, data, {
    seed: 0,
    norm: "generation",
    head: "centroids",
    epochs: 1,
  });
  expect(methods[0]!.name).toBe("General network");
  expect(classifier.head.kind).toBe("centroids");
  for (const { note } of methods.slice(0, 3)) expect(note).toContain("centroids of the");
});
