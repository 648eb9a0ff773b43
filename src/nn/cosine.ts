// Metric ("parameter-free") classification, eq. 7: softmax of tau cos(f(x), c_k) over the classes' centroids.

import { normalizeRows } from "./losses.ts";
import { matmul, mul } from "../tensor/ops.ts";
import type { Tensor } from "../tensor/tensor.ts";

/** c_k: features [k shots, d] and membership [k, k shots] (rows sum to 1) -> class means of raw features [k, d]. */
export function centroids(features: Tensor, membership: Tensor): Tensor {
  return matmul(membership, features);
}

/** tau cos(features, centroids): [n, d], [k, d], tau [] -> logits [n, k]. */
export function cosineLogits(features: Tensor, classCentroids: Tensor, tau: Tensor): Tensor {
  return unitLogits(features, normalizeRows(classCentroids), tau);
}

/** tau x weight^T of rows x [n, d] at length 1: weight [k, d], tau [] -> logits [n, k]. */
export function unitLogits(x: Tensor, weight: Tensor, tau: Tensor): Tensor {
  return mul(matmul(normalizeRows(x), weight, { transposeB: true }), tau);
}
