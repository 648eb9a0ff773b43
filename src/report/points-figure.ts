// Measured points with their uncertainty, joined by lines: a score over a setting.

import * as Plot from "@observablehq/plot";
import { invariant } from "../errors.ts";
import { printable } from "../names.ts";
import { drawSheet, PALETTE } from "./sheet.ts";
import { fitted, MUTED, textWidth } from "./svg.ts";
import type { Point } from "./smoothing.ts";

export interface MeasuredPoint extends Point {
  /** Half width of the 95 % confidence interval, in units of y; no error bar where it is missing or not finite. */
  readonly ci95?: number;
}

export interface PointSeries {
  readonly name: string;
  readonly points: readonly MeasuredPoint[];
}

/** A horizontal dashed line with its name: what the points stand beside. */
export interface ReferenceLine {
  readonly name: string;
  readonly y: number;
}

export interface PointsFigure {
  readonly title: string;
  readonly xLabel: string;
  /** What y is, with the unit: "accuracy (%)". */
  readonly yLabel: string;
  /** Drawn in this order; the points of each are joined in the order of x. */
  readonly series: readonly PointSeries[];
  readonly references?: readonly ReferenceLine[];
  /** A logarithmic x axis; takes positive x only. */
  readonly isLog?: boolean;
  /** A logarithmic y axis, labelled by powers of ten; takes positive y only, also at the ends of error bars. */
  readonly isLogY?: boolean;
}

const WIDTH = 720;
const Y_TICKS = 6;
const MARGIN_LEFT = 52;
const MARGIN_RIGHT = 16;
/** Room between the outermost points and the edges of the plot. */
const INSET = 18;
/** Series stand so many pixels beside each other, so that error bars at the same x can be told apart. */
const DODGE = 4;

/**
 * Dots with 95 % error bars, joined by lines. Points that are not finite are left out.
 * @example
 * const points = [{ x: 100, y: 61.2, ci95: 0.9 }, { x: 1000, y: 64.1, ci95: 0.8 }];
 * pointsFigure({ title: "Groups", xLabel: "groups", yLabel: "accuracy (%)", series: [{ name: "PudNet", points }], isLog: true })
 */
export function pointsFigure(figure: PointsFigure): string {
  const { title, xLabel, yLabel, series, isLog = false, isLogY = false } = figure;
  const references = (figure.references ?? []).map((line) => ({ ...line, y: isLogY ? Math.log10(line.y) : line.y }));
  const shown = series
    .map(({ name, points }, i) => ({ name: printable(name), color: PALETTE[i % PALETTE.length]!, points }))
    .map((one) => ({ ...one, points: one.points.filter(({ x, y }) => Number.isFinite(x) && Number.isFinite(y)) }))
    .map((one) => ({ ...one, points: one.points.map((point) => heightOf(point, isLogY)) }))
    .filter(({ points }) => points.length > 0);
  const xs = [...new Set(shown.flatMap(({ points }) => points.map(({ x }) => x)))].toSorted((a, b) => a - b);
  invariant(!isLog || xs.every((x) => x > 0), () => "a logarithmic axis takes positive values only");
  // A linear scale of logarithms: on Plot's own logarithmic scale d3 drops labels such as 500.
  const scaled = (x: number) => (isLog ? Math.log10(x) : x);
  const xDomain = domainOf(xs.map(scaled), 0.3);
  const ticks = spacedTicks(xs, scaled, xDomain);
  const yTicks = isLogY ? { interval: 1, tickFormat: powerOfTen } : { ticks: Y_TICKS };
  const plot = {
    width: WIDTH,
    height: 360,
    marginLeft: MARGIN_LEFT,
    marginRight: MARGIN_RIGHT,
    marginTop: 12,
    marginBottom: 46,
    x: { domain: xDomain, inset: INSET, label: null },
    y: { domain: yDomain(shown, references, isLogY), nice: !isLogY, label: null },
    marks: [
      Plot.gridY({ ...(isLogY ? { interval: 1 } : { ticks: Y_TICKS }), stroke: "currentColor", strokeOpacity: 0.12 }),
      Plot.axisY({ ...yTicks, tickSize: 0, fillOpacity: MUTED }),
      Plot.axisX({
        ticks: ticks.map(scaled),
        tickFormat: (_: number, i: number) => tickText(ticks[i]!),
        tickSize: 4,
        fillOpacity: MUTED,
        strokeOpacity: 0.4,
        label: xLabel,
        labelAnchor: "center",
        labelArrow: "none",
        labelOffset: 40,
      }),
      ...references.flatMap(referenceMarks),
      ...shown.flatMap(({ points, color }, i) => {
        const placed = points.map((point) => ({ ...point, x: scaled(point.x) }));
        return seriesMarks(placed, color, DODGE * (i - (shown.length - 1) / 2));
      }),
    ],
  } satisfies Plot.PlotOptions;
  return drawSheet(title, [{ heading: yLabel, legend: shown, plot }]);
}

