// Edits that know nothing of a format: what bad disks, broken copies and wrong programs do to files.

import type { EditBytes } from "./edits.ts";

/** Numbers at the ends of what headers hold. */
const EXTREMES = [
  0n,
  1n,
  0x7fn,
  0xffn,
  0x7fffn,
  0xffffn,
  2n ** 31n - 1n,
  2n ** 31n,
  2n ** 32n - 1n,
  2n ** 53n,
  2n ** 60n,
  2n ** 64n - 1n,
];

export const BYTE_EDITS: Readonly<Record<string, EditBytes>> = {
  "flip a bit": (bytes, { at, value }) => changed(bytes, at, (old) => old ^ (1 << (value % 8))),
  "set a byte": (bytes, { at, value }) => changed(bytes, at, () => value % 256),
  "insert bytes": (bytes, { at, size, value }) => spliced(bytes, at, 0, noise(size + 1, value)),
  "delete bytes": (bytes, { at, size }) => spliced(bytes, at, size + 1),
  "repeat bytes": (bytes, { at, size }) => {
    const from = place(bytes, at);
    return spliced(bytes, at, 0, bytes.subarray(from, from + size + 1));
  },
  "zero bytes": (bytes, { at, size }) => spliced(bytes, at, size + 1, new Uint8Array(within(bytes, at, size + 1))),
  "move bytes": (bytes, { at, size, value }) => {
    const from = place(bytes, value);
    return spliced(bytes, at, 0, bytes.slice(from, from + 8 * size));
  },
  truncate: (bytes, { at }) => bytes.subarray(0, place(bytes, at)),
  append: (bytes, { size, value }) => spliced(bytes, bytes.length, 0, noise(8 * size + 1, value)),
  "append zeros": (bytes, { size }) => joined(bytes, new Uint8Array(8 * size + 1)),
  empty: () => new Uint8Array(),
  "16 bits to an extreme": (bytes, edit) => number(bytes, edit, 2),
  "32 bits to an extreme": (bytes, edit) => number(bytes, edit, 4),
  "64 bits to an extreme": (bytes, edit) => number(bytes, edit, 8),
  // headers lie at the front: half of all places there
  "a header's number": (bytes, edit) => number(bytes, { ...edit, at: edit.at % 64 }, 4),
};

/** Where `at` points to: anywhere in the file, its end included. */
export function place(bytes: Uint8Array, at: number): number {
  return at % (bytes.length + 1);
}

function within(bytes: Uint8Array, at: number, count: number): number {
  return Math.min(count, bytes.length - place(bytes, at));
}

export function joined(...parts: readonly Uint8Array[]): Uint8Array {
  return new Uint8Array(Buffer.concat(parts));
}

function spliced(bytes: Uint8Array, at: number, remove: number, insert: Uint8Array = new Uint8Array()): Uint8Array {
  const from = place(bytes, at);
  return joined(bytes.subarray(0, from), insert, bytes.subarray(from + remove));
}

function changed(bytes: Uint8Array, at: number, to: (old: number) => number): Uint8Array {
  if (bytes.length === 0) return Uint8Array.of(0);
  const copy = bytes.slice();
  const index = at % bytes.length;
  copy[index] = to(copy[index]!);
  return copy;
}

/** A number of so many bytes becomes an extreme one; every other value is big-endian. */
function number(bytes: Uint8Array, { at, value }: { readonly at: number; readonly value: number }, width: 2 | 4 | 8) {
  if (bytes.length < width) return undefined;
  const copy = bytes.slice();
  const extreme = BigInt.asUintN(8 * width, EXTREMES[(value >> 1) % EXTREMES.length]!);
  const from = at % (bytes.length - width + 1);
  for (let i = 0; i < width; i++) {
    const shift = BigInt(8 * (value % 2 === 0 ? i : width - 1 - i));
    copy[from + i] = Number((extreme >> shift) & 0xffn);
  }
  return copy;
}

/** Bytes that look random and are a function of `seed` (Knuth's multiplier). */
function noise(count: number, seed: number): Uint8Array {
  let state = seed;
  return Uint8Array.from({ length: count }, () => (state = (Math.imul(state, 1664525) + 1013904223) >>> 0) >>> 24);
}
