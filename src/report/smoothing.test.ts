import fc from "fast-check";
import { expect, test } from "vitest";
import { isNoisy, movingAverage, thinned } from "./smoothing.ts";

const series = (f: (i: number) => number, n = 1000) => Array.from({ length: n }, (_, x) => ({ x, y: f(x) }));

test("the moving average of a constant is that constant from the first point on", () => {
  for (const { y } of movingAverage(
    series(() => 3),
    50,
  ))
    expect(y).toBeCloseTo(3, 12);
});

test("the moving average halves a step after 0.35 span", () => {
  const after = movingAverage(
    series((x) => (x < 500 ? 0 : 1)),
    40,
  );
  expect(after[499 + 14]!.y).toBeCloseTo(0.5, 1);
});

test("thinning keeps order, extremes and the limit", () => {
  fc.assert(
    fc.property(fc.array(fc.double({ noNaN: true }), { minLength: 1, maxLength: 400 }), (ys) => {
      const points = ys.map((y, x) => ({ x, y }));
      const kept = thinned(points, 50);
      expect(kept.length).toBeLessThanOrEqual(Math.max(50, Math.min(ys.length, 50)));
      expect(kept.every(({ x }, i) => i === 0 || kept[i - 1]!.x < x)).toBe(true);
      expect(Math.max(...kept.map(({ y }) => y))).toBe(Math.max(...ys));
      expect(Math.min(...kept.map(({ y }) => y))).toBe(Math.min(...ys));
    }),
  );
});

test("a schedule is not noisy, a jittering loss is", () => {
  expect(isNoisy(series((x) => Math.cos(x / 300)))).toBe(false);
  expect(isNoisy(series((x) => Math.cos(x / 300) + 0.05 * (((x * 7919) % 13) / 13)))).toBe(true);
});
