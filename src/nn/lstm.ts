// Long short-term memory (Hochreiter & Schmidhuber 1997; Gers et al. 2000), PyTorch's convention: gates in the order input,
// forget, cell, output.

import { add, concat, fill, mul, sigmoid, slice, tanh } from "../tensor/ops.ts";
import { fold, type Key } from "../tensor/random.ts";
import type { Tensor } from "../tensor/tensor.ts";
import type { HostTensor, Shaped } from "../tensor/tree.ts";
import { fanInUniform } from "./init.ts";
import { linear } from "./linear.ts";

export type LstmCell<T extends Shaped = Tensor> = {
  /** [4 H, d] */
  readonly inputWeight: T;
  /** [4 H, H] */
  readonly hiddenWeight: T;
  /** [4 H] */
  readonly inputBias: T;
  /** [4 H] */
  readonly hiddenBias: T;
};

/** Both [n, H]. */
export interface LstmState {
  readonly hidden: Tensor;
  readonly cell: Tensor;
}

/** What the inputs add to the gates: x [n, d] -> [n, 4 H]. It needs no state, so many steps can share one product. */
export function lstmInput({ inputWeight, inputBias }: LstmCell, x: Tensor): Tensor {
  return linear({ weight: inputWeight, bias: inputBias }, x);
}

/** One time step: lstmInput of the step [n, 4 H], state -> the next state. */
export function lstmStep(cell: LstmCell, fromInput: Tensor, state: LstmState): LstmState {
  const gates = add(fromInput, linear({ weight: cell.hiddenWeight, bias: cell.hiddenBias }, state.hidden));
  const size = state.hidden.shape[1]!;
  const gate = (i: number): Tensor => slice(gates, 1, i * size, (i + 1) * size);
  const kept = mul(sigmoid(gate(1)), state.cell);
  const next = add(kept, mul(sigmoid(gate(0)), tanh(gate(2))));
  return { hidden: mul(sigmoid(gate(3)), tanh(next)), cell: next };
}

/** A walk over the rows of one sequence from a state of zeros: x [t, d] -> the hidden state at each row [t, H]. */
export function lstmWalk(cell: LstmCell, x: Tensor, direction: "forward" | "backward"): Tensor {
  const [count, size] = [x.shape[0]!, cell.hiddenWeight.shape[1]!];
  const fromInput = lstmInput(cell, x);
  const hidden: Tensor[] = [];
  let state: LstmState = { hidden: fill(0, [1, size]), cell: fill(0, [1, size]) };
  for (let step = 0; step < count; step++) {
    const row = direction === "forward" ? step : count - 1 - step;
    state = lstmStep(cell, slice(fromInput, 0, row, row + 1), state);
    hidden[row] = state.hidden;
  }
  return concat(hidden, 0);
}

/** U(-1/sqrt(H), 1/sqrt(H)): torch.nn.LSTM's default. */
export function initLstmCell(key: Key, d: number, hidden: number): LstmCell<HostTensor> {
  const draw = (name: string, shape: number[]): HostTensor => fanInUniform(fold(key, name), shape, hidden);
  return {
    inputWeight: draw("inputWeight", [4 * hidden, d]),
    hiddenWeight: draw("hiddenWeight", [4 * hidden, hidden]),
    inputBias: draw("inputBias", [4 * hidden]),
    hiddenBias: draw("hiddenBias", [4 * hidden]),
  };
}
