// A column of a table: what its rows are trained on and judged on, and what is spent. A row adds a method, and makes a cell.

import { type ArchName, invariant } from "pudnet/engine";
import { headTitle, type Protocol, ruleTitle } from "pudnet/evaluation";
import { type Budget, sizeOf } from "../recipes/budgets.ts";
import {
  acrossProtocol,
  SHOTS,
  SOURCES,
  type SourceName,
  TRANSFER_SETS,
  type TransferName,
  withinProtocol,
} from "../recipes/datasets.ts";
import { archTitle, type Setting } from "../recipes/networks.ts";
import type { PrintedResult } from "../recipes/printed.ts";
import type { Cell } from "./cell.ts";

export const FEW = headTitle("few", SHOTS);
export const ALL = headTitle("all", SHOTS);
export const CLOSED = headTitle("closed-form", SHOTS);
/** Of a few-shot method with a rule of its own. */
export const RULE = ruleTitle(SHOTS);

/** Of predictions that were measured while few-shot centroids alone were judged: in records of before all heads were. */
export const ONE_HEAD = "prediction, one head";

export interface Column extends Setting {
  readonly id: string;
  readonly title: string;
  readonly protocol: Protocol;
  /** Cannot be run here: why. */
  readonly missing?: string | undefined;
  /** Training groups of PudNet. */
  readonly steps: number;
  /** beta of eq. 5: the paper has another one across sets. */
  readonly beta: number;
  /** Groups for methods that are trained on each, and the epochs that these are judged after. */
  readonly trainedGroups: number;
  readonly epochs: readonly number[];
  /** What the paper prints in a row. */
  readonly paper?: ((row: string) => PrintedResult | undefined) | undefined;
}

/** Unseen classes of the source itself. */
export function withinColumn(source: SourceName, arch: ArchName, budget: Budget): Column {
  const { title, missing } = SOURCES[source];
  return {
    id: `${arch}/${source}`,
    title: `${title}, ${archTitle(arch)}`,
    source,
    arch,
    budget,
    protocol: withinProtocol(source, budget.groups),
    missing,
    ...trainedWithin(source, arch, budget),
    trainedGroups: budget.trainedGroups[sizeOf(arch)],
    epochs: budget.scratchEpochs[sizeOf(arch)],
  };
}

/** All classes of another set. */
export function acrossColumn(source: SourceName, name: TransferName, arch: ArchName, budget: Budget): Column {
  const { title, missing } = TRANSFER_SETS[name];
  return {
    id: `${arch}/${name}`,
    title: `${SOURCES[source].title} to ${title}, ${archTitle(arch)}`,
    source,
    arch,
    budget,
    protocol: acrossProtocol(source, name, budget.repeats),
    missing: missing ?? SOURCES[source].missing,
    ...trainedAcross(source, arch, budget),
    trainedGroups: budget.trainedRepeats,
    epochs: budget.scratchEpochsAcross,
  };
}

/** How PudNet is trained for unseen classes of the source itself. */
export const trainedWithin = (source: SourceName, arch: ArchName, budget: Budget) => ({
  beta: 0.1,
  steps: budget.effort(arch, source).pudnet,
});

/** How PudNet is trained for other data sets. */
export const trainedAcross = (source: SourceName, arch: ArchName, budget: Budget) => ({
  beta: 0.5,
  steps: budget.effort(arch, source).ablation,
});

/** The cell of a row; `row`: its heading where that is not the method. */
export function cellOf(
  { id: column, title, protocol, missing, paper }: Column,
  { id, comparedWith, ...row }: Omit<Cell, "row" | "column"> & { readonly row?: string },
): Cell {
  const printed = paper?.(id);
  return {
    row: row.method,
    ...row,
    id: `${column}/${id}`,
    column: title,
    ...(printed ? { paper: printed } : {}),
    ...(missing === undefined ? {} : { missing }),
    // a single group gives no interval
    ...(comparedWith && protocol.groups > 1 ? { comparedWith } : {}),
  };
}

/** What the cells of a column are told apart by. @example rowIdOf({ id: "convnet-3/cifar-100-set/pudnet" }, { id: "convnet-3/cifar-100-set" }) // "pudnet" */
export function rowIdOf({ id }: Pick<Cell, "id">, column: Pick<Column, "id">): string {
  invariant(id.startsWith(`${column.id}/`), () => `${id} is no cell of ${column.id}`);
  return id.slice(column.id.length + 1);
}

/** Those of a column's cells that are of these rows, in their own order. */
export function ofRows(cells: readonly Cell[], column: Pick<Column, "id">, rows: readonly string[]): Cell[] {
  const found = cells.filter((cell) => rows.includes(rowIdOf(cell, column)));
  invariant(found.length === rows.length, () => `${column.id} has ${found.length} of the rows ${rows.join(", ")}`);
  return found;
}
