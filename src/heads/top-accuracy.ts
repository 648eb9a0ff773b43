// The share of right answers among rows of scores.

import { requireFiniteScores } from "./finite-scores.ts";

/**
 * Scores [n, ways] of images that lie class after class, `perClass` of each: the share whose class is among the `top` largest
 * scores of its row. Of equal scores the first class counts as the larger one, as in `largest`.
 * @throws UserError where a score is not finite: a network that gives NaN has no accuracy
 * @example topAccuracy(Float32Array.of(0.9, 0.1, 0.6, 0.4), 2, 1) // 0.5
 */
export function topAccuracy(scores: Float32Array, ways: number, perClass: number, top = 1): number {
  requireFiniteScores(scores, ways);
  const n = scores.length / ways;
  let right = 0;
  for (let i = 0; i < n; i++) {
    const label = Math.floor(i / perClass);
    const own = scores[i * ways + label]!;
    let above = 0;
    for (let way = 0; way < ways; way++) {
      const other = scores[i * ways + way]!;
      if (other > own || (other === own && way < label)) above++;
    }
    if (above < top) right++;
  }
  return right / n;
}
