// What is like nothing that a classifier was made from: features that point elsewhere than every class's mean. The features are not
// centred, unlike those of the closed form: what sets other kinds of pictures apart lies in the mean as well.

import { type HostTensor, hostTensor } from "../tensor/tree.ts";
import { cosinesOfUnits, labelledCentroids, unitRows } from "./centroid-head.ts";
import { leftOutCosines } from "./centroids-left-out.ts";
import { type LabelledFeatures, positionsOfClasses } from "./labelled.ts";

/** Features are unknown whose largest cosine with a centroid (eq. 7) is below the threshold. */
export interface UnknownRule {
  /** [classes, d] */
  readonly centroids: HostTensor;
  readonly threshold: number;
}

/**
 * Share of a classifier's own images that it may take for unknown, each compared with centroids that are made without it; of fewer than 24
 * images one more like them is refused with probability 1 / (n + 1), which is more.
 */
const REFUSED = 0.04;

/**
 * The rule that refuses 4 % of the labelled images, each left out of its class's centroid, or none of them where they are fewer than 49;
 * undefined where every class has one image, as nothing can be left out.
 * @example
 * const rule = unknownRule({ features: Float32Array.of(1, 0, 4, 1, 0, 1, 1, 4), labels: [0, 0, 1, 1], ways: 2 });
 * similaritiesTo(rule)(Float32Array.of(-1, -1))[0] < rule.threshold // true
 */
export function unknownRule({ features, labels, ways }: LabelledFeatures): UnknownRule | undefined {
  const positions = positionsOfClasses(labels, ways).flatMap((ofClass) => (ofClass.length > 1 ? ofClass : []));
  if (positions.length === 0) return undefined;
  const leftOut = leftOutCosines({ features, labels, ways }, positions, () => true);
  const largest = Float32Array.from(positions, (_, i) => Math.max(...leftOut.subarray(i * ways, (i + 1) * ways)));
  // as a conformal bound: one more image like these is below with a probability of at most rank / (n + 1)
  const rank = Math.max(1, Math.floor(REFUSED * (positions.length + 1)));
  const d = features.length / labels.length;
  return {
    centroids: hostTensor([ways, d], labelledCentroids(features, labels, ways)),
    threshold: largest.toSorted()[rank - 1]!,
  };
}

/** Gives [n] of features [n, d]: the largest cosine with a centroid. What is the same for all features is computed once. */
export function similaritiesTo({ centroids }: UnknownRule): (features: Float32Array) => Float32Array {
  const ways = centroids.shape[0]!;
  const unit = unitRows(centroids.data as Float32Array, ways);
  return (features) => {
    const all = cosinesOfUnits(features, unit, ways);
    return Float32Array.from({ length: all.length / ways }, (_, i) =>
      Math.max(...all.subarray(i * ways, (i + 1) * ways)),
    );
  };
}
