// What centroids say of an image that they are made without.

import { labelledSums } from "./centroid-head.ts";
import type { LabelledFeatures } from "./labelled.ts";

/** Cosines [positions, ways] of images with the centroids of the used images, less the image itself. */
export function leftOutCosines(
  { features, labels, ways }: LabelledFeatures,
  positions: readonly number[],
  isUsed: (i: number) => boolean,
): Float32Array {
  const d = features.length / labels.length;
  const { sums } = labelledSums(features, labels, ways, isUsed);
  const ofClasses = Array.from({ length: ways }, (_, way) => sums.subarray(way * d, (way + 1) * d));
  const lengths = ofClasses.map(squares);
  const out = new Float32Array(positions.length * ways);
  positions.forEach((i, at) => {
    const feature = features.subarray(i * d, (i + 1) * d);
    const own = isUsed(i) ? labels[i] : undefined;
    ofClasses.forEach((sum, way) => (out[at * ways + way] = leftOutCosine(feature, sum, lengths[way]!, way === own)));
  });
  return out;
}

/** Cosine of a feature with a sum, given its squared length; where `isIn`, the feature is taken out of the sum. */
function leftOutCosine(feature: Float32Array, sum: Float64Array, sumSquares: number, isIn: boolean): number {
  const length = squares(feature);
  let product = 0;
  for (let j = 0; j < feature.length; j++) product += feature[j]! * sum[j]!;
  const rest = isIn ? sumSquares + length - 2 * product : sumSquares; // |s - f|² = |s|² - 2 s f + |f|²
  return (isIn ? product - length : product) / Math.sqrt(Math.max(1e-24, length * rest));
}

function squares(vector: ArrayLike<number>): number {
  let total = 0;
  for (let j = 0; j < vector.length; j++) total += vector[j]! * vector[j]!;
  return total;
}
