import fc from "fast-check";
import { expect, it } from "vitest";
import { resizePlanes } from "./resize.ts";

const side = fc.integer({ min: 1, max: 9 });

const mirror = (x: Uint8Array, s: number): Uint8Array => x.map((_, i) => x[i - (i % s) + s - 1 - (i % s)]!);

it("keeps the same array at the same side", () => {
  const images = new Uint8Array(3 * 4);
  expect(resizePlanes(images, 2, 2)).toBe(images);
});

it("keeps constant planes constant and apart, whatever the sides", () => {
  fc.assert(
    fc.property(side, side, fc.uint8Array({ minLength: 3, maxLength: 6 }), (from, to, values) => {
      const images = Uint8Array.from([...values].flatMap((v) => Array<number>(from * from).fill(v)));
      const expected = [...values].flatMap((v) => Array<number>(to * to).fill(v));
      expect([...resizePlanes(images, from, to)]).toEqual(expected);
    }),
  );
});

it("halves by the widened triangle, renormalised at the border", () => {
  const plane = Array.from({ length: 4 }, () => [0, 0, 255, 255]).flat();
  const out = resizePlanes(Uint8Array.from([...plane, ...plane, ...plane]), 4, 2);
  // Left output: centre 0.5, weights 3/4 3/4 1/4 0, sum 7/4: 255 / 7.
  expect([...out.subarray(0, 4)]).toEqual([36, 219, 36, 219]);
});

it("doubles linearly", () => {
  const out = resizePlanes(Uint8Array.from([0, 100, 0, 100].concat([0, 0, 0, 0], [0, 0, 0, 0])), 2, 4);
  expect([...out.subarray(0, 4)]).toEqual([0, 25, 75, 100]);
});

it("mirrors with the picture", () => {
  fc.assert(
    fc.property(side, side, fc.integer(), (from, to, seed) => {
      const image = Uint8Array.from({ length: 3 * from * from }, (_, i) => (i * 97 + seed * 31) & 255);
      const a = resizePlanes(mirror(image, from), from, to);
      const b = mirror(resizePlanes(image, from, to), to);
      expect(Math.max(...a.map((v, i) => Math.abs(v - b[i]!)))).toBeLessThanOrEqual(1);
    }),
  );
});
