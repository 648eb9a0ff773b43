import { expect, it } from "vitest";
import { BUDGETS } from "../recipes/budgets.ts";
import { withinProtocol } from "../recipes/datasets.ts";
import { TABLES } from "./tables.ts";

it.each([
  ["table-7", "convnet-3/cifar-100-set"],
  ["table-2", "convnet-3/animals-10"],
])("in %s the wrong sketch is of the source's test classes, the rest as PudNet", (table, column) => {
  const { cells } = TABLES[table]!(BUDGETS.cpu);
  const evaluation = (row: string) => cells.find(({ id }) => id === `${column}/${row}`)!.evaluation;
  const { wrongSketch, ...rest } = evaluation("pudnet-wrong-sketch") as ReturnType<typeof evaluation> & {
    kind: "pudnet";
  };
  expect(rest).toEqual(evaluation("pudnet"));
  const { groups, ...others } = withinProtocol("cifar-100-set", 0);
  expect(wrongSketch).toEqual({ ...others, groups: rest.protocol.groups, seed: 1 }); // not the groups that are judged
  expect(groups).toBe(0);
});
