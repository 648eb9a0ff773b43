// The paper's numbers stand beside the right cells. What is expected here was typed from the paper's tables a second time.

import { describe, expect, it } from "vitest";
import { BUDGETS } from "./budgets.ts";
import { TABLES } from "../tables/tables.ts";
import * as paper from "./printed.ts";

const { full } = BUDGETS;
const cellsOf = (experiment: string) => TABLES[experiment]!(full).cells;

it.each([
  ["table-1", "resnet-18/fashion-set/pudnet", { accuracy: 96.24, ci95: 0.39, seconds: 0.5 }],
  ["table-1", "resnet-18/cifar-100-set/adam-30", { accuracy: 74.56, ci95: 0.45, seconds: 118.87 }],
  ["table-1", "resnet-18/imagenet-100-set/gc-1", { accuracy: 47.55, ci95: 1.33, seconds: 4.82 }],
  ["table-1", "resnet-18/imagenet-100-set/meta-deepbdc", { accuracy: 68.48, ci95: 0.6 }],
  ["table-2", "resnet-18/cifar-10/pudnet", { accuracy: 51.05, ci95: 0.56, seconds: 0.56 }],
  ["table-2", "resnet-18/animals-10/adam-5", { accuracy: 49.12, ci95: 0.08, seconds: 156.56 }],
  ["table-3", "resnet-18/dtd/protonet", { accuracy: 31.58, ci95: 0.77 }],
  ["table-3", "resnet-18/dtd/gc-50", { accuracy: 53.58, ci95: 0.61, seconds: 257.24 }],
  ["table-4", "resnet-18/imagenet-1k-set/pudnet", { accuracy: 44.92, ci95: 0.91, seconds: 3.89 }],
  ["table-5", "resnet-18/dtd/meta-baseline", { accuracy: 45.43, ci95: 0.89 }],
  ["table-6", "resnet-18/cifar-100-set/metric", { accuracy: 68.6, ci95: 0.61 }],
  ["table-6", "resnet-18/imagenet-100-set-to-animals-10/no-context", { accuracy: 37.21, ci95: 0.51 }],
  ["table-6", "resnet-18/imagenet-100-set/no-kl", { accuracy: 67.53, ci95: 0.73 }],
  ["table-7", "convnet-3/cifar-100-set/pudnet", { accuracy: 64.09, ci95: 0.4, seconds: 0.03 }],
  ["table-7", "convnet-3/cifar-100-set/musml", { accuracy: 56.49, ci95: 0.56, seconds: 1.21 }],
  ["table-7", "resnet-34/cifar-100-set/gc-50", { accuracy: 79.85, ci95: 0.83, seconds: 264.03 }],
  ["table-8", "convnet-3/cifar-100-100-way/pudnet-50", { accuracy: 65.19, ci95: 0.22 }],
  ["table-8", "convnet-3/dtd/gc-50", { accuracy: 53.58, ci95: 0.61 }],
] as const)("%s %s", (experiment, id, expected) => {
  expect(cellsOf(experiment).find((cell) => cell.id === id)?.paper).toEqual(expected);
});

/** What the paper has and we do not, and why. */
const NOT_OURS: Readonly<Record<string, readonly string[]>> = {
  // MUSML keeps 2 x 8 networks at once: only ConvNet-3's fit, and these tables are for ResNet-18
  "table-1": ["musml"],
  "table-2": ["musml"],
  "table-3": ["musml"],
  "table-5": ["musml"],
  // GC is counted in steps there, in epochs here
  "table-4": ["musml", "gc-steps-100", "gc-steps-2000", "gc-steps-4000", "gc-steps-6000"],
  // fine-tuning starts from a network, and MUSML has none before it is adapted to a task
  "table-8": ["musml"],
};
const PRINTED = {
  "table-1": paper.TABLE_1,
  "table-2": paper.TABLE_2,
  "table-3": paper.TABLE_3,
  "table-4": paper.TABLE_4,
  "table-5": paper.TABLE_5,
  "table-6": paper.TABLE_6,
  "table-7": paper.TABLE_7,
  "table-8": paper.TABLE_8,
} as const;

describe.each(Object.entries(PRINTED))("%s", (id, table) => {
  // ConvNet-3's columns of Table I repeat Table VII
  const own = cellsOf(id).filter((cell) => id !== "table-1" || !cell.id.startsWith("convnet-3/"));
  const shown = own.flatMap((cell) => (cell.paper ? [cell] : []));
  const rowOf = (cell: string): string => {
    const row = cell.split("/").at(-1)!;
    return id === "table-8" ? row.replace(/-\d+$/, "") : row;
  };

  it("shows every row of the paper, but those known to be left out", () => {
    const rows = new Set(shown.map((cell) => rowOf(cell.id)));
    expect(table.rows.filter((row) => !rows.has(row)).toSorted()).toEqual((NOT_OURS[id] ?? []).toSorted());
  });

  it("shows each number of those rows once, beside a cell of the paper's protocol", () => {
    const numbers = table.rows
      .filter((row) => !NOT_OURS[id]?.includes(row))
      .flatMap((row) => table.columns.map((column) => [row, column] as const))
      .filter(([row, column]) => !(row === "musml" && column === "resnet-34"))
      .flatMap(([row, column]) => table(row, column) ?? []);
    const sorted = (figures: readonly unknown[]): string[] => figures.map((one) => JSON.stringify(one)).toSorted();
    expect(sorted(shown.map((cell) => cell.paper))).toEqual(sorted(numbers));
    expect(shown.filter((cell) => cell.kind !== "paper").map((cell) => cell.id)).toEqual([]);
  });
});

it("Table I repeats Table VII where it has ConvNet-3 on CIFAR-100-set, and has nothing else of the paper there", () => {
  const cells = cellsOf("table-1").filter((cell) => cell.id.startsWith("convnet-3/") && cell.paper);
  expect(cells.length).toBeGreaterThan(0);
  for (const cell of cells) {
    expect(cell.id).toMatch(/^convnet-3\/cifar-100-set\//);
    expect(cell.paper).toEqual(paper.TABLE_7(cell.id.split("/").at(-1)!, "convnet-3"));
  }
});

it("the last rows of Table VI repeat Table III, and DTD-10 is not taken for DTD", () => {
  for (const column of ["animals-10", "cifar-10", "dtd"]) {
    const { accuracy, ci95 } = paper.TABLE_3("pudnet", column)!;
    expect(paper.TABLE_6("pudnet", column)).toEqual({ accuracy, ci95 });
  }
  const small = ["table-2", "table-3", "table-5", "table-6", "table-8"].flatMap((id) =>
    cellsOf(id).filter((cell) => cell.id.includes("dtd-10") && cell.paper),
  );
  expect(small).toEqual([]);
});
