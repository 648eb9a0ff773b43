// Stochastic gradient descent with momentum, PyTorch's conventions (no dampening).

import { add, mul, neg } from "../tensor/ops.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { hostTensor, mapTree, type HostTensor, type Tree, zipTrees } from "../tensor/tree.ts";
import { constantRate, type Schedule } from "./schedules.ts";
import type { Transform } from "./transform.ts";

export interface SgdOptions {
  readonly learningRate: number | Schedule;
  readonly momentum?: number;
  readonly weightDecay?: number;
}

type SgdState<T extends HostTensor | Tensor> = { readonly step: T; readonly velocity: Tree<T> };

/** v = momentum v + g, step = -lr v. */
export function sgd({ learningRate, momentum = 0, weightDecay = 0 }: SgdOptions): Transform {
  const rate = typeof learningRate === "number" ? constantRate(learningRate) : learningRate;
  return {
    init: (params): SgdState<HostTensor> => ({
      step: hostTensor([]),
      velocity: mapTree<HostTensor, HostTensor>(params, (p) => hostTensor(p.shape)),
    }),
    update(updates, before, params) {
      const old = before as SgdState<Tensor>;
      const step = add(old.step, 1);
      const penalised =
        weightDecay > 0 ? zipTrees<Tensor, Tensor>((g, p) => add(g, mul(p, weightDecay)), updates, params) : updates;
      const velocity = zipTrees<Tensor, Tensor>((v, g) => add(mul(v, momentum), g), old.velocity, penalised);
      const factor = neg(rate(step));
      const move = mapTree<Tensor, Tensor>(velocity, (v) => mul(v, factor));
      const state: SgdState<Tensor> = { step, velocity };
      return { updates: move, state };
    },
  };
}
