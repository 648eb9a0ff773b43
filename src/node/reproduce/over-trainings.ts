// What another training changes: methods of a column that were trained several times, and differences between two of them.

import type { CellResult } from "../../experiments/cells.ts";
import type { CellPair } from "../../experiments/pairs.ts";
import { estimate, formatPercent } from "../../train/evaluation/statistics.ts";
import { groupedBy, isRun, resultOf } from "./cell-text.ts";
import { blocks, markdownTable } from "./markdown.ts";

/**
 * "Over trainings": a row for each method, and for each pair of methods, that a column has several trainings of. "" where
 * nothing was trained twice.
 */
export function overTrainingsSection(all: readonly CellResult[], pairs: readonly CellPair[]): string {
  const methods = all.filter(isRun).map(({ cell, accuracy }) => ({
    column: cell.column,
    what: cell.method,
    value: accuracy.mean,
  }));
  const differences = pairs
    .map(([baseline, other]) => [resultOf(all, baseline), resultOf(all, other)] as const)
    .flatMap(([a, b]) =>
      isRun(a) && isRun(b)
        ? [{ column: b.cell.column, what: `${b.cell.method} − ${a.cell.method}`, value: b.accuracy.mean - a.accuracy.mean }]
        : [],
    );
  const repeated = [...groupedBy([...methods, ...differences], ({ column, what }) => `${column} | ${what}`).values()]
    .filter((values) => values.length > 1)
    .map((values) => spreadRow(values[0]!.column, values[0]!.what, values.map(({ value }) => value)));
  if (repeated.length === 0) return "";
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
      repeated,
    ),
  );
}

function spreadRow(column: string, what: string, values: readonly number[]): string[] {
  const { mean, ci95, n } = estimate(values);
  const deviation = Math.sqrt(values.reduce((total, value) => total + (value - mean) ** 2, 0) / (n - 1));
  const percent = (share: number): string => (100 * share).toFixed(2);
  const range = `${percent(Math.min(...values))} to ${percent(Math.max(...values))}`;
  return [column, what, formatPercent({ mean, ci95 }), percent(deviation), range, String(n)];
}
