// What is worked on together, and in which order.

import { expect, it } from "vitest";
import { BUDGETS } from "../recipes/budgets.ts";
import { networkName } from "../store/networks.ts";
import { trainedNetworks } from "../store/needs.ts";
import { distinct } from "../store/run.ts";
import { TABLES } from "../tables/tables.ts";
import { parcelsOf } from "./parcels.ts";

const cells = Object.values(TABLES).flatMap((make) => make(BUDGETS.cpu).cells);
const wanted = distinct(cells);
const parcels = parcelsOf(wanted);
const networksOf = (i: number) => parcels[i]!.flatMap(({ recipe }) => trainedNetworks(recipe)).map(networkName);

it("has each evaluation in one parcel, and each network", () => {
  const all = parcels.flat();
  expect(all).toHaveLength(wanted.length);
  expect(new Set(all)).toEqual(new Set(wanted));
  const owners = new Map<string, number>();
  for (const i of parcels.keys()) {
    for (const name of new Set(networksOf(i))) {
      expect(owners.get(name) ?? i).toBe(i);
      owners.set(name, i);
    }
  }
  expect(parcels.length).toBeGreaterThan(100);
});

it("keeps together a network and what goes on from it", () => {
  const pairs = wanted.flatMap(({ recipe }) =>
    trainedNetworks(recipe)
      .slice(0, -1)
      .map((later, i) => [later, trainedNetworks(recipe)[i + 1]!]),
  );
  expect(pairs.length).toBeGreaterThan(0);
  const owners = new Map([...parcels.keys()].flatMap((i) => networksOf(i).map((name) => [name, i])));
  for (const pair of pairs) expect(owners.get(networkName(pair[0]!))).toBe(owners.get(networkName(pair[1]!)));
});

it("leaves apart what no network joins", () => {
  const alone = parcels.filter((parcel) => parcel.every(({ recipe }) => trainedNetworks(recipe).length === 0));
  expect(alone.length).toBeGreaterThan(0);
  for (const parcel of alone) expect(parcel).toHaveLength(1);
});

it("begins with the long trainings of large networks and ends with what trains nothing", () => {
  const [first, last] = [parcels[0]!, parcels.at(-1)!];
  expect(JSON.stringify(first)).toMatch(/resnet-(18|34)/);
  expect(trainedNetworks(last[0]!.recipe)).toEqual([]);
});

it("is the same whatever order the cells come in, but for parcels of one size", () => {
  const again = parcelsOf(distinct(cells.toReversed()));
  const sets = (all: typeof parcels) =>
    new Set(
      all.map((parcel) =>
        parcel
          .map(({ recipe }) => JSON.stringify(recipe))
          .toSorted()
          .join(),
      ),
    );
  expect(sets(again)).toEqual(sets(parcels));
});
