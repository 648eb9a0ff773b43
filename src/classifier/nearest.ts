// Which of the pictures that a classifier was made from are like another one: the cosine of features less their mean, which is what
// the closed-form head sees of them.

import { meanRow, centredUnitRows } from "../heads/ridge/centred-rows.ts";
import { dot } from "../heads/vectors.ts";

/** Features that others are compared with. */
export interface Neighbours {
  /** [d] */
  readonly mean: Float32Array;
  /** [n, d], of length 1 */
  readonly rows: Float32Array;
}

/** Of features [n, d]. */
export function neighboursOf(features: Float32Array, d: number): Neighbours {
  const mean = meanRow(features, d);
  return { mean, rows: centredUnitRows(features, mean, 0, features.length / d) };
}

/**
 * The places of the `count` nearest rows to a feature [d], with their cosines, the nearest first.
 * @example nearestRows(neighboursOf(Float32Array.of(1, 0, 0, 1), 2), Float32Array.of(3, -2), 1)[0].row // 0
 */
export function nearestRows(
  { mean, rows }: Neighbours,
  feature: Float32Array,
  count: number,
): { readonly row: number; readonly similarity: number }[] {
  const d = mean.length;
  const unit = centredUnitRows(feature, mean, 0, 1);
  const similarities = Float32Array.from({ length: rows.length / d }, (_, row) => dot(unit, rows, row * d));
  return Array.from(similarities, (similarity, row) => ({ row, similarity }))
    .toSorted((a, b) => b.similarity - a.similarity)
    .slice(0, count);
}
