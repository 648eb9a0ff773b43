// A table with what its cells' records say, as far as they are on disk.

import { estimate, type GroupResult, median } from "pudnet/evaluation";
import { evaluationName, knownGroups } from "../store/evaluations.ts";
import type { Store } from "../store/store.ts";
import type { Cell, Measured } from "../tables/cell.ts";
import type { Table } from "../tables/table.ts";

/** The table, measured as far as it is known; cells whose evaluation has no groups yet stay without. */
export async function measuredTable(store: Store, table: Table): Promise<Table> {
  const byName = new Map<string, readonly GroupResult[]>();
  const cells: Cell[] = [];
  for (const cell of table.cells) {
    // cells of one evaluation may ask for different numbers of groups
    const name = `${evaluationName(cell.evaluation)}, ${cell.evaluation.protocol.groups} groups`;
    const known = byName.get(name) ?? (await knownGroups(store, cell.evaluation));
    byName.set(name, known);
    const measured = measuredOf(cell, known);
    cells.push(measured ? { ...cell, measured } : cell);
  }
  return { ...table, cells };
}

function measuredOf(cell: Cell, groups: readonly GroupResult[]): Measured | undefined {
  const { measure } = cell;
  // a measure that is being added to groups of before is there for the first of them
  const lacking = groups.findIndex(({ accuracy }) => accuracy[measure] === undefined);
  const judged = lacking < 0 ? groups : groups.slice(0, lacking);
  if (judged.length === 0) return undefined;
  const accuracies = judged.map(({ accuracy }) => accuracy[measure]!);
  const seconds = judged.flatMap((group) => {
    const timed = timingsOf(cell).find((name) => group.seconds[name] !== undefined);
    return timed === undefined ? [] : [group.seconds[timed]!];
  });
  return {
    accuracy: estimate(accuracies),
    ...(seconds.length === 0 ? {} : { seconds: median(seconds) }),
    groups: accuracies,
  };
}

/** Which of its seconds, the first that a group has: a prediction's, or those of training up to the epoch that is judged. */
function timingsOf({ evaluation, measure, timing }: Cell): string[] {
  return [...(timing === undefined ? [] : [timing]), evaluation.kind === "supervised" ? measure : "prediction"];
}
