import { expect, test } from "vitest";
import { canonicalJson, networkIdentity } from "pudnet/files";
import { BUDGETS } from "../recipes/budgets.ts";
import { trainGroups, wordsOf } from "../recipes/words.ts";
import type { Cell } from "./cell.ts";
import { TABLES } from "./tables.ts";

const cellsOf = (id: string): readonly Cell[] => TABLES[id]!(BUDGETS.cpu).cells;

/** What a cell's network is a function of. */
function networkOf(cell: Cell): string {
  const { evaluation } = cell;
  const network = "network" in evaluation ? evaluation.network : "start" in evaluation && evaluation.start;
  return network ? canonicalJson(networkIdentity(network)) : "";
}

const find = (cells: readonly Cell[], id: string): Cell => {
  const found = cells.find((cell) => cell.id === id);
  return found ?? expect.fail(`no cell ${id}`);
};

test.each([
  ["cifar-100-20-way", "table-1", "convnet-3/cifar-100-set"],
  ["cifar-100-100-way", "table-1", "convnet-3/cifar-100-set"],
  ["dtd-10", "table-3", "convnet-3/dtd-10"], // across sets beta is 0.5
])("what is fine-tuned on %s is the network of %s, and says how it came about", (place, table, column) => {
  const tuned = cellsOf("table-8");
  const compared = cellsOf(table);
  for (const row of ["pretrained", "matchnet", "protonet", "meta-baseline", "meta-deepbdc", "pudnet", "static"]) {
    const [cell, own] = [find(tuned, `convnet-3/${place}/${row}-20`), find(compared, `${column}/${row}`)];
    expect([row, networkOf(cell)]).toEqual([row, networkOf(own)]);
    expect(networkOf(cell)).not.toBe("");
    expect(wordsOf(cell.evaluation)).toContain(wordsOf(own.evaluation));
    expect([cell.method, trainGroups(cell.evaluation)]).toEqual([own.method, trainGroups(own.evaluation)]);
  }
  expect(networkOf(find(tuned, `convnet-3/${place}/adam-20`))).toBe("");
});
