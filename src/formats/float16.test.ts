import fc from "fast-check";
import { expect, test } from "vitest";
import { float16Bytes, fromFloat16 } from "./float16.ts";

const bits = (value: number): number => {
  const bytes = float16Bytes(Float32Array.of(value));
  return bytes[0]! + 256 * bytes[1]!;
};

test.each([
  [0, 0x0000],
  [-0, 0x8000],
  [1, 0x3c00],
  [-2, 0xc000],
  [1 / 3, 0x3555],
  [65_504, 0x7bff],
  [65_520, 0x7c00], // half way to what would come next: infinity
  [2 ** -14, 0x0400], // the smallest normal number
  [2 ** -24, 0x0001],
  [2 ** -25, 0x0000], // half of it: ties go to the even one
  [1 + 2 ** -11, 0x3c00],
  [1 + 3 * 2 ** -11, 0x3c02],
  [Infinity, 0x7c00],
])("%d is 0x%s", (value, expected) => expect(bits(value)).toBe(expected));

test("all numbers of 16 bits come back as they were", () => {
  const all = Uint8Array.from({ length: 2 ** 17 }, (_, i) => (i % 2 === 0 ? (i >> 1) & 0xff : i >> 9));
  const numbers = fromFloat16(all);
  const again = float16Bytes(numbers);
  for (let i = 0; i < numbers.length; i++) {
    if (Number.isNaN(numbers[i])) continue; // which NaN does not matter
    expect([again[2 * i], again[2 * i + 1]]).toEqual([all[2 * i], all[2 * i + 1]]);
  }
});

test("no number of 16 bits is nearer", () => {
  fc.assert(
    fc.property(fc.float({ min: -60_000, max: 60_000, noNaN: true }), (value) => {
      const [found] = fromFloat16(float16Bytes(Float32Array.of(value)));
      const half = found === 0 ? 2 ** -25 : Math.max(2 ** -25, 2 ** (Math.floor(Math.log2(Math.abs(found!))) - 11));
      expect(Math.abs(found! - value)).toBeLessThanOrEqual(half);
    }),
  );
});
