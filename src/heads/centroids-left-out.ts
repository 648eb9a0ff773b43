// What centroids say of an image that they are made without.

import { labelledSums } from "./centroid-head.ts";
import type { LabelledFeatures } from "./labelled.ts";
import { dot } from "./vectors.ts";

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
    const length = squares(feature);
    const own = isUsed(i) ? labels[i]! : -1;
    for (let way = 0; way < ways; way++) {
      const product = dot(feature, ofClasses[way]!);
      // of the sum without the feature: |s - f|² = |s|² - 2 s f + |f|²
      const [along, rest] =
        way === own ? [product - length, lengths[way]! + length - 2 * product] : [product, lengths[way]!];
      out[at * ways + way] = along / Math.sqrt(Math.max(1e-24, length * rest));
    }
  });
  return out;
}

const squares = (vector: ArrayLike<number>): number => dot(vector, vector);
