// Fully connected layer.

import { add, matmul } from "../tensor/ops.ts";
import { fold, type Key } from "../tensor/random.ts";
import type { Tensor } from "../tensor/tensor.ts";
import type { HostTensor, Shaped } from "../tensor/tree.ts";
import { fanInUniform } from "./init.ts";

export type Linear<T extends Shaped = Tensor> = {
  /** [k, d] */
  readonly weight: T;
  /** [k] */
  readonly bias: T;
};

/** x [n, d] -> x weight^T + bias [n, k]. */
export function linear({ weight, bias }: Linear, x: Tensor): Tensor {
  return add(matmul(x, weight, { transposeB: true }), bias);
}

export function initLinear(key: Key, d: number, k: number): Linear<HostTensor> {
  return { weight: fanInUniform(fold(key, "weight"), [k, d], d), bias: fanInUniform(fold(key, "bias"), [k], d) };
}
