// Tables II, III and V: all methods from one set to all classes of another. The paper's tables are for ResNet-18; we print
// ConvNet-3 too, which two cores can train to the end.

import type { Budget } from "../recipes/budgets.ts";
import { type SourceName, TRANSFER_SETS, type TransferName } from "../recipes/datasets.ts";
import { type PrintedResult, TABLE_2, TABLE_3, TABLE_5 } from "../recipes/printed.ts";
import type { Cell } from "./cell.ts";
import { acrossColumn, type Column, trainedAcross, trainedWithin } from "./column.ts";
import { METHOD_NOTES, methodRows } from "./methods.ts";
import { pudnetRows } from "./pudnet.ts";
import type { Table } from "./table.ts";

/** PudNet and Static-PudNet as they are trained for unseen classes of the source itself. */
const OF_TABLE_1 = [
  {
    id: "pudnet-of-table-1",
    of: "pudnet",
    comparedWith: ["static-of-table-1", "pudnet-wrong-sketch-of-table-1", "pretrained"],
  },
  { id: "pudnet-all-of-table-1", of: "pudnet-all", comparedWith: ["pretrained-all"] },
  {
    id: "pudnet-closed-form-of-table-1",
    of: "pudnet-closed-form",
    comparedWith: ["static-closed-form-of-table-1", "pretrained-closed-form"],
  },
  { id: "static-of-table-1", of: "static", comparedWith: [] },
  { id: "static-closed-form-of-table-1", of: "static-closed-form", comparedWith: [] },
  { id: "pudnet-wrong-sketch-of-table-1", of: "pudnet-wrong-sketch", comparedWith: [] },
] as const;

function ofTable1(column: Column): Cell[] {
  const { source, arch, budget } = column;
  const rows = pudnetRows({ ...column, ...trainedWithin(source, arch, budget), paper: undefined });
  return OF_TABLE_1.flatMap(({ id, of, comparedWith }) =>
    rows
      .filter((cell) => cell.id === `${column.id}/${of}`)
      .map((cell): Cell => {
        const method = `${cell.method} (Table I's network)`;
        return { ...cell, id: `${column.id}/${id}`, row: method, method, kind: "ours", comparedWith };
      }),
  );
}

const TARGETS: readonly TransferName[] = ["animals-10", "cifar-10", "dtd", "dtd-10"];

function acrossNotes(budget: Budget): string[] {
  const [cifar, dtd, small] = (["cifar-10", "dtd", "dtd-10"] as const).map((name) => TRANSFER_SETS[name]);
  const { beta } = trainedAcross("cifar-100-set", "resnet-18", budget);
  return [
    `All classes of the other set at once; ${budget.repeats} repeats draw other labelled images (and other images, where there are no ` +
      "published parts). Images are resized to the size of the source and normalised by its statistics. CIFAR-10: " +
      `${cifar!.generation.toLocaleString("en-US")} of the 2,500 training images a class that are at hand (of 5,000), and ` +
      `${cifar!.test} of 1,000 test images. DTD-10: ${small!.ways} of DTD's ${dtd!.ways} classes, which makes it ` +
      "another, easier task than the paper's.",
    "The interval is the spread over repeats that share most of their images (CIFAR-10: four fifths), so it understates what other " +
      "images would change, and says nothing of other sets.",
    `PudNet and Static-PudNet have beta ${beta} here, as in the paper, and fewer groups than in Table I (see the recipes); rows that say so ` +
      "are Table I's networks. The baselines are Table I's.",
    ...METHOD_NOTES,
  ];
}

/** The paper's numbers are for ResNet-18. */
function acrossTable(
  id: string,
  title: string,
  source: SourceName,
  printed: (row: string, column: string) => PrintedResult | undefined,
): (budget: Budget) => Table {
  return (budget) => {
    const columns = (["convnet-3", "resnet-18"] as const).flatMap((arch) =>
      TARGETS.map((name) => ({
        ...acrossColumn(source, name, arch, budget),
        paper: arch === "resnet-18" ? (row: string) => printed(row, name) : undefined,
      })),
    );
    const cells = columns.flatMap((column) => [...methodRows(column), ...ofTable1(column)]);
    return { id, title, notes: acrossNotes(budget), form: "table", cells };
  };
}

export const table2 = acrossTable("table-2", "Table II: from CIFAR-100-set to other sets", "cifar-100-set", TABLE_2);
export const table3 = acrossTable(
  "table-3",
  "Table III: from ImageNet-100-set to other sets",
  "imagenet-100-set",
  TABLE_3,
);
export const table5 = acrossTable("table-5", "Table V: from ImageNet-1K-set to other sets", "imagenet-1k-set", TABLE_5);
