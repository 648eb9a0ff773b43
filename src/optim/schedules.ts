// Learning rates as functions of the step number (1, 2, ...), inside the graph.

import { constant, div, minimum, mul, reaches, sub } from "../tensor/ops.ts";
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

/** The rate times `factor` after each of the given steps. */
export const stepDecay =
  (rate: number, boundaries: readonly number[], factor: number): Schedule =>
  (step) =>
    boundaries.reduce<Tensor>(
      (current, boundary) => mul(current, sub(1, mul(reaches(step, boundary + 1), 1 - factor))),
      constant([rate], []),
    );
