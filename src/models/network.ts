// A target network as a function of its weights: forward(arch, weights, x). Where the weights come from (predicted,
// trained, loaded) is nobody's business here.

import { invariant, within } from "../errors.ts";
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
import { heNormal } from "../nn/init.ts";
import { add, conv2d, flatten, maxPool2d, relu, spatialMean } from "../tensor/ops.ts";
import { fold, type Key } from "../tensor/random.ts";
import type { Tensor } from "../tensor/tensor.ts";
import type { HostTensor, Shape, Shaped } from "../tensor/tree.ts";
import {
  type Arch,
  ARCHITECTURES,
  type BlockSpec,
  blockSpecs,
  layerSpecs,
  type LayerSpec,
  stemSpec,
} from "./architectures.ts";

/** Kernels by layer name, [cOut, cIn, k, k] each: what PudNet predicts. */
export type Kernels<T extends Shaped = Tensor> = { readonly [layer: string]: T };
/** Affine parameters by norm name. */
export type Norms<T extends Shaped = Tensor> = { readonly [norm: string]: BatchNorm<T> };
/** Statistics by norm name. */
export type Stats<T extends Shaped = Tensor> = { readonly [norm: string]: NormStats<T> };

/** Everything that makes a target network but its batch-norm statistics. */
export type Weights<T extends Shaped = Tensor> = { readonly kernels: Kernels<T>; readonly norms: Norms<T> };

export interface Features {
  /** [n, d], d = featureSize(arch) */
  readonly features: Tensor;
  /** The statistics each norm used: the batch's own, unless given. */
  readonly stats: Stats;
  /** How many values per channel each norm saw. */
  readonly counts: { readonly [norm: string]: number };
}

/** x [n, 3, side, side] -> features [n, d]. Norms use `stats` where given, else the statistics of x. */
export function forward(arch: Arch, weights: Weights, x: Tensor, stats?: Stats): Features {
  const used: Record<string, NormStats> = {};
  const counts: Record<string, number> = {};
  const convNorm = (spec: LayerSpec, input: Tensor): Tensor =>
    within(spec.name, () => {
      const y = conv2d(input, kernelOf(weights, spec), undefined, spec);
      const normStats = stats ? stats[spec.norm]! : batchStats(y);
      used[spec.norm] = normStats;
      counts[spec.norm] = valuesPerChannel(y);
      return batchNorm(weights.norms[spec.norm]!, normStats, y);
    });
  return { features: forwardWith(arch, convNorm, x), stats: used, counts };
}

/** One convolution and the norm after it. */
export type ConvNorm = (spec: LayerSpec, x: Tensor) => Tensor;

/** The network without its weights: x [n, 3, side, side] -> features [n, d], given what each convolution and norm does. */
export function forwardWith(arch: Arch, convNorm: ConvNorm, x: Tensor): Tensor {
  return within(arch.name, () =>
    ARCHITECTURES[arch.name].family === "resnet" ? resnet(arch, convNorm, x) : convnet(arch, convNorm, x),
  );
}

function kernelOf({ kernels }: Weights, { name, cOut, cIn, kernel }: LayerSpec): Tensor {
  const weight = kernels[name];
  invariant(weight !== undefined, () => `no kernel for ${name}`);
  invariant(weight.shape.join() === [cOut, cIn, kernel, kernel].join(), () => `${name} has shape [${weight.shape}]`);
  return weight;
}

/** conv, norm, relu, 2x2 max pooling, `depth` times. Pooling goes first: it commutes with relu and leaves it a quarter. */
function convnet(arch: Arch, convNorm: ConvNorm, x: Tensor): Tensor {
  return flatten(layerSpecs(arch).reduce((h, spec) => relu(maxPool2d(convNorm(spec, h), 2)), x));
}

function resnet(arch: Arch, convNorm: ConvNorm, x: Tensor): Tensor {
  const stem = convNorm(stemSpec(arch), x);
  let h = relu(arch.stem === "7x7+pool" ? maxPool2d(stem, 3, { stride: 2, padding: 1 }) : stem);
  for (const block of blockSpecs(arch)) h = basicBlock(block, convNorm, h);
  return spatialMean(h);
}

function basicBlock({ conv1, conv2, downsample }: BlockSpec, convNorm: ConvNorm, x: Tensor): Tensor {
  const shortcut = downsample ? convNorm(downsample, x) : x;
  return relu(add(convNorm(conv2, relu(convNorm(conv1, x))), shortcut));
}

/** Running statistics after one more batch. */
export function updateRunningStats(running: Stats, { stats, counts }: Pick<Features, "stats" | "counts">): Stats {
  const updated = Object.entries(running).map(
    ([norm, old]) => [norm, updateRunning(old, stats[norm]!, counts[norm]!)] as const,
  );
  return Object.fromEntries(updated);
}

/** Randomly initialised weights (He et al. 2015) and fresh statistics. */
export function initWeights(key: Key, arch: Arch): { weights: Weights<HostTensor>; stats: Stats<HostTensor> } {
  const specs = layerSpecs(arch);
  const kernels = specs.map(
    ({ name, cOut, cIn, kernel }) => [name, heNormal(fold(key, name), [cOut, cIn, kernel, kernel])] as const,
  );
  return { weights: { kernels: Object.fromEntries(kernels), norms: initNorms(arch) }, stats: freshStats(arch) };
}

export function initNorms(arch: Arch): Norms<HostTensor> {
  return Object.fromEntries(layerSpecs(arch).map(({ norm, cOut }) => [norm, initBatchNorm(cOut)]));
}

export function freshStats(arch: Arch): Stats<HostTensor> {
  return Object.fromEntries(layerSpecs(arch).map(({ norm, cOut }) => [norm, initStats(cOut)]));
}

/** A state dict as torchvision names it: "layer1.0.conv1.weight", "layer1.0.bn1.running_mean", ... */
export function stateDict({ kernels, norms }: Weights<HostTensor>, stats: Stats<HostTensor>): Map<string, HostTensor> {
  const named: [string, HostTensor][] = Object.entries(kernels).map(([layer, kernel]) => [`${layer}.weight`, kernel]);
  for (const [norm, { weight, bias }] of Object.entries(norms)) {
    named.push([`${norm}.weight`, weight], [`${norm}.bias`, bias]);
    named.push([`${norm}.running_mean`, stats[norm]!.mean], [`${norm}.running_var`, stats[norm]!.variance]);
  }
  return new Map(named);
}

/** The inverse of stateDict, where `read` gives the tensor of a name and checks its shape. */
export function fromStateDict(
  arch: Arch,
  read: (name: string, shape: Shape) => HostTensor,
): { weights: Weights<HostTensor>; stats: Stats<HostTensor> } {
  const specs = layerSpecs(arch);
  const kernels = specs.map(
    ({ name, cOut, cIn, kernel }) => [name, read(`${name}.weight`, [cOut, cIn, kernel, kernel])] as const,
  );
  const norms = specs.map(
    ({ norm, cOut }) => [norm, { weight: read(`${norm}.weight`, [cOut]), bias: read(`${norm}.bias`, [cOut]) }] as const,
  );
  const stats = specs.map(({ norm, cOut }) => {
    const [mean, variance] = [read(`${norm}.running_mean`, [cOut]), read(`${norm}.running_var`, [cOut])];
    return [norm, { mean, variance }] as const;
  });
  return {
    weights: { kernels: Object.fromEntries(kernels), norms: Object.fromEntries(norms) },
    stats: Object.fromEntries(stats),
  };
}
