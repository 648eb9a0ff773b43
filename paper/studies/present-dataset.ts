// Data sets that a study can do without: told apart from those that are there but damaged.

import type { ImageDataset } from "pudnet/datasets";
import { FormatError, UserError } from "pudnet/engine";
import type { Store } from "../store/store.ts";

/** The data set's files are not there; the message says which. */
export class MissingDataset extends UserError {}

/** A data set at a side. @throws MissingDataset where it is not there, FormatError where it is damaged */
export async function presentDataset(store: Store, name: string, side: number): Promise<ImageDataset> {
  try {
    return await store.dataset(name, side);
  } catch (error) {
    if (!(error instanceof UserError) || error instanceof FormatError) throw error;
    throw new MissingDataset(error.message, { cause: error, ...(error.hint ? { hint: error.hint } : {}) });
  }
}
