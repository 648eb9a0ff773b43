import { expect, test } from "vitest";
import { fold, key, normal } from "../tensor/random.ts";
import { type ChosenHead, chooseHead } from "./choose-head.ts";
import { RidgeSolver } from "./ridge/solver.ts";
import type { HeadChoice } from "./head-choices.ts";
import { headProbabilities, linearFromHead } from "./classifier-head.ts";
import { largest } from "./centroid-head.ts";
import { LAMBDAS } from "./ridge/lambda.ts";

const OPTIONS = { temperature: 10, threads: 1 } as const;

/** Class 0 lies along (1, 0), class 1 along (1, 0.5); of the third number `loud` noise is all there is to see. */
function features(labels: readonly number[], seed: number, loud: number): Float32Array {
  const noise = normal(key(seed), 3 * labels.length);
  return Float32Array.from(
    noise,
    (z, at) => [1, 0.5 * labels[Math.floor(at / 3)]!, 0][at % 3]! + z * [0.01, 0.05, loud][at % 3]!,
  );
}

const alternating = (n: number): number[] => Array.from({ length: n }, (_, i) => i % 2);
const chosen = (rows: Float32Array, labels: readonly number[], choice: HeadChoice = "auto") =>
  chooseHead({ features: rows, labels, ways: 2 }, { ...OPTIONS, choice }, key(0));

test("loud noise is for the closed form, and what is told of both is of images left out", async () => {
  const labels = alternating(60);
  const rows = features(labels, 1, 3);
  const auto = await chosen(rows, labels);
  expect(auto.head.kind).toBe("closed-form");
  expect(LAMBDAS).toContain(auto.lambda);
  const { "closed-form": closedForm, centroids } = auto.leftOut;
  expect(closedForm!.images).toBe(60);
  expect(closedForm!.accuracy).toBeGreaterThan(0.9);
  expect(closedForm!.loss).toBeLessThan(centroids!.loss);
  expect(centroids!.accuracy).toBeLessThan(0.8);
  const unseen = alternating(400);
  const answers = headProbabilities(auto.head, features(unseen, 2, 3));
  const right = unseen.filter((label, i) => largest(answers.subarray(2 * i, 2 * i + 2)) === label).length;
  expect(right / 400).toBeCloseTo(closedForm!.accuracy, 1);
});

test("a head that is asked for is the same as the one that is chosen, and the choice always the same", async () => {
  const labels = alternating(40);
  const rows = features(labels, 3, 3);
  const auto = await chosen(rows, labels);
  expect(await chosen(rows, labels)).toEqual(auto);
  const { head, lambda, leftOut } = await chosen(rows, labels, "closed-form");
  expect([head, lambda]).toEqual([auto.head, auto.lambda]);
  expect(leftOut).toEqual({ "closed-form": auto.leftOut["closed-form"] });
  const centroids = await chosen(rows, labels, "centroids");
  expect(centroids.head.kind).toBe("centroids");
  expect(centroids.leftOut).toEqual({ centroids: auto.leftOut.centroids });
});

test("of equally likely heads the closed form with the least lambda is taken", async () => {
  const labels = alternating(8);
  const { head, lambda, leftOut } = await chosen(new Float32Array(3 * 8), labels); // features that say nothing
  expect(leftOut["closed-form"]!.loss).toBeCloseTo(leftOut.centroids!.loss, 12);
  expect([head.kind, lambda]).toEqual(["closed-form", LAMBDAS[0]]);
});

test("with one image a class nothing can be left out: centroids, as they come, unless the closed form is asked for", async () => {
  const rows = features([0, 1], 4, 0.1);
  const auto = await chosen(rows, [0, 1]);
  expect(auto).toMatchObject({ head: { kind: "centroids", temperature: 10 }, leftOut: {} });
  const asked = await chosen(rows, [0, 1], "closed-form");
  expect(asked).toMatchObject({ head: { kind: "closed-form" }, leftOut: {} });
  const own = headProbabilities(asked.head, rows);
  expect([own[0]! > 0.5, own[3]! > 0.5]).toEqual([true, true]);
});

