// Runs a transformation on one long vector in place of the many small leaves: a network has dozens of biases and norms, and
// a dozen operations on each cost more in calls than in arithmetic (optax.flatten, for small leaves only).

import { concat, reshape, slice } from "../tensor/ops.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { type HostTensor, hostTensor, leaves, mapTree, type Shaped, sizeOf, type Tree } from "../tensor/tree.ts";
import type { Transform } from "./transform.ts";

/** Larger leaves, and kernels (which may be stored in a layout of their own), stay as they are. */
const isSmall = ({ shape }: Shaped): boolean => shape.length <= 2 && sizeOf(shape) <= 4096;

type Merged<T extends Shaped> = { readonly small?: T; readonly large: { readonly [path: string]: T } };

/** The transformation on merged leaves; only for ones that treat entries alike, wherever they lie (no per-axis means). */
export function mergeSmall(inner: Transform): Transform {
  return {
    init(params) {
      const small = leaves<HostTensor>(params).filter(([, leaf]) => isSmall(leaf));
      const values = small.flatMap(([, { data }]) => Array.from(data as Float32Array));
      return inner.init(merged(params, () => hostTensor([values.length], values)));
    },
    update(updates, state, params) {
      const result = inner.update(mergeLeaves(updates), state, mergeLeaves(params));
      const { small, large } = result.updates as Merged<Tensor>;
      let start = 0;
      const apart = mapTree<Tensor, Tensor>(updates, (leaf, path) => {
        if (!isSmall(leaf)) return large[path]!;
        const size = sizeOf(leaf.shape);
        return reshape(slice(small!, 0, start, (start += size)), leaf.shape);
      });
      return { updates: apart, state: result.state };
    },
  };
}

/** The small leaves as one vector, in the tree's order, beside the large ones. */
export function mergeLeaves(tree: Tree<Tensor>): Tree<Tensor> {
  const small = leaves<Tensor>(tree).filter(([, leaf]) => isSmall(leaf));
  return merged(tree, () =>
    concat(
      small.map(([, leaf]) => reshape(leaf, [sizeOf(leaf.shape)])),
      0,
    ),
  );
}

function merged<T extends Shaped>(tree: Tree<T>, small: () => T): Tree<T> {
  const all = leaves(tree);
  const large = Object.fromEntries(all.filter(([, leaf]) => !isSmall(leaf)));
  return all.some(([, leaf]) => isSmall(leaf)) ? { small: small(), large } : { large };
}
