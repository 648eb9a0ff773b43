// What pages and CSV files say about a cell. Every number comes from the cell.

import { shellWord } from "pudnet/engine";
import { formatPercent, rounded } from "pudnet/evaluation";
import { sourceDataset, sourceTitle, targetWords } from "../recipes/words.ts";
import type { Cell } from "../tables/cell.ts";
import { REPRODUCE } from "../command.ts";

/** A cell whose evaluation has groups. */
export type MeasuredCell = Cell & Required<Pick<Cell, "measured">>;

/** How the kinds are headed, in the order of the pages. */
export const KINDS: Readonly<Record<Cell["kind"], string>> = {
  paper: "methods of the paper",
  strong: "stronger recipe",
  ours: "ours, not in the paper",
};

export function isMeasured(cell: Cell): cell is MeasuredCell {
  return cell.measured !== undefined;
}

/** @example cellCommand("table-7", { id: "convnet-3/pudnet" }, "cpu") // "npm run -s reproduce -- table-7 --cell convnet-3/pudnet --budget cpu" */
export function cellCommand(table: string, { id }: Pick<Cell, "id">, budget: string): string {
  return `${REPRODUCE} ${table} --cell ${shellWord(id)} --budget ${budget}`;
}

/** By kind, in the order of the pages. */
export function sortedByKind(cells: readonly Cell[]): Cell[] {
  const order = Object.keys(KINDS);
  return cells.toSorted((a, b) => order.indexOf(a.kind) - order.indexOf(b.kind));
}

/** "CIFAR-100-set", or "CIFAR-100-set -> dtd" where a method is judged on all classes of a data set, or on another one. */
export function datasetText({ evaluation }: Cell): string {
  const { protocol } = evaluation;
  const source = sourceTitle(evaluation);
  const isOther = protocol.classes === "all" || protocol.dataset !== sourceDataset(evaluation);
  return isOther ? `${source} -> ${protocol.dataset}` : source;
}

/** The network and the groups that it is judged on, in words. */
export function settingText({ evaluation }: Cell): string {
  const { ways, shots, generation, test, side, seed } = evaluation.protocol;
  return (
    `${targetWords(evaluation)}; groups of ${ways} ways, ${generation} generation images (${shots} shots labelled) and ${test} test ` +
    `images a class, ${side} px, seed ${seed}`
  );
}

/** "64.09 ± 0.40", the paper's. */
export function paperText({ paper }: Cell): string {
  if (!paper) return "";
  return `${rounded(paper.accuracy, 2)}${paper.ci95 === undefined ? "" : ` ± ${rounded(paper.ci95, 2)}`}`;
}

/** "68.21 ± 0.52", "not run" or "not run: no data". */
export function measuredText({ measured, missing }: Cell): string {
  if (measured) return formatPercent(measured.accuracy);
  return missing === undefined ? "not run" : `not run: ${missing}`;
}

/** "500", or "120 of 500" while some are still to be done. */
export function groupsText({ measured, evaluation }: Cell): string {
  if (!measured) return "";
  const { groups } = evaluation.protocol;
  const { n } = measured.accuracy;
  return n < groups ? `${n} of ${groups}` : String(n);
}

/** "12 of 26 cells run, 4 cannot be run here". */
export function progressText(cells: readonly Cell[]): string {
  const run = cells.filter(isMeasured).length;
  const missing = cells.filter((cell) => !isMeasured(cell) && cell.missing !== undefined).length;
  return `${run} of ${cells.length} cells run${missing > 0 ? `, ${missing} cannot be run here` : ""}`;
}
