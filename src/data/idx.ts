// IDX, the format of MNIST and Fashion-MNIST: two zero bytes, an element type, the number of dimensions, the sizes as
// big-endian 32-bit numbers, then the data. Unsigned bytes only, already gunzipped.
import { FormatError } from "../errors.ts";

export interface IdxImages {
  readonly count: number;
  readonly height: number;
  readonly width: number;
  /** [count, height, width] grey values. */
  readonly pixels: Uint8Array;
}

/** Reads an idx3-ubyte file; `file` is its name for errors. Throws FormatError. */
export function parseIdxImages(bytes: Uint8Array, file: string): IdxImages {
  const { sizes, data } = parseIdx(bytes, 3, file);
  const [count, height, width] = sizes as [number, number, number];
  return { count, height, width, pixels: data };
}

/** Reads an idx1-ubyte file: one label a byte. With `expected`, the number of labels must be that many. */
export function parseIdxLabels(bytes: Uint8Array, file: string, expected?: number): Uint8Array {
  const { data } = parseIdx(bytes, 1, file);
  if (expected !== undefined && data.length !== expected) {
    throw new FormatError(file, `${data.length} labels for ${expected} images`, {
      hint: "images and labels must come from the same part: train-images with train-labels, t10k-images with t10k-labels",
    });
  }
  return data;
}

/** Grey images as three equal colour planes: [n, side, side] -> [n, 3, side, side]. */
export function replicateGrey(pixels: Uint8Array, pixelsPerImage: number): Uint8Array {
  const planes = new Uint8Array(pixels.length * 3);
  for (let from = 0; from < pixels.length; from += pixelsPerImage) {
    const image = pixels.subarray(from, from + pixelsPerImage);
    for (let plane = 0; plane < 3; plane++) planes.set(image, from * 3 + plane * pixelsPerImage);
  }
  return planes;
}

function parseIdx(bytes: Uint8Array, dimensions: 1 | 3, file: string): { sizes: number[]; data: Uint8Array } {
  const header = 4 + 4 * dimensions;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const magic = 0x0800 + dimensions;
  if (bytes.length >= 2 && view.getUint16(0) === 0x1f8b) throw new FormatError(file, "still gzipped: unpack it first");
  if (bytes.length < header) {
    throw new FormatError(file, `${bytes.length} bytes, an idx${dimensions} header alone takes ${header}`);
  }
  if (view.getUint32(0) !== magic) {
    const found = `0x${view.getUint32(0).toString(16).padStart(8, "0")}`;
    throw new FormatError(
      file,
      `starts with ${found} at byte 0, an idx${dimensions}-ubyte file starts with 0x0000080${dimensions}`,
    );
  }
  const sizes = Array.from({ length: dimensions }, (_, i) => view.getUint32(4 + 4 * i));
  const expected = header + sizes.reduce((product, size) => product * size, 1);
  if (bytes.length !== expected) {
    const what = bytes.length < expected ? "truncated" : "too long";
    throw new FormatError(
      file,
      `${what}: ${bytes.length} bytes, its header [${sizes.join(", ")}] promises ${expected}`,
    );
  }
  return { sizes, data: bytes.subarray(header) };
}
