// One training step of a base network: that of any supervised training, with a running mean of the weights behind it.

import { add, mul } from "../tensor/ops.ts";
import type { Key } from "../tensor/random.ts";
import type { Tensor } from "../tensor/tensor.ts";
import type { StepResult } from "../tensor/trainer.ts";
import { asTree, type HostTensor, type Shaped, zipTrees } from "../tensor/tree.ts";
import type { BaseNetwork } from "./base-network.ts";
import {
  initSupervisedState,
  type SupervisedBatch,
  type SupervisedProblem,
  type SupervisedState,
  supervisedStep,
} from "./supervised-step.ts";

export type BaseState<T extends Shaped = Tensor> = {
  readonly trained: SupervisedState<T>;
  /** The running mean: less noisy than the weights of any one step. */
  readonly averaged: BaseNetwork<T>;
};

/** The state before the first step: a network that is given, or one of random weights. */
export function initBaseState(
  source: Key,
  problem: SupervisedProblem,
  start?: BaseNetwork<HostTensor>,
): BaseState<HostTensor> {
  const random = initSupervisedState(source, problem);
  const { weights, stats, head } = start ?? { ...random.params, stats: random.stats };
  return {
    trained: { ...random, params: { ...random.params, weights, head }, stats },
    averaged: { weights, stats, head },
  };
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
