// A decoded picture of any size -> three square planes, as networks see it: one rule for Node and browsers, in numbers that
// every machine rounds alike. Decoding (and turning by EXIF) comes before, and is another's.

import { UserError } from "../errors.ts";
import { resampleColours, resampleColumns, triangleTaps } from "./resize.ts";

/**
 * How pictures become squares, kept with a classifier so that what it meets is treated as what it was made from. `square-1`
 * is this file; `libvips-cover` is sharp's, which classifiers have that name none, and published data sets of pictures.
 */
export type ResizeRule = "square-1" | "libvips-cover";
export const RESIZE_RULES = ["square-1", "libvips-cover"] as const satisfies readonly ResizeRule[];
/** What classifiers and runs mean that name no rule: `square-1` came later. */
export const UNNAMED_RESIZE: ResizeRule = "libvips-cover";

/** Interleaved samples of 0 to 255, rows from the top: grey, grey and opacity, RGB or RGBA. An ImageData is one. */
export interface PixelPicture {
  readonly data: Uint8Array | Uint8ClampedArray;
  readonly width: number;
  readonly height: number;
}

/** Means over whole blocks are taken while so many times the side remains; the rest is the triangle filter's. */
const REMAINING = 4;

/**
 * A picture -> uint8 [3, side, side] by the rule `square-1`: transparency on white, the middle square, means over blocks of
 * f x f pixels (f the largest for which at least 4 side blocks remain; what is left of no whole block is cut off on both
 * sides), then a triangle filter.
 * For example, of a canvas: `squarePlanes(context.getImageData(0, 0, width, height), 32)`.
 * @throws UserError where the samples are not 1 to 4 for each pixel
 * @example squarePlanes({ data: new Uint8Array(4 * 6 * 8), width: 6, height: 8 }, 1) // Uint8Array [255, 255, 255]
 */
export function squarePlanes(picture: PixelPicture, side: number): Uint8Array {
  const { data, width, height } = picture;
  const channels = data.length / (width * height);
  if (!(Number.isInteger(channels) && channels >= 1 && channels <= 4)) {
    throw new UserError(`${data.length} samples are not 1 to 4 for each pixel of ${width} x ${height}`, {
      hint: "give grey, grey and opacity, RGB or RGBA, 8 bits a sample, and the size that belongs to it",
    });
  }
  const line: PictureLines["line"] = (y, left) => ({ data, from: (y * width + left) * channels });
  return squareOfLines({ width, height, channels, line }, side);
}

/** A picture that is read line by line from the top, so that all of its samples need not be in memory. */
export interface PictureLines {
  readonly width: number;
  readonly height: number;
  /** 1 to 4 samples a pixel, as in a PixelPicture. */
  readonly channels: number;
  /** Where the samples of line y lie from column `left` on; `columns` of them are read. Valid until the next line. */
  readonly line: (
    y: number,
    left: number,
    columns: number,
  ) => { readonly data: PixelPicture["data"]; readonly from: number };
}

/** The square of such a picture, the same as that of all its samples. */
export function squareOfLines(picture: PictureLines, side: number): Uint8Array {
  const shorter = Math.min(picture.width, picture.height);
  const block = Math.max(1, Math.floor(shorter / (REMAINING * side)));
  const count = Math.floor(shorter / block);
  const meansOf = blockMeans(picture, count, block);
  const taps = triangleTaps(count, side);
  const narrow = new Float32Array(3 * count * side); // planes whose lines are resampled
  for (let row = 0; row < count; row++) resampleColours(meansOf(row), narrow, row, taps);
  const out = new Uint8Array(3 * side * side);
  for (let plane = 0; plane < 3; plane++) {
    const lines = narrow.subarray(plane * count * side, (plane + 1) * count * side);
    resampleColumns(lines, out.subarray(plane * side * side), taps);
  }
  return out;
}

/** By row, the means of the middle blocks: colours of `count` of them, [count, 3]. Valid until the next row. */
function blockMeans(
  { line, width, height, channels }: PictureLines,
  count: number,
  block: number,
): (row: number) => Float32Array {
  const left = Math.floor((width - count * block) / 2);
  const top = Math.floor((height - count * block) / 2);
  const isOpaque = channels % 2 === 1;
  const addLine = { 1: addGreys, 3: addColours }[channels] ?? addOnWhite;
  const samples = (isOpaque ? 1 : 255) * block * block;
  const means = new Float32Array(3 * count);
  if (block === 1 && channels === 3) {
    // most photographs: each pixel is its own mean, and sums would take as long as the filter
    return (row) => {
      const { data, from } = line(top + row, left, count);
      for (let i = 0; i < means.length; i++) means[i] = data[from + i]!;
      return means;
    };
  }
  const sums = new Float64Array(3 * count);
  return (row) => {
    sums.fill(0);
    for (let y = 0; y < block; y++) {
      const { data, from } = line(top + row * block + y, left, count * block);
      addLine(sums, data, from, { channels, count, block });
    }
    for (let i = 0; i < sums.length; i++) means[i] = sums[i]! / samples;
    return means;
  };
}

interface Line {
  readonly channels: number;
  readonly count: number;
  readonly block: number;
}

/**
 * Adds a line of opaque pixels to the sums of its blocks, [count, 3]: whole numbers, exact in any order. Places of samples that
 * the compiler knows make it twice as fast.
 */
function addColours(sums: Float64Array, data: PixelPicture["data"], from: number, { count, block }: Line): void {
  let at = from;
  for (let i = 0; i < 3 * count; i += 3) {
    let r = 0; // each by itself: taken out of an array, they would cost as much as the pixels
    let g = 0;
    let b = 0;
    for (let x = 0; x < block; x++) {
      r += data[at]!;
      g += data[at + 1]!;
      b += data[at + 2]!;
      at += 3;
    }
    sums[i]! += r;
    sums[i + 1]! += g;
    sums[i + 2]! += b;
  }
}

/** The same of grey ones. */
function addGreys(sums: Float64Array, data: PixelPicture["data"], from: number, { count, block }: Line): void {
  let at = from;
  for (let i = 0; i < 3 * count; i += 3) {
    let grey = 0;
    for (const end = at + block; at < end; at++) grey += data[at]!;
    sums[i]! += grey;
    sums[i + 1]! += grey;
    sums[i + 2]! += grey;
  }
}

/** The same of 255 times each sample, on white where it can be seen through. */
function addOnWhite(
  sums: Float64Array,
  data: PixelPicture["data"],
  from: number,
  { channels, count, block }: Line,
): void {
  const [green, blue] = channels < 3 ? [0, 0] : [1, 2];
  let at = from;
  for (let i = 0; i < 3 * count; i += 3) {
    let r = 0;
    let g = 0;
    let b = 0;
    for (const end = at + block * channels; at < end; at += channels) {
      const opacity = data[at + channels - 1]!;
      const white = 255 * (255 - opacity);
      r += data[at]! * opacity + white;
      g += data[at + green]! * opacity + white;
      b += data[at + blue]! * opacity + white;
    }
    sums[i]! += r;
    sums[i + 1]! += g;
    sums[i + 2]! += b;
  }
}
