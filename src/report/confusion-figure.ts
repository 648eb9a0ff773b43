// Confusion matrices, readable from 2 to 100 classes and more. Drawn without the plotting library: `predict` shows one.

import { invariant } from "../errors.ts";
import { printable } from "../names.ts";
import { EDGE, escapeXml, fitted, framed, MUTED, textWidth } from "./svg.ts";

export interface ConfusionFigure {
  readonly title?: string;
  readonly labels: readonly string[];
  /** [k, k], counts[actual][predicted]. */
  readonly counts: readonly (readonly number[])[];
}

/** Where things are, in pixels. */
interface Layout {
  readonly k: number;
  readonly cell: number;
  readonly fontSize: number;
  readonly left: number;
  readonly top: number;
  /** Whether the names of columns stand upright. */
  readonly isUpright: boolean;
  readonly ticks: readonly string[];
}

interface Cell {
  readonly actual: number;
  readonly predicted: number;
  readonly count: number;
  /** Of the actual class. */
  readonly share: number;
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
  const layout = layoutOf(labels);
  const cells = counts.flatMap((row, actual) => {
    const total = row.reduce((sum, count) => sum + count, 0);
    return row.map((count, predicted) => ({ actual, predicted, count, share: total > 0 ? count / total : 0 }));
  });
  const seen = cells.filter(({ count }) => count > 0);
  const side = Math.ceil(layout.cell * k);
  const parts = [
    ...(k > 24 ? guideLines(layout) : []),
    ...seen.map((cell) => square(cell, layout)),
    ...(layout.cell >= 30 ? seen.map((cell) => countText(cell, layout)) : []),
    `<rect x="${layout.left}" y="${layout.top}" width="${side}" height="${side}" fill="none" stroke="currentColor" stroke-opacity="0.15"/>`,
    ...axes(layout),
    ...cells
      .filter(({ actual, predicted }) => actual === predicted)
      .map(({ actual, share }) => recallText(actual, `${(100 * share).toFixed(k > 24 ? 0 : 1)} %`, layout)),
  ];
  return framed(title, layout.left + side + 64, [
    (top) => ({
      svg: `<g transform="translate(${EDGE},${top})" text-anchor="middle">${parts.join("")}</g>`,
      height: layout.top + side + 6,
    }),
  ]);
}

function layoutOf(labels: readonly string[]): Layout {
  const k = labels.length;
  const cell = k <= 6 ? 62 : k <= 12 ? 46 : k <= 24 ? 30 : k <= 50 ? 15 : 9.5;
  const fontSize = Math.min(12, Math.max(7.5, cell * 0.8));
  const ticks = labels.map((label) => fitted(printable(label), 150 * (fontSize / 12) + 20, fontSize));
  const longest = Math.ceil(Math.max(...ticks.map((tick) => textWidth(tick, fontSize)), 20));
  const isUpright = k <= 12 && longest <= cell - 4;
  return { k, cell, fontSize, left: longest + 34, top: (isUpright ? fontSize : longest) + 38, isUpright, ticks };
}

/** Faint lines every five classes, which lead the eye from a label to its cells. */
function guideLines({ k, cell, left, top }: Layout): string[] {
  const faint = 'stroke="currentColor" stroke-opacity="0.13" stroke-width="0.7"';
  const end = cell * k;
  return Array.from({ length: Math.floor(k / 5) }, (_, i) => (5 * i + 4.5) * cell).flatMap((at) => [
    `<path d="M${left + at} ${top}v${end}" ${faint}/>`,
    `<path d="M${left} ${top + at}h${end}" ${faint}/>`,
  ]);
}

function square({ actual, predicted, share }: Cell, { cell, left, top }: Layout): string {
  const inset = cell > 12 ? 0.5 : 0.25;
  const size = cell - 2 * inset;
  return (
    `<rect x="${left + predicted * cell + inset}" y="${top + actual * cell + inset}" width="${size}" height="${size}"` +
    `${cell > 24 ? ' rx="3"' : ""} fill="${actual === predicted ? RIGHT : WRONG}" fill-opacity="${shade(share).toFixed(3)}"/>`
  );
}

function shade(share: number): number {
  return 0.06 + 0.94 * Math.sqrt(share);
}

/** White on strong shades, else in the colour of the text. */
function countText({ actual, predicted, count, share }: Cell, { cell, left, top }: Layout): string {
  const x = left + (predicted + 0.5) * cell;
  const y = top + (actual + 0.5) * cell;
  const colour = shade(share) > 0.55 ? ' fill="white"' : "";
  return text(x, y, String(count), `font-size="${cell >= 46 ? 13 : 10}"${colour}`);
}

function recallText(actual: number, share: string, { k, cell, fontSize, left, top }: Layout): string {
  const faint = `font-size="${fontSize}" text-anchor="start" fill-opacity="${MUTED}"`;
  return text(left + k * cell + 8, top + (actual + 0.5) * cell, share, faint);
}

/** What the axes are called, and every class at both. */
function axes({ k, cell, fontSize, left, top, isUpright, ticks }: Layout): string[] {
  const middle = (cell * k) / 2;
  return [
    text(left + middle, fontSize / 2 + 2, "predicted", `font-size="${fontSize}"`),
    turned(fontSize / 2 + 2, top + middle, "actual", `font-size="${fontSize}"`),
    ...ticks.flatMap((tick, i) => {
      const at = (i + 0.5) * cell;
      const size = `font-size="${fontSize}"`;
      const x = left + at;
      return [
        isUpright
          ? text(x, top - 5 - fontSize / 2, tick, size)
          : turned(x, top - 5, tick, `${size} text-anchor="start"`),
        text(left - 5, top + at, tick, `${size} text-anchor="end"`),
      ];
    }),
  ];
}

/** Text around a point; a third of its size below it, so that it stands in the middle. */
function text(x: number, y: number, content: string, attributes: string): string {
  return `<text x="${x}" y="${y}" dy="0.32em" ${attributes}>${escapeXml(content)}</text>`;
}

function turned(x: number, y: number, content: string, attributes: string): string {
  return `<text transform="translate(${x},${y}) rotate(-90)" dy="0.32em" ${attributes}>${escapeXml(content)}</text>`;
}
