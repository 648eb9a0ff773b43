// The figure of a table whose form is a graph.

import { invariant } from "pudnet/engine";
import { groupedBy, pointsFigure, type PointsFigure } from "pudnet/files";
import type { Table } from "../tables/table.ts";
import { isMeasured } from "./cell-text.ts";

/**
 * Accuracy in % over the column, a series a row. The paper's numbers are a dashed line where a series has a single one,
 * otherwise a series of their own. Undefined for tables and where nothing is measured.
 */
export function graphFigure({ title, form, cells }: Table): PointsFigure | undefined {
  if (form === "table" || !cells.some(isMeasured)) return undefined;
  const measured: PointsFigure["series"][number][] = [];
  const printed: PointsFigure["series"][number][] = [];
  const references: NonNullable<PointsFigure["references"]>[number][] = [];
  for (const [name, members] of groupedBy(cells, ({ row }) => row)) {
    const points = members.filter(isMeasured).map(({ column, measured: { accuracy } }) => ({
      x: xOf(column),
      y: 100 * accuracy.mean,
      ci95: 100 * accuracy.ci95,
    }));
    const paper = members.flatMap(({ column, paper: one }) =>
      one ? [{ x: xOf(column), y: one.accuracy, ...(one.ci95 === undefined ? {} : { ci95: one.ci95 }) }] : [],
    );
    measured.push({ name, points });
    const [first] = paper;
    if (!first) continue;
    if (paper.every(({ y }) => y === first.y)) references.push({ name: `${name}, paper`, y: first.y });
    else printed.push({ name: `${name}, paper`, points: paper });
  }
  const series = [...measured, ...printed];
  return { title, xLabel: form.x, yLabel: "accuracy (%)", series, references, isLog: form.log ?? false };
}

/** The SVG text of the figure. */
export function figureSvg(table: Table): string | undefined {
  const figure = graphFigure(table);
  return figure && pointsFigure(figure);
}

function xOf(column: string): number {
  const x = Number(column);
  invariant(column.trim() !== "" && Number.isFinite(x), () => `a graph's column is a number, not "${column}"`);
  return x;
}
