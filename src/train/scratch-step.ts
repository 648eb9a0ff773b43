// One ordinary training step of a target network with a linear head (the baselines "Adam scratch" and "GC scratch") as a
// pure function: (parameters, optimizer state, statistics), batch -> the next ones and the loss.

import { type Arch, featureSize } from "../models/architectures.ts";
import { forward, initWeights, type Stats, updateRunningStats, type Weights } from "../models/network.ts";
import { initLinear, linear, type Linear } from "../nn/linear.ts";
import { accuracy, crossEntropy } from "../nn/losses.ts";
import { adam } from "../optim/adam.ts";
import { centralizeGradients } from "../optim/clip.ts";
import { mergeSmall } from "../optim/merge-small.ts";
import { applyUpdates, chain, type Transform } from "../optim/transform.ts";
import { gradientTree } from "../tensor/gradients.ts";
import { fold, type Key } from "../tensor/random.ts";
import type { Tensor } from "../tensor/tensor.ts";
import type { StepResult } from "../tensor/trainer.ts";
import type { HostTensor, Shaped, Tree } from "../tensor/tree.ts";
import { normalize, type Normalization } from "./normalize.ts";

export type ScratchState<T extends Shaped = Tensor> = {
  /** All that the optimizer changes. */
  readonly params: { readonly weights: Weights<T>; readonly head: Linear<T> };
  readonly stats: Stats<T>;
  readonly optimizer: Tree<T>;
};

export type ScratchBatch<T extends Shaped = Tensor> = {
  /** uint8 [n, 3, side, side] */
  readonly images: T;
  /** One-hot [n, classes] */
  readonly labels: T;
};

/** `adam-gc`: gradients are centralised before Adam's moments (Yong et al. 2020), those of the head too. */
export type ScratchOptimizer = "adam" | "adam-gc";

export interface ScratchProblem {
  readonly arch: Arch;
  readonly normalization: Normalization;
  readonly classes: number;
  readonly optimizer: ScratchOptimizer;
  readonly learningRate: number;
}

function scratchOptimizer({ optimizer, learningRate }: ScratchProblem): Transform {
  const update = mergeSmall(adam({ learningRate }));
  return optimizer === "adam" ? update : chain(centralizeGradients(), update);
}

/** Random weights and head, before the first step. */
export function initScratchState(source: Key, problem: ScratchProblem): ScratchState<HostTensor> {
  const { weights, stats } = initWeights(fold(source, "network"), problem.arch);
  const head = initLinear(fold(source, "head"), featureSize(problem.arch), problem.classes);
  const params = { weights, head };
  return { params, stats, optimizer: scratchOptimizer(problem).init(params) };
}

/** Shapes and types of a step's batch of n images. */
export function scratchBatchSpec({ arch, classes }: ScratchProblem, n: number) {
  return {
    images: { shape: [n, 3, arch.side, arch.side], dtype: "uint8" },
    labels: { shape: [n, classes], dtype: "float32" },
  } as const;
}

/** Forward, cross entropy, backward, Adam and running statistics of one batch. */
export function scratchStep(
  problem: ScratchProblem,
): (state: ScratchState, batch: ScratchBatch) => StepResult<ScratchState> {
  return ({ params, stats, optimizer }, { images, labels }) => {
    const seen = forward(problem.arch, params.weights, normalize(images, problem.normalization));
    const logits = linear(params.head, seen.features);
    const loss = crossEntropy(logits, labels);
    const tree = params as unknown as Tree<Tensor>;
    const { updates, state } = scratchOptimizer(problem).update(gradientTree(loss, tree), optimizer, tree);
    return {
      state: { params: applyUpdates(params, updates), stats: updateRunningStats(stats, seen), optimizer: state },
      metrics: { loss, accuracy: accuracy(logits, labels) },
    };
  };
}
