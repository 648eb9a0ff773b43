// Numbers of 16 bits (IEEE 754 binary16) as files hold them: half the bytes, three digits. In memory all numbers have 32 bits.

import { getFloat16, setFloat16 } from "@petamoriken/float16";

const BYTES = 2;
/** The largest number of 16 bits. */
export const LARGEST_FLOAT16 = 65_504;

/** Numbers -> their nearest ones of 16 bits, little-endian. @example float16Bytes(Float32Array.of(1)) // bytes 0x00, 0x3c */
export function float16Bytes(numbers: Float32Array): Uint8Array {
  const bytes = new Uint8Array(BYTES * numbers.length);
  const view = new DataView(bytes.buffer);
  numbers.forEach((value, i) => setFloat16(view, BYTES * i, value, true));
  return bytes;
}

/** The inverse of float16Bytes: exact, since every number of 16 bits is one of 32. */
export function fromFloat16(bytes: Uint8Array): Float32Array {
  const count = Math.floor(bytes.length / BYTES);
  const numbers = new Float32Array(count);
  values ??= allValues();
  for (let i = 0; i < count; i++) numbers[i] = values[bytes[BYTES * i]! + 256 * bytes[BYTES * i + 1]!]!;
  return numbers;
}

/** Of all 65,536 patterns of 16 bits, once they are asked for: a file of millions of numbers is read in milliseconds. */
let values: Float32Array | undefined;

function allValues(): Float32Array {
  const view = new DataView(new ArrayBuffer(BYTES));
  return Float32Array.from({ length: 2 ** 16 }, (_, bits) => {
    view.setUint16(0, bits);
    return getFloat16(view, 0);
  });
}
