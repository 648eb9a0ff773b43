// Pictures of any kind and size -> three uint8 planes of side x side each, by sharp (libvips).
import { availableParallelism } from "node:os";
import pMap from "p-map";
import sharp, { type Metadata } from "sharp";
import { type ResizeRule, squarePlanes } from "../../data/square.ts";
import { fileHash } from "../files/file-hash.ts";
import { CHANGED, DAMAGED, type Decoded, type DeepPicture, keepReadable, type ReadOptions } from "./decoded.ts";
import { deepKind, eightBits, type Input, READING, samplesOf, scaled, type Square } from "./deep-picture.ts";
import type { Skipped } from "./folder-walk.ts";
import { readPictureFile } from "./picture-file.ts";
import { AT_ONCE, harmlessPixels, kindOf, refusalOf } from "./picture-kind.ts";
import { Room } from "./room.ts";
import { rangesOf, type SampleRanges, type Samples, whiteOf } from "./sample-range.ts";
import { Zips } from "./zip-files.ts";

/** Above this many pixels a file is refused: 2^28, a square of 16,384. */
const LARGEST_PICTURE = 2 ** 28;
/** The same for pictures that can only be decoded as a whole: 2^26, a square of 8,192. */
const LARGEST_WHOLE = 2 ** 26;
/** With more bytes a pixel, fewer pixels may be decoded as a whole. */
const BYTES_OF_WHOLE = 6;
/** No other format than PNG and TIFF allows longer sides, and lines of millions of pixels take gigabytes. */
const LONGEST_SIDE = 65_535;

/** Pictures decoded at the same time: sharp works in libuv's pool of 4 threads; two more keep it fed. */
const IN_FLIGHT = 6;
/** Of whole pictures, so many pixels are decoded at the same time: two large ones on two cores, more on more. */
const PIXELS_IN_FLIGHT = AT_ONCE * Math.min(IN_FLIGHT, Math.max(2, availableParallelism()));

export interface DecodeOptions extends ReadOptions {
  /** How pictures become squares: `square-1` by default; `classifier.resize` for what a classifier is to see. */
  readonly resize?: ResizeRule | undefined;
  /** What is white in pictures of more than 8 bits a channel; by default found over all of them. */
  readonly ranges?: SampleRanges | undefined;
  /** SHA-256 of each file; one with another content is left out. */
  readonly hashes?: readonly string[] | undefined;
}

/** What became of a picture: planes, samples of which it must be said first what is white, or why it is left out. */
type Outcome = Uint8Array | Samples | { readonly reason: string };

/**
 * Decodes many pictures into `images` [paths.length, 3, side, side], several at a time. A picture's planes are those of
 * its pixels turned as its EXIF orientation says, shrunk or enlarged to cover the square and cut at the longer side's ends,
 * colours in sRGB, transparency on white, grey replicated, the first frame of an animation. Memory stays small for huge JPEG,
 * WebP and PNG, which are shrunk while they are read. Planes of what is left out stay as they are.
 */
export async function decodeInto(
  images: Uint8Array,
  paths: readonly string[],
  side: number,
  { resize = "square-1", ranges, hashes, onProgress, signal, zips = new Zips() }: DecodeOptions = {},
): Promise<Omit<Decoded, "images">> {
  const square = { side, resize };
  const room = new Room(PIXELS_IN_FLIGHT);
  const reasons = Array.from<string | undefined>({ length: paths.length });
  let done = 0;
  const tell = (): void => onProgress?.({ done, total: paths.length });
  const take = (index: number, outcome: Uint8Array | string): void => {
    if (typeof outcome === "string") reasons[index] = outcome;
    else images.set(outcome, index * 3 * side * side);
    done++;
    if (!signal?.aborted) tell(); // those under way when `signal` stops the others come to an end unheard
  };
  tell();
  const deep: DeepPicture[] = [];
  const open = async (path: string, index: number): Promise<void> => {
    const outcome = await decodeFile(path, square, room, { sha256: hashes?.[index], zips });
    if ("kind" in outcome) deep.push({ index, samples: outcome });
    else take(index, "reason" in outcome ? outcome.reason : outcome);
  };
  await pMap(paths, open, { concurrency: IN_FLIGHT, signal });
  deep.sort((a, b) => a.index - b.index);
  const known = ranges ?? rangesOf(deep.map(({ samples }) => samples));
  const scale = async ({ index, samples }: DeepPicture): Promise<void> => {
    const white = whiteOf(samples, known);
    if (typeof white === "string") return take(index, white);
    const outcome = await decodeFile(paths[index]!, square, room, { sha256: hashes?.[index], white, zips });
    take(index, outcome instanceof Uint8Array ? outcome : "reason" in outcome ? outcome.reason : CHANGED);
  };
  await pMap(deep, scale, { concurrency: IN_FLIGHT, signal });
  return { reasons, deep };
}

/**
 * Reads single pictures: those that can be read, in the order of `paths`, as planes [n, 3, side, side], and the others
 * with reasons. For a classifier, they become squares as those it was made from (`resize: classifier.resize`). Of pictures
 * with more than 8 bits a channel, `ranges` says what is white (`sampleRangesOf(description)`); without, only pictures are
 * read that leave no doubt.
 * @example const { images } = await readImages(["pets/cat/0.png"], 32);
 */
