// What a worker takes for a recipe: all that the tables ask for, unchanged, and nothing else.

import { expect, it } from "vitest";
import { BUDGETS } from "../recipes/budgets.ts";
import { TABLES } from "../tables/tables.ts";
import { recipeSchema } from "./recipe-schema.ts";

const recipes = Object.values(BUDGETS).flatMap((budget) =>
  Object.values(TABLES).flatMap((make) => make(budget).cells.map(({ evaluation }) => evaluation)),
);
/** As it arrives. */
const sent = (recipe: unknown): unknown => JSON.parse(JSON.stringify(recipe));

it("takes every recipe of the tables as it is", () => {
  expect(recipes.length).toBeGreaterThan(1000);
  for (const recipe of recipes) expect(recipeSchema.parse(sent(recipe))).toEqual(sent(recipe));
});

it.each(["auto", 0.5])("takes a strength of a change: %s", (strength) => {
  expect(recipeSchema.parse(sent({ ...pudnet, strength }))).toEqual(sent({ ...pudnet, strength }));
});

const pudnet = recipes.find(({ kind }) => kind === "pudnet") as object & { protocol: object; network: object };

it.each([
  ["nothing", undefined],
  ["another kind", { ...pudnet, kind: "shell" }],
  ["more than a recipe", { ...pudnet, command: "rm" }],
  ["a data set by its path", { ...pudnet, protocol: { ...pudnet.protocol, dataset: "../../home" } }],
  ["a data set that is hidden", { ...pudnet, protocol: { ...pudnet.protocol, dataset: ".ssh" } }],
  ["a strength above one", { ...pudnet, strength: 2 }],
  ["no groups", { ...pudnet, protocol: { ...pudnet.protocol, groups: 0 } }],
  ["groups without end", { ...pudnet, protocol: { ...pudnet.protocol, groups: 1e12 } }],
  ["a network of another kind", { ...pudnet, network: { ...pudnet.network, method: "musml" } }],
])("refuses %s", (_, recipe) => {
  expect(recipeSchema.safeParse(sent(recipe ?? null)).success).toBe(false);
});
