// What is known of each cell: its evaluation's figures, as far as they are on disk.

import { estimate, type GroupResult, median } from "pudnet/evaluation";
import type { Cell, CellResult, Experiment } from "../tables/cell.ts";
import { evaluationName, knownGroups } from "../store/evaluations.ts";
import type { Store } from "../store/store.ts";

/** The result of each cell of an experiment; those whose evaluation has no groups yet carry none. */
export async function cellResults(store: Store, { cells }: Experiment): Promise<CellResult[]> {
  const byName = new Map<string, GroupResult[]>();
  const results: CellResult[] = [];
  for (const cell of cells) {
    // cells of one evaluation may ask for different numbers of groups
    const name = `${evaluationName(cell.evaluation)}, ${cell.evaluation.protocol.groups} groups`;
    const known = byName.get(name) ?? (await knownGroups(store, cell.evaluation));
    byName.set(name, known);
    results.push(resultOf(cell, known));
  }
  return results;
}

function resultOf(cell: Cell, groups: readonly GroupResult[]): CellResult {
  const accuracies = groups.flatMap(({ accuracy }) => accuracy[cell.figure] ?? []);
  if (accuracies.length === 0) return { cell };
  const { timing } = cell;
  const seconds = timing === undefined ? [] : groups.flatMap((group) => group.seconds[timing] ?? []);
  return {
    cell,
    accuracy: estimate(accuracies),
    ...(seconds.length === 0 ? {} : { seconds: median(seconds) }),
    groups: accuracies,
  };
}
