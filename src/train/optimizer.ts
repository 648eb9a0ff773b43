// Optimizers as data: what a config or a recipe says, and the transformation it means.

import { adam } from "../optim/adam.ts";
import { centralizeGradients, clipByGlobalNorm } from "../optim/clip.ts";
import { mergeSmall } from "../optim/merge-small.ts";
import { linearDecay, type Schedule, stepDecay, warmUp } from "../optim/schedules.ts";
import { sgd } from "../optim/sgd.ts";
import { chain, type Transform } from "../optim/transform.ts";

export interface OptimizerRecipe {
  readonly algorithm: "adam" | "sgd";
  readonly learningRate: number;
  /** constant (default), linear: to zero at the last step, tenth-at-90%: a tenth after nine tenths of the steps. */
  readonly decay?: "constant" | "linear" | "tenth-at-90%";
  /** Steps of linear warm-up. */
  readonly warmUp?: number;
  /** SGD's momentum. */
  readonly momentum?: number;
  /** L2 penalty, SGD only. */
  readonly weightDecay?: number;
  /** Limit of the gradient's global norm. */
  readonly clip?: number;
  /** Gradient centralisation before the moments (Yong et al. 2020). */
  readonly centralize?: boolean;
}

/** What trains from scratch in the paper (the rate is ours: PyTorch's usual one). */
export const ADAM: OptimizerRecipe = { algorithm: "adam", learningRate: 1e-3 };
/** The paper's GC: centralised gradients, those of the head too, before Adam's moments. */
export const ADAM_GC: OptimizerRecipe = { ...ADAM, centralize: true };

/**
 * What to do where a rate made the loss no number: a tenth of it, or the usual one if that is less.
 * @example smallerRate(1e30) // "use a smaller learning rate, such as 0.001"
 */
export function smallerRate(rate: number): string {
  return `use a smaller learning rate, such as ${Number(Math.min(rate / 10, ADAM.learningRate).toPrecision(1))}`;
}

/** The transformation of a recipe for a training of so many steps. */
export function optimizerOf(recipe: OptimizerRecipe, steps: number): Transform {
  const { algorithm, clip, centralize = false, momentum = 0, weightDecay = 0 } = recipe;
  const learningRate = scheduleOf(recipe, steps);
  const descent = algorithm === "adam" ? adam({ learningRate }) : sgd({ learningRate, momentum, weightDecay });
  const merged = mergeSmall(clip === undefined ? descent : chain(clipByGlobalNorm(clip), descent));
  return centralize ? chain(centralizeGradients(), merged) : merged;
}

function scheduleOf({ learningRate, decay = "constant", warmUp: warm = 0 }: OptimizerRecipe, steps: number): Schedule {
  if (decay === "linear") return linearDecay(learningRate, warm, steps);
  if (decay === "tenth-at-90%") return stepDecay(learningRate, [Math.round(0.9 * steps)], 0.1);
  return warmUp(learningRate, warm);
}
