import { describe, expect, it } from "vitest";
import { BUDGETS } from "../recipes/budgets.ts";
import { EXPERIMENTS } from "./tables.ts";
import { PAIRS, pairsOf } from "./pairs.ts";

const experiments = Object.entries(EXPERIMENTS).map(([id, make]) => [id, make(BUDGETS.cpu)] as const);
const row = (cell: string): string => cell.slice(cell.lastIndexOf("/") + 1);

describe("paired comparisons", () => {
  it("name rows that are there: each pair of the table is asked for in some column", () => {
    const asked = new Set<string>();
    const byPairs = new Map(Object.entries(PAIRS).map(([id, pairs]) => [pairs, id]));
    for (const [id, experiment] of experiments) {
      for (const pair of pairsOf(experiment)) asked.add(`${byPairs.get(PAIRS[id]!)}: ${pair.map(row).join(" ")}`);
    }
    const named = [...byPairs].flatMap(([pairs, id]) => pairs.map((pair) => `${id}: ${pair.join(" ")}`));
    expect([...asked].toSorted()).toEqual(named.toSorted());
  });

  it("compare cells of one column that are judged on the same groups", () => {
    for (const [, experiment] of experiments) {
      const protocols = new Map(experiment.cells.map((cell) => [cell.id, cell.evaluation.protocol]));
      for (const [a, b] of pairsOf(experiment)) {
        const [{ groups: _a, ...first }, { groups: _b, ...second }] = [protocols.get(a)!, protocols.get(b)!];
        expect(a.slice(0, a.lastIndexOf("/"))).toBe(b.slice(0, b.lastIndexOf("/")));
        expect(first).toEqual(second);
      }
    }
  });
});