test("a large class does not swallow a small one", async () => {
  const labels = Array.from({ length: 66 }, (_, i) => Number(i >= 60));
  const { head } = await chosen(features(labels, 5, 0.3), labels, "closed-form");
  const unseen = alternating(200);
  const answers = headProbabilities(head, features(unseen, 6, 0.3));
  const rightOf = (way: number) =>
    unseen.filter((label, i) => label === way && largest(answers.subarray(2 * i, 2 * i + 2)) === way).length;
  expect(rightOf(0)).toBeGreaterThan(80);
  expect(rightOf(1)).toBeGreaterThan(80);
});

test("of many images some are left out", async () => {
  const labels = alternating(2600);
  const rows = features(labels, 7, 3);
  const many = await chosen(rows, labels);
  expect(many.leftOut["closed-form"]!.images).toBe(2000);
  expect(many.leftOut.centroids!.images).toBe(2000);
  expect(many.head.kind).toBe("closed-form");
  expect(await chosen(rows, labels)).toEqual(many);
});

test("of very many numbers an image, a part of the images decides lambda, and the head is of all", async () => {
  const [n, d] = [1210, 1201];
  const labels = alternating(n);
  const rows = Float32Array.from(
    normal(key(11), n * d),
    (z, at) => z + (at % d === 0 ? 8 * labels[Math.floor(at / d)]! : 0),
  );
  const { head, lambda, leftOut } = await chosen(rows, labels, "closed-form");
  expect(leftOut["closed-form"]!.images).toBe(n);
  expect(leftOut["closed-form"]!.accuracy).toBeGreaterThan(0.8);
  const solver = new RidgeSolver(d, { threads: 1 });
  const { weight } = await solver.fit({ features: rows, labels, ways: 2 }, lambda!);
  await solver.release();
  expect(head.kind === "closed-form" && head.weight.data).toEqual(weight);
});

test.each(["closed-form", "centroids"] as const)("the linear layer of a %s head answers like it", async (choice) => {
  const labels = alternating(30);
  const rows = features(labels, 8, 0.2);
  const { head }: ChosenHead = await chosen(rows, labels, choice);
  const { weight, bias } = linearFromHead(head, rows);
  const unseen = features(labels, 9, 0.2);
  const answers = headProbabilities(head, unseen);
  for (let i = 0; i < 30; i++) {
    const logits = [0, 1].map((k) =>
      [0, 1, 2].reduce((sum, j) => sum + unseen[3 * i + j]! * Number(weight.data[3 * k + j]), Number(bias.data[k])),
    );
    expect(largest(logits)).toBe(largest(answers.subarray(2 * i, 2 * i + 2)));
  }
  const usual = headProbabilities(head, rows);
  const mean = (values: ArrayLike<number>) => Array.from(values).reduce((sum, value) => sum + value, 0) / values.length;
  const confidence = mean(labels.map((label, i) => usual[2 * i + label]!));
  const ofLinear = mean(
    labels.map((label, i) => {
      const [a, b] = [0, 1].map((k) =>
        [0, 1, 2].reduce((sum, j) => sum + rows[3 * i + j]! * Number(weight.data[3 * k + j]), Number(bias.data[k])),
      );
      return 1 / (1 + Math.exp(label === 0 ? b! - a! : a! - b!));
    }),
  );
  expect(ofLinear).toBeCloseTo(confidence, 1);
});

test("draws of another key differ in nothing where all images can be left out", async () => {
  const labels = alternating(20);
  const rows = features(labels, 10, 1);
  const other = await chooseHead({ features: rows, labels, ways: 2 }, { ...OPTIONS, choice: "auto" }, fold(key(0), 1));
  expect(other).toEqual(await chosen(rows, labels));
});
