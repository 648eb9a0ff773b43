// What pages and CSV files say about a cell and about an experiment's results. Every number comes from the cell or its
// result.

import { invariant, shellWord } from "pudnet/engine";
import { formatPercent } from "pudnet/evaluation";
import type { Cell, CellKind, CellResult, Experiment } from "../tables/cell.ts";
import { REPRODUCE } from "../command.ts";

/** An experiment and what is known of its cells; cells that are not among the results are not run. */
export interface ExperimentResults {
  readonly experiment: Experiment;
  /** Accuracies are shares from 0 to 1, as evaluations give them. */
  readonly results: readonly CellResult[];
}

/** A cell that has been evaluated. */
export type RunResult = CellResult & Required<Pick<CellResult, "accuracy">>;

/** How the kinds are headed, in the order of the pages. */
export const KINDS: Readonly<Record<CellKind, string>> = {
  paper: "methods of the paper",
  strong: "stronger recipe",
  ours: "ours, not in the paper",
};

export function isRun(result: CellResult): result is RunResult {
  return result.accuracy !== undefined;
}

/** The results of all cells in the order of the experiment. */
export function allResults({ experiment, results }: ExperimentResults): CellResult[] {
  const byId = new Map(results.map((result) => [result.cell.id, result]));
  return experiment.cells.map((cell) => byId.get(cell.id) ?? { cell });
}

/** The result of one cell. */
export function resultOf(all: readonly CellResult[], id: string): CellResult {
  const found = all.find(({ cell }) => cell.id === id);
  invariant(found, () => `no cell "${id}" in this experiment`);
  return found;
}

/** @example cellCommand("table-7", cell, "cpu") // "npm run -s reproduce -- table-7 --cell convnet-3/cifar-100-set/pudnet --budget cpu" */
export function cellCommand(experiment: string, { id }: Cell, budget: string): string {
  return `${REPRODUCE} ${experiment} --cell ${shellWord(id)} --budget ${budget}`;
}

/** By kind, in the order of the pages. */
export function sortedByKind<T extends CellResult>(results: readonly T[]): T[] {
  const order = Object.keys(KINDS);
  return results.toSorted((a, b) => order.indexOf(a.cell.kind) - order.indexOf(b.cell.kind));
}

/** "CIFAR-100-set", or "CIFAR-100-set -> DTD" where a method is judged on all classes of another data set. */
export function datasetText({ source, evaluation: { protocol } }: Cell): string {
  return protocol.classes === "all" ? `${source} -> ${protocol.dataset}` : source;
}

/** The network and the groups that it is judged on, in words. */
export function settingText({ target, evaluation: { protocol } }: Cell): string {
  const { ways, shots, generation, test, side, seed } = protocol;
  return (
    `${target}; groups of ${ways} ways, ${generation} generation images (${shots} shots labelled) and ${test} test ` +
    `images a class, ${side} px, seed ${seed}`
  );
}

/** "64.09 ± 0.40", the paper's. */
export function paperText({ paper }: Cell): string {
  if (!paper) return "";
  return `${paper.accuracy.toFixed(2)}${paper.ci95 === undefined ? "" : ` ± ${paper.ci95.toFixed(2)}`}`;
}

/** "68.21 ± 0.52", "not run" or "not run: no data". */
export function measuredText(result: CellResult): string {
  if (isRun(result)) return formatPercent(result.accuracy);
  return result.cell.missing === undefined ? "not run" : `not run: ${result.cell.missing}`;
}

/** "500", or "120 of 500" while some are still to be done. */
export function groupsText(result: CellResult): string {
  if (!isRun(result)) return "";
  const { groups } = result.cell.evaluation.protocol;
  return result.accuracy.n < groups ? `${result.accuracy.n} of ${groups}` : String(result.accuracy.n);
}

/** "12 of 26 cells run, 4 cannot be run here". */
export function progressText(all: readonly CellResult[]): string {
  const run = all.filter(isRun).length;
  const missing = all.filter((result) => !isRun(result) && result.cell.missing !== undefined).length;
  return `${run} of ${all.length} cells run${missing > 0 ? `, ${missing} cannot be run here` : ""}`;
}
