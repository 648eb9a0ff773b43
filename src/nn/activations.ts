// Activation functions beyond those that are operations of their own.

import { add, erf, mul } from "../tensor/ops.ts";
import type { Tensor } from "../tensor/tensor.ts";

/** Gaussian error linear unit, exact: x/2 (1 + erf(x / sqrt 2)). Hendrycks & Gimpel 2016. */
export function gelu(x: Tensor): Tensor {
  return mul(mul(x, 0.5), add(erf(mul(x, Math.SQRT1_2)), 1));
}
