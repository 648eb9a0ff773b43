// Fields: a tone in [0, 1] at every point of the plane. What textures are built from; a picture shows a part of one.

/** The tone at (x, y); lengths are in periods of whatever repeats. */
export type Field = (x: number, y: number) => number;

/** A uniform number in [0, 1) of a cell of the plane, by murmur3's mixing of its place and the salt. */
export function cellNumber(column: number, row: number, salt: number): number {
  let h = Math.imul(column, 0x85ebca6b) ^ Math.imul(row, 0xc2b2ae35) ^ salt;
  h = Math.imul(h ^ (h >>> 16), 0x7feb352d);
  h = Math.imul(h ^ (h >>> 15), 0x846ca68b);
  return ((h ^ (h >>> 16)) >>> 0) / 2 ** 32;
}

/** Smooth noise: random tones at whole numbers, blended between them. */
export function valueNoise(salt: number): Field {
  return (x, y) => {
    const [column, row] = [Math.floor(x), Math.floor(y)];
    const [u, v] = [smooth(x - column), smooth(y - row)];
    const at = (dx: number, dy: number): number => cellNumber(column + dx, row + dy, salt);
    return mix(mix(at(0, 0), at(1, 0), u), mix(at(0, 1), at(1, 1), u), v);
  };
}

/** Noise of several octaves; each finer one has `fading` times the weight of the one before: 1 is rough, 0.4 soft. */
export function octaves(salt: number, { count, fading }: { readonly count: number; readonly fading: number }): Field {
  const layers = Array.from({ length: count }, (_, i) => valueNoise(salt + 101 * i));
  const total = layers.reduce((sum, _, i) => sum + fading ** i, 0);
  return (x, y) => {
    const sum = layers.reduce((tone, layer, i) => tone + fading ** i * layer(x * 2 ** i + 7 * i, y * 2 ** i), 0);
    return Math.min(1, Math.max(0, 0.5 + (count > 1 ? 1.8 : 1) * (sum / total - 0.5)));
  };
}

interface Nearest {
  /** Distance to the nearest seed. */
  readonly nearest: number;
  /** A number of the nearest seed's own, in [0, 1). */
  readonly tone: number;
}

/** The cells around scattered seeds (Voronoi), one seed a unit square, `scatter` (0 to 1) away from its middle. */
export function nearestSeed(x: number, y: number, salt: number, scatter = 1): Nearest {
  let [nearest, tone] = [Infinity, 0];
  for (let row = Math.floor(y) - 1; row <= Math.floor(y) + 1; row++) {
    for (let column = Math.floor(x) - 1; column <= Math.floor(x) + 1; column++) {
      const [sx, sy] = [cellNumber(column, row, salt), cellNumber(column, row, salt + 1)];
      const distance = Math.hypot(column + 0.5 + scatter * (sx - 0.5) - x, row + 0.5 + scatter * (sy - 0.5) - y);
      if (distance < nearest) [nearest, tone] = [distance, cellNumber(column, row, salt + 2)];
    }
  }
  return { nearest, tone };
}

/** A triangle wave of period 1: 0 at whole numbers, 1 at the halves. */
export function zigzag(x: number): number {
  return 1 - Math.abs(2 * fraction(x) - 1);
}

/** The part behind the point, in [0, 1) for negative numbers too. */
export function fraction(x: number): number {
  return x - Math.floor(x);
}

/** 1 where `condition` holds: a tone. */
export function when(condition: boolean): number {
  return condition ? 1 : 0;
}

export function mix(a: number, b: number, share: number): number {
  return a + (b - a) * share;
}

function smooth(t: number): number {
  return t * t * (3 - 2 * t);
}
