// One figure: a title, legends and plots stacked in one SVG. The text is currentColor and the background a rectangle of
// class "sheet", so that the file is dark on white by itself and follows the page where it is inlined.

import * as Plot from "@observablehq/plot";
import { DOMParser } from "linkedom";
import { printable } from "../names.ts";

const INK = "#1f2328";
export const MUTED = 0.62;
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
const FONTS = "system-ui, -apple-system, 'Segoe UI', 'DejaVu Sans', Roboto, sans-serif";
const EDGE = 20;
/** How much wider bold text is. */
const BOLD = 1.13;

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
  const width = Math.max(...parts.map(({ plot }) => plot.width)) + 2 * EDGE;
  const body: string[] = [];
  let y = EDGE;
  if (title !== "") {
    body.push(textAt(EDGE, y + 15, fitted(title, (width - 2 * EDGE) / BOLD, 17), 'font-size="17" font-weight="bold"'));
    y += 34;
  }
  for (const part of parts) {
    const header = drawHeader(part, y, width - 2 * EDGE);
    body.push(
      header.svg,
      `<g transform="translate(${EDGE},${y + header.height})" text-anchor="middle">${drawPlot(part.plot)}</g>`,
    );
    y += header.height + part.plot.height + 10;
  }
  const height = y + EDGE - 10;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}"`,
    ` role="img" aria-label="${escapeXml(title)}" color="${INK}" fill="currentColor" font-family="${FONTS}" font-size="12">`,
    `<rect class="sheet" width="${width}" height="${height}" fill="white"/>`,
    ...body,
    "</svg>\n",
  ].join("");
}

/** Width of a text in pixels, estimated with the widths of DejaVu Sans, which is wider than most fonts. */
export function textWidth(text: string, fontSize = 12): number {
  let ems = 0;
  for (const character of text) {
    if (/[iljtfrI1.,:;'|!()[\] ]/.test(character)) ems += 0.38;
    else if (/[mwMW@%—]/.test(character)) ems += 0.97;
    else if (character.codePointAt(0)! >= 0x2e80) ems += 1.05; // Chinese, Japanese, Korean, emoji
    else ems += /[A-Z]/.test(character) ? 0.7 : 0.62;
  }
  return ems * fontSize;
}

/** The text cut with an ellipsis to about `width` pixels. */
export function fitted(text: string, width: number, fontSize = 12): string {
  if (textWidth(text, fontSize) <= width) return text;
  const characters = Array.from(text);
  while (characters.length > 1 && textWidth(`${characters.join("")}…`, fontSize) > width) characters.pop();
  return `${characters.join("").trimEnd()}…`;
}

export function escapeXml(text: string): string {
  const entities: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };
  return printable(text).replace(/[&<>"']/g, (character) => entities[character]!);
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

function drawHeader({ heading, legend = [] }: SheetPart, top: number, width: number): { svg: string; height: number } {
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

function textAt(x: number, y: number, text: string, attributes = ""): string {
  return `<text x="${x.toFixed(1)}" y="${y}" ${attributes}>${escapeXml(text)}</text>`;
}
