// One meta-training step (Algorithm 1) as a pure function: (parameters, optimizer state, statistics), group -> the next
// ones and the losses. This is what the Trainer compiles into one graph.

import type { GroupShape } from "../data/groups.ts";
import type { PudNetConfig } from "../hypernet/config.ts";
import { metaLoss } from "../hypernet/meta-loss.ts";
import { initPudNet, type PudNet, type PudNetStats } from "../hypernet/pudnet.ts";
import { updateSketchStats } from "../hypernet/sketch.ts";
import type { Arch } from "../models/architectures.ts";
import { updateRunningStats } from "../models/network.ts";
import { adam } from "../optim/adam.ts";
import { clipByGlobalNorm, globalNorm } from "../optim/clip.ts";
import { mergeLeaves, mergeSmall } from "../optim/merge-small.ts";
import { linearDecay, warmUp } from "../optim/schedules.ts";
import { applyUpdates, chain, type Transform } from "../optim/transform.ts";
import { gradientTree } from "../tensor/gradients.ts";
import { fold, type Key } from "../tensor/random.ts";
import type { Tensor } from "../tensor/tensor.ts";
import type { StepResult } from "../tensor/trainer.ts";
import type { HostTensor, Shaped, Tree } from "../tensor/tree.ts";
import { normalize, type Normalization } from "../predict/normalize.ts";

export type MetaState<T extends Shaped = Tensor> = {
  readonly params: PudNet<T>;
  readonly stats: PudNetStats<T>;
  readonly optimizer: Tree<T>;
};

export type MetaBatch<T extends Shaped = Tensor> = {
  /** uint8 [ways (shots + queries + extra), 3, side, side] */
  readonly images: T;
  /** One-hot [ways, trainClasses] */
  readonly classes: T;
  /** One-hot [1, domains], where domains have learned sketches. */
  readonly domain?: T;
};

export interface MetaProblem {
  readonly pudnet: PudNetConfig;
  readonly arch: Arch;
  readonly group: GroupShape;
  readonly trainClasses: number;
  /** How many have a learned sketch, where they have (`sketch: domain`). */
  readonly domains?: number | undefined;
  readonly normalization: Normalization;
  readonly optimizer: MetaOptimizer;
}

export interface MetaOptimizer {
  readonly learningRate: number;
  /** Steps of linear warm-up. */
  readonly warmUp: number;
  /** Steps until the learning rate has fallen to zero, linearly; without it the rate stays. */
  readonly decayTo?: number | undefined;
  /** Limit of the gradient's global norm. */
  readonly clip: number;
}

function metaOptimizer({ learningRate, warmUp: steps, decayTo, clip }: MetaOptimizer): Transform {
  const rate = decayTo === undefined ? warmUp(learningRate, steps) : linearDecay(learningRate, steps, decayTo);
  return mergeSmall(chain(clipByGlobalNorm(clip), adam({ learningRate: rate })));
}

/** The state before the first step. */
export function initMetaState(key: Key, problem: MetaProblem): MetaState<HostTensor> {
  const { pudnet, arch, trainClasses, domains, optimizer } = problem;
  const { params, stats } = initPudNet(fold(key, "pudnet"), pudnet, arch, trainClasses, domains);
  return { params, stats, optimizer: metaOptimizer(optimizer).init(params) };
}

/** Shapes and types of a step's batch. */
export function metaBatchSpec({ arch, group, trainClasses, domains }: MetaProblem) {
  const images = group.ways * (group.shots + group.queries + group.extra);
  return {
    images: { shape: [images, 3, arch.side, arch.side], dtype: "uint8" },
    classes: { shape: [group.ways, trainClasses], dtype: "float32" },
    ...(domains === undefined ? {} : { domain: { shape: [1, domains], dtype: "float32" } as const }),
  } as const;
}

/** What is told of a group, in this order; a step adds `gradientNorm`. */
export const GROUP_METRICS = ["loss", "metric", "full", "kl", "accuracy"] as const;

/** What one group says: the gradient of its loss, the statistics after it, its losses. */
export type GroupGradient<T extends Shaped = Tensor> = {
  readonly gradient: PudNet<T>;
  readonly stats: PudNetStats<T>;
  readonly metrics: Readonly<Record<(typeof GROUP_METRICS)[number], T>>;
};

/** Forward, losses, backward and running statistics of one group. */
export function groupGradient(
  problem: MetaProblem,
): (state: Pick<MetaState, "params" | "stats">, batch: MetaBatch) => GroupGradient {
  const { pudnet, arch, group, normalization } = problem;
  return ({ params, stats }, batch) => {
    const images = normalize(batch.images, normalization);
    const loss = metaLoss(pudnet, arch, params, { ...batch, images }, group);
    const { total, metric, full, kl, accuracy } = loss;
    return {
      gradient: gradientTree(loss.total, params),
      stats: {
        ...(loss.sketch ? { sketch: updateSketchStats(stats.sketch!, loss.sketch) } : {}),
        target: updateRunningStats(stats.target, loss.target),
      },
      metrics: { loss: total, metric, full, kl, accuracy },
    };
  };
}

/** Clipping and Adam: the next state from a gradient and the statistics after it. */
export function metaUpdate(
  problem: MetaProblem,
): (state: MetaState, seen: Pick<GroupGradient, "gradient" | "stats">) => StepResult<MetaState> {
  return ({ params, optimizer: before }, { gradient, stats }) => {
    const { updates, state } = metaOptimizer(problem.optimizer).update(gradient, before, params);
    return {
      state: { params: applyUpdates(params, updates), stats, optimizer: state },
      metrics: { gradientNorm: globalNorm(mergeLeaves(gradient)) },
    };
  };
}

/** Algorithm 1 on one group: its gradient, and the update by it. */
export function metaStep(problem: MetaProblem): (state: MetaState, batch: MetaBatch) => StepResult<MetaState> {
  const [gradientOf, update] = [groupGradient(problem), metaUpdate(problem)];
  return (state, batch) => {
    const { metrics, ...seen } = gradientOf(state, batch);
    const next = update(state, seen);
    return { state: next.state, metrics: { ...metrics, ...next.metrics } };
  };
}
