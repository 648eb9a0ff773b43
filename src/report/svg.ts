// What every figure is made of, without the plotting library: texts that fit, and a frame with a title. The text is
// currentColor and the background a rectangle of class "sheet", so that the file is dark on white by itself and follows
// the page where it is inlined.

import { printable } from "../names.ts";

const INK = "#1f2328";
export const MUTED = 0.62;
const FONTS = "system-ui, -apple-system, 'Segoe UI', 'DejaVu Sans', Roboto, sans-serif";
export const EDGE = 20;
/** How much wider bold text is. */
export const BOLD = 1.13;

export interface Drawn {
  readonly svg: string;
  /** Pixels it takes below the edge it was drawn at. */
  readonly height: number;
}

/** The SVG text of a figure: parts of at most `width` pixels below each other, each drawn at its upper edge. */
export function framed(title: string, width: number, parts: readonly ((top: number) => Drawn)[]): string {
  const outer = width + 2 * EDGE;
  const body: string[] = [];
  let y = EDGE;
  if (title !== "") {
    body.push(textAt(EDGE, y + 15, fitted(title, width / BOLD, 17), 'font-size="17" font-weight="bold"'));
    y += 34;
  }
  for (const part of parts) {
    const { svg, height } = part(y);
    body.push(svg);
    y += height + 10;
  }
  const height = y + EDGE - 10;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${outer}" height="${height}" viewBox="0 0 ${outer} ${height}"`,
    ` role="img" aria-label="${escapeXml(title)}" color="${INK}" fill="currentColor" font-family="${FONTS}" font-size="12">`,
    `<rect class="sheet" width="${outer}" height="${height}" fill="white"/>`,
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

export function textAt(x: number, y: number, text: string, attributes = ""): string {
  return `<text x="${x.toFixed(1)}" y="${y}" ${attributes}>${escapeXml(text)}</text>`;
}
