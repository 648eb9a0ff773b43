// Uncompressed TIFF files of any depth: sharp writes 8 bits only.

export interface TiffPicture {
  readonly width: number;
  readonly height: number;
  /** Samples a pixel, interleaved in `samples`. */
  readonly channels: number;
  readonly samples: Uint8Array | Uint16Array | Int16Array | Uint32Array | Float32Array | Float64Array;
  /** Of one sample; default: those of an element of `samples`. */
  readonly bits?: number;
  /** Default: by the type of `samples`. */
  readonly sampleFormat?: 1 | 2 | 3;
  /** 1 black is zero (default for grey), 2 RGB (default for more), 5 CMYK, 0 white is zero. */
  readonly photometric?: number;
  /** Whether the last channel is transparency. */
  readonly hasAlpha?: boolean;
  readonly orientation?: number;
}

const [SHORT, LONG] = [3, 4];
type Tag = readonly [id: number, type: number, values: readonly number[]];

/** @example await writeFile("deep.tif", tiff({ width: 2, height: 2, channels: 1, samples: Float32Array.of(0, 0.5, 1, 1) })); */
export function tiff(picture: TiffPicture): Buffer {
  const { channels, samples } = picture;
  const pixels = Buffer.from(samples.buffer, samples.byteOffset, samples.byteLength);
  const directory = 8 + pixels.length + (pixels.length % 2);
  const tags = tagsOf(picture, pixels.length);
  const sizeOf = ([, type, values]: Tag): number => values.length * (type === SHORT ? 2 : 4);
  let free = directory + 2 + 12 * tags.length + 4; // where values that do not fit into their tag go
  const bytes = Buffer.alloc(tags.reduce((end, tag) => end + (sizeOf(tag) > 4 ? sizeOf(tag) : 0), free) + channels);
  bytes.write("II*\0", 0, "latin1");
  bytes.writeUInt32LE(directory, 4);
  pixels.copy(bytes, 8);
  bytes.writeUInt16LE(tags.length, directory);
  tags.forEach((tag, i) => {
    const [id, type, values] = tag;
    const at = directory + 2 + 12 * i;
    bytes.writeUInt16LE(id, at);
    bytes.writeUInt16LE(type, at + 2);
    bytes.writeUInt32LE(values.length, at + 4);
    const isInside = sizeOf(tag) <= 4;
    const place = isInside ? at + 8 : free;
    if (!isInside) {
      bytes.writeUInt32LE(free, at + 8);
      free += sizeOf(tag);
    }
    values.forEach((value, k) =>
      type === SHORT ? bytes.writeUInt16LE(value, place + 2 * k) : bytes.writeUInt32LE(value, place + 4 * k),
    );
  });
  return bytes;
}

/** In the order of their ids. */
function tagsOf(picture: TiffPicture, byteCount: number): Tag[] {
  const { width, height, channels, samples, bits = 8 * samples.BYTES_PER_ELEMENT, hasAlpha, orientation } = picture;
  const isFloat = samples instanceof Float32Array || samples instanceof Float64Array;
  const format = picture.sampleFormat ?? (isFloat ? 3 : samples instanceof Int16Array ? 2 : 1);
  return [
    [256, SHORT, [width]],
    [257, SHORT, [height]],
    [258, SHORT, Array<number>(channels).fill(bits)],
    [259, SHORT, [1]], // not compressed
    [262, SHORT, [picture.photometric ?? (channels < 3 ? 1 : 2)]],
    [273, LONG, [8]], // one strip, behind the header
    ...(orientation === undefined ? [] : [[274, SHORT, [orientation]] as const]),
    [277, SHORT, [channels]],
    [278, SHORT, [height]],
    [279, LONG, [byteCount]],
    [284, SHORT, [1]], // interleaved
    ...(hasAlpha ? [[338, SHORT, [2]] as const] : []),
    [339, SHORT, Array<number>(channels).fill(format)],
  ];
}
