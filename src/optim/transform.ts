// Gradient transformations in the manner of optax: a pair (init, update). Optimizers are chains of them; the last one
// turns gradients into the step that is added to the parameters.

import { add } from "../tensor/ops.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { asTree, type HostTensor, type Tree, zipTrees } from "../tensor/tree.ts";

export interface Transform {
  /** The state before the first step. */
  init(params: Tree<HostTensor>): Tree<HostTensor>;
  update(
    updates: Tree<Tensor>,
    state: Tree<Tensor>,
    params: Tree<Tensor>,
  ): { updates: Tree<Tensor>; state: Tree<Tensor> };
}

/** Applies transformations one after the other. @example chain(clipByGlobalNorm(10), adam({ learningRate: 1e-3 })) */
export function chain(...transforms: readonly Transform[]): Transform {
  return {
    init: (params) => transforms.map((transform) => transform.init(params)),
    update(updates, states, params) {
      const next: Tree<Tensor>[] = [];
      transforms.forEach((transform, i) => {
        const result = transform.update(updates, (states as readonly Tree<Tensor>[])[i]!, params);
        updates = result.updates;
        next.push(result.state);
      });
      return { updates, state: next };
    },
  };
}

/** A transformation that remembers nothing. */
export function stateless(update: (updates: Tree<Tensor>, params: Tree<Tensor>) => Tree<Tensor>): Transform {
  return { init: () => [], update: (updates, state, params) => ({ updates: update(updates, params), state }) };
}

/** params + updates. */
export function applyUpdates<P extends object>(params: P, updates: Tree<Tensor>): P {
  return zipTrees((p, u) => add(p, u), asTree<Tensor>(params), updates) as P;
}
