// Gated recurrent unit (Cho et al. 2014), PyTorch's convention: gates in the order reset, update, new.

import { add, mul, sigmoid, slice, sub, tanh } from "../tensor/ops.ts";
import { fold, type Key } from "../tensor/random.ts";
import type { Tensor } from "../tensor/tensor.ts";
import type { HostTensor, Shaped } from "../tensor/tree.ts";
import { fanInUniform } from "./init.ts";
import { linear } from "./linear.ts";

export type GruCell<T extends Shaped = Tensor> = {
  /** [3 H, d] */
  readonly inputWeight: T;
  /** [3 H, H] */
  readonly hiddenWeight: T;
  /** [3 H] */
  readonly inputBias: T;
  /** [3 H] */
  readonly hiddenBias: T;
};

/** One time step: x [n, d], h [n, H] -> the next hidden state [n, H]. */
export function gruCell(cell: GruCell, x: Tensor, h: Tensor): Tensor {
  const fromInput = linear({ weight: cell.inputWeight, bias: cell.inputBias }, x);
  const fromHidden = linear({ weight: cell.hiddenWeight, bias: cell.hiddenBias }, h);
  const size = h.shape[1]!;
  const gate = (from: Tensor, i: number): Tensor => slice(from, 1, i * size, (i + 1) * size);
  const r = sigmoid(add(gate(fromInput, 0), gate(fromHidden, 0)));
  const z = sigmoid(add(gate(fromInput, 1), gate(fromHidden, 1)));
  const candidate = tanh(add(gate(fromInput, 2), mul(r, gate(fromHidden, 2))));
  return add(mul(sub(1, z), candidate), mul(z, h));
}

export function initGruCell(key: Key, d: number, hidden: number): GruCell<HostTensor> {
  const draw = (name: string, shape: number[]): HostTensor => fanInUniform(fold(key, name), shape, hidden);
  return {
    inputWeight: draw("inputWeight", [3 * hidden, d]),
    hiddenWeight: draw("hiddenWeight", [3 * hidden, hidden]),
    inputBias: draw("inputBias", [3 * hidden]),
    hiddenBias: draw("hiddenBias", [3 * hidden]),
  };
}
