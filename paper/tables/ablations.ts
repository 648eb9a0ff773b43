// Table VI, and the ablations of choices that the paper leaves open: variants of PudNet, all else equal.

import type { ArchName } from "pudnet/engine";
import type { Budget } from "../recipes/budgets.ts";
import type { TransferName } from "../recipes/datasets.ts";
import { TABLE_6 } from "../recipes/printed.ts";
import { acrossColumn, type Column, ONE_HEAD, withinColumn } from "./column.ts";
import { pudnetCell, type PudNetRow } from "./pudnet.ts";
import type { Table } from "./table.ts";

const TABLE_6_ROWS: readonly PudNetRow[] = [
  { id: "no-context", method: "w.o.-Context (no AHRU)", kind: "paper", pudnet: { context: false } },
  { id: "metric", method: "metric loss only", kind: "paper", pudnet: { fullLoss: 0, klLoss: 0 } },
  { id: "no-kl", method: "w.o.-kl", kind: "paper", pudnet: { klLoss: 0 } },
  {
    id: "pudnet",
    method: "PudNet",
    kind: "paper",
    comparedWith: ["no-context", "metric", "no-kl", "static", "no-sketch-norm"],
  },
  {
    id: "no-context-generation",
    method: "w.o.-Context, batch norm from the generation set",
    pudnet: { context: false },
    norm: "generation",
  },
  {
    id: "pudnet-generation",
    method: "PudNet, batch norm from the generation set",
    norm: "generation",
    // what AHRU brings where both networks have their batch norm fitted, as w.o.-Context needs it
    comparedWith: ["no-context-generation"],
  },
  {
    id: "no-sketch-norm",
    method: "PudNet, sketch network without batch norm",
    pudnet: { sketchNorm: "none" },
    // and where the sketch has no batch norm to be hidden by
    comparedWith: ["no-sketch-norm-no-context", "static"],
  },
  {
    id: "no-sketch-norm-no-context",
    method: "w.o.-Context, sketch network without batch norm",
    pudnet: { sketchNorm: "none", context: false },
  },
  { id: "static", method: "Static-PudNet (the sketch is a learned constant)", pudnet: { sketch: "constant" } },
];

const CHOICES: readonly PudNetRow[] = [
  {
    id: "pudnet",
    method: "PudNet as in our tables",
    kind: "paper",
    comparedWith: [
      "static",
      "no-sketch-norm",
      "layer-norm",
      "generation-norm",
      "prototypes",
      "fixed-temperature",
      "temperature-1",
      "no-stem",
      "norm-first",
      "augment",
    ],
  },
  { id: "generation-norm", method: "batch norm from the generation set", norm: "generation" },
  { id: "prototypes", method: "gradient through the prototypes", pudnet: { detachPrototypes: false } },
  { id: "fixed-temperature", method: "temperature fixed at 10", pudnet: { learnTemperature: false } },
  { id: "temperature-1", method: "temperature learned from 1", pudnet: { temperature: 1 } },
  { id: "no-stem", method: "first layer learned, not predicted", pudnet: { predict: "no-stem" } },
  { id: "norm-first", method: "sketch blocks: norm before leaky ReLU", pudnet: { sketchOrder: "conv-norm-act" } },
  {
    id: "no-sketch-norm",
    method: "sketch network without batch norm",
    pudnet: { sketchNorm: "none" },
    comparedWith: ["static"],
  },
  { id: "layer-norm", method: "sketch network with layer norm", pudnet: { sketchNorm: "layer" } },
  { id: "augment", method: "random flips and shifts", data: { augment: true } },
  { id: "static", method: "Static-PudNet", pudnet: { sketch: "constant" } },
];

const cellsOf = (column: Column, rows: readonly PudNetRow[]) =>
  rows.map((row) => pudnetCell(column, { ...row, timing: ONE_HEAD }));

const ACROSS: Readonly<Record<TransferName, string>> = {
  "animals-10": "imagenet-100-set-to-animals-10",
  "cifar-10": "imagenet-100-set-to-cifar-10",
  dtd: "imagenet-100-set-to-dtd",
  "dtd-10": "imagenet-100-set-to-dtd-10",
};

/** Table VI's columns for a target network; the paper's numbers are for ResNet-18. */
function columnsOf(arch: ArchName, budget: Budget): Column[] {
  const printed = (name: string) => (arch === "resnet-18" ? (row: string) => TABLE_6(row, name) : undefined);
  const within = (["fashion-set", "cifar-100-set", "imagenet-100-set"] as const).map((source) => ({
    ...withinColumn(source, arch, budget),
    steps: budget.effort(arch, source).ablation,
    paper: printed(source),
  }));
  const across = Object.entries(ACROSS).map(([name, id]) => ({
    ...acrossColumn("imagenet-100-set", name as TransferName, arch, budget),
    id: `${arch}/${id}`,
    paper: printed(name),
  }));
  return [...within, ...across];
}

export function table6(budget: Budget): Table {
  return {
    id: "table-6",
    title: "Table VI: what each part of PudNet is worth",
    notes: [
      "All variants of a column are trained on the same number of groups with the same seed, and judged on the same test groups.",
      "The paper's figures are for ResNet-18; Static-PudNet is not in the paper: its weights do not depend on the data set at all.",
    ],
    form: "table",
    cells: (["convnet-3", "resnet-18"] as const)
      .flatMap((arch) => columnsOf(arch, budget))
      .flatMap((column) => cellsOf(column, TABLE_6_ROWS)),
  };
}

export function choices(budget: Budget): Table {
  return {
    id: "choices",
    title: "Choices that the paper leaves open",
    notes: ["Short trainings: differences between rows matter here, not their level."],
    form: "table",
    cells: (["cifar-100-set", "fashion-set"] as const).flatMap((source) =>
      cellsOf({ ...withinColumn(source, "convnet-3", budget), steps: budget.choices[source] }, CHOICES),
    ),
  };
}
