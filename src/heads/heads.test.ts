import { expect, test } from "vitest";
import { key, normal } from "../tensor/random.ts";
import { Heads, headTitle, labelledNeeded } from "./heads.ts";

const SHAPE = { ways: 2, shots: 2, generation: 40, test: 30 };
const D = 3;

/**
 * Class 0 lies along (1, 0), class 1 along (1, 0.3): the second number tells them apart, the third is loud noise that
 * misleads centroids but not regression.
 */
function features(perClass: number, seed: number): Float32Array {
  const noise = normal(key(seed), 2 * perClass * D);
  return Float32Array.from({ length: 2 * perClass * D }, (_, at) => {
    const [row, column] = [Math.floor(at / D), at % D];
    const label = Math.floor(row / perClass);
    return [1, 0.3 * label, 0][column]! + noise[at]! * [0.01, 0.05, 3][column]!;
  });
}

test("each head by its title; only the closed form sees through loud noise", async () => {
  const heads = new Heads(["few", "all", "closed-form"], D);
  const found = await heads.accuracies(features(SHAPE.generation, 1), features(SHAPE.test, 2), SHAPE);
  await heads.release();
  expect(Object.keys(found)).toEqual(["2-shot centroids", "centroids of all", "closed form on all"]);
  expect(found["closed form on all"]).toBeGreaterThan(0.75);
  expect(found["2-shot centroids"]).toBeLessThan(found["closed form on all"]!);
});

test("few-shot heads take the first images of each class, and need no others", async () => {
  const few = new Heads(["few"], D);
  expect(labelledNeeded(["few"], SHAPE)).toBe(2);
  expect(labelledNeeded(["few", "all"], SHAPE)).toBe(40);
  const both = new Heads(["few", "all"], D);
  const support = features(SHAPE.generation, 3);
  const query = features(SHAPE.test, 4);
  const first = [0, 40].flatMap((row) => Array.from(support.subarray(row * D, (row + 2) * D)));
  const [alone, beside] = [
    await few.accuracies(Float32Array.from(first), query, SHAPE),
    await both.accuracies(support, query, SHAPE),
  ];
  expect(alone[headTitle("few", 2)]).toBe(beside[headTitle("few", 2)]);
});
