import { describe, test } from "vitest";
import { expect } from "../../test/close.ts";
import { describeGolden, oneHot } from "../../test/golden.ts";
import { gradients } from "../tensor/gradients.ts";
import { constant, logSoftmax, matmul, sum } from "../tensor/ops.ts";
import { compile } from "../tensor/program.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { type HostTensor, hostTensor } from "../tensor/tree.ts";
import { accuracy, crossEntropy, distillation, klDivergence, normalizeRows, similarityDistance } from "./losses.ts";

const rowsOf = (labels: HostTensor, classes: number): Tensor => {
  const { data, shape } = oneHot(labels, classes);
  return constant(data as Float32Array, shape);
};

/** The columns of logQ that stand for p's classes: p is zero in all others. */
const columns = (logQ: Tensor, classes: HostTensor): Tensor =>
  matmul(logQ, rowsOf(classes, logQ.shape[1]!), { transposeB: true });

describeGolden("losses", {
  "cross-entropy": ([logits], _, { labels }) => crossEntropy(logits!, rowsOf(labels!, logits!.shape[1]!)),
  "kl-log-probabilities": ([logP, logQ], _, { classes }) => klDivergence(logP!, columns(logQ!, classes!)),
  "kl-logits": ([p, q], _, { classes }) => klDivergence(logSoftmax(p!), columns(logSoftmax(q!), classes!)),
  distillation: ([teacher, student], { temperature }) => distillation(teacher!, student!, temperature as number),
  similarity: ([x, y]) => similarityDistance(x!, y!),
});

describe("by hand", () => {
  test("accuracy counts rows whose largest logit is the target's", async () => {
    const logits = constant([1, 2, 0, 5, -1, 4, -3, -2, -1], [3, 3]);
    const targets = constant([0, 1, 0, 0, 0, 1, 0, 0, 1], [3, 3]);
    expect(await valueOf(accuracy(logits, targets))).toBeAllClose(2 / 3);
  });

  test("soft targets weigh the classes", async () => {
    const log2 = Math.log(2);
    const even = constant([0, 0, 0, 0], [1, 4]);
    expect(await valueOf(crossEntropy(even, constant([0.25, 0.25, 0.5, 0], [1, 4])))).toBeAllClose(2 * log2);
  });

  test("rows of length one, even from a row of zeros", async () => {
    const x = constant([3, 4, 0, 0, 1e-3, 0], [3, 2]);
    const y = normalizeRows(x);
    expect(await valueOf(y)).toBeAllClose([0.6, 0.8, 0, 0, 1, 0]);
    const grads = await valueOf(gradients(sum(y), [x])[0]!);
    expect(Array.from(grads.data as Float32Array).every(Number.isFinite)).toBe(true);
  });
});

async function valueOf(y: Tensor): Promise<HostTensor> {
  const program = await compile(() => ({ y }), { unused: hostTensor([1]) });
  const { y: value } = await program.run({ unused: hostTensor([1]) });
  await program.release();
  return value;
}
