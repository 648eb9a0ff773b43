// The adaptive hyper recurrent unit, section III-C: one time step per layer of the target network. Its input is its own
// last output, its first hidden state is the dataset sketch (eq. 4).

import { within } from "../errors.ts";
import { gruCell, type GruCell, initGruCell } from "../nn/gru.ts";
import { gaussian } from "../nn/init.ts";
import { initLayerNorm, layerNorm, type LayerNorm } from "../nn/layer-norm.ts";
import { initLinear, linear, type Linear } from "../nn/linear.ts";
import { relu, reshape, slice } from "../tensor/ops.ts";
import { fold, type Key } from "../tensor/random.ts";
import type { Tensor } from "../tensor/tensor.ts";
import type { HostTensor, Shaped } from "../tensor/tree.ts";
import type { PudNetConfig } from "./config.ts";

export type Ahru<T extends Shaped = Tensor> = {
  /** a^0 [H]: learned (the released code draws it once and neither trains nor saves it). */
  readonly a0: T;
  /** Stacked GRU layers, shared by all layers of the target network. */
  readonly cells: readonly GruCell<T>[];
  readonly output: Linear<T>;
  /** Applied to each hidden state before it is passed on. */
  readonly norm: LayerNorm<T>;
};

/** sketch [G, H] -> the representations a^1 .. a^steps of the target's layers, [1, H] each. */
export function ahru({ a0, cells, output, norm }: Ahru, sketch: Tensor, steps: number): Tensor[] {
  return within("ahru", () => {
    let a = reshape(a0, [1, a0.shape[0]!]);
    let hidden = cells.map((_, g) => slice(sketch, 0, g, g + 1)); // eq. 4: h^0 = s
    return Array.from({ length: steps }, () => {
      let x = a;
      hidden = cells.map((cell, g) => (x = gruCell(cell, x, hidden[g]!)));
      hidden = hidden.map((h) => layerNorm(norm, h));
      a = relu(linear(output, x)); // a^l = ReLU(W_o h^l + b_o), fed back as it is
      return a;
    });
  });
}

export function initAhru(key: Key, { hiddenSize, gruLayers }: PudNetConfig): Ahru<HostTensor> {
  return {
    a0: gaussian(fold(key, "a0"), [hiddenSize]),
    cells: Array.from({ length: gruLayers }, (_, g) => initGruCell(fold(fold(key, "cell"), g), hiddenSize, hiddenSize)),
    output: initLinear(fold(key, "output"), hiddenSize, hiddenSize),
    norm: initLayerNorm(hiddenSize),
  };
}
