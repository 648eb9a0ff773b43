import { expect, test } from "vitest";
import { estimate, formatPercent, jackknife95, median, pairedTest, studentTwoSided } from "./statistics.ts";

test("an estimate is the mean with Student's interval; one value has none", () => {
  const { mean, ci95, n } = estimate([0.5, 0.7]);
  expect([mean, n]).toEqual([0.6, 2]);
  expect(ci95).toBeCloseTo(12.706204736174694 * 0.1, 6);
  expect(estimate([0.5]).ci95).toBeNaN();
  expect(formatPercent(estimate([0.5]))).toBe("50.00 ± ?");
});

test("the jackknife over units: for values of one unit each it is Student's interval of their mean", () => {
  const values = [0.5, 0.7, 0.65, 0.4, 0.9];
  const own = values.map((_, i) => [i]);
  expect(jackknife95(values, own)).toBeCloseTo(estimate(values).ci95, 12);
  // a unit's values twice over are no more evidence than once; the interval over values would shrink
  expect(jackknife95([...values, ...values], [...own, ...own])).toBeCloseTo(estimate(values).ci95, 12);
  // two units a value: sums of the units' own numbers, whose mean has twice the spread of a unit's mean
  const pairs = own.flatMap(([i]) => own.flatMap(([j]) => (i! < j! ? [[i!, j!]] : [])));
  const sums = pairs.map(([i, j]) => values[i!]! + values[j!]!);
  expect(jackknife95(sums, pairs)).toBeCloseTo(2 * estimate(values).ci95, 12);
  expect(
    jackknife95(
      [0.1, 0.3, 0.2],
      [
        [0, 1],
        [1, 2],
        [0, 2],
      ],
    ),
  ).toBeCloseTo(0.497, 3);
  expect(jackknife95([1, 2], [[0], [0]])).toBeNaN();
});

test("the median of an even number of values lies between the two in the middle", () => {
  expect([median([3]), median([2, 1]), median([1, 2, 10, 3]), median([5, 1, 2])]).toEqual([3, 1.5, 2.5, 2]);
  expect(median([])).toBeNaN();
});

// SciPy 1.17.1: 2 * stats.t.sf(abs(t), degrees)
test.each([
  [0, 5, 1],
  [0.5, 1, 0.7048327646991335],
  [2, 10, 0.07338803477074037],
  [2, 3, 0.13932596855884305],
  [-2.5, 30, 0.01811564906806669],
  [1.96, 499, 0.05055190288410031],
  [5, 499, 7.951451882128965e-7],
  [12, 99, 5.130629687897481e-21],
  [40, 9, 1.8982998449339822e-11],
  [Number.POSITIVE_INFINITY, 4, 0],
])("Student's t: P(|T| >= %d), %d degrees of freedom", (t, degrees, p) => {
  expect(Math.abs(studentTwoSided(t, degrees) - p)).toBeLessThanOrEqual(1e-10 * p);
});

test("the paired test agrees with SciPy's ttest_rel", () => {
  const a = [0.62, 0.7, 0.55, 0.81, 0.66];
  const b = [0.6, 0.65, 0.57, 0.74, 0.61];
  const { mean, ci95, n, p } = pairedTest(a.map((value, i) => value - b[i]!));
  expect(n).toBe(5);
  expect(mean).toBeCloseTo(0.034, 10);
  expect(p).toBeCloseTo(0.09605055602703332, 10);
  expect(ci95).toBeCloseTo((2.7764451051977987 * 0.034) / 2.1677608244153537, 8); // t quantile times standard error
});

test.each([
  [2, 12.706204736174694],
  [3, 4.302652729749462],
  [10, 2.262157162798205],
  [100, 1.9842169515864174],
  [500, 1.9647293909876886],
])("the interval of %d differences uses Student's quantile", (n, quantile) => {
  const differences = Array.from({ length: n }, (_, i) => (i % 3) - 0.5);
  const mean = differences.reduce((a, b) => a + b) / n;
  const variance = differences.reduce((total, value) => total + (value - mean) ** 2, 0) / (n - 1);
  const interval = quantile * Math.sqrt(variance / n);
  expect(pairedTest(differences).ci95).toBeCloseTo(interval, 6);
  expect(estimate(differences).ci95).toBeCloseTo(interval, 6);
});

test("no spread, and too few values", () => {
  expect(pairedTest([0, 0, 0])).toEqual({ mean: 0, ci95: 0, n: 3, p: 1 });
  expect(pairedTest([0.5, 0.5, 0.5])).toEqual({ mean: 0.5, ci95: 0, n: 3, p: 0 });
  expect(pairedTest([0.5])).toEqual({ mean: 0.5, ci95: Number.NaN, n: 1, p: Number.NaN });
});
