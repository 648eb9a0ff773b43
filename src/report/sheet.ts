// A figure of plots: a title, legends and plots stacked in one SVG.

import * as Plot from "@observablehq/plot";
import { DOMParser } from "linkedom";
import { BOLD, type Drawn, EDGE, fitted, framed, textAt, textWidth } from "./svg.ts";

/** Told apart by colour-blind readers too, and visible on white and on black. */
export const PALETTE = [
  "#4269d0",
  "#f0653f",
  "#2f9e54",
  "#a463f2",
  "#d99a00",
  "#1fa3a3",
  "#e0609b",
  "#9c6b4e",
  "#8a8f98",
];

export interface LegendItem {
  readonly name: string;
  readonly color: string;
}

export interface SheetPart {
  /** Bold line above the plot. */
  readonly heading?: string;
  readonly legend?: readonly LegendItem[];
  readonly plot: Plot.PlotOptions & { readonly width: number; readonly height: number };
}

// XML, not HTML: then the SVG is well-formed whatever the labels hold.
const document = new DOMParser().parseFromString("<svg xmlns='http://www.w3.org/2000/svg'/>", "image/svg+xml");

/** The SVG text of a figure. */
export function drawSheet(title: string, parts: readonly SheetPart[]): string {
  const width = Math.max(...parts.map(({ plot }) => plot.width));
  const drawn = parts.map((part) => (top: number) => {
    const header = drawHeader(part, top, width);
    const svg = `<g transform="translate(${EDGE},${top + header.height})" text-anchor="middle">${drawPlot(part.plot)}</g>`;
    return { svg: header.svg + svg, height: header.height + part.plot.height };
  });
  return framed(title, width, drawn);
}

function drawPlot(options: Plot.PlotOptions): string {
  // linkedom's document has all that Plot uses, but not all of the browsers' type
  const svg = Plot.plot({ ...options, document: document as unknown as Document });
  // Plot's own root would bring a style sheet that stretches nested drawings: its children are all we need.
  return Array.from(svg.children)
    .filter(({ localName }) => localName !== "style")
    .map((child) => child.outerHTML)
    .join("");
}

function drawHeader({ heading, legend = [] }: SheetPart, top: number, width: number): Drawn {
  if (heading === undefined && legend.length === 0) return { svg: "", height: 0 };
  const lineHeight = 20;
  const parts: string[] = [];
  let x = EDGE;
  let y = top + 13;
  if (heading !== undefined) {
    const text = fitted(heading, width / BOLD, 13);
    parts.push(textAt(x, y, text, 'font-size="13" font-weight="bold"'));
    x += BOLD * textWidth(text, 13) + 22;
  }
  for (const { name, color } of legend) {
    const text = fitted(name, width - 30);
    const itemWidth = 20 + textWidth(text) + 18;
    if (x > EDGE && x + itemWidth > EDGE + width) [x, y] = [EDGE, y + lineHeight];
    parts.push(`<rect x="${x}" y="${y - 7}" width="14" height="4" rx="2" fill="${color}"/>`, textAt(x + 20, y, text));
    x += itemWidth;
  }
  return { svg: parts.join(""), height: y - top + 9 };
}
