// Matching networks (Vinyals et al., NeurIPS 2016) with full context embeddings, in the form of "A Closer Look at Few-shot
// Classification" (Chen et al., ICLR 2019; methods/matchingnet.py there): cosine attention of context-aware embeddings.
//
// d = featureSize(arch) is the width of all three LSTMs: the support's two have 8 d^2 weights each, the queries' one 12 d^2.
// With 1024 features (ConvNet-3, 32 px) that is 29 million, and a task of 50 supports unrolls 150 steps.

import { classRows } from "../nn/class-rows.ts";
import { type Arch, featureSize } from "../models/architectures.ts";
import { initLstmCell, type LstmCell, lstmInput, type LstmState, lstmStep, lstmWalk } from "../nn/lstm.ts";
import { add, div, exp, fill, log, logSoftmax, matmul, mul, relu, slice, sqrt, sum } from "../tensor/ops.ts";
import { fold, type Key } from "../tensor/random.ts";
import type { Tensor } from "../tensor/tensor.ts";
import type { HostTensor, Shaped } from "../tensor/tree.ts";
import type { EpisodicMethod, EpisodeShape } from "./method.ts";

export type MatchingParams<T extends Shaped = Tensor> = {
  /** The bidirectional LSTM over the support: d -> d. */
  readonly forward: LstmCell<T>;
  readonly backward: LstmCell<T>;
  /** The attention LSTM of the queries: 2 d (query, what it read) -> d. */
  readonly query: LstmCell<T>;
};

/** The same without context embeddings: the bare network's features attend to each other. Far cheaper, often as good. */
export const matchingWithoutContext: EpisodicMethod = {
  layers: () => [],
  init: () => ({}),
  embeddingSize: featureSize,
  logits: (_, support, query, size) => attentionLogits(query, support, size),
};

export const matching: EpisodicMethod = {
  layers: () => [],
  init: initMatching,
  embeddingSize: featureSize,
  logits(params, support, query, { ways, shots }) {
    const lstms = params as MatchingParams;
    const memory = supportContext(lstms, support);
    return attentionLogits(queryContext(lstms.query, query, memory), memory, { ways, shots });
  },
};

/** Eq. 1: logarithms of the sums of each class's attention; query [n, d], memory [ways shots, d] -> [n, ways]. */
function attentionLogits(query: Tensor, memory: Tensor, { ways, shots }: Pick<EpisodeShape, "ways" | "shots">): Tensor {
  const cosine = matmul(nearlyUnitRows(query), nearlyUnitRows(memory), { transposeB: true });
  const attention = softmax(mul(relu(cosine), 100)); // the reference's sharpening; the paper has the bare cosine
  return log(add(matmul(attention, classRows(ways, shots)), 1e-6));
}

function initMatching(key: Key, arch: Arch): MatchingParams<HostTensor> {
  const d = featureSize(arch);
  return {
    forward: initLstmCell(fold(key, "forward"), d, d),
    backward: initLstmCell(fold(key, "backward"), d, d),
    query: initLstmCell(fold(key, "query"), 2 * d, d),
  };
}

/**
 * g(S), appendix A.2: support [s, d] -> support + forward + backward [s, d]. A bidirectional LSTM depends on the order of its
 * rows; as in the reference they come class after class.
 */
function supportContext({ forward, backward }: MatchingParams, support: Tensor): Tensor {
  return add(add(support, lstmWalk(forward, support, "forward")), lstmWalk(backward, support, "backward"));
}

/**
 * f(x, S), appendix A.1, eq. 3 to 6: query [n, d], memory g(S) [s, d] -> [n, d] after as many steps as there are supports (the
 * reference's choice; the paper leaves the number open). Each step reads r = softmax(h g^T) g and gives (query, r) to the LSTM
 * as its input (the reference; in eq. 3 r is a part of the hidden state).
 * The input's product is taken apart: the query's share is the same in each step, and that of r is attention times (g W^T).
 */
function queryContext(cell: LstmCell, query: Tensor, memory: Tensor): Tensor {
  const [steps, d] = memory.shape as [number, number];
  const columns = (from: number): Tensor => slice(cell.inputWeight, 1, from, from + d);
  const fromQuery = lstmInput({ ...cell, inputWeight: columns(0) }, query);
  const fromMemory = matmul(memory, columns(d), { transposeB: true }); // [s, 4 d]
  let state: LstmState = { hidden: query, cell: fill(0, query.shape) };
  for (let step = 0; step < steps; step++) {
    const attention = softmax(matmul(state.hidden, memory, { transposeB: true }));
    const next = lstmStep(cell, add(fromQuery, matmul(attention, fromMemory)), state);
    state = { ...next, hidden: add(next.hidden, query) };
  }
  return state.hidden;
}

const softmax = (x: Tensor): Tensor => exp(logSoftmax(x));

/** x / (|x| + 1e-5), as the reference has it; the tiny number keeps the gradient of a row of zeros finite. */
function nearlyUnitRows(x: Tensor): Tensor {
  return div(x, add(sqrt(add(sum(mul(x, x), [1], true), 1e-24)), 1e-5));
}
