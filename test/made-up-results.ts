// A small table and a graph with invented results, for what turns them into pages.

import { sourceRecipe } from "../paper/recipes/datasets.ts";
import type { Cell } from "../paper/tables/cell.ts";
import type { Table } from "../paper/tables/table.ts";
import type { EvaluationRecipe } from "../paper/recipes/recipe.ts";
import type { Protocol } from "../src/train/evaluation/recipe.ts";
import { parseSingleConfig } from "../src/train/config.ts";
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
const config = parseSingleConfig({ name: "made-up", seed: 3, data }, "made-up");

/** PudNet on groups that differ from the usual ones by `changes`. */
export function pudnetOn(changes: Partial<Protocol> = {}): EvaluationRecipe {
  const network = { method: "pudnet", config } as const;
  return { kind: "pudnet", network, norm: "running", protocol: { ...protocol, ...changes } };
}

const scratch: EvaluationRecipe = {
  kind: "supervised",
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
    evaluation: pudnetOn(),
    measure: "10-shot centroids",
    ...changes,
  };
}

/** The cell, measured: from the accuracies of its groups, shares from 0 to 1. */
export function measured(cell: Cell, groups: readonly number[], seconds?: number): Cell {
  const accuracy = estimate(groups);
  return { ...cell, measured: { accuracy, groups, ...(seconds === undefined ? {} : { seconds }) } };
}

const all = "all" as const;
const inter = pudnetOn({ dataset: "dtd", classes: all, ways: 47 });
const paper = { accuracy: 64.09, ci95: 0.4, seconds: 0.03 };

/** Two columns, every kind, a cell that is half done, two that are not run and one that cannot be. */
export const madeUpTable: Table = {
  id: "table-x",
  title: "Table X: an invented table",
  notes: ["Invented."],
  form: "table",
  cells: [
    measured(cellOf("pudnet", { paper }), [0.68, 0.7, 0.66, 0.72], 0.02),
    measured(
      cellOf("adam-30", { evaluation: scratch, paper: { accuracy: 64.54, seconds: 28.37 } }),
      [0.64, 0.65, 0.66],
      12.5,
    ),
    measured(cellOf("adam-50", { evaluation: scratch }), [0.7, 0.72, 0.68, 0.74], 20.9),
    cellOf("protonet", { kind: "strong" }),
    measured(cellOf("ridge", { kind: "ours", row: "PudNet, ridge | all" }), [0.84, 0.86, 0.85, 0.85]),
    cellOf("dtd/pudnet", { column: "DTD", row: "pudnet", evaluation: inter }),
    cellOf("dtd/full", { column: "DTD", evaluation: inter, missing: "no data" }),
  ],
};

export const madeUpGraph: Table = {
  id: "figure-x",
  title: "Figure X: an invented figure",
  notes: [],
  form: { x: "training groups", log: true },
  cells: [
    measured(cellOf("a/100", { row: "Fashion-set", column: "100" }), [0.9, 0.92, 0.88, 0.94]),
    measured(
      cellOf("a/1000", { row: "Fashion-set", column: "1000", paper: { accuracy: 96.24 } }),
      [0.95, 0.97, 0.96, 0.98],
    ),
    measured(
      cellOf("b/100", { row: "CIFAR-100-set", column: "100", paper: { accuracy: 51, ci95: 2 } }),
      [0.5, 0.52, 0.54, 0.48],
    ),
    cellOf("b/1000", { row: "CIFAR-100-set", column: "1000", paper: { accuracy: 58 } }),
  ],
};

/** The table as it is before anything is measured. */
export function unmeasured(table: Table): Table {
  return { ...table, cells: table.cells.map(({ measured: _measured, ...cell }) => cell) };
}
