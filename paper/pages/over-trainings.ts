// What another training changes: the methods of a column that were trained with several seeds, and the differences between them.

import { estimate, formatPercent, standardDeviation } from "pudnet/evaluation";
import { blocks, groupedBy, markdownTable } from "pudnet/files";
import type { CellResult } from "../tables/cell.ts";
import type { CellPair } from "../tables/pairs.ts";
import { isRun, resultOf, type RunResult } from "./cell-text.ts";

/**
 * "Over trainings", of an experiment whose cells of one method in a column differ in the seed alone: a row for each method, and
 * for each pair of methods, with at least two trainings that were judged on all their groups. "" where there is none.
 */
export function overTrainingsSection(all: readonly CellResult[], pairs: readonly CellPair[]): string {
  const methods = all.filter(isWhole).map(({ cell, accuracy }) => ({
    column: cell.column,
    what: cell.method,
    value: accuracy.mean,
  }));
  const differences = pairs.flatMap(([baseline, other]) => {
    const [a, b] = [resultOf(all, baseline), resultOf(all, other)];
    if (!isWhole(a) || !isWhole(b)) return [];
    const what = `${b.cell.method} − ${a.cell.method}`;
    return [{ column: b.cell.column, what, value: b.accuracy.mean - a.accuracy.mean }];
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
function isWhole(result: CellResult): result is RunResult {
  return isRun(result) && result.accuracy.n === result.cell.evaluation.protocol.groups;
}

/** Mean with interval, standard deviation, range and number of values. */
function spread(values: readonly number[]): string[] {
  const { mean, ci95, n } = estimate(values);
  const percent = (share: number): string => (100 * share).toFixed(2);
  const range = `${percent(Math.min(...values))} to ${percent(Math.max(...values))}`;
  return [formatPercent({ mean, ci95 }), percent(standardDeviation(values)), range, String(n)];
}
