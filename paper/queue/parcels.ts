// A parcel: evaluations that hang together by networks, so that one worker trains each network once, and no other needs it.

import { networkName } from "../store/networks.ts";
import { trainedNetworks } from "../store/needs.ts";
import type { Wanted } from "../store/run.ts";
import { passes } from "./passes.ts";

export type Parcel = readonly Wanted[];

/**
 * Every evaluation in one parcel, the costly parcels first: what takes longest must not be begun last.
 * For example, three evaluations of which two judge one network are two parcels.
 */
export function parcelsOf(wanted: readonly Wanted[]): Parcel[] {
  let parcels: { readonly networks: ReadonlySet<string>; readonly parcel: Parcel }[] = [];
  for (const one of wanted) {
    const own = trainedNetworks(one.recipe).map(networkName);
    const joined = parcels.filter(({ networks }) => own.some((name) => networks.has(name)));
    parcels = [
      ...parcels.filter((parcel) => !joined.includes(parcel)),
      {
        networks: new Set([...joined.flatMap(({ networks }) => [...networks]), ...own]),
        parcel: [...joined.flatMap(({ parcel }) => parcel), one],
      },
    ];
  }
  const weighed = parcels.map(({ parcel }) => ({ parcel, passes: passes(parcel.map(({ recipe }) => recipe)) }));
  return weighed.toSorted((a, b) => b.passes - a.passes).map(({ parcel }) => parcel);
}
