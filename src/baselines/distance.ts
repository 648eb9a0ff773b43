// Squared Euclidean distances between all pairs of rows.

import { add, matmul, mean, mul, reshape, stopGradient, sub, sum } from "../tensor/ops.ts";
import type { Tensor } from "../tensor/tensor.ts";

/**
 * |x_i - y_j|^2: x [n, d], y [k, d] -> [n, k], as |x|^2 + |y|^2 - 2 x.y. All rows are first moved by y's mean, which changes
 * no distance (hence no gradient through it) but keeps the three terms small: rows of features have much in common.
 */
export function squaredDistances(x: Tensor, y: Tensor): Tensor {
  const middle = stopGradient(mean(y, [0], true));
  const [a, b] = [sub(x, middle), sub(y, middle)];
  const lengths = add(sum(mul(a, a), [1], true), reshape(sum(mul(b, b), [1]), [1, y.shape[0]!]));
  return sub(lengths, mul(matmul(a, b, { transposeB: true }), 2));
}
