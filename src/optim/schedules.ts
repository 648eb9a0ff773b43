// Learning rates as functions of the step number (1, 2, ...), inside the graph.

import { constant, div, maximum, minimum, mul, reaches, sub } from "../tensor/ops.ts";
import type { Tensor } from "../tensor/tensor.ts";

/** step [] -> learning rate [] */
export type Schedule = (step: Tensor) => Tensor;

export const constantRate =
  (rate: number): Schedule =>
  () =>
    constant([rate], []);

/** Linear warm-up over `steps` steps to the rate, then constant. */
export const warmUp =
  (rate: number, steps: number): Schedule =>
  (step) =>
    mul(minimum(div(step, Math.max(1, steps)), 1), rate);

/** Linear warm-up, then linear decay to zero at `total` steps. */
export const linearDecay =
  (rate: number, warmUpSteps: number, total: number): Schedule =>
  (step) =>
    minimum(
      warmUp(rate, warmUpSteps)(step),
      mul(maximum(sub(total + 1, step), 0), rate / Math.max(1, total - warmUpSteps)),
    );

/** The rate times `factor` after each of the given steps. */
export const stepDecay =
  (rate: number, boundaries: readonly number[], factor: number): Schedule =>
  (step) =>
    boundaries.reduce<Tensor>(
      (current, boundary) => mul(current, sub(1, mul(reaches(step, boundary + 1), 1 - factor))),
      constant([rate], []),
    );
