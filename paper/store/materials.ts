// What the results are made from besides their recipes.

import { checkMaterials, imageMaterials, type Materials, splitMaterials } from "pudnet/files";
import type { Store } from "./store.ts";

/** A data set at a side, and a split of its classes. */
export async function dataMaterials(
  store: Store,
  { dataset: name, side, split }: { readonly dataset: string; readonly side?: number; readonly split?: string },
): Promise<Materials> {
  const dataset = await store.dataset(name, side);
  const ofSplit = split === undefined ? {} : splitMaterials(split, await store.split(split, dataset));
  return { ...imageMaterials(dataset), ...ofSplit };
}

/** @throws UserError where a result on disk was made from other things than those at hand */
export function checkResult(place: string, known: Materials | undefined, own: Materials): void {
  const hint =
    "the two do not belong together: delete it to make it anew (an evaluation's JSON with its CSV), or give --out another folder";
  checkMaterials(place, known, own, hint);
}
