// What fine-tuning starts from: a trained network as it is, or one that PudNet predicts from the images to be learned.

import { invariant, networkShapes } from "pudnet/engine";
import { type ImageSource, type Network, type Normalization, Predictor } from "pudnet/methods";
import type { NetworkRecipe } from "../recipes/recipe.ts";
import { trainedNetwork } from "./networks.ts";
import type { Store } from "./store.ts";

export interface StartNetwork {
  readonly normalization: Normalization;
  /** The network for a group's images. */
  readonly startOf: (generation: ImageSource) => Promise<Network>;
}

/** Layers that a method puts behind the target network are left out: the linear head follows the network itself. */
export async function startNetwork(store: Store, recipe: NetworkRecipe): Promise<StartNetwork> {
  const loaded = await trainedNetwork(store, recipe);
  if (loaded.method === "pudnet") {
    const { model } = loaded;
    return {
      normalization: model.normalization,
      startOf: async (generation) => {
        const predictor = await Predictor.create(model, store.compileOptions);
        try {
          return await predictor.predict(generation);
        } finally {
          await predictor.release();
        }
      },
    };
  }
  invariant(loaded.method !== "musml", () => "MUSML has no network without a task to adapt it to");
  const { network, normalization, arch } = loaded.fixed;
  const like = networkShapes(arch);
  const only = <T>(tree: Readonly<Record<string, T>>, names: object): Record<string, T> =>
    Object.fromEntries(Object.keys(names).map((name) => [name, tree[name]!]));
  const own: Network = {
    weights: {
      kernels: only(network.weights.kernels, like.weights.kernels),
      norms: only(network.weights.norms, like.weights.norms),
    },
    stats: only(network.stats, like.stats),
  };
  return { normalization, startOf: async () => own };
}
