// Transformations of gradients before the optimizer.

import { add, div, maximum, mean, mul, sqrt, sub, sum } from "../tensor/ops.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { leaves, mapTree, type Tree } from "../tensor/tree.ts";
import { stateless, type Transform } from "./transform.ts";

/** The root of the sum of squares over all leaves. */
export function globalNorm(tree: Tree<Tensor>): Tensor {
  return sqrt(
    leaves(tree)
      .map(([, leaf]) => sum(mul(leaf, leaf)))
      .reduce((a, b) => add(a, b)),
  );
}

/** Scales all gradients so that their global norm is at most `limit` (torch.nn.utils.clip_grad_norm_). */
export function clipByGlobalNorm(limit: number): Transform {
  return stateless((updates) => {
    const scale = div(limit, maximum(add(globalNorm(updates), 1e-6), limit));
    return mapTree<Tensor, Tensor>(updates, (leaf) => mul(leaf, scale));
  });
}

/** Gradient centralisation (Yong et al. 2020): g - mean of g over all axes but the first, where there is more than one axis. */
export function centralizeGradients(): Transform {
  return stateless((updates) =>
    mapTree<Tensor, Tensor>(updates, (g) => {
      const axes = g.shape.map((_, i) => i).slice(1);
      return axes.length === 0 ? g : sub(g, mean(g, axes, true));
    }),
  );
}
