// What another training changes: the methods of a column that were trained with several seeds, and the differences between them.

import { estimate, formatPercent, rounded, standardDeviation } from "pudnet/evaluation";
import { blocks, groupedBy, markdownTable } from "pudnet/files";
import type { Cell } from "../tables/cell.ts";
import { comparisons } from "../tables/table.ts";
import { isMeasured, type MeasuredCell } from "./cell-text.ts";

/**
 * "Over trainings", of a table whose cells of one method in a column differ in the seed alone: a row for each method, and for
 * each comparison of methods, with at least two trainings that were judged on all their groups. "" where there is none.
 */
export function overTrainingsSection(cells: readonly Cell[]): string {
  const methods = cells.filter(isWhole).map(({ column, method, measured }) => ({
    column,
    what: method,
    value: measured.accuracy.mean,
  }));
  const differences = comparisons(cells).flatMap(([a, b]) => {
    if (!isWhole(a) || !isWhole(b)) return [];
    const value = b.measured.accuracy.mean - a.measured.accuracy.mean;
    return [{ column: b.column, what: `${b.method} − ${a.method}`, value }];
  });
  const rows = [...groupedBy([...methods, ...differences], ({ column, what }) => `${column} | ${what}`).values()]
    .filter((trainings) => trainings.length > 1)
    .map((trainings) => {
      const { column, what } = trainings[0]!;
      return [column, what, ...spread(trainings.map(({ value }) => value))];
    });
  if (rows.length === 0) return "";
  return blocks(
    "## Over trainings",
    "Means over trainings in % (differences in percentage points) with the 95 % interval over trainings (Student's t), and the " +
      "standard deviation between trainings, which no other interval of these pages holds.",
    markdownTable(
      [
        { name: "on" },
        { name: "what" },
        { name: "mean", align: "right" },
        { name: "standard deviation", align: "right" },
        { name: "lowest to highest", align: "right" },
        { name: "trainings", align: "right" },
      ],
      rows,
    ),
  );
}

/** Judged on all its groups: means over other groups are not comparable. */
function isWhole(cell: Cell): cell is MeasuredCell {
  return isMeasured(cell) && cell.measured.accuracy.n === cell.evaluation.protocol.groups;
}

/** Mean with interval, standard deviation, range and number of values. */
function spread(values: readonly number[]): string[] {
  const { mean, ci95, n } = estimate(values);
  const percent = (share: number): string => rounded(100 * share, 2);
  const range = `${percent(Math.min(...values))} to ${percent(Math.max(...values))}`;
  return [formatPercent({ mean, ci95 }), percent(standardDeviation(values)), range, String(n)];
}
