// Pictures of more than 8 bits a channel: what range their samples have, and their planes once it is known what is white.
import sharp, { type Metadata, type Sharp } from "sharp";
import type { PixelPicture, ResizeRule } from "../../data/square.ts";
import { AT_ONCE } from "./picture-kind.ts";
import type { Samples } from "./sample-range.ts";

/** Above this many pixels of float samples a file is refused: 2^26, a square of 8,192. */
const LARGEST_FLOATS = 2 ** 26;
/** Pixels of float samples looked at together. */
const STRIP = 2 ** 22;

/** Refuses truncated files but not the harmless flaws that cameras leave behind; the number of pixels is checked before. */
export const READING = { failOn: "error", limitInputPixels: false, pages: 1 } as const;

export type Input = Uint8Array | string;

/** The square wanted, and the rule by which it is made. */
export interface Square {
  readonly side: number;
  readonly resize: ResizeRule;
}

/**
 * What sharp does of the rule, which is all of `libvips-cover`. For `square-1` it keeps all pixels, but of more than
 * `AT_ONCE` bytes a channel: these it halves while it decodes, until they are fewer.
 */
export function scaled(picture: Sharp, { side, resize }: Square, metadata?: Metadata): Sharp {
  if (resize === "libvips-cover") return picture.resize(side, side, { fit: "cover" });
  if (metadata === undefined) return picture;
  const { width, height } = metadata.autoOrient;
  const bytes = { uchar: 1, ushort: 2 }[metadata.depth as string] ?? 4;
  const halvings = Math.ceil(Math.log2((width * height * bytes) / AT_ONCE) / 2);
  if (halvings <= 0) return picture;
  const shrunk = (length: number): number => Math.ceil(length / 2 ** halvings);
  return picture.resize(shrunk(width), shrunk(height), { fit: "fill" });
}

/** Interleaved samples, 1 or 3 channels a pixel. */
interface DeepPixels<Data = Uint16Array | Float32Array> {
  readonly data: Data;
  readonly width: number;
  readonly height: number;
}

/** What kind of deep samples a picture has; undefined where libvips makes 8 bits of it rightly; a reason where nothing does. */
export function deepKind({
  depth,
  space,
  bitsPerSample,
  hasAlpha,
  width,
  height,
}: Metadata): Samples["kind"] | undefined | { readonly reason: string } {
  if (depth === "uchar" || space === "cmyk" || space === "labs") return undefined;
  if (depth === "ushort" && (space === "rgb16" || space === "grey16")) return "ushort";
  const convert = "convert it to 8 or 16 bits";
  if (depth !== "float")
    return { reason: `samples of ${bitsPerSample ?? "unknown"} bits of the type ${depth}: ${convert}` };
  if (bitsPerSample === 16) return { reason: `half-precision float samples: ${convert}` };
  if (hasAlpha || (space !== "scrgb" && space !== "b-w"))
    return { reason: `float samples ${hasAlpha ? "with transparency" : `of the colour space ${space}`}: ${convert}` };
  if (width * height > LARGEST_FLOATS)
    return { reason: `float samples of more than ${LARGEST_FLOATS.toLocaleString("en")} pixels: ${convert}` };
  return "float";
}

/** The range of the colours of a deep picture, all pixels looked at. */
export async function samplesOf(
  input: Input,
  kind: Samples["kind"],
  metadata: Metadata,
): Promise<Samples | { readonly reason: string }> {
  if (kind === "float") return floatSamples(input, metadata);
  const { channels } = await sharp(input, READING).stats();
  const colours = metadata.hasAlpha ? channels.slice(0, -1) : channels;
  const isTransparent = metadata.hasAlpha && channels.at(-1)!.min < 65_535;
  const smallest = Math.min(...colours.map(({ min }) => min));
  const largest = Math.max(...colours.map(({ max }) => max));
  return { kind, smallest, largest, ...(isTransparent ? { isTransparent } : {}) };
}

/** Strip by strip, so that memory stays small. (libvips' own statistics are of integers.) */
async function floatSamples(input: Input, metadata: Metadata): Promise<Samples | { readonly reason: string }> {
  const { width, height } = metadata;
  const rows = Math.max(1, Math.floor(STRIP / width));
  let [smallest, largest] = [Infinity, -Infinity];
  for (let top = 0; top < height; top += rows) {
    const strip = sharp(input, READING).extract({ left: 0, top, width, height: Math.min(rows, height - top) });
    for (const value of (await rawFloats(strip, metadata)).data) {
      if (!Number.isFinite(value)) return { reason: `float samples that are no numbers (${value})` };
      if (value < smallest) smallest = value;
      if (value > largest) largest = value;
    }
  }
  return { kind: "float", smallest, largest };
}

/** The pixels of a deep picture, scaled to 0 to 255 so that `white` is 255; what is beyond is clipped. */
export async function eightBits(
  input: Input,
  square: Square,
  metadata: Metadata,
  white: number,
): Promise<PixelPicture> {
  // A profile speaks of the whole range of 16 bits: where less of it is used, it would bend the wrong part.
  const oriented = sharp(input, { ...READING, ignoreIcc: white < 65_535 }).autoOrient();
  const picture = scaled(oriented, square, metadata);
  const isFloat = metadata.depth === "float";
  const { data, ...size } = await (isFloat ? rawFloats(picture, metadata) : rawShorts(picture, metadata));
  const eight = new Uint8Array(data.length);
  for (let i = 0; i < data.length; i++) eight[i] = Math.round(255 * Math.min(1, Math.max(0, data[i]! / white)));
  return { data: eight, ...size };
}

async function rawShorts(picture: Sharp, { space, hasAlpha }: Metadata): Promise<DeepPixels> {
  const { data, info } = await picture
    .toColourspace(space)
    .raw({ depth: "ushort" })
    .toBuffer({ resolveWithObject: true });
  const { width, height, channels } = info;
  const samples = new Uint16Array(data.buffer, data.byteOffset, data.length / 2);
  return { data: hasAlpha ? onWhite(samples, channels) : samples, width, height };
}

/** Transparency, the last channel, taken away. (sharp's white is 65280 of 65535.) */
function onWhite(samples: Uint16Array, channels: number): Float32Array {
  const colours = channels - 1;
  const data = new Float32Array((samples.length / channels) * colours);
  for (let at = 0; at < data.length; at++) {
    const pixel = Math.floor(at / colours) * channels;
    const share = samples[pixel + colours]! / 65_535;
    data[at] = share * samples[pixel + (at % colours)]! + (1 - share) * 65_535;
  }
  return data;
}

/** As they are in the file: in no colour space but its own, where nothing is bent. */
async function rawFloats(picture: Sharp, { space }: Metadata): Promise<DeepPixels<Float32Array>> {
  const { data, info } = await picture
    .pipelineColourspace(space)
    .toColourspace(space)
    .raw({ depth: "float" })
    .toBuffer({ resolveWithObject: true });
  const { width, height } = info;
  return { data: new Float32Array(data.buffer, data.byteOffset, data.length / 4), width, height };
}
