// Images on their way into a network: read part by part, in chunks of one size, so that memory stays constant.

import { UserError } from "../errors.ts";
import type { HostTensor } from "../tensor/tree.ts";

/** Images per call of a compiled program. */
export const CHUNK = 250;

/** A source of images: `read(from, to)` gives the pixels [to - from, 3, side, side] of a part, so that all need not be in memory. */
export interface ImageSource {
  readonly count: number;
  read(from: number, to: number): Uint8Array;
}

/**
 * Images that lie one after the other in memory.
 * @param pixels uint8 [n, 3, side, side]
 * @param pixelsPerImage 3 * side * side
 * @throws UserError where `pixels` ends within an image
 * @example imageSource(new Uint8Array(2 * 3 * 32 * 32), 3 * 32 * 32).count // 2
 */
export function imageSource(pixels: Uint8Array, pixelsPerImage: number): ImageSource {
  const count = pixels.length / pixelsPerImage;
  if (!Number.isInteger(count)) {
    throw new UserError(`${pixels.length} pixels are no whole number of images of ${pixelsPerImage} pixels`, {
      hint: "an image has 3 * side * side pixels: is the side right?",
    });
  }
  return {
    count,
    read: (from, to) => pixels.subarray(from * pixelsPerImage, to * pixelsPerImage),
  };
}

/** What a program that takes so many images expects. */
export const imageSpec = (side: number, count: number) => ({ shape: [count, 3, side, side], dtype: "uint8" }) as const;

/** The next images, padded to a whole chunk. */
export function fullChunk(images: ImageSource, from: number, side: number): { images: HostTensor; count: number } {
  const count = Math.min(CHUNK, images.count - from);
  const { shape } = imageSpec(side, CHUNK);
  const pixels = images.read(from, from + count);
  if (count === CHUNK) return { images: { shape, data: pixels }, count };
  const padded = new Uint8Array(CHUNK * 3 * side * side);
  padded.set(pixels);
  return { images: { shape, data: padded }, count };
}

/** `count` of the images, evenly spread -> uint8 [count, 3, side, side]. */
export function spread(images: ImageSource, count: number, pixelsPerImage: number): Uint8Array {
  const out = new Uint8Array(count * pixelsPerImage);
  for (let i = 0; i < count; i++) {
    const at = Math.floor((i * images.count) / count);
    out.set(images.read(at, at + 1), i * pixelsPerImage);
  }
  return out;
}
