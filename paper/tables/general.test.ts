import { expect, it } from "vitest";
import { evaluationIdentity, identityHash } from "pudnet/files";
import { BUDGETS } from "../recipes/budgets.ts";
import { GENERAL, isMade } from "../recipes/shipped.ts";
import { hasFile } from "../store/networks.ts";
import { Store } from "../store/store.ts";
import { general } from "./general.ts";
import { comparisons } from "./table.ts";
import { TABLES } from "./tables.ts";

const table = general(BUDGETS.cpu);
const cell = (id: string, of = table) => of.cells.find((one) => one.id === id)!;
const rowOf = (id: string): string => id.slice(id.lastIndexOf("/") + 1);
const identity = (id: string, of = table): string => identityHash(evaluationIdentity(cell(id, of).evaluation));

it("each column is drawn as it says, for all rows alike", () => {
  const drawn = table.cells
    .filter(({ id }) => rowOf(id) === "base-closed-form")
    .map(({ id, evaluation: { protocol } }) => {
      const { ways, generation, test, groups } = protocol;
      return [id.split("/")[0], ways, generation, test, groups];
    });
  expect(drawn).toEqual([
    ["cifar-100-set", 5, 500, 100, 500],
    ["cifar-100-set-10", 5, 10, 100, 500],
    ["cifar-10", 10, 2000, 800, 10],
    ["animals-10", 10, 1157, 289, 10],
    ["dtd-10", 10, 80, 40, 10],
    ["imagenet-100-set", 5, 500, 100, 500],
    ["seedlings-12", 10, 10, 30, 500],
    ["oracle-bones-10", 10, 10, 30, 100],
    ["sign-digits-10", 10, 10, 30, 100],
    ["thai-digits-10", 10, 10, 30, 100],
    ["glyphs-test", 10, 10, 30, 500],
    ["icons-test", 10, 10, 30, 500],
  ]);
  expect(1157 / (1157 + 289)).toBeCloseTo(0.8, 3);
});

it.each([
  [
    "table-1",
    "cifar-100-set",
    ["pretrained-closed-form", "pretrained-strong-closed-form", "random-closed-form", "adam-falling-30"],
  ],
  ["table-2", "cifar-10", ["pretrained-closed-form", "random-closed-form", "pixels-closed-form"]],
  ["table-2", "dtd-10", ["pretrained-closed-form", "random-closed-form", "pixels-closed-form"]],
])("what %s has on %s stands here again, not measured twice", (id, column, rows) => {
  const other = TABLES[id]!(BUDGETS.cpu);
  for (const row of rows) expect(identity(`${column}/${row}`)).toBe(identity(`convnet-3/${column}/${row}`, other));
});

it("the shipped PudNet is judged as in the table of shipped files", () => {
  const shipped = TABLES["shipped"]!(BUDGETS.cpu);
  const [here, there] = ["cifar-100-set/pudnet-all", "convnet-3/cifar-100-set/shipped-generation-all"];
  expect(identity(here)).toBe(identity(there, shipped));
});

it("base is compared with all others in every column, head by head", () => {
  const pairs = comparisons(table.cells).map(([{ id }, { id: of }]) => [of, rowOf(id)]);
  const others = (id: string) => pairs.filter(([of]) => of === id).map(([, row]) => row);
  expect(others("animals-10/base-all")).toEqual(["tiny-all", "pudnet-all"]);
  expect(others("icons-test/base-closed-form")).toEqual([
    "tiny-closed-form",
    "pudnet-closed-form",
    "random-closed-form",
    "pixels-closed-form",
    "adam-falling-30",
  ]);
  expect(others("cifar-10/tiny-closed-form")).toContain("pretrained-closed-form");
  expect(others("dtd-10/tiny-chosen")).toContain("tiny-closed-form");
});

it("what judges a file that is not made is not run, all else is", () => {
  const store = new Store({ out: "reproduce", root: "data", print: () => {} });
  const names = Object.entries(GENERAL)
    .filter(([, file]) => !isMade(file))
    .map(([name]) => name);
  for (const { id, missing, evaluation } of table.cells) {
    const isOpen = names.some((name) => rowOf(id).startsWith(`${name}-`));
    expect([id, missing !== undefined, hasFile(store, evaluation)]).toEqual([id, isOpen, !isOpen]);
  }
});

it("the mean is over whole columns of the table", () => {
  const { columns, against } = table.mean!;
  expect(columns.length).toBe(6);
  for (const column of columns)
    expect(table.cells.filter((one) => one.column === column && rowOf(one.id) === against).length).toBe(1);
});
