// The mean of each row over some columns of a table, such as domains.

import { invariant } from "pudnet/engine";
import { estimate, formatPercent, rounded } from "pudnet/evaluation";
import { blocks, groupedBy, markdownTable } from "pudnet/files";
import type { Table } from "../tables/table.ts";
import { isMeasured, type MeasuredCell } from "./cell-text.ts";

/**
 * A row each that is measured in all of the columns, with two intervals: over other columns (Student's t), and over other groups of these.
 * Behind them the row's error as a multiple of that of the row that others are set against. "" where there is none.
 */
export function overColumnsSection({ mean, cells }: Pick<Table, "mean" | "cells">): string {
  if (!mean) return "";
  const { title, columns, against } = mean;
  const rows = groupedBy(
    cells.filter(isMeasured).filter(({ column }) => columns.includes(column)),
    ({ id }) => id.slice(id.lastIndexOf("/") + 1),
  );
  const whole = [...rows].filter(([, of]) => of.length === columns.length);
  if (whole.length === 0) return "";
  const set = rows.get(against)?.length === columns.length ? rows.get(against) : undefined;
  return blocks(
    `## ${title}`,
    `Means over ${columns.join("; ")}.`,
    markdownTable(
      [
        { name: "method" },
        { name: "mean ± over domains, %", align: "right" },
        { name: "± over groups", align: "right" },
        { name: "lowest to highest", align: "right" },
        { name: `error, times that of ${set?.[0]?.row ?? against}`, align: "right" },
      ],
      whole.map(([, of]) => rowOf(of, set)),
    ),
  );
}

function rowOf(cells: readonly MeasuredCell[], against: readonly MeasuredCell[] | undefined): string[] {
  const accuracies = cells.map(({ measured }) => measured.accuracy);
  const { mean, ci95 } = estimate(accuracies.map((one) => one.mean));
  const overGroups = Math.hypot(...accuracies.map((one) => one.ci95)) / cells.length;
  const range = [Math.min, Math.max].map((of) => rounded(100 * of(...accuracies.map((one) => one.mean)), 2));
  const [first] = cells;
  invariant(first !== undefined, () => "a row without cells");
  return [
    first.row,
    formatPercent({ mean, ci95 }),
    rounded(100 * overGroups, 2),
    range.join(" to "),
    against ? rounded((1 - mean) / errorOf(against), 2) : "",
  ];
}

const errorOf = (cells: readonly MeasuredCell[]): number =>
  1 - estimate(cells.map(({ measured }) => measured.accuracy.mean)).mean;
