// Random flips and shifted crops, the usual augmentation of small pictures (He et al. 2016, section 4.2): a function of a key.

import { type Key, stream } from "../tensor/random.ts";

/** Pixels of black border around the picture that a crop may show. */
const PADDING = 4;

/**
 * Each image [3, side, side] of `images` flipped with probability 1/2 and moved by up to 4 pixels each way; what moves in is 0.
 * @example augmented(gatherImages(dataset, [4, 0, 7]), dataset.side, key(0));
 */
export function augmented(images: Uint8Array, side: number, source: Key): Uint8Array {
  const out = new Uint8Array(images.length);
  const next = stream(source);
  const plane = side * side;
  for (let image = 0; image < images.length; image += 3 * plane) {
    const isFlipped = next() < 0.5;
    const [dx, dy] = [shift(next()), shift(next())];
    for (let colour = 0; colour < 3; colour++) {
      movePlane(images, out, image + colour * plane, { side, dx, dy, isFlipped });
    }
  }
  return out;
}

/** A uniform number in [0, 1) -> -PADDING to PADDING. */
function shift(u: number): number {
  return Math.floor(u * (2 * PADDING + 1)) - PADDING;
}

interface Move {
  readonly side: number;
  readonly dx: number;
  readonly dy: number;
  readonly isFlipped: boolean;
}

function movePlane(from: Uint8Array, to: Uint8Array, at: number, { side, dx, dy, isFlipped }: Move): void {
  for (let y = Math.max(0, -dy); y < Math.min(side, side - dy); y++) {
    const source = at + (y + dy) * side;
    for (let x = Math.max(0, -dx); x < Math.min(side, side - dx); x++) {
      to[at + y * side + (isFlipped ? side - 1 - x : x)] = from[source + x + dx]!;
    }
  }
}
