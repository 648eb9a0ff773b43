// Layer normalisation (Ba et al. 2016) over the last axis.

import { add, div, mean, mul, sqrt, sub } from "../tensor/ops.ts";
import type { Tensor } from "../tensor/tensor.ts";
import type { HostTensor, Shaped } from "../tensor/tree.ts";
import { filled } from "./init.ts";

export type LayerNorm<T extends Shaped = Tensor> = {
  /** [d] */
  readonly weight: T;
  /** [d] */
  readonly bias: T;
};

const EPSILON = 1e-5;

/** x [.., d] -> normalised over d, then weight x + bias. */
export function layerNorm({ weight, bias }: LayerNorm, x: Tensor): Tensor {
  const last = [x.shape.length - 1];
  const centred = sub(x, mean(x, last, true));
  const variance = mean(mul(centred, centred), last, true);
  return add(mul(div(centred, sqrt(add(variance, EPSILON))), weight), bias);
}

export function initLayerNorm(d: number): LayerNorm<HostTensor> {
  return { weight: filled([d], 1), bias: filled([d], 0) };
}
