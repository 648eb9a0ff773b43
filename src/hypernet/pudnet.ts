// PudNet: dataset sketch -> AHRU -> weight generators -> all kernels of the target network, in one forward pass.

import { invariant } from "../errors.ts";
import { type Arch, featureSize, type LayerSpec, layerSpecs } from "../models/architectures.ts";
import { freshStats, initNorms, type Kernels, type Norms, type Stats, type Weights } from "../models/network.ts";
import { gaussian, heNormal, filled } from "../nn/init.ts";
import { initLinear, type Linear } from "../nn/linear.ts";
import { add, mean, mul, reshape } from "../tensor/ops.ts";
import { fold, type Key } from "../tensor/random.ts";
import type { Tensor } from "../tensor/tensor.ts";
import type { HostTensor, Shaped } from "../tensor/tree.ts";
import { ahru, type Ahru, initAhru } from "./ahru.ts";
import { changedNorm, initNormChange, type NormChange } from "./change.ts";
import type { PudNetConfig } from "./config.ts";
import { initDomainSketches } from "./domain-sketch.ts";
import { initSketchNet, initSketchStats, type SketchNet, type SketchStats } from "./sketch.ts";
import { generateKernel, initWeightGenerator, type WeightGenerator } from "./weight-generator.ts";

/** All that meta-training learns. */
export type PudNet<T extends Shaped = Tensor> = {
  /** Nothing of it, nor of `ahru`, where no kernel is predicted; nor where the domain's name says it all. */
  readonly sketch?: SketchNet<T>;
  /** Static-PudNet's learned sketch [G, H]; empty otherwise. */
  readonly constantSketch: { readonly rows?: T };
  /** Learned sketches of the domains of training [domains, G H] (`sketch: domain`). */
  readonly domainSketches?: T;
  readonly ahru?: Ahru<T>;
  /** By target layer. */
  readonly generators: { readonly [layer: string]: WeightGenerator<T> };
  /** By norm, where a change is predicted (`predict: change`). */
  readonly normChanges?: { readonly [norm: string]: NormChange<T> };
  /** Kernels that are learned as they are (`predict` other than "all"), or that a change is added to. */
  readonly learned: Kernels<T>;
  /** The target's batch-norm parameters: shared by all datasets, and not predicted but where a change is. */
  readonly norms: Norms<T>;
  /** The full-classification head over all training classes, eq. 9. */
  readonly head: Linear<T>;
  /** Temperature of eq. 7. */
  readonly tau: T;
};

/** Running statistics of the sketch network's and the target's batch norms. */
export type PudNetStats<T extends Shaped = Tensor> = { readonly sketch?: SketchStats<T>; readonly target: Stats<T> };

/** Whether any kernel is predicted. If none is, there is a static network, and no sketch. */
export function predictsKernels({ predict }: Pick<PudNetConfig, "predict">): boolean {
  return predict !== "none";
}

/** Whether each domain of training has a learned sketch. */
export function hasDomainSketches({ predict, sketch }: Pick<PudNetConfig, "predict" | "sketch">): boolean {
  return predictsKernels({ predict }) && sketch === "domain";
}

function isPredicted(config: PudNetConfig, { role }: LayerSpec): boolean {
  const { predict } = config;
  if (!predictsKernels(config)) return false;
  const leavesStem = predict === "no-stem" || predict === "change";
  return !(leavesStem && role === "stem") && !(predict === "no-shortcut" && role === "shortcut");
}

const isLearned = (config: PudNetConfig, spec: LayerSpec): boolean =>
  config.predict === "change" || !isPredicted(config, spec);

/** Rows of T(x) [n, G H] -> the sketch [G, H], eq. 3. */
export function sketchOf(rows: Tensor, { gruLayers, hiddenSize }: PudNetConfig): Tensor {
  return reshape(mean(rows, [0]), [gruLayers, hiddenSize]);
}

/**
 * sketch [G, H] -> all kernels of the target network, eq. 4 to 6, and the norms that go with them. Of a static network they are
 * as learned, without a sketch.
 */
export function predictWeights(config: PudNetConfig, arch: Arch, params: PudNet, sketch?: Tensor): Weights {
  if (!predictsKernels(config)) return { kernels: params.learned, norms: params.norms };
  invariant(sketch && params.ahru, () => "kernels are predicted of nothing");
  const specs = layerSpecs(arch);
  const predicted = specs.filter((spec) => isPredicted(config, spec));
  const sketchMean = mean(sketch, [0], true); // s̄ [1, H]
  const representations = config.context
    ? ahru(params.ahru, sketch, predicted.length)
    : predicted.map(() => sketchMean);
  const kernels: Record<string, Tensor> = { ...params.learned };
  const norms = { ...params.norms };
  predicted.forEach((spec, l) => {
    // eq. 5: â^l = (1 - beta) a^l + beta s̄
    const mixed = add(mul(representations[l]!, 1 - config.beta), mul(sketchMean, config.beta));
    const generated = generateKernel(params.generators[spec.name]!, mixed, spec);
    const learned = params.learned[spec.name];
    kernels[spec.name] = learned ? add(learned, generated) : generated;
    const change = params.normChanges?.[spec.norm];
    if (change) norms[spec.norm] = changedNorm(change, params.norms[spec.norm]!, mixed);
  });
  return { kernels, norms };
}

/** Fresh parameters and statistics for a target network and numbers of training classes and of domains. */
export function initPudNet(key: Key, config: PudNetConfig, arch: Arch, trainClasses: number, domains = 1) {
  const specs = layerSpecs(arch);
  const predicted = specs.filter((spec) => isPredicted(config, spec));
  const generators = predicted.map(
    (spec) => [spec.name, initWeightGenerator(fold(fold(key, "generator"), spec.name), config, spec)] as const,
  );
  const normChanges = predicted.map(({ norm, cOut }) => [norm, initNormChange(config, cOut)] as const);
  const learned = specs
    .filter((spec) => isLearned(config, spec))
    .map(
      ({ name, cOut, cIn, kernel }) =>
        [name, heNormal(fold(fold(key, "learned"), name), [cOut, cIn, kernel, kernel])] as const,
    );
  const isPredicting = predictsKernels(config);
  const isNamed = hasDomainSketches(config);
  const hasSketchNet = isPredicting && !isNamed;
  const params: PudNet<HostTensor> = {
    ...(hasSketchNet ? { sketch: initSketchNet(fold(key, "sketch"), config, arch.side) } : {}),
    constantSketch:
      isPredicting && config.sketch === "constant"
        ? { rows: gaussian(fold(key, "constant"), [config.gruLayers, config.hiddenSize], 0.1) }
        : {},
    ...(isNamed ? { domainSketches: initDomainSketches(fold(key, "domains"), config, domains) } : {}),
    ...(isPredicting ? { ahru: initAhru(fold(key, "ahru"), config) } : {}),
    generators: Object.fromEntries(generators),
    ...(config.predict === "change" ? { normChanges: Object.fromEntries(normChanges) } : {}),
    learned: Object.fromEntries(learned),
    norms: initNorms(specs),
    head: initLinear(fold(key, "head"), featureSize(arch), trainClasses),
    tau: filled([], config.temperature),
  };
  const stats: PudNetStats<HostTensor> = {
    ...(hasSketchNet ? { sketch: initSketchStats(config) } : {}),
    target: freshStats(specs),
  };
  return { params, stats };
}
