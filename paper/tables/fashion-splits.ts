// Fashion-set with other test classes, which the paper does not name: ConvNet-3 after short trainings, and ResNet-18 of a stem
// that leaves its last stages more than one place of a picture of 28 px.

import { CLASS_SPLITS, type SplitName } from "pudnet/datasets";
import type { Budget } from "../recipes/budgets.ts";
import { archTitle } from "../recipes/networks.ts";
import type { Cell } from "./cell.ts";
import { type Column, ofRows, ONE_HEAD, withinColumn } from "./column.ts";
import { METHOD_NOTES, methodRows } from "./methods.ts";
import { pudnetCell } from "./pudnet.ts";
import type { Table } from "./table.ts";

export const FASHION_SPLITS: readonly SplitName[] = [
  "fashion-set",
  "fashion-split-1",
  "fashion-split-2",
  "fashion-split-3",
  "fashion-split-4",
  "fashion-split-5",
];
/** Of ResNet-18, whose groups cost twenty times as much. */
const RESNET_SPLITS = FASHION_SPLITS.slice(0, 3);
/** Of Table I. */
const RESNET_ROWS = [
  "pudnet",
  "pudnet-closed-form",
  "pudnet-turned",
  "pudnet-turned-closed-form",
  "static",
  "static-closed-form",
  "pretrained",
  "pretrained-closed-form",
  "random",
  "random-closed-form",
  "pixels",
  "pixels-closed-form",
];
const STEM = "7x7";

export function fashionSplits(budget: Budget): Table {
  return {
    id: "fashion-splits",
    title: "Fashion-set by its test classes",
    notes: [
      "The paper tests on four of ten classes and does not say which. The first column is our Fashion-set; the others were drawn " +
        "at random, once. ConvNet-3's training is short.",
      `${archTitle("resnet-18", STEM)}: of pictures of 28 px Table I's ResNet-18 has maps of one place in its last stage; this one halves them once less, ` +
        "and has 2 x 2. It is trained on as many groups as in Table I.",
      `Rows that train on each test group are judged on at most ${budget.trainedGroups.residual} of them.`,
      ...METHOD_NOTES,
    ],
    form: "table",
    cells: [
      ...FASHION_SPLITS.flatMap((split) => plainCells(columnOf("convnet-3", split, budget))),
      ...RESNET_SPLITS.flatMap((split) => residualCells(columnOf("resnet-18", split, budget))),
    ],
  };
}

function columnOf(arch: "convnet-3" | "resnet-18", split: SplitName, budget: Budget): Column {
  const own = withinColumn("fashion-set", arch, { ...budget, groups: budget.graphGroups });
  const classes = CLASS_SPLITS[split].test.join(", ");
  const column = { ...own, split, protocol: { ...own.protocol, classes: { testOf: split } } };
  return arch === "convnet-3"
    ? { ...column, id: split, title: classes, steps: budget.fashionSplits }
    : { ...column, id: `resnet-18/${split}`, title: `${archTitle(arch, STEM)}: ${classes}`, stem: STEM };
}

function plainCells(column: Column): Cell[] {
  const timing = ONE_HEAD;
  return [
    pudnetCell(column, { id: "pudnet", method: "PudNet", kind: "paper", timing, comparedWith: ["static"] }),
    pudnetCell(column, { id: "static", method: "Static-PudNet", timing, pudnet: { sketch: "constant" } }),
  ];
}

function residualCells(column: Column): Cell[] {
  return ofRows(methodRows(column), column, [...RESNET_ROWS, ...column.epochs.map((count) => `adam-${count}`)]);
}