export async function readImages(
  paths: readonly string[],
  side: number,
  { ranges = {}, ...options }: ReadOptions & Pick<DecodeOptions, "ranges" | "resize"> = {},
): Promise<{ images: Uint8Array; read: string[]; skipped: Skipped[] }> {
  const images = new Uint8Array(paths.length * 3 * side * side);
  const { reasons } = await decodeInto(images, paths, side, { ranges, ...options });
  const kept = keepReadable(images, 3 * side * side, reasons);
  return {
    images: kept,
    read: paths.filter((_, i) => reasons[i] === undefined),
    skipped: paths.flatMap((path, i) => (reasons[i] === undefined ? [] : [{ path, reason: reasons[i] }])),
  };
}

interface FileOptions {
  readonly zips: Zips;
  readonly sha256?: string | undefined;
  /** The white of deep samples; without it, they are looked at only. */
  readonly white?: number;
}

async function decodeFile(
  path: string,
  square: Square,
  room: Room,
  { sha256, white, zips }: FileOptions,
): Promise<Outcome> {
  const file = await readPictureFile(path, zips);
  if (typeof file === "string") return { reason: sha256 === undefined ? file : CHANGED };
  if (sha256 !== undefined && file.sha256 !== sha256) return { reason: CHANGED };
  const kind = kindOf(file.head);
  const refusal = refusalOf(kind);
  if (refusal !== undefined) return { reason: refusal };
  const pixels = typeof file.input === "string" ? undefined : harmlessPixels(kind, file.input);
  const decoding = room.with(pixels ?? AT_ONCE, () =>
    pixels === undefined ? decode(file.input, square, white) : plainPlanes(file.input, square),
  );
  const outcome = await decoding.catch(async (error: unknown) => ({
    reason: await failure(kind.name, file.input, error),
  }));
  if (typeof file.input === "string" && (await fileHash(path)) !== file.sha256) return { reason: CHANGED };
  return outcome;
}

/** @throws sharp's error for a damaged picture */
async function decode(input: Input, square: Square, white: number | undefined): Promise<Outcome> {
  const metadata = await sharp(input, READING).metadata();
  const { channels } = metadata;
  const tooLarge = sizeRefusal(metadata);
  if (tooLarge !== undefined) return { reason: tooLarge };
  if (channels > 4 && metadata.space !== "cmyk")
    return { reason: `${channels} channels a pixel, at most 4 can be read` };
  const kind = deepKind(metadata);
  if (kind === undefined) return plainPlanes(input, square, metadata);
  if (typeof kind !== "string") return kind;
  // AVIF says how many bits it has, and libvips has moved them up to 16.
  const known = metadata.format === "heif" ? 65_535 : white;
  if (known === undefined) return samplesOf(input, kind, metadata);
  return squarePlanes(await eightBits(input, square, metadata, known), square.side);
}

/** Of a picture that libvips makes 8 bits of rightly. @throws sharp's error for a damaged one */
async function plainPlanes(input: Input, square: Square, metadata?: Metadata): Promise<Uint8Array> {
  const oriented = sharp(input, { ...READING, limitInputPixels: LARGEST_PICTURE }).autoOrient();
  const picture = scaled(oriented, square, metadata);
  const { data, info } = await (square.resize === "square-1" ? picture : picture.flatten({ background: "#ffffff" }))
    .toColourspace("srgb")
    .raw({ depth: "uchar" })
    .toBuffer({ resolveWithObject: true });
  return squarePlanes({ data, width: info.width, height: info.height }, square.side);
}

function sizeRefusal({ width, height, format, isProgressive, channels, depth }: Metadata): string | undefined {
  const size = `${width} x ${height} pixels`;
  if (Math.max(width, height) > LONGEST_SIDE)
    return `${size}, a side of more than ${LONGEST_SIDE.toLocaleString("en")}`;
  const isWhole = isProgressive || format === "gif" || format === "heif";
  if (width * height > LARGEST_PICTURE) return `${size}, more than ${LARGEST_PICTURE.toLocaleString("en")}`;
  const bytes = channels * (format === "jpeg" || depth !== "uchar" ? 2 : 1); // passes of a JPEG add up in 16 bits
  const largest = Math.floor(LARGEST_WHOLE * Math.min(1, BYTES_OF_WHOLE / bytes));
  if (!isWhole || width * height <= largest) return undefined;
  const kind = isProgressive ? "that comes in several passes" : "of this kind";
  return `${size}, more than ${largest.toLocaleString("en")} of a picture ${kind}`;
}

/** In our words: the text of libvips is shared between its threads and may be about another picture. */
async function failure(kind: string, input: Input, error: unknown): Promise<string> {
  if (!(error instanceof Error) || error.constructor !== Error) throw error; // a fault of ours
  const metadata = await sharp(input, READING)
    .metadata()
    .catch(() => undefined); // a damaged header tells nothing
  const tooLarge = metadata && sizeRefusal(metadata);
  if (tooLarge !== undefined) return tooLarge;
  const others = kind === "TIFF" ? ", or of a kind that cannot be read: convert it to PNG" : "";
  return `${DAMAGED} ${kind}${others}`;
}
