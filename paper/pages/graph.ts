// The figure of an experiment whose form is a graph.

import { invariant } from "pudnet/engine";
import { groupedBy, pointsFigure, type PointsFigure } from "pudnet/files";
import { allResults, type ExperimentResults, isRun } from "./cell-text.ts";

/**
 * Accuracy in % over the column, a series a row. The paper's numbers are a dashed line where a series has a single one,
 * otherwise a series of their own. Undefined for tables and where nothing is measured.
 */
export function experimentFigure(one: ExperimentResults): PointsFigure | undefined {
  const { title, form } = one.experiment;
  const all = allResults(one);
  if (form === "table" || !all.some(isRun)) return undefined;
  const measured: PointsFigure["series"][number][] = [];
  const printed: PointsFigure["series"][number][] = [];
  const references: NonNullable<PointsFigure["references"]>[number][] = [];
  for (const [name, members] of groupedBy(all, ({ cell }) => cell.row)) {
    const points = members.filter(isRun).map(({ cell, accuracy }) => ({
      x: xOf(cell.column),
      y: 100 * accuracy.mean,
      ci95: 100 * accuracy.ci95,
    }));
    const paper = members.flatMap(({ cell: { column, paper: figure } }) =>
      figure
        ? [{ x: xOf(column), y: figure.accuracy, ...(figure.ci95 === undefined ? {} : { ci95: figure.ci95 }) }]
        : [],
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
export function figureSvg(one: ExperimentResults): string | undefined {
  const figure = experimentFigure(one);
  return figure && pointsFigure(figure);
}

function xOf(column: string): number {
  const x = Number(column);
  invariant(column.trim() !== "" && Number.isFinite(x), () => `a graph's column is a number, not "${column}"`);
  return x;
}
