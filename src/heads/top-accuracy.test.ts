import { expect, test } from "vitest";
import { topAccuracy } from "./top-accuracy.ts";

test("classes in a row's largest scores count as right; of equal ones the first is larger", () => {
  const scores = Float32Array.of(
    3,
    2,
    1,
    /* class 0: right */ 5,
    4,
    6 /* class 1: third */,
    1,
    2,
    2 /* class 2: tied second */,
  );
  expect(topAccuracy(scores, 3, 1)).toBeCloseTo(1 / 3);
  expect(topAccuracy(scores, 3, 1, 2)).toBeCloseTo(2 / 3);
  expect(topAccuracy(scores, 3, 1, 3)).toBe(1);
});

test.each([
  ["all of a row", [Number.NaN, Number.NaN]],
  ["another class's than the image's own", [0.9, Number.NaN]],
])("a network that gives NaN has no accuracy: %s", (_, row) => {
  expect(() => topAccuracy(Float32Array.from(row), 2, 1)).toThrow("is NaN");
});
