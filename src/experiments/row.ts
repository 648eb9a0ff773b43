// A row of the tables that compare methods: a method with its recipe, how it is judged, and which figure is printed.

import type { ArchName } from "../models/architectures.ts";
import { type HeadName, headTitle } from "../train/heads.ts";
import type { Budget } from "./budgets.ts";
import type { CellKind } from "./cells.ts";
import type { SourceName } from "./datasets.ts";
import type { EvaluationRecipe, NormalizationRecipe, Protocol } from "./recipes.ts";

const SHOTS = 10;
export const FEW = headTitle("few", SHOTS);
export const ALL = headTitle("all", SHOTS);
export const CLOSED = headTitle("closed-form", SHOTS);
/** Few-shot figures of a method with a rule of its own. */
export const RULE = `${SHOTS}-shot rule`;
export const HEADS: readonly HeadName[] = ["few", "all", "closed-form"];

export interface MethodRow {
  readonly id: string;
  readonly method: string;
  readonly kind: CellKind;
  readonly evaluation: EvaluationRecipe;
  readonly figure: string;
  readonly timing?: string;
  readonly trainGroups?: number;
  /** How it was trained, in words. */
  readonly recipe: string;
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
  /** Of the images of what is trained from scratch. */
  readonly normalization: NormalizationRecipe;
}
