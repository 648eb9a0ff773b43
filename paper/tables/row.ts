// A row of the tables that compare methods: a method with its recipe, how it is judged, and which figure is printed.

import type { ArchName } from "pudnet/engine";
import { headTitle, ruleTitle, type Protocol } from "pudnet/evaluation";
import type { Budget } from "../recipes/budgets.ts";
import type { Cell } from "./cell.ts";
import { SHOTS, type SourceName } from "../recipes/datasets.ts";
import type { EvaluationRecipe } from "../recipes/recipe.ts";

export const FEW = headTitle("few", SHOTS);
export const ALL = headTitle("all", SHOTS);
export const CLOSED = headTitle("closed-form", SHOTS);
/** Few-shot figures of a method with a rule of its own. */
export const RULE = ruleTitle(SHOTS);

export interface MethodRow {
  readonly id: string;
  readonly method: string;
  readonly kind: Cell["kind"];
  readonly evaluation: EvaluationRecipe;
  readonly measure: string;
  readonly timing?: Cell["timing"];
  readonly trainGroups?: number;
  /** Rows that it is compared with, group by group. */
  readonly comparedWith?: readonly string[];
}

/** Where rows are judged. */
export interface Place {
  readonly source: SourceName;
  readonly arch: ArchName;
  readonly budget: Budget;
  readonly protocol: Protocol;
  /** Groups for methods that are trained on each. */
  readonly trainedGroups: number;
  readonly epochs: readonly number[];
  /** beta of eq. 5: the paper has another one across sets. */
  readonly beta: number;
  /** Training groups of PudNet. */
  readonly steps: number;
}

type PudNetTraining = Pick<Place, "beta" | "steps">;

/** How PudNet is trained for unseen classes of the source itself. */
export const pudnetWithin = (budget: Budget, arch: ArchName, source: SourceName): PudNetTraining => ({
  beta: 0.1,
  steps: budget.effort(arch, source).pudnet,
});

/** How PudNet is trained for other data sets. */
export const pudnetAcross = (budget: Budget, arch: ArchName, source: SourceName): PudNetTraining => ({
  beta: 0.5,
  steps: budget.effort(arch, source).ablation,
});
