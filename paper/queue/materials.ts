// The images and classes of a parcel: hashes that go with a job, and their comparison with what a worker has.

import type { Materials } from "pudnet/files";
import { dataMaterials } from "../store/materials.ts";
import { neededData } from "../store/needs.ts";
import type { Store } from "../store/store.ts";
import type { Parcel } from "./parcels.ts";

/** @throws UserError where something of it is not in the store's folder of data sets */
export async function parcelMaterials(store: Store, parcel: Parcel): Promise<Materials> {
  const needed = parcel.flatMap(({ recipe }) => neededData(recipe));
  return Object.assign({}, ...(await Promise.all(needed.map((named) => dataMaterials(store, named))))) as Materials;
}

/** Why a job cannot be done with the data at hand; undefined where it can. */
export async function unlike(store: Store, parcel: Parcel, wanted: Materials): Promise<string | undefined> {
  try {
    const own = await parcelMaterials(store, parcel);
    const odd = Object.keys({ ...own, ...wanted }).find((name) => own[name] !== wanted[name]);
    return odd === undefined
      ? undefined
      : `its ${odd} is another one (${own[odd] ?? "none"}, expected ${wanted[odd] ?? "none"})`;
  } catch (error) {
    if (store.options.signal?.aborted) throw error;
    return (error as Error).message;
  }
}
