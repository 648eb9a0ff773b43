// A network that cannot be computed with any more gives scores that are no numbers, and the largest of those is no answer.

import { UserError } from "../errors.ts";

/**
 * @throws UserError where a score [n, ways] is not finite
 * @example requireFiniteScores(Float32Array.of(0.9, 0.1), 2); // passes
 */
export function requireFiniteScores(scores: Float32Array, ways: number): void {
  const bad = scores.findIndex((score) => !Number.isFinite(score));
  if (bad < 0) return;
  throw new UserError(`the score of image ${Math.floor(bad / ways)} is ${scores[bad]}: the network is spoilt`, {
    hint: "its weights are too large to compute with: make it again, with a smaller learning rate where it was trained",
  });
}
