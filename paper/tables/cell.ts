// Experiments and their cells: a cell is one figure of a table or one point of a graph, with where its number comes from and
// what the paper has there.

import type { PrintedResult } from "../recipes/printed.ts";
import type { EvaluationRecipe } from "../recipes/recipe.ts";

/** paper: its protocol; strong: a stronger recipe of the literature; ours: what the paper leaves out. */
export type CellKind = "paper" | "strong" | "ours";

export interface Cell {
  /** Unique in its experiment: "convnet-3/cifar-100-set/pudnet". */
  readonly id: string;
  /** Table: row and column. Graph: series (row) and x (column, a number). */
  readonly row: string;
  readonly column: string;
  readonly kind: CellKind;
  readonly method: string;
  readonly source: string;
  readonly target: string;
  /** Network, width, stem, groups and steps in words. */
  readonly recipe: string;
  readonly evaluation: EvaluationRecipe;
  /** Which of the evaluation's accuracies: "10-shot centroids", "30 epochs", ... */
  readonly figure: string;
  /** Which of its seconds. */
  readonly timing?: string;
  /** Training groups, or tasks: what the network was trained on. */
  readonly trainGroups?: number;
  readonly paper?: PrintedResult;
  /** Cannot be run here: why. */
  readonly missing?: string;
}

export interface Experiment {
  /** table-1, figure-5, ... */
  readonly id: string;
  readonly title: string;
  /** What a reader must know: protocol, what differs from the paper. */
  readonly notes: readonly string[];
  /** A table, or a graph of accuracy over x. */
  readonly form: "table" | { readonly x: string; readonly log?: boolean };
  /** Cells of one method in a column differ in the seed of their training alone. */
  readonly isRepeated?: boolean;
  readonly cells: readonly Cell[];
}

/** What became of a cell. */
export interface CellResult {
  readonly cell: Cell;
  /** Undefined: not run. */
  readonly accuracy?: { readonly mean: number; readonly ci95: number; readonly n: number };
  /** Median. */
  readonly seconds?: number;
  /** Accuracy group by group, for paired comparisons. */
  readonly groups?: readonly number[];
}
