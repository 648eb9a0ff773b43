// Pixels to network input: (x / 255 - mean) / deviation per colour, inside the graph.

import { channelAffine, constant, toFloat } from "../tensor/ops.ts";
import type { Tensor } from "../tensor/tensor.ts";

/** Mean and standard deviation of a training set's pixels in [0, 1], per colour. */
export interface Normalization {
  readonly mean: readonly [number, number, number];
  readonly deviation: readonly [number, number, number];
}

/** Pixels uint8 [n, 3, h, w] -> float32 of about zero mean and unit variance. */
export function normalize(pixels: Tensor, { mean, deviation }: Normalization): Tensor {
  const scale = deviation.map((d) => 1 / (255 * d));
  const shift = mean.map((m, c) => -m / deviation[c]!);
  return channelAffine(toFloat(pixels), constant(scale, [3]), constant(shift, [3]));
}
