// A parcel in a line for people.

import { evaluationName } from "../store/evaluations.ts";
import type { Parcel } from "./parcels.ts";

/** "NAME" or "NAME and 3 more". */
export function titleOf(parcel: Parcel): string {
  const [first, ...more] = parcel;
  return evaluationName(first!.recipe) + (more.length > 0 ? ` and ${more.length} more` : "");
}
