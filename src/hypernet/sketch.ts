// The dataset sketch, eq. 3: s = mean over the images of T(x). Labels are not used. T is three blocks
// (convolution, leaky ReLU, batch norm), then a linear layer, batch norm and GELU.

import { within } from "../errors.ts";
import { gelu } from "../nn/activations.ts";
import {
  batchNorm,
  type BatchNorm,
  batchStats,
  initBatchNorm,
  initStats,
  type NormStats,
  updateRunning,
  valuesPerChannel,
} from "../nn/batch-norm.ts";
import { fanInUniform } from "../nn/init.ts";
import { imageLayerNorm } from "../nn/layer-norm.ts";
import { initLinear, linear, type Linear } from "../nn/linear.ts";
import { conv2d, fill, flatten, leakyRelu, reshape } from "../tensor/ops.ts";
import { fold, type Key } from "../tensor/random.ts";
import type { Tensor } from "../tensor/tensor.ts";
import type { HostTensor, Shaped } from "../tensor/tree.ts";
import type { PudNetConfig } from "./config.ts";

/** Channels of the three blocks; each halves height and width (5x5, stride 2, padding 2). */
const CHANNELS = [16, 32, 32] as const;
const WINDOW = { kernel: 5, stride: 2, padding: 2 } as const;
const LEAK = 0.1;

export type SketchNet<T extends Shaped = Tensor> = {
  readonly blocks: readonly { readonly conv: { readonly weight: T; readonly bias: T }; readonly norm: BatchNorm<T> }[];
  readonly head: { readonly linear: Linear<T>; readonly norm: BatchNorm<T> };
};

export type SketchStats<T extends Shaped = Tensor> = {
  readonly blocks: readonly NormStats<T>[];
  readonly head: NormStats<T>;
};

export interface SketchRows {
  /** One row per image [n, G H]. */
  readonly rows: Tensor;
  /** The statistics each norm used: the batch's own, unless given. */
  readonly stats: SketchStats;
  /** How many values per channel each block's norm saw. */
  readonly counts: readonly number[];
}

/** T(x): x [n, 3, side, side] -> rows [n, G H]. Norms use `given` statistics, else those of x. */
export function sketchRows(
  { sketchOrder, sketchNorm }: Pick<PudNetConfig, "sketchOrder" | "sketchNorm">,
  net: SketchNet,
  x: Tensor,
  given?: SketchStats,
): SketchRows {
  return within("sketch", () => {
    const stats = sketchNorm === "batch" ? given : noStats(net);
    const normalise = sketchNorm === "layer" ? imageNorm : batchNorm;
    const used: NormStats[] = [];
    const counts: number[] = [];
    let h = x;
    net.blocks.forEach(({ conv, norm }, i) => {
      const isNormFirst = sketchOrder === "conv-norm-act";
      const y = conv2d(h, conv.weight, conv.bias, WINDOW);
      const seen = isNormFirst ? y : leakyRelu(y, LEAK);
      counts.push(valuesPerChannel(seen));
      used.push(stats ? stats.blocks[i]! : batchStats(seen));
      const normed = normalise(norm, used[i]!, seen);
      h = isNormFirst ? leakyRelu(normed, LEAK) : normed;
    });
    const flat = linear(net.head.linear, flatten(h));
    const image = reshape(flat, [flat.shape[0]!, flat.shape[1]!, 1, 1]);
    const head = stats ? stats.head : batchStats(image);
    return { rows: gelu(flatten(normalise(net.head.norm, head, image))), stats: { blocks: used, head }, counts };
  });
}

/** Each image is normalised by itself: no statistics, the same in meta-training and inference. */
function imageNorm(norm: BatchNorm, _: NormStats, x: Tensor): Tensor {
  return imageLayerNorm(norm, x);
}

/** Mean 0 and variance 1: batch norm then scales and shifts, and nothing else. */
function noStats(net: SketchNet): SketchStats {
  const of = ({ weight }: BatchNorm): NormStats => ({ mean: fill(0, weight.shape), variance: fill(1, weight.shape) });
  return { blocks: net.blocks.map(({ norm }) => of(norm)), head: of(net.head.norm) };
}

/** Running statistics after one more batch. */
export function updateSketchStats(running: SketchStats, { rows, stats, counts }: SketchRows): SketchStats {
  return {
    blocks: running.blocks.map((old, i) => updateRunning(old, stats.blocks[i]!, counts[i]!)),
    head: updateRunning(running.head, stats.head, rows.shape[0]!),
  };
}

/** Length of the flattened last block for images of the given side. */
function sketchFeatures(side: number): number {
  const map = CHANNELS.reduce((size) => Math.ceil(size / 2), side);
  return CHANNELS.at(-1)! * map * map;
}

export function initSketchNet(key: Key, { hiddenSize, gruLayers }: PudNetConfig, side: number): SketchNet<HostTensor> {
  const blocks = CHANNELS.map((cOut, i) => {
    const cIn = i === 0 ? 3 : CHANNELS[i - 1]!;
    const fanIn = cIn * WINDOW.kernel ** 2;
    const blockKey = fold(fold(key, "block"), i);
    const weight = fanInUniform(fold(blockKey, "weight"), [cOut, cIn, WINDOW.kernel, WINDOW.kernel], fanIn);
    return { conv: { weight, bias: fanInUniform(fold(blockKey, "bias"), [cOut], fanIn) }, norm: initBatchNorm(cOut) };
  });
  const size = hiddenSize * gruLayers;
  return {
    blocks,
    head: { linear: initLinear(fold(key, "head"), sketchFeatures(side), size), norm: initBatchNorm(size) },
  };
}

export function initSketchStats({ hiddenSize, gruLayers }: PudNetConfig): SketchStats<HostTensor> {
  return { blocks: CHANNELS.map(initStats), head: initStats(hiddenSize * gruLayers) };
}
