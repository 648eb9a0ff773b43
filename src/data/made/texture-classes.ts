// The table of textures: a class is a field with its parameters. Kinds that the Describable Textures Dataset's ten classes used
// for testing show (bands, blotches, braids, bubbles, bumps, chequers, cobwebs, cracks, cross-hatching, crystals) are left out.

import { cellNumber, type Field, fraction, nearestSeed, octaves, valueNoise, when, zigzag } from "./fields.ts";

/** A class: given a salt for what is random in it, its field; x and y run over `periods` units across a picture. */
export interface TextureClass {
  readonly periods: number;
  readonly field: (salt: number) => Field;
}

const row = (y: number): number => Math.floor(y);

/** Each kind for several settings: `stripes-4`, `stripes-9`, ... */
function kinds(name: string, periods: readonly number[], field: (salt: number) => Field): [string, TextureClass][] {
  return periods.map((count) => [`${name}-${count}`, { periods: count, field }]);
}

const disc = (x: number, y: number, radius: number): number =>
  when(Math.hypot(fraction(x) - 0.5, fraction(y) - 0.5) < radius);
const inEveryOtherRow =
  (shape: Field): Field =>
  (x, y) =>
    shape(x + 0.5 * (row(y) & 1), y);
const angleOf = (x: number, y: number): number => Math.atan2(y, x) / (2 * Math.PI);

export const TEXTURE_CLASSES: ReadonlyMap<string, TextureClass> = new Map([
  ...kinds("fine-lines", [9, 15], () => (_, y) => when(fraction(y) < 0.35)),
  ...kinds("soft-waves", [3, 7], () => (x, y) => 0.5 + 0.5 * Math.sin(2 * Math.PI * (y + 0.35 * Math.sin(2 * x)))),
  ...kinds("sharp-waves", [5, 10], () => (x, y) => when(fraction(y + 0.3 * Math.sin(Math.PI * x)) < 0.5)),
  ...kinds("zigzags", [4, 8], () => (x, y) => when(fraction(y + zigzag(x / 1.5)) < 0.5)),
  ...kinds("dots", [4, 8], () => (x, y) => disc(x, y, 0.28)),
  ...kinds("dots-in-offset-rows", [4, 8], () => inEveryOtherRow((x, y) => disc(x, y, 0.36))),
  ...kinds("scattered-dots", [4, 9], (salt) => (x, y) => when(nearestSeed(x, y, salt, 0.7).nearest < 0.24)),
  ...kinds("growing-dots", [6], () => (x, y) => disc(x, y, 0.1 + 0.36 * zigzag(x / 8))),
  ...kinds("squares", [5, 9], () => (x, y) => when(Math.max(zigzag(x), zigzag(y)) < 0.55)),
  ...kinds("diamonds", [4, 8], () => (x, y) => when(zigzag(x) + 0.6 * zigzag(y) < 0.55)),
  ...kinds("triangles", [4, 8], () => (x, y) => when(fraction(y) > zigzag(x + 0.5 * (row(y) & 1)))),
  ...kinds("bricks", [5, 9], () => (x, y) => when(fraction(y) < 0.14 || fraction(x / 2 + 0.5 * (row(y) & 1)) < 0.07)),
  ...kinds("scales", [4, 8], () => scales),
  ...kinds("weave", [5, 9], () => weave),
  ...kinds("honeycomb", [4, 8], () => honeycomb),
  ...kinds("tinted-cells", [4, 8], (salt) => (x, y) => nearestSeed(x, y, salt).tone),
  ...kinds("clouds", [2, 5], (salt) => octaves(salt, { count: 4, fading: 0.5 })),
  ...kinds("rough-noise", [4, 10], (salt) => octaves(salt, { count: 3, fading: 1 })),
  ...kinds("grain", [32], (salt) => valueNoise(salt)),
  ...kinds("streaks", [3, 8], (salt) => stretched(octaves(salt, { count: 3, fading: 0.6 }), 8)),
  ...kinds("wood", [3, 6], (salt) => wood(salt)),
  ...kinds("marble", [2, 4], (salt) => marble(salt)),
  ...kinds("rings", [4, 8], () => (x, y) => when(fraction(Math.hypot(x, y)) < 0.45)),
  ...kinds("rays", [1], () => (x, y) => when(fraction(16 * angleOf(x, y)) < 0.5)),
  ...kinds("spiral", [4, 7], () => (x, y) => when(fraction(Math.hypot(x, y) + angleOf(x, y)) < 0.45)),
  ...kinds("speckles", [10, 20], (salt) => (x, y) => when(cellNumber(row(x), row(y), salt) < 0.2)),
  ...kinds("dashes", [5, 9], (salt) => dashes(salt)),
  ...kinds("crosses", [4, 8], () => inEveryOtherRow((x, y) => crossOf(fraction(x) - 0.5, fraction(y) - 0.5))),
  ...kinds("grid", [5, 10], () => (x, y) => when(fraction(x) < 0.14 || fraction(y) < 0.14)),
  ...kinds("triangular-grid", [5], () => triangularGrid),
  ...kinds("stitches", [5, 9], () => (x, y) => when(fraction(y) < 0.22 && fraction(x + 0.37 * row(y)) < 0.6)),
  ...kinds("curled-tiles", [4, 7], (salt) => tiles(salt, curl)),
  ...kinds("maze", [6, 11], (salt) => tiles(salt, (x, y) => when(Math.abs(x - y) < 0.2))),
  ...kinds("slopes", [4], () => (x) => fraction(x)),
]);

