// Training curves: panels below each other that share the x axis.

import * as Plot from "@observablehq/plot";
import { drawSheet, PALETTE, type SheetPart } from "./sheet.ts";
import { MUTED } from "./svg.ts";
import { isNoisy, movingAverage, type Point, thinned } from "./smoothing.ts";

export interface Series {
  readonly name: string;
  readonly points: readonly Point[];
  /** Series of one panel share a plot and its y axis; the panels stand below each other. */
  readonly panel?: string;
}

export interface CurvesFigure {
  readonly title: string;
  readonly xLabel: string;
  readonly series: readonly Series[];
}

/** From this many points on, a curve is drawn as its moving average over the faint raw values. */
const SMOOTHED_FROM = 80;
/** About as many as the plot has pixels across. */
const MOST_POINTS = 900;

/**
 * Curves over training. Points that are not finite are left out.
 * @example curvesFigure({ title: "first-1", xLabel: "step", series: [{ name: "loss", points: [{ x: 1, y: 0.7 }] }] })
 */
export function curvesFigure({ title, xLabel, series }: CurvesFigure): string {
  const panels = new Map<string, Series[]>();
  for (const one of series) {
    const points = one.points.filter(({ x, y }) => Number.isFinite(x) && Number.isFinite(y));
    const panel = one.panel ?? "";
    if (points.length > 0) panels.set(panel, [...(panels.get(panel) ?? []), { ...one, points }]);
  }
  if (panels.size === 0) panels.set("nothing was logged yet", []);
  const xs = Array.from(panels.values())
    .flat()
    .flatMap(({ points }) => points.map(({ x }) => x));
  const xDomain = xs.reduce<[number, number]>(
    ([low, high], x) => [Math.min(low, x), Math.max(high, x)],
    [xs[0] ?? 0, xs[0] ?? 1],
  );
  const parts = Array.from(panels, ([panel, lines], i) =>
    curvesPanel(panel, lines, i === panels.size - 1 ? xLabel : "", xDomain),
  );
  return drawSheet(title, parts);
}

function curvesPanel(panel: string, series: readonly Series[], xLabel: string, xDomain: [number, number]): SheetPart {
  const legend = series.map(({ name }, i) => ({ name, color: PALETTE[i % PALETTE.length]! }));
  const layers = series.map(({ points }, i) => {
    const stroke = legend[i]!.color;
    const channels = { x: "x", y: "y", stroke, strokeLinejoin: "round" } as const;
    if (points.length === 1) return { line: [Plot.dot(points, { x: "x", y: "y", fill: stroke, r: 3.5 })] };
    if (points.length < SMOOTHED_FROM || !isNoisy(points)) {
      const dots = points.length <= 30 ? [Plot.dot(points, { x: "x", y: "y", fill: stroke, r: 2.5 })] : [];
      return { line: [Plot.line(thinned(points, MOST_POINTS), { ...channels, strokeWidth: 2 }), ...dots] };
    }
    const smooth = movingAverage(points, Math.max(10, points.length / 40));
    return {
      noise: [Plot.line(thinned(points, MOST_POINTS), { ...channels, strokeWidth: 0.8, strokeOpacity: 0.28 })],
      line: [Plot.line(thinned(smooth, MOST_POINTS), { ...channels, strokeWidth: 2.2 })],
    };
  });
  return {
    ...(panel === "" ? {} : { heading: panel }),
    ...(series.length > 1 || series[0]?.name !== panel ? { legend } : {}),
    plot: {
      width: 720,
      height: xLabel === "" ? 210 : 232,
      marginLeft: 52,
      marginRight: 16,
      marginTop: 10,
      marginBottom: xLabel === "" ? 24 : 46,
      x: { domain: xDomain, label: null, nice: xDomain[0] === xDomain[1] },
      y: { label: null, nice: true, ...(series.length === 0 ? { domain: [0, 1] } : {}) },
      marks: [
        Plot.gridY({ stroke: "currentColor", strokeOpacity: 0.12 }),
        Plot.axisY({ ticks: 5, tickSize: 0, fillOpacity: MUTED }),
        Plot.axisX({
          ticks: 8,
          tickSize: 4,
          fillOpacity: MUTED,
          strokeOpacity: 0.4,
          label: xLabel || null,
          labelAnchor: "center",
          labelArrow: "none",
          labelOffset: 40,
        }),
        ...layers.flatMap(({ noise = [] }) => noise), // below the lines of every series
        ...layers.flatMap(({ line }) => line),
      ],
    },
  };
}
