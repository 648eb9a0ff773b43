// What a file is by its first bytes, before anything decodes it: how large, and why it is refused where it cannot be decoded.

import { imageSize } from "image-size";
import { MOST_BYTES } from "./decode-api.ts";
import type { Refusal } from "./protocol.ts";

/** What browsers decode; Safari some more. */
const DECODED = ["avif", "bmp", "gif", "ico", "cur", "jpg", "png", "webp"];
/** Four bytes a pixel are made of a picture. Phones have up to 50 million pixels; few have 200. */
const MOST_PIXELS = 64e6;

export interface PictureKind {
  /** Where it is known before decoding. */
  readonly pixels?: number;
  /** Refused without a try. */
  readonly refusal?: Refusal;
  /** Why, if decoding fails. */
  readonly otherwise: Refusal;
}

/** @throws nothing: whatever the bytes are, they are something */
export function pictureKind(bytes: Uint8Array): PictureKind {
  if (bytes.length === 0) return { refusal: "empty", otherwise: "empty" };
  if (bytes.length > MOST_BYTES) return { refusal: "too-large", otherwise: "too-large" };
  if (startsWith(bytes, "%PDF")) return { refusal: "unsupported", otherwise: "unsupported" };
  const { type, width, height } = sizeOf(bytes);
  if (type === undefined) return { otherwise: "not-a-picture" };
  const pixels = width * height;
  return {
    pixels,
    ...(pixels > MOST_PIXELS ? { refusal: "too-large" } : {}),
    otherwise: DECODED.includes(type) ? "unreadable" : "unsupported",
  };
}

function sizeOf(bytes: Uint8Array): {
  readonly type?: string | undefined;
  readonly width: number;
  readonly height: number;
} {
  try {
    const found = imageSize(bytes);
    // those of Targa files begin with two zeros, as many others do
    return found.type === "tga" ? { width: 0, height: 0 } : found;
  } catch {
    return { type: typeOf(bytes), width: 0, height: 0 };
  }
}

/** Of a file that is cut short or damaged. */
function typeOf(bytes: Uint8Array): string | undefined {
  if (startsWith(bytes.subarray(4), "ftyp")) return startsWith(bytes.subarray(8), "avif") ? "avif" : "heif";
  return Object.keys(MAGIC).find((type) => startsWith(bytes, MAGIC[type]!));
}

const MAGIC: Readonly<Record<string, string>> = {
  jpg: "\u00ff\u00d8\u00ff",
  png: "\u0089PNG",
  gif: "GIF8",
  bmp: "BM",
  webp: "RIFF",
  tiff: "II*\0",
};

const startsWith = (bytes: Uint8Array, text: string): boolean =>
  Array.from(text, (letter) => letter.charCodeAt(0)).every((code, i) => bytes[i] === code);
