// The names of results. Trained networks and evaluations are found by them, so they must tell recipes apart, be the same
// for the same recipe, and never change by accident: that would leave hours of training behind.

import { describe, expect, it } from "vitest";
import { canonicalJson, evaluationIdentity, identityHash, networkIdentity } from "pudnet/files";
import { BUDGETS } from "../recipes/budgets.ts";
import { TABLES } from "../tables/tables.ts";
import type { EvaluationRecipe, NetworkRecipe } from "../recipes/recipe.ts";
import { evaluationName } from "./evaluations.ts";
import { networkName } from "./networks.ts";

const cellsOf = (budget: (typeof BUDGETS)["cpu"]) => Object.values(TABLES).flatMap((make) => make(budget).cells);
const CELLS = Object.values(BUDGETS).flatMap(cellsOf);

/** All networks of a recipe, those that others start from included. */
function networksOf(recipe: EvaluationRecipe | NetworkRecipe): NetworkRecipe[] {
  const own = "method" in recipe ? [recipe] : "network" in recipe ? networksOf(recipe.network) : [];
  return "start" in recipe && recipe.start ? [...own, ...networksOf(recipe.start)] : own;
}

function expectOneToOne(pairs: readonly (readonly [name: string, identity: string])[]): void {
  const [byName, byIdentity] = [new Map<string, string>(), new Map<string, string>()];
  for (const [name, identity] of pairs) {
    expect([name, byName.get(name) ?? identity]).toEqual([name, identity]);
    expect([identity, byIdentity.get(identity) ?? name]).toEqual([identity, name]);
    byName.set(name, identity);
    byIdentity.set(identity, name);
    expect(name).toMatch(/^\w[\w.-]{0,180}$/); // as the name of a file and of a run
  }
}

describe("of all cells of all budgets", () => {
  it("networks have one name each, shared by all cells that use them", () => {
    const networks = CELLS.flatMap(({ evaluation }) => networksOf(evaluation));
    expectOneToOne(networks.map((recipe) => [networkName(recipe), canonicalJson(networkIdentity(recipe))]));
    expect(new Set(networks.map(networkName)).size).toBeGreaterThan(100);
  });

  it("evaluations have one name each", () => {
    expectOneToOne(
      CELLS.map(({ evaluation }) => [evaluationName(evaluation), canonicalJson(evaluationIdentity(evaluation))]),
    );
  });

  it("rows of one network share their evaluation", () => {
    const cells = TABLES["table-7"]!(BUDGETS.cpu).cells;
    const name = (row: string): string =>
      evaluationName(cells.find(({ id }) => id === `convnet-3/cifar-100-set/${row}`)!.evaluation);
    expect(name("pudnet")).toBe(name("pudnet-closed-form"));
    expect(name("pretrained")).toBe(name("pretrained-all"));
    expect(name("adam-1")).toBe(name("adam-50"));
    const others = [
      "pudnet",
      "pudnet-generation",
      "pudnet-wrong-sketch",
      "static",
      "pretrained",
      "pretrained-strong",
      "adam-1",
      "gc-1",
    ];
    expect(new Set(others.map(name)).size).toBe(others.length);
  });
});

it("names of the long runs stay what they are", () => {
  const cell = (experiment: string, id: string) =>
    TABLES[experiment]!(BUDGETS.cpu).cells.find((one) => one.id === id)!.evaluation;
  expect(
    ["pudnet", "protonet", "meta-deepbdc", "adam-1", "musml", "random"].map((row) =>
      evaluationName(cell("table-7", `convnet-3/cifar-100-set/${row}`)),
    ),
  ).toMatchInlineSnapshot(`
    [
      "pudnet-convnet-3-cifar-100-e29ec72b54-on-cifar-100-5-way-3f8f133f6e",
      "protonet-convnet-3-cifar-100-6809560313-on-cifar-100-5-way-85b3b8c5e5",
      "meta-deepbdc-convnet-3-cifar-100-d031cf9b70-on-cifar-100-5-way-25ec78f413",
      "supervised-convnet-3-on-cifar-100-5-way-35d8be008d",
      "musml-convnet-3-cifar-100-9e5456dab3-on-cifar-100-5-way-f7c238c8a6",
      "random-convnet-3-on-cifar-100-5-way-abf8bb291d",
    ]
  `);
  expect(evaluationName(cell("table-6", "convnet-3/fashion-set/no-kl"))).toMatchInlineSnapshot(
    `"pudnet-convnet-3-fashion-mnist-f02cf4e0de-on-fashion-mnist-4-way-89ade84c75"`,
  );
});

it("identityHash is the same for keys in any order, and short", () => {
  expect(identityHash({ a: 1, b: { c: 2, d: [3] } })).toBe(identityHash({ b: { d: [3], c: 2 }, a: 1 }));
  expect(identityHash({ a: 1 })).not.toBe(identityHash({ a: 2 }));
  expect(identityHash({})).toMatch(/^[0-9a-f]{10}$/);
});
