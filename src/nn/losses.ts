// Losses and measures over rows of logits; targets are one-hot (or soft) rows, so that no graph needs integer labels.

import { add, div, exp, isMax, logSoftmax, mul, neg, sqrt, sub, sum } from "../tensor/ops.ts";
import type { Tensor } from "../tensor/tensor.ts";

/** Mean over rows of -sum target log softmax(logits): logits, targets [n, k] -> []. */
export function crossEntropy(logits: Tensor, targets: Tensor): Tensor {
  return mul(neg(sum(mul(targets, logSoftmax(logits)))), 1 / logits.shape[0]!);
}

/** Mean over rows of KL(p || q) from log-probabilities [n, k] -> []. */
export function klDivergence(logP: Tensor, logQ: Tensor): Tensor {
  return mul(sum(mul(exp(logP), sub(logP, logQ))), 1 / logP.shape[0]!);
}

/** Share of rows whose largest logit is the target's: logits, targets [n, k] -> []; no gradient. */
export function accuracy(logits: Tensor, targets: Tensor): Tensor {
  return mul(sum(mul(isMax(logits), targets)), 1 / logits.shape[0]!);
}

/** Rows of length 1: x [n, d] -> x / |x| (F.normalize: the length is at least 1e-12). */
export function normalizeRows(x: Tensor): Tensor {
  const length = sqrt(add(sum(mul(x, x), [1], true), 1e-24));
  return div(x, length);
}
