// Images on their way into a network: read part by part, in chunks of one size, so that memory stays constant.

import { UserError } from "../errors.ts";
import type { HostTensor } from "../tensor/tree.ts";

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

/** The next images, padded to a whole chunk of so many. */
export function fullChunk(
  images: ImageSource,
  from: number,
  { side, chunk }: { readonly side: number; readonly chunk: number },
): { images: HostTensor; count: number } {
  const count = Math.min(chunk, images.count - from);
  const { shape } = imageSpec(side, chunk);
  const pixels = images.read(from, from + count);
  if (count === chunk) return { images: { shape, data: pixels }, count };
  const padded = new Uint8Array(chunk * 3 * side * side);
  padded.set(pixels);
  return { images: { shape, data: padded }, count };
}

/** `count` places of images, evenly spread over all, ascending. */
export function spreadPositions(all: number, count: number): number[] {
  return Array.from({ length: count }, (_, i) => Math.floor((i * all) / count));
}

/** The images at these places -> uint8 [places, 3, side, side]. */
export function imagesAt(images: ImageSource, positions: readonly number[], pixelsPerImage: number): Uint8Array {
  const out = new Uint8Array(positions.length * pixelsPerImage);
  positions.forEach((at, i) => out.set(images.read(at, at + 1), i * pixelsPerImage));
  return out;
}
