// The binary version of CIFAR-10 and CIFAR-100: records of 1 label byte (CIFAR-10) or 2 (coarse, fine; CIFAR-100) and
// 3,072 bytes of 32x32 red, green and blue planes. https://www.cs.toronto.edu/~kriz/cifar.html
import { FormatError } from "../errors.ts";

export const CIFAR_SIDE = 32;
const IMAGE_BYTES = 3 * CIFAR_SIDE * CIFAR_SIDE;

/** How the records of a set begin, and how many classes its (last) label byte names. */
export interface CifarLayout {
  readonly labelBytes: 1 | 2;
  readonly classes: number;
}

export const CIFAR_LAYOUTS = {
  "cifar-10": { labelBytes: 1, classes: 10 },
  "cifar-100": { labelBytes: 2, classes: 100 },
} as const satisfies Record<string, CifarLayout>;

export const CIFAR_10_CLASSES: readonly string[] = "airplane automobile bird cat deer dog frog horse ship truck".split(
  " ",
);

export interface CifarImages {
  /** [n, 3, 32, 32]. */
  readonly images: Uint8Array;
  /** [n], the class (of CIFAR-100: the fine label). */
  readonly labels: Uint8Array;
}

/** Reads one binary batch; `file` is its name for errors. Throws FormatError on a part of a record or a wild label. */
export function parseCifar(bytes: Uint8Array, { labelBytes, classes }: CifarLayout, file: string): CifarImages {
  const recordBytes = labelBytes + IMAGE_BYTES;
  if (bytes.length === 0 || bytes.length % recordBytes !== 0) {
    const whole = Math.floor(bytes.length / recordBytes);
    throw new FormatError(file, `${bytes.length} bytes: ${whole} records of ${recordBytes} and a rest`, {
      hint: "the file is truncated or of another set; fetch the binary version again",
    });
  }
  const count = bytes.length / recordBytes;
  const images = new Uint8Array(count * IMAGE_BYTES);
  const labels = new Uint8Array(count);
  for (let i = 0; i < count; i++) {
    const at = i * recordBytes + labelBytes;
    const label = bytes[at - 1]!;
    if (label >= classes) throw new FormatError(file, `label ${label} at byte ${at - 1}, expected 0 to ${classes - 1}`);
    labels[i] = label;
    images.set(bytes.subarray(at, at + IMAGE_BYTES), i * IMAGE_BYTES);
  }
  return { images, labels };
}
