// What the closed form comes to: a weight a class, for centred features of unit length.

import { dot } from "../vectors.ts";
import { centredUnitRows } from "./centred-rows.ts";

export interface RidgeHead {
  readonly ways: number;
  /** [d] of the features it was fitted to: subtracted from every feature before it is scaled to unit length. */
  readonly mean: Float32Array;
  /** [ways, d] */
  readonly weight: Float32Array;
}

/** Scores [n, ways] of features [n, d]; the largest of a row is the prediction. */
export function ridgeScores({ mean, weight, ways }: RidgeHead, features: Float32Array): Float32Array {
  const d = mean.length;
  const n = features.length / d;
  const scores = new Float32Array(n * ways);
  for (let i = 0; i < n; i++) {
    const row = centredUnitRows(features, mean, i, 1);
    for (let way = 0; way < ways; way++) scores[i * ways + way] = dot(row, weight, way * d);
  }
  return scores;
}
