// A file -> the square that networks see, a thumbnail and a hash: decoded by the browser (turned by EXIF, colours in sRGB), made square by
// the library's rule, line by line, so that a picture's pixels are in memory once.

import { squareOfLines } from "pudnet";
import type { Bytes } from "../model/project.ts";
import { pictureKind } from "./picture-kind.ts";
import { type Decoded, PictureRefused } from "./protocol.ts";

const THUMBNAIL = { side: 96, type: "image/jpeg", quality: 0.75 };
/** Pixels that are read at once. */
const BAND = 2 ** 20;
const LARGE = 16e6;

/** @throws PictureRefused */
export async function decodePicture({ bytes, type }: Bytes, side: number): Promise<Decoded> {
  const { pixels = Infinity, refusal, otherwise } = pictureKind(new Uint8Array(bytes));
  if (refusal !== undefined) refuse(refusal);
  const decode = async (): Promise<Decoded> => {
    const file = new Blob([bytes], { type });
    const bitmap = await createImageBitmap(file, { imageOrientation: "from-image" }).catch(() => refuse(otherwise));
    try {
      const { width, height } = bitmap;
      const [thumbnail, content] = await Promise.all([thumbnailOf(bitmap), hashOf(bytes)]);
      return { bytes, planes: squareOf(bitmap, side), thumbnail, width, height, content };
    } finally {
      bitmap.close();
    }
  };
  // of large pictures one at a time, whatever worker has them: their pixels are in memory
  return pixels > LARGE ? await navigator.locks.request("large picture", decode) : await decode();
}

function refuse(why: PictureRefused["why"]): never {
  throw new PictureRefused(why);
}

/** A picture -> uint8 planes [3, side, side], its pixels being read in bands. */
export function squareOf(bitmap: ImageBitmap, side: number): Uint8Array {
  const { width, height } = bitmap;
  let band = { top: 0, rows: 0, data: new Uint8ClampedArray() };
  let context: OffscreenCanvasRenderingContext2D | undefined;
  const line = (y: number, left: number, columns: number) => {
    if (y >= band.top + band.rows) {
      const rows = Math.min(height - y, Math.max(1, Math.floor(BAND / columns)));
      context ??= bandOf(columns, rows);
      context.clearRect(0, 0, columns, rows);
      context.drawImage(bitmap, left, y, columns, rows, 0, 0, columns, rows);
      band = { top: y, rows, data: context.getImageData(0, 0, columns, rows).data };
    }
    return { data: band.data, from: 4 * (y - band.top) * columns };
  };
  return squareOfLines({ width, height, channels: 4, line }, side);
}

/** What the last band was drawn on: the next one is mostly of the same size, and new memory costs as much as drawing. */
let lastBand: OffscreenCanvasRenderingContext2D | undefined;

function bandOf(columns: number, rows: number): OffscreenCanvasRenderingContext2D {
  if (lastBand?.canvas.width === columns && lastBand.canvas.height === rows) return lastBand;
  free(lastBand);
  return (lastBand = contextOf(columns, rows));
}

/** A canvas is freed at once: of thousands none is left for the garbage collection, which does not know their size. */
function free(context?: OffscreenCanvasRenderingContext2D): void {
  if (context) context.canvas.width = 0;
}

/** The middle of a picture in small, on white. */
async function thumbnailOf(bitmap: ImageBitmap): Promise<Bytes> {
  const { side, type, quality } = THUMBNAIL;
  const { width, height } = bitmap;
  const shorter = Math.min(width, height);
  const context = contextOf(side, side);
  context.fillStyle = "#fff";
  context.fillRect(0, 0, side, side);
  context.drawImage(bitmap, (width - shorter) / 2, (height - shorter) / 2, shorter, shorter, 0, 0, side, side);
  const blob = await context.canvas.convertToBlob({ type, quality });
  free(context);
  return { type, bytes: await blob.arrayBuffer() };
}

function contextOf(width: number, height: number): OffscreenCanvasRenderingContext2D {
  const context = new OffscreenCanvas(width, height).getContext("2d", { willReadFrequently: true });
  if (!context) throw new Error("no canvas to draw on");
  return context;
}

/** Whether pixels are read as they were drawn: browsers that hide from trackers may read noise, or white. */
export function readsPixels(): boolean {
  const context = contextOf(8, 8);
  const drawn = context.createImageData(8, 8);
  for (let i = 0; i < drawn.data.length; i++) drawn.data[i] = i % 4 === 3 ? 255 : (i * 37) % 256;
  context.putImageData(drawn, 0, 0);
  const { data } = context.getImageData(0, 0, 8, 8);
  return data.every((value, i) => value === drawn.data[i]);
}

/** SHA-256, hexadecimal. */
async function hashOf(bytes: ArrayBuffer): Promise<string> {
  const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return Array.from(hash, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
