// Comparisons of a few methods by one number each.

import * as Plot from "@observablehq/plot";
import { invariant } from "../errors.ts";
import { printable } from "../names.ts";
import { drawSheet, fitted, MUTED, PALETTE, textWidth } from "./sheet.ts";

export interface Bar {
  readonly name: string;
  readonly value: number;
  /** Drawn in colour, the others in grey; all are coloured when none is marked. */
  readonly isOurs?: boolean;
}

export interface BarFigure {
  readonly title: string;
  /** What the values are, with the unit. */
  readonly label: string;
  readonly bars: readonly Bar[];
  /** The number at the end of a bar; four digits by default. */
  readonly format?: (value: number) => string;
  /**
   * Dots on a logarithmic axis instead of bars from zero, for values of different orders of magnitude; takes positive
   * values only.
   */
  readonly isLog?: boolean;
}

/** Horizontal comparison of methods, in the order given. */
export function barFigure({ title, label, bars, format = compact, isLog = false }: BarFigure): string {
  invariant(!isLog || bars.every(({ value }) => value > 0), () => "a logarithmic axis takes positive values only");
  const rows = bars.map((bar, i) => ({ ...bar, i, text: format(bar.value) }));
  const names = bars.map(({ name }) => fitted(printable(name), 240));
  const anyOurs = bars.some(({ isOurs }) => isOurs);
  const fill = ({ isOurs }: Bar) => (isOurs || !anyOurs ? PALETTE[0]! : "#9aa1ab");
  const values = bars.map(({ value }) => value);
  const low = isLog ? 10 ** Math.floor(Math.log10(Math.min(...values)) - 0.05) : Math.min(0, ...values);
  const high = isLog ? 10 ** Math.ceil(Math.log10(Math.max(...values)) + 0.05) : Math.max(0, ...values);
  const decades = Math.round(Math.log10(high / low));
  const ticks = isLog ? Array.from({ length: decades + 1 }, (_, i) => low * 10 ** i) : 5;
  const marks = isLog
    ? [
        Plot.ruleY(rows, { x1: low, x2: "value", y: "i", stroke: fill, strokeWidth: 2, strokeOpacity: 0.45 }),
        Plot.dot(rows, { x: "value", y: "i", r: 6, fill }),
      ]
    : [Plot.barX(rows, { x: "value", y: "i", fill, rx: 3 })];
  const plot = {
    width: 720,
    height: 34 * bars.length + 62,
    marginLeft: Math.ceil(Math.max(...names.map((name) => textWidth(name, 13)), 20)) + 16,
    marginRight: Math.ceil(Math.max(...rows.map(({ text }) => textWidth(text, 13)), 20)) + 24,
    marginTop: 6,
    marginBottom: 56,
    x: { type: isLog ? "log" : "linear", domain: [low, high === low ? low + 1 : high], label: null },
    y: { type: "band", padding: isLog ? 0.4 : 0.28, domain: rows.map(({ i }) => i), label: null },
    marks: [
      Plot.gridX({ ticks, stroke: "currentColor", strokeOpacity: 0.12 }),
      Plot.axisX({
        ticks,
        tickSize: 0,
        tickFormat: isLog ? compact : null,
        fillOpacity: MUTED,
        label,
        labelAnchor: "center",
        labelArrow: "none",
        labelOffset: 42,
      }),
      Plot.axisY({ tickSize: 0, tickFormat: (i: number) => names[i]!, fontSize: 13 }),
      ...marks,
      Plot.text(rows, {
        x: "value",
        y: "i",
        text: "text",
        textAnchor: "start",
        dx: isLog ? 13 : 7,
        fontSize: 13,
        fontWeight: "bold",
      }),
    ],
  } satisfies Plot.PlotOptions;
  return drawSheet(title, [{ plot }]);
}

function compact(value: number): string {
  return String(Number(value.toPrecision(4)));
}
