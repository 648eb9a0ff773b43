// One training step of a base network: that of any supervised training, with a running mean of the weights behind it.

import type { Stats, Weights } from "../models/network.ts";
import type { Linear } from "../nn/linear.ts";
import { add, mul } from "../tensor/ops.ts";
import type { Key } from "../tensor/random.ts";
import type { Tensor } from "../tensor/tensor.ts";
import type { StepResult } from "../tensor/trainer.ts";
import { asTree, type HostTensor, type Shaped, zipTrees } from "../tensor/tree.ts";
import {
  initSupervisedState,
  type SupervisedBatch,
  type SupervisedProblem,
  type SupervisedState,
  supervisedStep,
} from "./supervised-step.ts";

/** What comes of a training: a network and its head. */
export type BaseNetwork<T extends Shaped = Tensor> = {
  readonly weights: Weights<T>;
  readonly stats: Stats<T>;
  readonly head: Linear<T>;
};

export type BaseState<T extends Shaped = Tensor> = {
  readonly trained: SupervisedState<T>;
  /** The running mean: less noisy than the weights of any one step. */
  readonly averaged: BaseNetwork<T>;
};

/** Random weights, before the first step. */
export function initBaseState(source: Key, problem: SupervisedProblem): BaseState<HostTensor> {
  const trained = initSupervisedState(source, problem);
  const { params, stats } = trained;
  return { trained, averaged: { weights: params.weights, stats, head: params.head } };
}

/** A step, and the mean after it: `averaging` of the old one, the rest of what is new. */
export function baseStep(
  problem: SupervisedProblem,
  averaging: number,
): (state: BaseState, batch: SupervisedBatch) => StepResult<BaseState> {
  const step = supervisedStep(problem);
  return ({ trained: before, averaged }, batch) => {
    const { state: trained, metrics } = step(before, batch);
    const { weights, head } = trained.params;
    const latest: BaseNetwork = { weights, stats: trained.stats, head };
    const mean = zipTrees<Tensor, Tensor>(
      (old, now) => add(mul(old, averaging), mul(now, 1 - averaging)),
      asTree<Tensor>(averaged),
      asTree<Tensor>(latest),
    );
    return { state: { trained, averaged: mean as BaseNetwork }, metrics };
  };
}
