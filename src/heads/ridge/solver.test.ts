import { Matrix, solve } from "ml-matrix";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { UserError } from "../../errors.ts";
import { fold, key, normal } from "../../tensor/random.ts";
import { largest } from "../centroid-head.ts";
import { type RidgeHead, ridgeScores } from "./head.ts";
import { RidgeSolver } from "./solver.ts";

const D = 12;
const WAYS = 3;

/** Gaussian clouds around class means, far from the origin. */
function clouds(n: number, seed: number, d = D): { features: Float32Array; labels: number[] } {
  const centres = normal(key(99), WAYS * d);
  const noise = normal(fold(key(seed), "noise"), n * d, 0.7);
  const labels = Array.from({ length: n }, (_, i) => (i * 7) % WAYS);
  const features = Float32Array.from(noise, (z, at) => {
    const [i, j] = [Math.floor(at / d), at % d];
    return 5 + z + centres[labels[i]! * d + j]!;
  });
  return { features, labels };
}

/** The same by the normal equations of ml-matrix, always primal and in float64. */
function reference(features: Float32Array, labels: readonly number[], lambda: number, queries: Float32Array, d = D) {
  const all = Matrix.from1DArray(labels.length, d, features);
  const centre = all.mean("column");
  const unit = (rows: Matrix): Matrix => {
    const centred = rows.clone().subRowVector(centre);
    return centred.divColumnVector(centred.to2DArray().map((row) => Math.hypot(...row)));
  };
  const a = unit(all);
  const targets = new Matrix(
    labels.map((label) => Array.from({ length: WAYS }, (_, w) => Number(w === label) - 1 / WAYS)),
  );
  const weight = solve(Matrix.add(a.transpose().mmul(a), Matrix.eye(d).mul(lambda)), a.transpose().mmul(targets));
  return unit(Matrix.from1DArray(queries.length / d, d, queries))
    .mmul(weight)
    .to1DArray();
}

const furthest = (a: ArrayLike<number>, b: ArrayLike<number>): number =>
  Math.max(...Array.from(a, (value, i) => Math.abs(value - b[i]!)));

describe("a ridge head", () => {
  let solver: RidgeSolver;
  beforeAll(async () => {
    solver = new RidgeSolver(D, { threads: 1 });
  });
  afterAll(() => solver.release());

  test.each([
    ["one chunk", 50, 1],
    ["several chunks, the last one short", 2100, 0.3],
    ["fewer images than features", 9, 1],
    ["one image fewer than features", D - 1, 2],
    ["as many images as features", D, 2],
  ])("scores as the normal equations say: %s", async (_, n, lambda) => {
    const { features, labels } = clouds(n, 1);
    const queries = clouds(20, 2).features;
    const head = await solver.fit({ features, labels, ways: WAYS }, lambda);
    const expected = reference(features, labels, lambda, queries);
    expect(furthest(ridgeScores(head, queries), expected)).toBeLessThan(2e-6);
    expect(head.ways).toBe(WAYS);
  });

  test("predicts the class by the largest score", async () => {
    const { features, labels } = clouds(300, 3);
    const head = await solver.fit({ features, labels, ways: WAYS }, 1);
    const unseen = clouds(300, 4);
    const scores = ridgeScores(head, unseen.features);
    const right = unseen.labels.filter((label, i) => label === largest(scores.subarray(i * WAYS, (i + 1) * WAYS)));
    expect(right.length).toBeGreaterThan(290);
  });

  test("an image at the mean of all scores zero", async () => {
    const { features, labels } = clouds(40, 5);
    const head: RidgeHead = await solver.fit({ features, labels, ways: WAYS }, 1);
    expect([...ridgeScores(head, head.mean)]).toEqual([0, 0, 0]);
  });

  test.each([
    ["a label too large", (f: Float32Array) => [f, [0, 1, 3], 1] as const, /label 3 of image 2: expected 0 to 2/],
    ["a label too few", (f: Float32Array) => [f, [0, 1], 1] as const, /36 numbers of features with 2 labels/],
    ["no images", () => [new Float32Array(), [], 1] as const, /0 labels/],
    ["lambda 0", (f: Float32Array) => [f, [0, 1, 2], 0] as const, /lambda is 0/],
    ["NaN", (f: Float32Array) => [f.with(D + 3, Number.NaN), [0, 1, 2], 1] as const, /feature 3 of image 1 is NaN/],
  ])("rejects %s", async (_, change, message) => {
    const [features, labels, lambda] = change(clouds(3, 1).features);
    const fit = solver.fit({ features, labels, ways: WAYS }, lambda);
    await expect(fit).rejects.toThrow(message);
    await expect(fit).rejects.toBeInstanceOf(UserError);
  });
});

test.each([
  ["too few", [1, 1], /2 weights of 3 images/],
  ["zero, which would be taken for an image at the mean", [1, 0, 1], /weight of image 1 is 0: expected more than 0/],
  ["no number", [1, 1, Number.NaN], /weight of image 2 is NaN/],
])("rejects weights: %s", async (_, weights, message) => {
  const data = { ...clouds(3, 1), ways: WAYS };
  const solver = new RidgeSolver(D, { threads: 1 });
  await expect(solver.prepare(data, Float64Array.from(weights))).rejects.toThrow(message);
  await solver.release();
});

test("several blocks of fewer images than features", async () => {
  const [d, n] = [320, 300];
  const solver = new RidgeSolver(d, { threads: 1 });
  const { features, labels } = clouds(n, 6, d);
  const queries = clouds(5, 7, d).features;
  const head = await solver.fit({ features, labels, ways: WAYS }, 1);
  expect(furthest(ridgeScores(head, queries), reference(features, labels, 1, queries, d))).toBeLessThan(1e-5);
  await solver.release();
});
