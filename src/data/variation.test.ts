import { expect, test } from "vitest";
import { fold, key } from "../tensor/random.ts";
import { type Variation, varyImage } from "./variation.ts";

const SIDE = 32;
const PLANE = SIDE * SIDE;
const STILL: Variation = { mirror: false, smallest: 1, light: 0, grey: 0 };

/** Levels that rise to the right in red, downwards in green; blue is the same everywhere. */
const ramp = Uint8Array.from({ length: 3 * PLANE }, (_, i) => {
  const [channel, at] = [Math.floor(i / PLANE), i % PLANE];
  return channel === 0 ? 4 * (at % SIDE) + 64 : channel === 1 ? 4 * Math.floor(at / SIDE) + 64 : 40;
});

function varied(image: Uint8Array, variation: Partial<Variation>, n: number): Uint8Array {
  const out = new Uint8Array(image.length);
  varyImage(image, SIDE, { ...STILL, ...variation }, fold(key(3), n), out);
  return out;
}

/** Least squares slope of the middle half of a row or column of a plane, in levels a pixel. */
function slope(plane: Uint8Array, along: "x" | "y"): number {
  const middle = SIDE / 2;
  const value = (i: number): number => plane[along === "x" ? middle * SIDE + i : i * SIDE + middle]!;
  const places = Array.from({ length: middle }, (_, i) => middle / 2 + i);
  const centre = places.reduce((sum, i) => sum + i, 0) / places.length;
  const rise = places.reduce((sum, i) => sum + (i - centre) * value(i), 0);
  return rise / places.reduce((sum, i) => sum + (i - centre) ** 2, 0);
}

test("windows are of every size there may be, and stretched by no more than said", () => {
  const slopes = Array.from({ length: 300 }, (_, n) => {
    const out = varied(ramp, { smallest: 0.5 }, n);
    return [slope(out.subarray(0, PLANE), "x") / 4, slope(out.subarray(PLANE, 2 * PLANE), "y") / 4] as const;
  });
  const sizes = slopes.map(([x, y]) => Math.sqrt(Math.max(0, x) * Math.max(0, y)));
  // a window's place can put its middle half beyond the edge, where nothing rises
  const inside = slopes.filter(([x, y]) => x > 0.3 && y > 0.3);
  expect(inside.length).toBeGreaterThan(250);
  expect(Math.min(...sizes.filter((size) => size > 0.3))).toBeLessThan(0.6);
  expect(Math.max(...sizes)).toBeGreaterThan(1);
  expect(Math.max(...sizes)).toBeLessThan(1.2);
});

test("half the pictures are mirrored where they may be, none where not", () => {
  const mirrored = (mirror: boolean): number =>
    Array.from({ length: 300 }, (_, n) =>
      slope(varied(ramp, { mirror, smallest: 0.9 }, n).subarray(0, PLANE), "x"),
    ).filter((rise) => rise < 0).length;
  expect(mirrored(false)).toBe(0);
  expect(mirrored(true)).toBeGreaterThan(110);
  expect(mirrored(true)).toBeLessThan(190);
});

test("without light nothing but places change: a picture of one colour stays as it is", () => {
  const flat = Uint8Array.from({ length: 3 * PLANE }, (_, i) => [200, 100, 50][Math.floor(i / PLANE)]!);
  for (let n = 0; n < 20; n++) expect(varied(flat, { smallest: 0.3, mirror: true }, n)).toEqual(flat);
});

test("light moves levels within bounds, and pictures that lose their colours are grey", () => {
  const flat = Uint8Array.from({ length: 3 * PLANE }, (_, i) => [160, 120, 100][Math.floor(i / PLANE)]!);
  const reds = Array.from({ length: 200 }, (_, n) => varied(flat, { light: 0.2 }, n)[0]!);
  expect(Math.min(...reds)).toBeLessThan(145);
  expect(Math.max(...reds)).toBeGreaterThan(175);
  expect(Math.max(...reds.map((red) => Math.abs(red - 160)))).toBeLessThan(60);
  const isGrey = (n: number): boolean => {
    const out = varied(flat, { grey: 0.3 }, n);
    return out[0] === out[PLANE] && out[0] === out[2 * PLANE];
  };
  const grey = Array.from({ length: 300 }, (_, n) => n).filter(isGrey).length;
  expect(grey).toBeGreaterThan(60);
  expect(grey).toBeLessThan(120);
});

test("a function of the key", () => {
  const all = { mirror: true, smallest: 0.6, light: 0.2, grey: 0.1 };
  expect(varied(ramp, all, 1)).toEqual(varied(ramp, all, 1));
  expect(varied(ramp, all, 1)).not.toEqual(varied(ramp, all, 2));
});
