// What stands between a target network and a head, for baselines that embed images in a way of their own.

import type { Embedding } from "../models/network.ts";
import type { LayerSpec } from "../models/architectures.ts";
import type { Tensor } from "../tensor/tensor.ts";
import type { HostTensor, Tree } from "../tensor/tree.ts";

/** What stands between the target network's maps and a head, where its own features do not. */
export interface Neck {
  /** Their kernels and norms live with the target network's. */
  readonly layers: readonly LayerSpec[];
  /** Length of the embedding. */
  readonly size: number;
  /** What else it learns. */
  readonly initial: Tree<HostTensor>;
  readonly embedding: (params: Tree<Tensor>) => Embedding;
}
