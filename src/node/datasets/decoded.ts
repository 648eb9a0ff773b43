// What decoding a list of files gives, and which decoder gave it: known without loading sharp, which takes longer than many a
// command that finds its pictures decoded.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import type { Samples } from "./sample-range.ts";
import type { Zips } from "./zip-files.ts";

/**
 * Part of the key of the cache: changes whenever the same bytes would decode to other pixels, or be refused or not. Its test
 * fails at every change of the decoder's code.
 */
export const DECODER_VERSION = `5/sharp-${sharpVersion()}`;

/** As `sharp.versions.sharp`. */
function sharpVersion(): string {
  const main = createRequire(import.meta.url).resolve("sharp"); // in dist/ of the package
  const { version } = JSON.parse(readFileSync(join(dirname(main), "..", "package.json"), "utf8")) as {
    version: string;
  };
  return version;
}

/** How the reason begins where the decoder gave up. */
export const DAMAGED = "damaged or truncated";

/** Whether the decoder gave up, which it does for damaged pictures, but also where memory is short: that may pass. */
export const mayPass = (reason: string | undefined): boolean => reason?.startsWith(DAMAGED) ?? false;

/** Why a file is no longer what was seen before. */
export const CHANGED = "changed while it was read";

/** A picture of more than 8 bits a channel. */
export interface DeepPicture {
  /** Its place in the list of files. */
  readonly index: number;
  readonly samples: Samples;
}

/** What decoding a list of files gives: the readable images, and for each file why it is missing (or undefined). */
export interface Decoded {
  /** [readable files, 3, side, side], in the order of the files. */
  readonly images: Uint8Array;
  readonly reasons: readonly (string | undefined)[];
  readonly deep: readonly DeepPicture[];
}

export interface Progress {
  readonly done: number;
  readonly total: number;
}

export interface ReadOptions {
  readonly onProgress?: ((progress: Progress) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Zips that pictures lie in, where they are open already. */
  readonly zips?: Zips | undefined;
}

/** Closes the gaps that unreadable pictures left, in place; returns the part that is filled. */
export function keepReadable(images: Uint8Array, stride: number, reasons: readonly (string | undefined)[]): Uint8Array {
  let to = 0;
  reasons.forEach((reason, i) => {
    if (reason !== undefined) return;
    if (to !== i * stride) images.copyWithin(to, i * stride, (i + 1) * stride);
    to += stride;
  });
  return images.subarray(0, to);
}
