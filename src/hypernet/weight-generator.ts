// The weight generators, eq. 6: W^l = g_l(â^l), one per target layer: a linear layer and two 1x1 convolutions. The last
// one is linear, so W is a bank of kernels, the same for all datasets, mixed by the few numbers v that depend on the data:
//   u = GELU(Linear(â)) [m, k k],  v = GELU(mix u) [2m, k k],  W[o, i] = sum over r of bank[o, i, r] v[r] + bank[o, i, 2m]

import { within } from "../errors.ts";
import type { LayerSpec } from "../models/architectures.ts";
import { gelu } from "../nn/activations.ts";
import { fanInUniform, filled } from "../nn/init.ts";
import { initLayerNorm, layerNorm, type LayerNorm } from "../nn/layer-norm.ts";
import { initLinear, linear, type Linear } from "../nn/linear.ts";
import { add, concat, fill, matmul, mixKernels, reshape } from "../tensor/ops.ts";
import { fold, type Key } from "../tensor/random.ts";
import type { Tensor } from "../tensor/tensor.ts";
import type { HostTensor, Shaped } from "../tensor/tree.ts";
import type { PudNetConfig } from "./config.ts";

export type WeightGenerator<T extends Shaped = Tensor> = {
  /** Layer norm of â^l, separate for each target layer. */
  readonly norm: LayerNorm<T>;
  readonly linear: Linear<T>;
  /** The first 1x1 convolution: weight [2m, m], bias [2m]. */
  readonly mix: Linear<T>;
  /** The second 1x1 convolution: [cOut, cIn, 2m + 1], its bias in the last column. */
  readonly bank: T;
};

/** The numbers through which the dataset enters a layer: mixed [1, H] -> v [2m, k k]. */
function kernelCode({ norm, linear: first, mix }: WeightGenerator, mixed: Tensor, kernel: number): Tensor {
  const [width2, width] = mix.weight.shape as [number, number];
  const u = reshape(gelu(linear(first, layerNorm(norm, mixed))), [width, kernel * kernel]);
  return gelu(add(matmul(mix.weight, u), reshape(mix.bias, [width2, 1])));
}

/** Mixed representation [1, H] -> kernel [cOut, cIn, k, k] of the target layer. */
export function generateKernel(
  generator: WeightGenerator,
  mixed: Tensor,
  { name, cOut, cIn, kernel }: LayerSpec,
): Tensor {
  return within(`weightGenerator(${name})`, () => {
    const code = concat([kernelCode(generator, mixed, kernel), fill(1, [1, kernel * kernel])], 0);
    return reshape(mixKernels(generator.bank, code), [cOut, cIn, kernel, kernel]);
  });
}

export function initWeightGenerator(
  key: Key,
  { hiddenSize, generatorWidth: m, predict }: PudNetConfig,
  spec: LayerSpec,
): WeightGenerator<HostTensor> {
  const bank = [spec.cOut, spec.cIn, 2 * m + 1] as const;
  return {
    norm: initLayerNorm(hiddenSize),
    linear: initLinear(fold(key, "linear"), hiddenSize, m * spec.kernel ** 2),
    mix: initLinear(fold(key, "mix"), m, 2 * m),
    // a change starts from nothing; the code that it is mixed by does not, so that it learns
    bank: predict === "change" ? filled(bank, 0) : fanInUniform(fold(key, "bank"), bank, 2 * m),
  };
}
