import { expect, test } from "vitest";
import { key, uniform } from "pudnet/engine";
import { auroc } from "./auroc.ts";

/** Counted pair by pair. */
function pairs(known: readonly number[], unknown: readonly number[]): number {
  const won = known.flatMap((k) => unknown.map((u): number => (k > u ? 1 : k === u ? 0.5 : 0)));
  return won.reduce((sum, one) => sum + one) / won.length;
}

test.each([0, 1, 2, 3])("is what pairs say, with ties (seed %d)", (seed) => {
  const values = Array.from(uniform(key(seed), 60, 0, 12), Math.floor); // many are equal
  const [known, unknown] = [values.slice(0, 25).map((value) => value + seed), values.slice(25)];
  expect(auroc(known, unknown)).toBeCloseTo(pairs(known, unknown), 12);
});

test("tells all apart, nothing, and the wrong way", () => {
  expect(auroc([2, 3], [0, 1])).toBe(1);
  expect(auroc([1, 1], [1, 1])).toBe(0.5);
  expect(auroc([0], [1, 2, 3])).toBe(0);
});
