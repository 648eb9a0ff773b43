// What the results are made from besides their recipes.

import { imageMaterials, type Materials, splitMaterials } from "pudnet/files";
import type { NamedData } from "./needs.ts";
import type { Store } from "./store.ts";

/** A data set at a side, and a split of its classes. */
export async function dataMaterials(store: Store, { dataset: name, side, split }: NamedData): Promise<Materials> {
  const dataset = await store.dataset(name, side);
  const ofSplit = split === undefined ? {} : splitMaterials(split, await store.split(split, dataset));
  return { ...imageMaterials(dataset), ...ofSplit };
}
