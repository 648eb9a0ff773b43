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
import {
  add,
  concat,
  conv2d,
  flatten,
  maxPool2d,
  mul,
  reaches,
  relu,
  reshape,
  slice,
  spatialMean,
  sub,
  sumPool2d,
} from "../tensor/ops.ts";
import { fold, type Key, key } from "../tensor/random.ts";
import type { Tensor } from "../tensor/tensor.ts";
import type { HostTensor, Shape, Shaped } from "../tensor/tree.ts";
import {
  type Arch,
  ARCHITECTURES,
  type BlockSpec,
  blockSpecs,
  layerSpecs,
  type LayerSpec,
  STEM_POOLING,
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

/** What follows the last feature maps [n, c, h, w]: an embedding [n, d], which may have convolutions and norms of its own. */
export type Embedding = (maps: Tensor, convNorm: ConvNorm) => Tensor;

/**
 * x [n, 3, side, side] -> features [n, d]. Norms use `stats` where given, else the statistics of x. Without an
 * `embedding` the maps are flattened (plain networks) or averaged (ResNets).
 */
export function forward(arch: Arch, weights: Weights, x: Tensor, stats?: Stats, embedding?: Embedding): Features {
  const used: Record<string, NormStats> = {};
  const counts: Record<string, number> = {};
  const convNorm: ConvNorm = (spec, input, pool) =>
    within(spec.name, () => {
      const kernel = kernelOf(weights, spec);
      const norm = weights.norms[spec.norm]!;
      const signs = pool && channelSigns(norm);
      const y = conv2d(input, signs ? mul(kernel, reshape(signs, [spec.cOut, 1, 1, 1])) : kernel, undefined, spec);
      const own = stats ? stats[spec.norm]! : turned(batchStats(y), signs);
      used[spec.norm] = own;
      counts[spec.norm] = valuesPerChannel(y);
      if (!pool) return batchNorm(norm, own, y);
      return batchNorm({ ...norm, weight: mul(norm.weight, signs!) }, turned(own, signs), pool(y));
    });
  if (!embedding) return { features: forwardWith(arch, convNorm, x), stats: used, counts };
  return { features: embedding(stagesWith(arch, convNorm, x).at(-1)!, convNorm), stats: used, counts };
}

/**
 * One convolution, the norm after it and, where given, the max pooling after that. A norm with positive scale commutes
 * with max pooling and is much cheaper after it. Turning the signs of the channels whose scale is negative, in kernel,
 * mean and scale alike, changes nothing and makes all scales positive.
 */
export type ConvNorm = (spec: LayerSpec, x: Tensor, pool?: (y: Tensor) => Tensor) => Tensor;

/** [c], -1 where the norm's scale is negative, else 1; no gradient. */
const channelSigns = ({ weight }: BatchNorm): Tensor => sub(mul(reaches(weight, 0), 2), 1);

/** Statistics of x as those of signs x, or back. */
const turned = ({ mean, variance }: NormStats, signs?: Tensor): NormStats => ({
  mean: signs ? mul(mean, signs) : mean,
  variance,
});

/** The network without its weights: x [n, 3, side, side] -> features [n, d], given what each convolution and norm does. */
export function forwardWith(arch: Arch, convNorm: ConvNorm, x: Tensor): Tensor {
  return readOut(arch, stagesWith(arch, convNorm, x));
}

/** Maps [n, c, h, w] after each stage (the last two are enough) -> features [n, d]. */
export function readOut(arch: Arch, stages: readonly Tensor[]): Tensor {
  const last = stages.at(-1)!;
  if (ARCHITECTURES[arch.name].family === "convnet") return flatten(last);
  const means = spatialMean(last);
  return arch.readout === "stages" ? concat([means, quarterMeans(stages.at(-2)!)], 1) : means;
}

/** Maps [n, c, h, w] after each stage of a ResNet; of a plain network the last ones [n, mapChannels(arch), h, w] alone. */
function stagesWith(arch: Arch, convNorm: ConvNorm, x: Tensor): Tensor[] {
  return within(arch.name, () =>
    ARCHITECTURES[arch.name].family === "resnet" ? resnet(arch, convNorm, x) : [convnet(arch, convNorm, x)],
  );
}

/** Half the mean of each channel in each quarter of the picture, so that all four weigh as much as a mean: x [n, c, h, w] -> [n, 4 c]. */
function quarterMeans(x: Tensor): Tensor {
  const [n, c, h, w] = x.shape as [number, number, number, number];
  const half = Math.floor(Math.min(h, w) / 2);
  const quarters = slice(slice(sumPool2d(x, half), 2, 0, 2), 3, 0, 2);
  return reshape(mul(quarters, 1 / (2 * half * half)), [n, 4 * c]);
}

function kernelOf({ kernels }: Weights, { name, cOut, cIn, kernel }: LayerSpec): Tensor {
  const weight = kernels[name];
  invariant(weight !== undefined, () => `no kernel for ${name}`);
  invariant(
    weight.shape.join() === [cOut, cIn, kernel, kernel].join(),
    () => `${name} has shape [${weight.shape.join(", ")}]`,
  );
  return weight;
}

/** conv, norm, 2x2 max pooling, relu, `depth` times: pooling commutes with relu and leaves it a quarter. */
function convnet(arch: Arch, convNorm: ConvNorm, x: Tensor): Tensor {
  return layerSpecs(arch).reduce((h, spec) => relu(convNorm(spec, h, (y) => maxPool2d(y, 2))), x);
}

function resnet(arch: Arch, convNorm: ConvNorm, x: Tensor): Tensor[] {
  const window = STEM_POOLING[arch.stem];
  let maps = relu(convNorm(stemSpec(arch), x, window && ((y) => maxPool2d(y, window.kernel, window))));
  const after = blockSpecs(arch).map((block) => ({ block, maps: (maps = basicBlock(block, convNorm, maps)) }));
  return after.filter(({ block }, i) => after[i + 1]?.block.stage !== block.stage).map((last) => last.maps);
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

/** Randomly initialised weights (He et al. 2015) and fresh statistics; `more` are the layers of an embedding. */
export function initWeights(
  source: Key,
  arch: Arch,
  more: readonly LayerSpec[] = [],
): { weights: Weights<HostTensor>; stats: Stats<HostTensor> } {
  const specs = [...layerSpecs(arch), ...more];
  const kernels = specs.map(
    ({ name, cOut, cIn, kernel }) => [name, heNormal(fold(source, name), [cOut, cIn, kernel, kernel])] as const,
  );
  return { weights: { kernels: Object.fromEntries(kernels), norms: initNorms(specs) }, stats: freshStats(specs) };
}

/** What programs for a network are compiled for: shapes of its weights and statistics. Of random weights nothing is drawn until it is looked at. */
export function networkShapes(
  arch: Arch,
  more: readonly LayerSpec[] = [],
): { weights: Weights<Shaped>; stats: Stats<Shaped> } {
  return initWeights(key(0), arch, more);
}

export function initNorms(specs: readonly LayerSpec[]): Norms<HostTensor> {
  return Object.fromEntries(specs.map(({ norm, cOut }) => [norm, initBatchNorm(cOut)]));
}

export function freshStats(specs: readonly LayerSpec[]): Stats<HostTensor> {
  return Object.fromEntries(specs.map(({ norm, cOut }) => [norm, initStats(cOut)]));
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
