// A cell: one printed number of a table or a point of a graph: what it is a function of, what the paper prints there, and what
// was measured.

import type { PrintedResult } from "../recipes/printed.ts";
import type { EvaluationRecipe } from "../recipes/recipe.ts";

export interface Cell {
  /** Unique in its table: "convnet-3/cifar-100-set/pudnet". */
  readonly id: string;
  /** Table: row and column. Graph: series (row) and x (column, a number). */
  readonly row: string;
  readonly column: string;
  /** paper: its protocol; strong: a stronger recipe of the literature; ours: what the paper leaves out. */
  readonly kind: "paper" | "strong" | "ours";
  readonly method: string;
  readonly evaluation: EvaluationRecipe;
  /** Which of the evaluation's accuracies: "10-shot centroids", "30 epochs", ... */
  readonly measure: string;
  /** Which of its seconds are printed where it has them, instead of the usual ones. */
  readonly timing?: string;
  readonly paper?: PrintedResult;
  /** Cannot be run here: why. */
  readonly missing?: string;
  /** Rows of its column that it is compared with, group by group. */
  readonly comparedWith?: readonly string[];
  /** What its record says; undefined: not run. */
  readonly measured?: Measured;
}

/** Accuracies are shares from 0 to 1. */
export interface Measured {
  readonly accuracy: { readonly mean: number; readonly ci95: number; readonly n: number };
  /** Median. */
  readonly seconds?: number;
  /** Accuracy group by group, for paired comparisons. */
  readonly groups: readonly number[];
}
