// Losses and measures over rows of logits; targets are one-hot (or soft) rows, so that no graph needs integer labels.

import { add, div, exp, isMax, logSoftmax, matmul, mul, neg, sqrt, sub, sum } from "../tensor/ops.ts";
import type { Tensor } from "../tensor/tensor.ts";

/** Mean over rows of -sum target log softmax(logits): logits, targets [n, k] -> []. */
export function crossEntropy(logits: Tensor, targets: Tensor): Tensor {
  return mul(neg(sum(mul(targets, logSoftmax(logits)))), 1 / logits.shape[0]!);
}

/** Mean over rows of KL(p || q) from log-probabilities [n, k] -> []. */
export function klDivergence(logP: Tensor, logQ: Tensor): Tensor {
  return mul(sum(mul(exp(logP), sub(logP, logQ))), 1 / logP.shape[0]!);
}

/**
 * What a student is off from a teacher, both softened by a temperature: mean over rows of T^2 KL(softmax(teacher / T) ||
 * softmax(student / T)), whose gradients are as large whatever T is (Hinton et al. 2015, section 2): [n, k], [n, k] -> [].
 */
export function distillation(teacher: Tensor, student: Tensor, temperature: number): Tensor {
  const [logP, logQ] = [teacher, student].map((logits) => logSoftmax(div(logits, temperature))) as [Tensor, Tensor];
  return mul(klDivergence(logP, logQ), temperature ** 2);
}

/**
 * Mean square of what the similarities of images in a batch are off between two networks, whose features need not be of one
 * length: rows of x x^T of length 1 (Tung & Mori 2019, eq. 1 to 4): [n, d], [n, e] -> [].
 */
export function similarityDistance(x: Tensor, y: Tensor): Tensor {
  const [ofX, ofY] = [x, y].map((rows) => normalizeRows(matmul(rows, rows, { transposeB: true }))) as [Tensor, Tensor];
  const off = sub(ofX, ofY);
  return mul(sum(mul(off, off)), 1 / x.shape[0]! ** 2);
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
