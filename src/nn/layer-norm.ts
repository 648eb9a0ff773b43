// Layer normalisation (Ba et al. 2016): over the last axis, or over all of an image.

import { add, channelAffine, div, flatten, mean, mul, reshape, sqrt, sub } from "../tensor/ops.ts";
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
  return add(mul(normalised(x), weight), bias);
}

/** x [n, c, h, w] -> each image normalised over c, h and w, then weight x + bias per channel; both are [c]. */
export function imageLayerNorm({ weight, bias }: LayerNorm, x: Tensor): Tensor {
  return channelAffine(reshape(normalised(flatten(x)), x.shape), weight, bias);
}

/** Mean 0 and variance 1 over the last axis. */
function normalised(x: Tensor): Tensor {
  const last = [x.shape.length - 1];
  const centred = sub(x, mean(x, last, true));
  return div(centred, sqrt(add(mean(mul(centred, centred), last, true), EPSILON)));
}

export function initLayerNorm(d: number): LayerNorm<HostTensor> {
  return { weight: filled([d], 1), bias: filled([d], 0) };
}
