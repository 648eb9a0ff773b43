import { describe, expect, it } from "vitest";
import { BUDGETS } from "../recipes/budgets.ts";
import { comparisons } from "./table.ts";
import { TABLES } from "./tables.ts";

const tables = Object.values(TABLES).map((make) => make(BUDGETS.cpu));
const partsOf = (id: string) => ({ column: id.slice(0, id.lastIndexOf("/")), row: id.slice(id.lastIndexOf("/") + 1) });

describe("comparisons", () => {
  it("name rows that are there: each is found in some column of some table", () => {
    const cells = tables.map((table) => table.cells);
    const found = cells.flatMap((of) => comparisons(of).map((pair) => pair.map(({ id }) => partsOf(id).row).join(" ")));
    const asked = cells
      .flat()
      .flatMap(({ id, comparedWith = [] }) => comparedWith.map((row) => `${row} ${partsOf(id).row}`));
    expect([...new Set(found)].toSorted()).toEqual([...new Set(asked)].toSorted());
  });

  it("are of cells of one column that are judged on the same groups", () => {
    for (const [a, b] of tables.flatMap(({ cells }) => comparisons(cells))) {
      // networks may look at the same images at sides of their own
      const [first, second] = [a, b].map(({ evaluation }) => {
        const { groups: _, side: __, ...drawn } = evaluation.protocol;
        return drawn;
      });
      expect(partsOf(a.id).column).toBe(partsOf(b.id).column);
      expect(first).toEqual(second);
    }
  });

  it("are asked for where PudNet is beside what could do as well", () => {
    const { cells } = TABLES["table-7"]!(BUDGETS.cpu);
    const pairs = comparisons(cells).filter(([, { id }]) => id === "convnet-3/cifar-100-set/pudnet");
    expect(pairs.map(([{ id }]) => partsOf(id).row)).toContain("static");
    expect(Object.keys(TABLES).filter((id) => comparisons(TABLES[id]!(BUDGETS.cpu).cells).length > 0)).toEqual([
      "table-1",
      "table-2",
      "table-3",
      "table-5",
      "table-6",
      "table-7",
      "choices",
      "fashion-splits",
      "improved",
      "trainings",
      "parallel-groups",
      "epochs",
      "shipped",
      "general",
    ]);
  });
});