/** A point as it is drawn: its height and the ends of its error bar, as logarithms where the axis is. */
interface DrawnPoint extends Point {
  readonly low: number;
  readonly high: number;
}

function heightOf({ x, y, ci95 = Number.NaN }: MeasuredPoint, isLogY: boolean): DrawnPoint {
  const scaled = (value: number): number => (isLogY ? Math.log10(value) : value);
  invariant(!isLogY || y > 0, () => "a logarithmic axis takes positive values only");
  return { x, y: scaled(y), low: scaled(y - ci95), high: scaled(y + ci95) };
}

function seriesMarks(points: readonly DrawnPoint[], color: string, dx: number): Plot.Markish[] {
  const sorted = points.toSorted((a, b) => a.x - b.x);
  const bars = sorted.filter(({ low, high }) => Number.isFinite(low) && Number.isFinite(high));
  const place = { x: "x", y: "y", dx } as const;
  return [
    Plot.line(sorted, { ...place, stroke: color, strokeWidth: 1.5, strokeOpacity: 0.55, strokeLinejoin: "round" }),
    Plot.ruleX(bars, { x: "x", y1: "low", y2: "high", dx, stroke: color, strokeWidth: 1.5 }),
    Plot.dot(sorted, { ...place, fill: color, r: 3.5 }),
  ];
}

/** The name stands on the line, at the left: rising curves leave that corner free. */
function referenceMarks({ name, y }: ReferenceLine): Plot.Markish[] {
  return [
    Plot.ruleY([y], { stroke: "currentColor", strokeDasharray: "5 4", strokeOpacity: 0.5 }),
    Plot.text([y], {
      y: (value: number) => value,
      text: () => fitted(printable(name), WIDTH / 2),
      frameAnchor: "left",
      textAnchor: "start",
      dx: 4,
      dy: -7,
      fillOpacity: MUTED,
    }),
  ];
}

/** From the least to the largest value; `margin` on both sides of a lone one. */
function domainOf(values: readonly number[], margin: number): [number, number] {
  if (values.length === 0) return [0, 1];
  const [low, high] = [Math.min(...values), Math.max(...values)];
  return low < high ? [low, high] : [low - margin, high + margin];
}

/** Covers the error bars and the reference lines; whole powers of ten where y is logarithmic. */
function yDomain(
  series: readonly { readonly points: readonly DrawnPoint[] }[],
  references: readonly ReferenceLine[],
  isLogY: boolean,
): [number, number] {
  const ys = series.flatMap(({ points }) =>
    points.flatMap(({ y, low, high }) => (Number.isFinite(low) && Number.isFinite(high) ? [low, high] : [y])),
  );
  const [low, high] = domainOf([...ys, ...references.map(({ y }) => y)], 1);
  return isLogY ? [Math.floor(low), Math.ceil(high)] : [low, high];
}

/** -3 -> "10⁻³" */
function powerOfTen(exponent: number): string {
  return `10${String(exponent).replaceAll(/./g, (character) => SUPERSCRIPTS["-0123456789".indexOf(character)]!)}`;
}
const SUPERSCRIPTS = "⁻⁰¹²³⁴⁵⁶⁷⁸⁹";

/** The measured x themselves, without those whose labels would touch. */
function spacedTicks(xs: readonly number[], scaled: (x: number) => number, [low, high]: [number, number]): number[] {
  const across = WIDTH - MARGIN_LEFT - MARGIN_RIGHT - 2 * INSET;
  const ticks: number[] = [];
  let taken = Number.NEGATIVE_INFINITY;
  for (const x of xs) {
    const [middle, half] = [((scaled(x) - low) / (high - low)) * across, textWidth(tickText(x)) / 2 + 3];
    if (middle - half < taken) continue;
    ticks.push(x);
    taken = middle + half;
  }
  return ticks;
}

function tickText(x: number): string {
  return x.toLocaleString("en-US", { maximumSignificantDigits: 6 });
}
