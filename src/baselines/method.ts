// What an episodic baseline is: how it embeds images and how it classifies the queries of a task by its supports. All share
// one training (train/episodic-training.ts) and one evaluation, so that each baseline's file holds only what makes it different.

import type { GroupShape } from "../data/groups.ts";
import type { Arch, LayerSpec } from "../models/architectures.ts";
import type { Embedding } from "../models/network.ts";
import type { Key } from "../tensor/random.ts";
import type { Tensor } from "../tensor/tensor.ts";
import type { HostTensor, Tree } from "../tensor/tree.ts";

/** How many images of each kind an episode has a class. */
export type EpisodeShape = Omit<GroupShape, "extra">;

export interface EpisodicMethod {
  /** Layers between the target network's maps and the embedding; their kernels and norms live with the network's. */
  layers(arch: Arch): readonly LayerSpec[];
  /** What else it learns; `{}` where nothing. */
  init(key: Key, arch: Arch): Tree<HostTensor>;
  /** Maps to embedding; undefined: the network's own features. */
  embedding?(params: Tree<Tensor>, arch: Arch): Embedding;
  /** Length of an embedding. */
  embeddingSize(arch: Arch): number;
  /**
   * Logits of the queries: support [ways shots, d], query [n, d], both class after class -> [n, ways]. Their softmax is the
   * method's probability of each class.
   */
  logits(params: Tree<Tensor>, support: Tensor, query: Tensor, size: Pick<EpisodeShape, "ways" | "shots">): Tensor;
}
