import { expect, it } from "vitest";
import { pairedTest } from "../statistics.ts";
import { fold, key, normal } from "../tensor/random.ts";
import { type ChangeReport, chooseStrength } from "./change-strength.ts";
import { ridgeScores } from "./ridge/head.ts";
import { RidgeSolver } from "./ridge/solver.ts";
import { type Lambda, LAMBDAS } from "./ridge/lambda.ts";

const [WAYS, D] = [3, 6];
const OPTIONS = { threads: 1 } as const;

/** Class means, the same for all, with noise of this deviation, the same for the same seed. */
function clouds(labels: readonly number[], noise: number, seed = 1): Float32Array {
  const centres = normal(key(99), WAYS * D);
  const each = normal(fold(key(seed), "noise"), labels.length * D, noise);
  return Float32Array.from(each, (z, at) => z + centres[labels[Math.floor(at / D)]! * D + (at % D)]!);
}

const inTurn = (n: number): number[] => Array.from({ length: n }, (_, i) => i % WAYS);

function choose(labels: readonly number[], noises: readonly number[], seeds: readonly number[] = []) {
  const strengths = [0, 0.5, 1];
  const features = noises.map((noise, i) => [strengths[i]!, clouds(labels, noise, seeds[i])] as const);
  return chooseStrength(new Map(features), { labels, ways: WAYS }, OPTIONS, key(0));
}

const errorsOf = ({ leftOut }: ChangeReport) => leftOut!.errors;

it.each([
  ["less noise with each step", [1.5, 0.9, 0.3], 1, [undefined, 0, 0.5]],
  ["less noise half way", [1.5, 0.3, 1.5], 0.5, [undefined, 0, 0.5]],
  ["less noise at the end alone", [0.9, 1.5, 0.3], 1, [undefined, 0, 0]],
  ["more noise", [0.3, 0.9, 1.5], 0, [undefined, 0, 0]],
])("%s", async (_, noises, expected, over) => {
  const report = await choose(inTurn(60), noises);
  expect([report.strength, report.leftOut!.images]).toEqual([expected, 60]);
  expect(errorsOf(report).map((one) => [one.strength, one.over])).toEqual(over.map((other, i) => [i / 2, other]));
});

it("of equal features the base network's are taken, with nothing between them", async () => {
  const report = await choose(inTurn(60), [0.9, 0.9, 0.9]);
  expect(report.strength).toBe(0);
  expect(errorsOf(report).map(({ standardError }) => standardError)).toEqual([undefined, 0, 0]);
  expect(new Set(errorsOf(report).map(({ error }) => error)).size).toBe(1);
});

it("a gain within one standard error is none", async () => {
  // as much noise, but another: which is better is chance, and mostly it is not by that much
  const reports = [];
  for (let seed = 0; seed < 30; seed++) reports.push(await choose(inTurn(45), [0.9, 0.9], [2 * seed, 2 * seed + 1]));
  const within = reports.filter((report) => {
    const [none, half] = errorsOf(report);
    const gain = none!.error - half!.error;
    expect(report.strength).toBe(gain > half!.standardError! ? 0.5 : 0);
    return gain > 0 && gain <= half!.standardError!;
  });
  expect(within.length).toBeGreaterThan(3);
  expect(reports.filter(({ strength }) => strength === 0).length).toBeGreaterThan(20);
});

it.each([
  ["equal", inTurn(30)],
  ["unequal", inTurn(30).filter((label, i) => label !== 2 || i < 9)],
])("errors and their standard error are those of fits without each image: %s classes", async (_, labels) => {
  const sizes = [0, 1, 2].map((way) => labels.filter((label) => label === way).length);
  const counts = labels.map((label) => Math.sqrt(labels.length / (WAYS * sizes[label]!)));
  const noises = [1.2, 0.8];
  const errors = errorsOf(await choose(labels, noises));
  const [before, after] = await Promise.all(
    noises.map((noise, i) => fittedWithout(clouds(labels, noise), labels, counts, errors[i]!.lambda)),
  );
  const total = counts.reduce((sum, count) => sum + count);
  const weighted = (values: readonly number[]): number =>
    values.reduce((sum, value, i) => sum + (counts[i]! * value) / total, 0);
  expect(errors.map(({ error }) => error)).toEqual([before, after].map((own) => expect.closeTo(weighted(own!), 2)));
  const gains = before!.map((square, i) => square - after![i]!);
  const mean = weighted(gains);
  const spread = Math.hypot(...gains.map((gain, i) => (counts[i]! * (gain - mean)) / total));
  expect(errors[1]!.standardError! / spread).toBeCloseTo(Math.sqrt(labels.length / (labels.length - 1)), 1);
  if (new Set(sizes).size > 1) return;
  const students = 2.0452; // of 29 degrees
  expect(errors[1]!.standardError! / (pairedTest(gains).ci95 / students)).toBeCloseTo(1, 1);
});

/** Squared errors of images by heads that are made without each of them, one after the other. */
async function fittedWithout(
  features: Float32Array,
  labels: readonly number[],
  counts: readonly number[],
  lambda: number,
) {
  const solver = new RidgeSolver(D, OPTIONS);
  const squares: number[] = [];
  for (const [i, label] of labels.entries()) {
    const isOther = (_: unknown, j: number): boolean => j !== i;
    const others = features.filter((_, at) => Math.floor(at / D) !== i);
    const weights = Float64Array.from(counts.filter(isOther));
    const data = { features: others, labels: labels.filter(isOther), ways: WAYS };
    const head = (await solver.prepare(data, weights)).solve(lambda);
    const scores = ridgeScores(head, features.subarray(i * D, (i + 1) * D));
    squares.push(scores.reduce((sum, score, way) => sum + (score - Number(way === label) + 1 / WAYS) ** 2, 0));
  }
  await solver.release();
  return squares;
}

it("each strength has the lambda that its own error is least by", async () => {
  const labels = inTurn(60);
  const report = await choose(labels, [0.1, 2]);
  const [quiet, loud] = errorsOf(report).map(({ lambda }) => LAMBDAS.indexOf(lambda as Lambda));
  expect(quiet).toBeLessThan(loud!);
});

it("with one image a class none can be left out: the smallest stands", async () => {
  expect(await choose([0, 1, 2], [2, 0.1])).toEqual({ strength: 0 });
  const some = await choose([0, 0, 1, 2], [2, 0.1]); // two can
  expect(some.leftOut!.images).toBe(2);
});

it("leaves out at most 2,000, the same for the same key", async () => {
  const labels = inTurn(2400);
  const report = await choose(labels, [1.2, 0.9]);
  expect(report.leftOut!.images).toBe(2000);
  expect(await choose(labels, [1.2, 0.9])).toEqual(report);
});
