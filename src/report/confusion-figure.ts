// Confusion matrices, readable from 2 to 100 classes and more.

import * as Plot from "@observablehq/plot";
import { invariant } from "../errors.ts";
import { printable } from "../names.ts";
import { drawSheet, fitted, MUTED, textWidth } from "./sheet.ts";

export interface ConfusionFigure {
  readonly title?: string;
  readonly labels: readonly string[];
  /** [k, k], counts[actual][predicted]. */
  readonly counts: readonly (readonly number[])[];
}

const RIGHT = "#2f6fdd";
const WRONG = "#e0552b";

/**
 * Confusion matrix: a row per actual class, shaded by its share of the row (square root, so that rare mistakes are
 * seen), correct predictions in blue, mistakes in orange, the share recognised at the right.
 */
export function confusionFigure({ title = "", labels, counts }: ConfusionFigure): string {
  const k = labels.length;
  invariant(counts.length === k && counts.every((row) => row.length === k), () => `counts are not [${k}, ${k}]`);
  const cell = k <= 6 ? 62 : k <= 12 ? 46 : k <= 24 ? 30 : k <= 50 ? 15 : 9.5;
  const fontSize = Math.min(12, Math.max(7.5, cell * 0.8));
  const ticks = labels.map((label) => fitted(printable(label), 150 * (fontSize / 12) + 20, fontSize));
  const longest = Math.ceil(Math.max(...ticks.map((tick) => textWidth(tick, fontSize)), 20));
  const isUpright = k <= 12 && longest <= cell - 4;
  const margins = { left: longest + 34, right: 64, top: (isUpright ? fontSize : longest) + 38, bottom: 6 };
  const cells = counts.flatMap((row, actual) => {
    const total = row.reduce((sum, count) => sum + count, 0);
    return row.map((count, predicted) => ({ actual, predicted, count, share: total > 0 ? count / total : 0 }));
  });
  const isAxis = { fontSize, tickSize: 0, tickPadding: 5, tickFormat: (i: number) => ticks[i]! };
  const recalls = cells.filter(({ actual, predicted }) => actual === predicted);
  const plot = {
    width: Math.ceil(cell * k) + margins.left + margins.right,
    height: Math.ceil(cell * k) + margins.top + margins.bottom,
    marginLeft: margins.left,
    marginRight: margins.right,
    marginTop: margins.top,
    marginBottom: margins.bottom,
    x: { type: "band", padding: 0, domain: labels.map((_, i) => i), label: null },
    y: { type: "band", padding: 0, domain: labels.map((_, i) => i), label: null },
    marks: [
      ...(k > 24 ? guideLines(k) : []),
      Plot.frame({ stroke: "currentColor", strokeOpacity: 0.15 }),
      Plot.cell(
        cells.filter(({ count }) => count > 0),
        {
          x: "predicted",
          y: "actual",
          fill: ({ actual, predicted }) => (actual === predicted ? RIGHT : WRONG),
          fillOpacity: ({ share }) => shade(share),
          inset: cell > 12 ? 0.5 : 0.25,
          rx: cell > 24 ? 3 : 0,
        },
      ),
      ...(cell >= 30 ? countTexts(cells, cell) : []),
      Plot.axisX({
        ...isAxis,
        anchor: "top",
        tickRotate: isUpright ? 0 : -90,
        label: "predicted",
        labelAnchor: "center",
        labelArrow: "none",
        labelOffset: margins.top - 8,
        className: "predicted",
      }),
      Plot.axisY({
        ...isAxis,
        label: "actual",
        labelAnchor: "center",
        labelArrow: "none",
        labelOffset: margins.left - 8,
      }),
      Plot.text(recalls, {
        y: "actual",
        text: ({ share }) => `${(100 * share).toFixed(k > 24 ? 0 : 1)} %`,
        frameAnchor: "right",
        textAnchor: "start",
        dx: 8,
        fontSize,
        fillOpacity: MUTED,
      }),
    ],
  } satisfies Plot.PlotOptions;
  return drawSheet(title, [{ plot }]);
}

/** Faint lines every five classes, which lead the eye from a label to its cells. */
function guideLines(k: number): Plot.Markish[] {
  const every5 = Array.from({ length: k }, (_, i) => i).filter((i) => i % 5 === 4);
  const faint = { stroke: "currentColor", strokeOpacity: 0.13, strokeWidth: 0.7 };
  return [Plot.ruleX(every5, faint), Plot.ruleY(every5, faint)];
}

function shade(share: number): number {
  return 0.06 + 0.94 * Math.sqrt(share);
}

/** Counts inside the cells: white on strong shades, else in the colour of the text. */
function countTexts(cells: readonly { count: number; share: number }[], cell: number): Plot.Markish[] {
  const text = (isOnDark: boolean) =>
    Plot.text(
      cells.filter(({ count, share }) => count > 0 && shade(share) > 0.55 === isOnDark),
      {
        x: "predicted",
        y: "actual",
        text: ({ count }: { count: number }) => String(count),
        fill: isOnDark ? "white" : "currentColor",
        fontSize: cell >= 46 ? 13 : 10,
      },
    );
  return [text(true), text(false)];
}