/** Rows of discs, each over the row below it. */
function scales(x: number, y: number): number {
  for (let at = Math.ceil(2 * y) - 2; at <= Math.ceil(2 * y) + 1; at++) {
    const distance = Math.hypot(fraction(x + 0.5 * (at & 1)) - 0.5, y - at / 2);
    if (distance < 0.55) return distance > 0.45 ? 1 : distance;
  }
  return 1;
}

/** Strands that go over and under, darker towards their edges. */
function weave(x: number, y: number): number {
  const isAcross = ((row(x) + row(y)) & 1) === 0;
  const [along, beside] = isAcross ? [fraction(x), fraction(y)] : [fraction(y), fraction(x)];
  if (Math.abs(beside - 0.5) > 0.38) return 0;
  return (isAcross ? 0.75 : 0.5) + 0.25 * Math.sin(Math.PI * along);
}

/** The edges between hexagons, whose middles lie in two interleaved grids. */
function honeycomb(x: number, y: number): number {
  const tall = Math.sqrt(3);
  const distances = [0, 0.5].flatMap((shift) => {
    const [dx, dy] = [fraction(x + shift), fraction(y / tall + shift)];
    return [0, 1].flatMap((cx) => [0, 1].map((cy) => Math.hypot(dx - cx, tall * (dy - cy))));
  });
  const [nearest, second] = distances.sort((a, b) => a - b) as [number, number];
  return when(second - nearest < 0.16);
}

function stretched(field: Field, times: number): Field {
  return (x, y) => field(x / times, y);
}

function wood(salt: number): Field {
  const bend = valueNoise(salt);
  return (x, y) => fraction(2 * y + 1.5 * bend(x / 2, y / 2));
}

function marble(salt: number): Field {
  const turbulence = octaves(salt, { count: 4, fading: 0.55 });
  return (x, y) => Math.abs(Math.sin(Math.PI * (y + 2.5 * turbulence(x, y)))) ** 0.6;
}

/** A short stroke in each cell, turned at random. */
function dashes(salt: number): Field {
  return (x, y) => {
    const turn = Math.PI * cellNumber(row(x), row(y), salt);
    const [dx, dy] = [fraction(x) - 0.5, fraction(y) - 0.5];
    const [along, beside] = [dx * Math.cos(turn) + dy * Math.sin(turn), dy * Math.cos(turn) - dx * Math.sin(turn)];
    return when(Math.abs(along) < 0.4 && Math.abs(beside) < 0.1);
  };
}

function crossOf(dx: number, dy: number): number {
  const [short, long] = [Math.min(Math.abs(dx), Math.abs(dy)), Math.max(Math.abs(dx), Math.abs(dy))];
  return when(short < 0.11 && long < 0.36);
}

function triangularGrid(x: number, y: number): number {
  return when(
    [0, 1, 2].some((i) => fraction(x * Math.cos((Math.PI * i) / 3) + y * Math.sin((Math.PI * i) / 3)) < 0.13),
  );
}

/** Square tiles (Truchet's), each as it is or mirrored. */
function tiles(salt: number, tile: Field): Field {
  return (x, y) => {
    const isMirrored = cellNumber(row(x), row(y), salt) < 0.5;
    return tile(isMirrored ? 1 - fraction(x) : fraction(x), fraction(y));
  };
}

/** Quarters of circles about two corners. */
function curl(x: number, y: number): number {
  const [near, far] = [Math.hypot(x, y), Math.hypot(1 - x, 1 - y)];
  return when(Math.abs(near - 0.5) < 0.13 || Math.abs(far - 0.5) < 0.13);
}
