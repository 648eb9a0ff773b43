// Small experiments with invented results, for what turns results into pages.

import { sourceRecipe } from "../paper/recipes/datasets.ts";
import type { Cell, CellResult, Experiment } from "../paper/tables/cell.ts";
import type { EvaluationRecipe, Protocol } from "../paper/recipes/recipe.ts";
import { parseTrainConfig } from "../src/train/config.ts";
import { ADAM } from "../src/train/optimizer.ts";
import { estimate } from "../src/statistics.ts";

const protocol: Protocol = {
  dataset: "cifar-100",
  side: 32,
  classes: { testOf: "cifar-fs" },
  ways: 5,
  shots: 10,
  generation: 500,
  test: 100,
  groups: 4,
  seed: 7,
};
const target = { arch: "convnet-3", width: 64, stem: "3x3" } as const;
const normalization = sourceRecipe("cifar-100-set");
const data = { dataset: "cifar-100", split: "cifar-fs" };
const config = parseTrainConfig({ name: "made-up", seed: 3, data }, "made-up");

/** PudNet on groups that differ from the usual ones by `changes`. */
export function pudnetOn(changes: Partial<Protocol> = {}): EvaluationRecipe {
  const network = { method: "pudnet", config } as const;
  return { kind: "pudnet", network, heads: ["few"], norm: "running", protocol: { ...protocol, ...changes } };
}

const scratch: EvaluationRecipe = {
  kind: "scratch",
  protocol,
  target,
  normalization,
  epochs: [1, 30],
  batch: 64,
  optimizer: ADAM,
};

/** A cell of the invented table, changed. */
export function cellOf(id: string, changes: Partial<Cell> = {}): Cell {
  return {
    id,
    row: id,
    column: "CIFAR-100-set",
    kind: "paper",
    method: id,
    source: "CIFAR-100-set",
    target: "ConvNet-3",
    recipe: `recipe of ${id}`,
    evaluation: pudnetOn(),
    figure: "10-shot centroids",
    ...changes,
  };
}

/** A result from the accuracies of its groups, shares from 0 to 1. */
export function resultFrom(cell: Cell, groups: readonly number[], seconds?: number): CellResult {
  return { cell, accuracy: estimate(groups), groups, ...(seconds === undefined ? {} : { seconds }) };
}

const all = "all" as const;
const inter = pudnetOn({ dataset: "dtd", classes: all, ways: 47 });
const paper = { accuracy: 64.09, ci95: 0.4, seconds: 0.03 };

/** Two columns, every kind, a cell that is half done, two that are not run and one that cannot be. */
const table: Experiment = {
  id: "table-x",
  title: "Table X: an invented table",
  notes: ["Invented."],
  form: "table",
  cells: [
    cellOf("pudnet", { paper, trainGroups: 20_000 }),
    cellOf("adam-30", { evaluation: scratch, paper: { accuracy: 64.54, seconds: 28.37 } }),
    cellOf("adam-50", { evaluation: scratch, recipe: "recipe of adam-30" }),
    cellOf("protonet", { kind: "strong" }),
    cellOf("ridge", { kind: "ours", row: "PudNet, ridge | all", recipe: "recipe of pudnet" }),
    cellOf("dtd/pudnet", { column: "DTD", row: "pudnet", evaluation: inter }),
    cellOf("dtd/full", { column: "DTD", evaluation: inter, missing: "no data" }),
  ],
};

const [pudnet, adam30, adam50, , ridge] = table.cells as [Cell, Cell, Cell, Cell, Cell];

export const madeUpTable = {
  experiment: table,
  results: [
    resultFrom(ridge, [0.84, 0.86, 0.85, 0.85]),
    resultFrom(pudnet, [0.68, 0.7, 0.66, 0.72], 0.02),
    resultFrom(adam30, [0.64, 0.65, 0.66], 12.5),
    resultFrom(adam50, [0.7, 0.72, 0.68, 0.74], 20.9),
  ],
};

const graph: Experiment = {
  id: "figure-x",
  title: "Figure X: an invented figure",
  notes: [],
  form: { x: "training groups", log: true },
  cells: [
    cellOf("a/100", { row: "Fashion-set", column: "100" }),
    cellOf("a/1000", { row: "Fashion-set", column: "1000", paper: { accuracy: 96.24 } }),
    cellOf("b/100", { row: "CIFAR-100-set", column: "100", paper: { accuracy: 51, ci95: 2 } }),
    cellOf("b/1000", { row: "CIFAR-100-set", column: "1000", paper: { accuracy: 58 } }),
  ],
};

export const madeUpGraph = {
  experiment: graph,
  results: [
    resultFrom(graph.cells[0]!, [0.9, 0.92, 0.88, 0.94]),
    resultFrom(graph.cells[1]!, [0.95, 0.97, 0.96, 0.98]),
    resultFrom(graph.cells[2]!, [0.5, 0.52, 0.54, 0.48]),
  ],
};
