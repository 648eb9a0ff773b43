// A class whose pictures are drawings of one thing: each picture takes one of them, turned a little, of a size, at a place and in
// colours of its own.

import { anyColour, hexOf, inkAndGround, type Rgb } from "../../../data/made/colours.ts";
import { mix } from "../../../data/made/fields.ts";
import { fold, type Key, sample, stream } from "../../../tensor/random.ts";
import { distinctDrawings, type KnownDrawing } from "./distinct.ts";
import { type Drawing, placedDrawing } from "./drawing.ts";
import type { MadeClass } from "./made-set.ts";

export interface Jitter {
  /** Most degrees to either side. */
  readonly turn: number;
  readonly lean: number;
  /** The larger side of the drawing, of the picture's: least and most. */
  readonly size: readonly [least: number, most: number];
}

/** Least different drawings of a class, and most. */
export interface DrawingLimits {
  readonly least: number;
  readonly most: number;
}

const INK_CONTRAST = 0.3;
/** Least difference of a ground from a drawing's own colour, in red, green or blue. */
const GROUND_CONTRAST = 0.35;

/** A class a name, of those with different drawings enough. */
export async function drawnClasses(
  drawings: ReadonlyMap<string, readonly Drawing[]>,
  { least, most }: DrawingLimits,
  jitter: Jitter,
): Promise<MadeClass[]> {
  const classes: MadeClass[] = [];
  for (const [name, all] of drawings) {
    const distinct = await distinctDrawings(all, most);
    if (distinct.length >= least) classes.push(drawnClass(name, distinct, jitter));
  }
  return classes;
}

/** Picture i takes drawing i of them in an order of the class's own, again from the first after the last. */
function drawnClass(name: string, drawings: readonly KnownDrawing[], jitter: Jitter): MadeClass {
  return {
    name,
    picture: (ofClass, i) => {
      const order = sample(fold(ofClass, "order"), drawings);
      return jittered(order[i % order.length]!, fold(ofClass, i), jitter);
    },
  };
}

function jittered(drawing: KnownDrawing, picture: Key, { turn, lean, size: [least, most] }: Jitter): string {
  const next = stream(picture);
  const either = (): number => 2 * next() - 1;
  const size = mix(least, most, next());
  const room = 0.5 * Math.max(0, 0.98 - size);
  const placing = {
    size,
    x: 0.5 + room * either(),
    y: 0.5 + room * either(),
    turn: turn * either(),
    lean: lean * either(),
  };
  const colours = drawing.colour ? onGround(drawing.colour, next) : inkAndGround(next, INK_CONTRAST);
  return placedDrawing(drawing, { ...placing, ink: hexOf(colours.ink), ground: hexOf(colours.ground) });
}

/** For a drawing with colours of its own: often white, else any ground that it stands out from. */
function onGround(colour: Rgb, next: () => number): { ink: Rgb; ground: Rgb } {
  const ink: Rgb = [0.1, 0.1, 0.1];
  for (let isFirst = true; ; isFirst = false) {
    const ground: Rgb = isFirst && next() < 0.4 ? [1, 1, 1] : anyColour(next);
    if (colour.some((part, i) => Math.abs(part - ground[i]!) >= GROUND_CONTRAST)) return { ink, ground };
  }
}
