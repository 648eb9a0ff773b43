// A few numbers side by side on one scale for each of many things: a row a thing, a dot a number.

import * as Plot from "@observablehq/plot";
import { printable } from "../names.ts";
import { drawSheet, PALETTE, type SheetPart } from "./sheet.ts";
import { fitted, MUTED, textWidth } from "./svg.ts";

export interface DotRow {
  readonly name: string;
  /** By column, then by series; what is missing or not finite is left out. */
  readonly values: Readonly<Record<string, Readonly<Record<string, number>>>>;
  /** Half widths of 95 % intervals, in the same places; no bar where one is missing or not finite. */
  readonly ci95?: DotRow["values"];
}

export interface DotGroup {
  readonly name: string;
  readonly rows: readonly DotRow[];
}

export interface DotsFigure {
  readonly title: string;
  /** What the numbers are, with the unit. */
  readonly label: string;
  /** Side by side, on the same scale. */
  readonly columns: readonly string[];
  /** A colour each. */
  readonly series: readonly string[];
  /** One below the other. */
  readonly groups: readonly DotGroup[];
}

const WIDTH = 720;
const ROW_HEIGHT = 24;
/** Pixels between series of a row. */
const DODGE = 7;

interface Dot {
  readonly column: string;
  readonly row: number;
  readonly value: number;
  /** The ends of its bar; NaN without one. */
  readonly low: number;
  readonly high: number;
  readonly series: number;
  readonly color: string;
}

/**
 * Dots in rows, with 0 in every scale.
 * @example
 * const rows = [{ name: "conv1", values: { "first pair": { "held out": 0.9, shuffled: 0.1 } } }];
 * dotsFigure({ title: "", label: "r", columns: ["first pair"], series: ["held out", "shuffled"], groups: [{ name: "", rows }] })
 */
export function dotsFigure({ title, label, columns, series, groups }: DotsFigure): string {
  const dots = groups.map(({ rows }) => dotsOf(rows, columns, series));
  const values = dots.flat().flatMap(({ value, low, high }) => [value, low, high].filter(Number.isFinite));
  const domain: [number, number] = [Math.min(0, ...values), Math.max(0, ...values)];
  if (domain[0] === domain[1]) domain[1] = 1;
  const names = groups.flatMap(({ rows }) => rows.map(({ name }) => textWidth(name)));
  const marginLeft = Math.ceil(Math.min(200, Math.max(20, ...names))) + 16;
  const legend = series.map((name, i) => ({ name: printable(name), color: PALETTE[i % PALETTE.length]! }));
  const parts = groups.map((group, i): SheetPart => {
    const isLast = i === groups.length - 1;
    const plot = plotOf(group.rows, dots[i]!, {
      columns,
      domain,
      marginLeft,
      hasColumns: i === 0,
      ...(isLast ? { label } : {}),
    });
    return { heading: printable(group.name), ...(i === 0 ? { legend } : {}), plot };
  });
  return drawSheet(title, parts);
}

function dotsOf(rows: readonly DotRow[], columns: readonly string[], series: readonly string[]): Dot[] {
  return rows.flatMap(({ values, ci95 = {} }, row) =>
    columns.flatMap((column) =>
      series.flatMap((name, i) => {
        const value = values[column]?.[name] ?? Number.NaN;
        if (!Number.isFinite(value)) return [];
        const half = ci95[column]?.[name] ?? Number.NaN;
        const color = PALETTE[i % PALETTE.length]!;
        return [{ column, row, value, low: value - half, high: value + half, series: i, color }];
      }),
    ),
  );
}

interface PlotFrame {
  readonly columns: readonly string[];
  readonly domain: readonly [number, number];
  readonly marginLeft: number;
  /** Whether the names of the columns stand above. */
  readonly hasColumns: boolean;
  readonly label?: string;
}

function plotOf(
  rows: readonly DotRow[],
  dots: readonly Dot[],
  { columns, domain, marginLeft, hasColumns, label }: PlotFrame,
): SheetPart["plot"] {
  const [marginTop, marginBottom] = [hasColumns ? 24 : 4, label === undefined ? 22 : 46];
  const names = rows.map(({ name }) => fitted(printable(name), 200));
  const everywhere = columns.flatMap((column) => rows.map((_, row) => ({ column, row })));
  return {
    width: WIDTH,
    height: ROW_HEIGHT * rows.length + marginTop + marginBottom,
    marginLeft,
    marginRight: 16,
    marginTop,
    marginBottom,
    x: { domain: [...domain], nice: true, inset: 6, label: null },
    y: { type: "point", domain: rows.map((_, row) => row), padding: 0.5, label: null },
    fx: { domain: columns.map(printable), padding: 0.06, label: null, axis: null },
    marks: [
      ...(hasColumns ? [Plot.axisFx({ anchor: "top", fontSize: 12 })] : []),
      Plot.ruleY(everywhere, { y: "row", fx: "column", stroke: "currentColor", strokeOpacity: 0.12 }),
      Plot.ruleX([0], { stroke: "currentColor", strokeOpacity: 0.4 }),
      Plot.axisX({
        ticks: 5,
        tickSize: 0,
        fillOpacity: MUTED,
        ...(label === undefined
          ? { label: null }
          : { label, labelAnchor: "center", labelArrow: "none", labelOffset: 40 }),
      }),
      Plot.axisY({ tickSize: 0, tickFormat: (row: number) => names[row]! }),
      ...dotMarks(dots),
    ],
  } satisfies Plot.PlotOptions;
}

/** The series stand a little below each other where they have bars, so that these can be told apart. */
function dotMarks(dots: readonly Dot[]): Plot.Markish[] {
  const bars = dots.filter(({ low, high }) => Number.isFinite(low) && Number.isFinite(high));
  if (bars.length === 0)
    return [Plot.dot(dots, { x: "value", y: "row", fx: "column", fill: "color", r: 4.5, fillOpacity: 0.9 })];
  const series = [...new Set(dots.map((dot) => dot.series))].toSorted((a, b) => a - b);
  return series.flatMap((one) => {
    const dy = DODGE * (one - (series.length - 1) / 2);
    const isOwn = (dot: Dot): boolean => dot.series === one;
    return [
      Plot.ruleY(bars.filter(isOwn), {
        x1: "low",
        x2: "high",
        y: "row",
        fx: "column",
        dy,
        stroke: "color",
        strokeWidth: 1.5,
      }),
      Plot.dot(dots.filter(isOwn), { x: "value", y: "row", fx: "column", dy, fill: "color", r: 4.5, fillOpacity: 0.9 }),
    ];
  });
}
