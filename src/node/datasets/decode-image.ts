// One picture of any kind and size -> three uint8 planes of side x side, by sharp (libvips).
import pMap from "p-map";
import sharp from "sharp";

/** Changes whenever the same file would decode to other pixels: part of the key of the cache. */
export const DECODER_VERSION = `1/sharp-${sharp.versions.sharp}`;

/** Above this many pixels a file is refused: 2^28, a square of 16,384. */
const LARGEST_PICTURE = 2 ** 28;

/** Pictures decoded at the same time: sharp works in libuv's pool of 4 threads; two more keep it fed. */
const IN_FLIGHT = 6;

export interface Skipped {
  readonly path: string;
  /** Why it is left out, for people. */
  readonly reason: string;
}

/** What decoding a list of files gives: the readable images, and for each file why it is missing (or undefined). */
export interface Decoded {
  /** [readable files, 3, side, side], in the order of the files. */
  readonly images: Uint8Array;
  readonly reasons: readonly (string | undefined)[];
}

export interface Progress {
  readonly done: number;
  readonly total: number;
}

export interface ReadOptions {
  readonly onProgress?: ((progress: Progress) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * The picture as planes [3, side, side]: turned as its EXIF orientation says, shrunk or enlarged to cover the square and
 * cut at the longer side's ends, transparency on white, grey replicated, the first frame of an animation.
 * Memory stays small for huge JPEG and WebP (shrunk while loading) and PNG (read line by line).
 * Throws sharp's error when the file is no picture or damaged.
 */
export async function decodeImage(path: string, side: number): Promise<Uint8Array> {
  // failOn "error" refuses truncated files but not the harmless flaws that cameras leave behind.
  const { data, info } = await sharp(path, { failOn: "error", limitInputPixels: LARGEST_PICTURE, pages: 1 })
    .autoOrient()
    .resize(side, side, { fit: "cover" })
    .flatten({ background: "#ffffff" })
    .toColourspace("srgb")
    .raw({ depth: "uchar" })
    .toBuffer({ resolveWithObject: true });
  const size = side * side;
  const planes = new Uint8Array(3 * size);
  for (let plane = 0; plane < 3; plane++) {
    const channel = info.channels < 3 ? 0 : plane;
    for (let i = 0; i < size; i++) planes[plane * size + i] = data[i * info.channels + channel]!;
  }
  return planes;
}

/**
 * Decodes many pictures into `images` [paths.length, 3, side, side], several at a time. Returns, per path, undefined or
 * the reason why it could not be read (its planes are then left zero).
 */
export async function decodeInto(
  images: Uint8Array,
  paths: readonly string[],
  side: number,
  { onProgress, signal }: ReadOptions = {},
): Promise<(string | undefined)[]> {
  const stride = 3 * side * side;
  let done = 0;
  onProgress?.({ done, total: paths.length });
  const decode = async (path: string, i: number): Promise<string | undefined> => {
    const reason = await decodeImage(path, side).then(
      (planes) => void images.set(planes, i * stride),
      (error: unknown) => explain(error),
    );
    // Those under way when `signal` stops the others come to an end unheard.
    if (!signal?.aborted) onProgress?.({ done: ++done, total: paths.length });
    return reason;
  };
  return await pMap(paths, decode, { concurrency: IN_FLIGHT, signal });
}

/**
 * Reads single pictures: those that can be read, in the order of `paths`, as planes [n, 3, side, side], and the others
 * with reasons.
 */
export async function readImages(
  paths: readonly string[],
  side: number,
  options: ReadOptions = {},
): Promise<{ images: Uint8Array; read: string[]; skipped: Skipped[] }> {
  const images = new Uint8Array(paths.length * 3 * side * side);
  const reasons = await decodeInto(images, paths, side, options);
  const kept = keepReadable(images, 3 * side * side, reasons);
  return {
    images: kept,
    read: paths.filter((_, i) => reasons[i] === undefined),
    skipped: paths.flatMap((path, i) => (reasons[i] === undefined ? [] : [{ path, reason: reasons[i] }])),
  };
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

/** libvips' messages in words for people; what is not known is passed on. */
function explain(error: unknown): string {
  const message = (error instanceof Error ? error.message : String(error)).split("\n")[0]!.trim();
  if (/unsupported image format/.test(message))
    return "not a picture that can be read (expected JPEG, PNG, WebP, GIF, TIFF or AVIF)";
  if (/file is missing/.test(message)) return "no such file";
  if (/pixel limit/.test(message)) return `larger than ${LARGEST_PICTURE.toLocaleString("en")} pixels`;
  return `damaged or truncated (${message})`;
}
