// Batch normalisation (Ioffe & Szegedy 2015) with explicit statistics: batch statistics go out, running statistics come in.

import { add, channelAffine, channelMoments, div, mul, relu, reshape, slice, sqrt, sub } from "../tensor/ops.ts";
import type { Tensor } from "../tensor/tensor.ts";
import type { HostTensor, Shaped } from "../tensor/tree.ts";
import { sizeOf } from "../tensor/tree.ts";
import { filled } from "./init.ts";

export type BatchNorm<T extends Shaped = Tensor> = {
  /** [c] */
  readonly weight: T;
  /** [c] */
  readonly bias: T;
};

export type NormStats<T extends Shaped = Tensor> = {
  /** [c] */
  readonly mean: T;
  /** [c], divided by the count (biased) in batch statistics, by count - 1 in running statistics, as in PyTorch */
  readonly variance: T;
};

export const NORM_EPSILON = 1e-5;
const MOMENTUM = 0.1;

/** Normalises x [n, c, h, w] by given statistics. */
export function batchNorm({ weight, bias }: BatchNorm, { mean, variance }: NormStats, x: Tensor): Tensor {
  const scale = div(weight, sqrt(add(variance, NORM_EPSILON)));
  return channelAffine(x, scale, sub(bias, mul(mean, scale)));
}

/** Mean and biased variance of x [n, c, h, w] over batch and space. */
export function batchStats(x: Tensor): NormStats {
  const moments = channelMoments(x);
  const c = x.shape[1]!;
  const mean = reshape(slice(moments, 0, 0, 1), [c]);
  const meanSquare = reshape(slice(moments, 0, 1, 2), [c]);
  return { mean, variance: relu(sub(meanSquare, mul(mean, mean))) }; // relu: rounding must not make it negative
}

/** Running statistics after one more batch: momentum 0.1, unbiased variance. `count` is n h w of the batch. */
export function updateRunning(running: NormStats, batch: NormStats, count: number): NormStats {
  const blend = (old: Tensor, now: Tensor, factor: number): Tensor =>
    add(mul(old, 1 - MOMENTUM), mul(now, MOMENTUM * factor));
  return {
    mean: blend(running.mean, batch.mean, 1),
    variance: blend(running.variance, batch.variance, count / Math.max(1, count - 1)),
  };
}

/** How many values per channel a batch of this shape has. */
export function valuesPerChannel({ shape }: Shaped): number {
  return sizeOf(shape) / shape[1]!;
}

export function initBatchNorm(c: number): BatchNorm<HostTensor> {
  return { weight: filled([c], 1), bias: filled([c], 0) };
}

export function initStats(c: number): NormStats<HostTensor> {
  return { mean: filled([c], 0), variance: filled([c], 1) };
}
