// Convolution and the norm after it as one convolution with bias, for networks whose statistics stay as they are.

import { NORM_EPSILON } from "../nn/batch-norm.ts";
import type { HostTensor } from "../tensor/tree.ts";
import type { LayerSpec } from "./architectures.ts";
import type { Stats, Weights } from "./network.ts";

/** norm(conv(x, W)) = conv(x, s W) + (bias - s mean): weight [cOut, cIn, k, k], bias [cOut]. */
export function foldedLayer(
  weights: Weights<HostTensor>,
  stats: Stats<HostTensor>,
  { name, norm, cOut }: LayerSpec,
): { weight: Float32Array; bias: Float32Array } {
  const numbers = ({ data }: HostTensor): Float32Array => data as Float32Array;
  const kernel = numbers(weights.kernels[name]!);
  const { weight, bias } = weights.norms[norm]!;
  const { mean, variance } = stats[norm]!;
  const scale = numbers(weight).map((w, o) => w / Math.sqrt(numbers(variance)[o]! + NORM_EPSILON));
  const perChannel = kernel.length / cOut;
  return {
    weight: kernel.map((w, i) => w * scale[Math.floor(i / perChannel)]!),
    bias: scale.map((s, o) => numbers(bias)[o]! - s * numbers(mean)[o]!),
  };
}
