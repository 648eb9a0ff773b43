import { expect, test } from "vitest";
import { fold, key } from "../tensor/random.ts";
import { betterOf } from "./better-of.ts";
import { estimateOf, type HeldOutEstimate } from "./held-out-estimate.ts";

const LABELS = Array.from({ length: 40 }, (_, i) => i % 2);
const POSITIONS = Array.from({ length: 20 }, (_, i) => 2 * i + (i % 2)); // both classes

/** A classifier that is right about some of the images, with a score of its own. */
function estimate(isRight: (row: number) => boolean, score: number): HeldOutEstimate {
  const predicted = POSITIONS.map((i, row) => (isRight(row) ? LABELS[i]! : 1 - LABELS[i]!));
  return estimateOf({ positions: POSITIONS, predicted, scores: POSITIONS.map(() => score) }, LABELS);
}

test("what is right more often is kept, and told as it is where both halves agree", () => {
  const [good, bad] = [estimate((row) => row !== 3, 0.9), estimate((row) => row % 4 === 0, 0.6)];
  expect(betterOf(good, bad, LABELS, key(0))).toEqual({ kept: "predicted", heldOut: good });
  expect(betterOf(bad, good, LABELS, key(0))).toEqual({ kept: "tuned", heldOut: good });
});

test("of equals the predicted one is kept", () => {
  const same = (score: number) => estimate((row) => row < 12, score);
  expect(betterOf(same(0.9), same(0.6), LABELS, key(0))).toEqual({ kept: "predicted", heldOut: same(0.9) });
});

test("no image is judged by a choice of its own: of two that only guess, the better one is told to guess", () => {
  const draws = Array.from({ length: 400 }, (_, draw) => {
    const guess = (name: string) => {
      const source = fold(fold(key(draw), name), "guess");
      return estimate((row) => fold(source, row)[0] % 2 === 0, 0.5);
    };
    return { better: betterOf(guess("a"), guess("b"), LABELS, key(draw)), both: [guess("a"), guess("b")] };
  });
  const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const told = mean(draws.map(({ better }) => better.heldOut.accuracy));
  const flattering = mean(draws.map(({ both }) => Math.max(...both.map(({ accuracy }) => accuracy))));
  expect(flattering).toBeGreaterThan(0.54); // what choosing and judging on the same images would tell
  expect(Math.abs(told - 0.5)).toBeLessThan(0.025); // five standard errors
});
