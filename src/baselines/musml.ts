// MUSML (Jiang, Kwok, Zhang, "Subspace Learning for Effective Meta-Learning", ICML 2022): the weights of a task's network lie
// in one of K learned subspaces, w = S_k v. Gradient steps on the few numbers v fit each subspace to the support; the one
// with the smallest support loss is taken. All convolutions and norms of the target network lie in the subspaces; there is no
// linear head, as with the other baselines: images are classified by cosine to the class means of the support.
//
// Not known to us, as only the paper's abstract and introduction could be read: its K, m, T_in, rates and annealing. Those
// below are ours. So is where norms take their statistics: from the support, also for the queries.

import { classMeans, classRows } from "../nn/class-rows.ts";
import { centroids, cosineLogits } from "../nn/cosine.ts";
import type { Arch } from "../models/architectures.ts";
import { forward, initWeights, type Stats, type Weights } from "../models/network.ts";
import { filled } from "../nn/init.ts";
import { accuracy, crossEntropy } from "../nn/losses.ts";
import { gradients } from "../tensor/gradients.ts";
import {
  concat,
  constant,
  div,
  exp,
  flatten,
  isMax,
  logSoftmax,
  matmul,
  mul,
  neg,
  type Operand,
  reshape,
  slice,
  stopGradient,
  sub,
  sum,
} from "../tensor/ops.ts";
import { fold, type Key } from "../tensor/random.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { type HostTensor, hostTensor, leaves, mapTree, type Shaped } from "../tensor/tree.ts";
import type { EpisodeShape } from "./method.ts";

export interface MusmlOptions {
  /** K */
  readonly subspaces: number;
  /** m, numbers that are fitted to a task in each subspace. */
  readonly dimension: number;
  /** T_in */
  readonly innerSteps: number;
  readonly innerRate: number;
  /** Whether training differentiates through the inner gradients (the default), or takes them as constants: four times as fast. */
  readonly secondOrder?: boolean;
}

/** The rate: of those tried on CIFAR-100, one that lowers support and query losses of random subspaces. */
export const MUSML_OPTIONS: MusmlOptions = { subspaces: 2, dimension: 8, innerSteps: 3, innerRate: 0.3 };

export type MusmlParams<T extends Shaped = Tensor> = {
  /** v of all subspaces before the first inner step [m]. */
  readonly start: T;
  /** S_k: m networks each, one after the other along the first axis of each leaf. */
  readonly bases: readonly Weights<T>[];
};

export interface MusmlLoss {
  /** [] */
  readonly loss: Tensor;
  /** Of the queries, in the subspace with the smallest support loss []. */
  readonly accuracy: Tensor;
  /** After the inner steps [K]. */
  readonly supportLosses: Tensor;
}

export interface MusmlNetwork {
  readonly weights: Weights;
  /** What its norms saw in the support: queries are normalised by the same. */
  readonly stats: Stats;
  /** After the inner steps [K]. */
  readonly supportLosses: Tensor;
}

const TAU = constant([10], []);

/**
 * Each basis is made of m networks as He et al. initialise them, and v starts as m equal numbers of length 1 in all: S_k v is
 * then such a network, too.
 */
export function initMusml(key: Key, arch: Arch, { subspaces, dimension }: MusmlOptions): MusmlParams<HostTensor> {
  const share = 1 / Math.sqrt(dimension);
  const bases = Array.from({ length: subspaces }, (_, k) => {
    const of = fold(fold(key, "subspace"), k);
    const networks = Array.from({ length: dimension }, (_unused, j) => initWeights(fold(of, j), arch).weights);
    return stacked(networks, (parts, path) => {
      const factor = path.startsWith("norms.") ? share : 1; // S v adds up m alike norms, but m independent kernels
      const numbers = parts.flatMap(({ data }) => Array.from(data as Float32Array, (value) => value * factor));
      return hostTensor([dimension, ...parts[0]!.shape], numbers);
    });
  });
  return { start: filled([dimension], share), bases };
}

