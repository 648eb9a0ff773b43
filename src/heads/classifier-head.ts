// What turns a network's features into class probabilities: centroids (what a prediction makes) or a linear layer (what
// fine-tuning makes). Plain data.

import type { Linear } from "../nn/linear.ts";
import { type HostTensor, hostTensor } from "../tensor/tree.ts";

/** softmax(temperature * cos(features, centroids)), eq. 7. */
export interface CentroidHead {
  readonly kind: "centroids";
  /** [classes, d], means of the raw features of each class. */
  readonly centroids: HostTensor;
  readonly temperature: number;
}

/** softmax(features weight^T + bias): weight [classes, d], bias [classes]. */
export type LinearHead = { readonly kind: "linear" } & Linear<HostTensor>;

export type ClassifierHead = CentroidHead | LinearHead;

/**
 * The linear layer that gives every image the same class as the centroids do, and about the same probabilities: the
 * temperature times the centroids, each at length 1, over `length`, the usual length of a feature.
 */
export function linearFromCentroids({ centroids, temperature }: CentroidHead, length: number): Linear<HostTensor> {
  const [classes, d] = centroids.shape as [number, number];
  const rows = Float32Array.from(centroids.data as Float32Array);
  for (let k = 0; k < classes; k++) {
    const row = rows.subarray(k * d, (k + 1) * d);
    const scale = temperature / (length * (Math.hypot(...row) || 1));
    row.forEach((value, j) => (row[j] = value * scale));
  }
  return { weight: hostTensor([classes, d], rows), bias: hostTensor([classes]) };
}
