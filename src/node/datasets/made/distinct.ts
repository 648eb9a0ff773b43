// Which drawings of one thing are different ones: sets of icons copy each other, and come in sizes that differ by nothing.

import { type Rgb } from "../../../data/made/colours.ts";
import { type Drawing, placedDrawing } from "./drawing.ts";
import { drawnPixels } from "./render.ts";

/** A drawing that shows something, and its mean colour where it has colours of its own. */
export interface KnownDrawing extends Drawing {
  readonly colour: Rgb | undefined;
}

interface Seen {
  readonly drawing: KnownDrawing;
  /** How far each value is from white, at `SIDE` x `SIDE`. */
  readonly inked: Float64Array;
}

const SIDE = 20;
/** Two drawings are one if so much of their ink, or less, lies in different places. */
const SAME = 0.1;
/** A pixel has a colour where its largest and smallest part are so far apart. */
const COLOURED = 0.1;
/** The least share of a picture that a drawing inks, and the most: a blank and a block tell nothing. */
const [LEAST_INK, MOST_INK] = [0.012, 0.93];

/** The drawings that show something and differ from all before them, in order; those that cannot be drawn are left out. */
export async function distinctDrawings(drawings: Iterable<Drawing>, most: number): Promise<KnownDrawing[]> {
  const kept: Seen[] = [];
  for (const drawing of drawings) {
    if (kept.length === most) break;
    const seen = await look(drawing);
    if (seen && kept.every((other) => difference(seen.inked, other.inked) > SAME)) kept.push(seen);
  }
  return kept.map(({ drawing }) => drawing);
}

async function look(drawing: Drawing): Promise<Seen | undefined> {
  const pixels = await thumbnail(drawing);
  if (!pixels) return undefined;
  const inked = Float64Array.from(pixels, (value) => 1 - value / 255);
  const share = inked.reduce((sum, value) => sum + value, 0) / inked.length;
  if (share < LEAST_INK || share > MOST_INK) return undefined;
  return { drawing: { ...drawing, colour: ownColour(pixels) }, inked };
}

async function thumbnail(drawing: Drawing): Promise<Uint8Array | undefined> {
  const placing = { ink: "#000", ground: "#fff", size: 1, x: 0.5, y: 0.5 };
  try {
    return await drawnPixels(placedDrawing(drawing, placing), SIDE);
  } catch {
    return undefined; // librsvg does not read it: one drawing less
  }
}

/** The mean colour of what is not white, undefined where all of it is black ink. */
function ownColour(pixels: Uint8Array): Rgb | undefined {
  let [red, green, blue, weight] = [0, 0, 0, 0];
  let isColoured = false;
  for (let at = 0; at < pixels.length; at += 3) {
    const [r, g, b] = [pixels[at]! / 255, pixels[at + 1]! / 255, pixels[at + 2]! / 255];
    const inked = 1 - Math.min(r, g, b);
    isColoured ||= Math.max(r, g, b) - Math.min(r, g, b) > COLOURED;
    [red, green, blue, weight] = [red + inked * r, green + inked * g, blue + inked * b, weight + inked];
  }
  return isColoured ? [red / weight, green / weight, blue / weight] : undefined;
}

/** The share of two drawings' ink that they do not have in common: 0 the same, 1 nothing in common. */
function difference(a: Float64Array, b: Float64Array): number {
  let [apart, together] = [0, 0];
  for (let i = 0; i < a.length; i++) {
    apart += Math.abs(a[i]! - b[i]!);
    together += a[i]! + b[i]!;
  }
  return apart / together;
}
