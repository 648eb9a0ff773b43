// Adam (Kingma & Ba 2015), with PyTorch's conventions.

import { add, div, mul, neg, sqrt } from "../tensor/ops.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { hostTensor, mapTree, type HostTensor, type Tree, zipTrees } from "../tensor/tree.ts";
import { constantRate, type Schedule } from "./schedules.ts";
import type { Transform } from "./transform.ts";

export interface AdamOptions {
  readonly learningRate: number | Schedule;
  readonly beta1?: number;
  readonly beta2?: number;
  readonly epsilon?: number;
  /** L2 penalty added to the gradient. */
  readonly weightDecay?: number;
}

type AdamState<T extends HostTensor | Tensor> = {
  readonly step: T;
  /** 1 - beta^t, by recurrence: in float32 the power itself would lose digits. */
  readonly correction1: T;
  readonly correction2: T;
  /** First moment / (1 - beta1) and second moment / (1 - beta2): saves two passes over the parameters. */
  readonly first: Tree<T>;
  readonly second: Tree<T>;
};

/** m = b1 m + (1 - b1) g, v = b2 v + (1 - b2) g^2, step = -lr (m / c1) / (sqrt(v / c2) + epsilon), c = 1 - b^t. */
export function adam(options: AdamOptions): Transform {
  const { learningRate, beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8, weightDecay = 0 } = options;
  const rate = typeof learningRate === "number" ? constantRate(learningRate) : learningRate;
  const zeros = (params: Tree<HostTensor>): Tree<HostTensor> =>
    mapTree<HostTensor, HostTensor>(params, (p) => hostTensor(p.shape));
  return {
    init: (params): AdamState<HostTensor> => ({
      step: hostTensor([]),
      correction1: hostTensor([]),
      correction2: hostTensor([]),
      first: zeros(params),
      second: zeros(params),
    }),
    update(updates, before, params) {
      const old = before as AdamState<Tensor>;
      const step = add(old.step, 1);
      const correction1 = add(mul(old.correction1, beta1), 1 - beta1);
      const correction2 = add(mul(old.correction2, beta2), 1 - beta2);
      const penalised =
        weightDecay > 0 ? zipTrees<Tensor, Tensor>((g, p) => add(g, mul(p, weightDecay)), updates, params) : updates;
      const first = zipTrees<Tensor, Tensor>((m, g) => add(mul(m, beta1), g), old.first, penalised);
      const second = zipTrees<Tensor, Tensor>((v, g) => add(mul(v, beta2), mul(g, g)), old.second, penalised);
      // the scalings of both moments are gathered in two scalars
      const root = sqrt(div(1 - beta2, correction2));
      const factor = neg(div(mul(rate(step), 1 - beta1), mul(correction1, root)));
      const floor = div(epsilon, root);
      const move = zipTrees<Tensor, Tensor>((m, v) => mul(div(m, add(sqrt(v), floor)), factor), first, second);
      const state: AdamState<Tensor> = { step, correction1, correction2, first, second };
      return { updates: move, state };
    },
  };
}
