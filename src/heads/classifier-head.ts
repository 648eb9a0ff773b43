// What turns a network's features into class probabilities: the closed form or centroids (what a prediction makes), or a linear
// layer (what fine-tuning makes). Plain data.

import type { Linear } from "../nn/linear.ts";
import { type HostTensor, hostTensor } from "../tensor/tree.ts";
import { cosines } from "./centroid-head.ts";
import { ridgeScores } from "./ridge/head.ts";
import { probabilities } from "./temperature.ts";
import { centredLengths } from "./ridge/centred-rows.ts";

/** softmax(temperature * cos(features, centroids)), eq. 7. */
export interface CentroidHead {
  readonly kind: "centroids";
  /** [classes, d], means of the raw features of each class. */
  readonly centroids: HostTensor;
  readonly temperature: number;
}

/** softmax(temperature * u weight^T) of u = (features - mean) / |features - mean|: ridge regression on all labels. */
export interface ClosedFormHead {
  readonly kind: "closed-form";
  /** [d] */
  readonly mean: HostTensor;
  /** [classes, d] */
  readonly weight: HostTensor;
  readonly temperature: number;
}

/** softmax(features weight^T + bias): weight [classes, d], bias [classes]. */
export type LinearHead = { readonly kind: "linear" } & Linear<HostTensor>;

/** What is made of features, without training. */
export type PredictedHead = ClosedFormHead | CentroidHead;

export type ClassifierHead = PredictedHead | LinearHead;

/** Class probabilities [n, classes] of features [n, d]. */
export function headProbabilities(head: PredictedHead, features: Float32Array): Float32Array {
  const numbers = ({ data }: HostTensor): Float32Array => data as Float32Array;
  if (head.kind === "centroids") {
    const ways = head.centroids.shape[0]!;
    return probabilities(cosines(features, numbers(head.centroids), ways), ways, head.temperature);
  }
  const ways = head.weight.shape[0]!;
  const scores = ridgeScores({ ways, mean: numbers(head.mean), weight: numbers(head.weight) }, features);
  return probabilities(scores, ways, head.temperature);
}

/**
 * The linear layer that gives every image the same class as a predicted head does, and about the same probabilities, being
 * exact where the head's features are as long as those of `features` [n, d] are on average.
 */
export function linearFromHead(head: PredictedHead, features: Float32Array): Linear<HostTensor> {
  return head.kind === "centroids" ? linearFromCentroids(head, features) : linearFromClosedForm(head, features);
}

/** The temperature times the centroids, each at length 1, over the usual length of a feature. */
function linearFromCentroids({ centroids, temperature }: CentroidHead, features: Float32Array): Linear<HostTensor> {
  const [classes, d] = centroids.shape as [number, number];
  const length = usualLength(features, new Float32Array(d));
  const rows = Float32Array.from(centroids.data as Float32Array);
  for (let k = 0; k < classes; k++) {
    const row = rows.subarray(k * d, (k + 1) * d);
    const scale = temperature / (length * (Math.hypot(...row) || 1));
    row.forEach((value, j) => (row[j] = value * scale));
  }
  return { weight: hostTensor([classes, d], rows), bias: hostTensor([classes]) };
}

/** The temperature times the weights, over the usual length of a centred feature; the bias takes the mean away. */
function linearFromClosedForm(head: ClosedFormHead, features: Float32Array): Linear<HostTensor> {
  const [classes, d] = head.weight.shape as [number, number];
  const mean = head.mean.data as Float32Array;
  const scale = head.temperature / usualLength(features, mean);
  const rows = Float32Array.from(head.weight.data as Float32Array, (value) => value * scale);
  const bias = Float32Array.from({ length: classes }, (_, k) =>
    mean.reduce((sum, value, j) => sum - value * rows[k * d + j]!, 0),
  );
  return { weight: hostTensor([classes, d], rows), bias: hostTensor([classes], bias) };
}

/** Mean of |feature - origin|; 1 where all are the origin, or there are none. */
function usualLength(features: Float32Array, origin: Float32Array): number {
  const lengths = centredLengths(features, origin);
  return lengths.reduce((sum, length) => sum + length, 0) / lengths.length || 1;
}