/** The loss of one task. Images: supports, then queries, class after class [ways (shots + queries), 3, side, side]. */
export function musmlLoss(
  arch: Arch,
  params: MusmlParams,
  images: Tensor,
  size: EpisodeShape,
  options: MusmlOptions,
  temperature: Operand,
): MusmlLoss {
  const { ways, shots, queries } = size;
  const support = slice(images, 0, 0, ways * shots);
  const query = slice(images, 0, ways * shots, ways * (shots + queries));
  const labels = classRows(ways, queries);
  const outcomes = params.bases.map((basis) => {
    const weights = fitted(arch, params.start, basis, support, size, options);
    const seen = supportOutcome(arch, weights, support, size);
    const { features } = forward(arch, weights, query, seen.stats);
    const logits = cosineLogits(features, seen.means, TAU);
    return { support: seen.loss, query: crossEntropy(logits, labels), accuracy: accuracy(logits, labels) };
  });
  const supportLosses = row(outcomes.map((outcome) => outcome.support));
  const share = exp(logSoftmax(neg(div(supportLosses, temperature)))); // softmin
  return {
    loss: sum(mul(share, row(outcomes.map((outcome) => outcome.query)))),
    accuracy: sum(mul(smallest(supportLosses), row(outcomes.map((outcome) => outcome.accuracy)))),
    supportLosses: reshape(supportLosses, [outcomes.length]),
  };
}

/** At test time: normalised support images, class after class -> the network fitted in the best subspace. */
export function musmlAdapt(
  arch: Arch,
  params: MusmlParams,
  support: Tensor,
  size: Pick<EpisodeShape, "ways" | "shots">,
  options: MusmlOptions,
): MusmlNetwork {
  const networks = params.bases.map((basis) => fitted(arch, params.start, basis, support, size, options));
  const losses = row(networks.map((weights) => supportOutcome(arch, weights, support, size).loss));
  const all = stacked(networks, (parts) =>
    concat(
      parts.map((part) => reshape(part, [1, ...part.shape])),
      0,
    ),
  );
  const weights = combined(all, smallest(losses));
  const { stats } = supportOutcome(arch, weights, support, size);
  return { weights, stats, supportLosses: reshape(losses, [networks.length]) };
}

/** gamma in the softmin over support losses: from 0.5 down to almost nothing, where the best subspace alone is trained. */
export function musmlTemperature(step: number, steps: number): number {
  return Math.max(1e-3, 0.5 * (1 - step / steps));
}

/** S_k v after the inner steps on v. */
function fitted(
  arch: Arch,
  start: Tensor,
  basis: Weights,
  support: Tensor,
  size: Pick<EpisodeShape, "ways" | "shots">,
  { innerSteps, innerRate, secondOrder = true }: MusmlOptions,
): Weights {
  let v = reshape(start, [1, start.shape[0]!]);
  for (let step = 0; step < innerSteps; step++) {
    const { loss } = supportOutcome(arch, combined(basis, v), support, size);
    const gradient = gradients(loss, [v])[0]!;
    v = sub(v, mul(secondOrder ? gradient : stopGradient(gradient), innerRate));
  }
  return combined(basis, v);
}

function supportOutcome(
  arch: Arch,
  weights: Weights,
  support: Tensor,
  { ways, shots }: Pick<EpisodeShape, "ways" | "shots">,
) {
  const { features, stats } = forward(arch, weights, support);
  const means = centroids(features, classMeans(ways, shots));
  return { loss: crossEntropy(cosineLogits(features, means, TAU), classRows(ways, shots)), means, stats };
}

/** S v: leaves [m, ...], v [1, m] -> leaves [...]. */
function combined(basis: Weights, v: Tensor): Weights {
  return mapTree<Tensor, Tensor>(basis, (leaf) => reshape(matmul(v, flatten(leaf)), leaf.shape.slice(1))) as Weights;
}

/** Networks of one architecture as one, each leaf made of the leaves at the same path. */
function stacked<T extends Shaped>(
  networks: readonly Weights<T>[],
  join: (parts: readonly T[], path: string) => T,
): Weights<T> {
  const byPath = networks.map((network) => new Map(leaves<T>(network)));
  return mapTree<T, T>(networks[0]!, (_, path) =>
    join(
      byPath.map((parts) => parts.get(path)!),
      path,
    ),
  ) as Weights<T>;
}

/** Scalars as [1, count]. */
const row = (scalars: readonly Tensor[]): Tensor =>
  concat(
    scalars.map((scalar) => reshape(scalar, [1, 1])),
    1,
  );

/** 1 at the smallest of x [1, k], else 0; equal ones share. */
function smallest(x: Tensor): Tensor {
  const least = isMax(neg(x));
  return div(least, sum(least));
}
