// The rows that Tables I to V and VII share, as cells. Rows of one network share one evaluation.

import { baselineRows, musmlRows, scratchRows } from "./baselines.ts";
import type { PrintedResult } from "../recipes/printed.ts";
import type { Cell } from "./cell.ts";
import { SOURCES } from "../recipes/datasets.ts";
import { targetText } from "../recipes/networks.ts";
import { wordsOf } from "../recipes/words.ts";
import { pudnetRows, randomRows } from "./pudnet.ts";
import type { MethodRow, Place } from "./row.ts";

/** All rows of a source, a target network and a protocol. */
export function methodRows(place: Place): MethodRow[] {
  return [
    ...baselineRows(place),
    ...musmlRows(place),
    ...scratchRows(place),
    ...pudnetRows(place),
    ...randomRows(place),
  ];
}

/** The rows as cells of one column. */
export function methodCells(
  column: { readonly id: string; readonly title: string; readonly missing?: string | undefined },
  place: Place,
  rows: readonly MethodRow[],
  paper: (row: string) => PrintedResult | undefined,
): Cell[] {
  const { source, arch, budget } = place;
  return rows.map((row) => {
    const printed = paper(row.id);
    return {
      id: `${column.id}/${row.id}`,
      row: row.method,
      column: column.title,
      kind: row.kind,
      method: row.method,
      source: SOURCES[source].title,
      target: targetText(arch, budget),
      recipe: wordsOf(row.evaluation),
      evaluation: row.evaluation,
      measure: row.measure,
      // a single group gives no interval
      ...(row.comparedWith && place.protocol.groups > 1 ? { comparedWith: row.comparedWith } : {}),
      ...(row.timing === undefined ? {} : { timing: row.timing }),
      ...(row.trainGroups === undefined ? {} : { trainGroups: row.trainGroups }),
      ...(printed ? { paper: printed } : {}),
      ...(column.missing === undefined ? {} : { missing: column.missing }),
    };
  });
}
