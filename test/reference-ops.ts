// What the operations mean, as plain loops over row-major arrays in float64. Slow and obvious on purpose.

import type { Window } from "../src/tensor/tensor.ts";
import { type Shape, sizeOf } from "../src/tensor/tree.ts";

/** A row-major array with its shape. */
export interface NdArray {
  readonly shape: Shape;
  readonly data: ArrayLike<number>;
}

const indicesOf = (shape: Shape, flat: number): number[] =>
  shape.map((d, axis) => Math.floor(flat / sizeOf(shape.slice(axis + 1))) % d);

export const flatIndex = (shape: Shape, at: readonly number[]): number =>
  shape.reduce((flat, d, axis) => flat * d + at[axis]!, 0);

/** An array of the given shape, each entry made from its indices. */
export function build(shape: Shape, entry: (...at: number[]) => number): number[] {
  return Array.from({ length: sizeOf(shape) }, (_, flat) => entry(...indicesOf(shape, flat)));
}

/** The entry at `at` with numpy's broadcasting. */
export function broadcastEntry({ shape, data }: NdArray, at: readonly number[]): number {
  const own = at.slice(at.length - shape.length).map((index, axis) => (shape[axis] === 1 ? 0 : index));
  return data[flatIndex(shape, own)]!;
}

/** Sums over axes, which are dropped. */
export function sumOver({ shape, data }: NdArray, axes: readonly number[]): number[] {
  const kept = shape.map((d, axis) => (axes.includes(axis) ? 1 : d));
  const out = Array<number>(sizeOf(kept)).fill(0);
  for (let flat = 0; flat < data.length; flat++) {
    const at = indicesOf(shape, flat).map((index, axis) => (axes.includes(axis) ? 0 : index));
    out[flatIndex(kept, at)]! += data[flat]!;
  }
  return out;
}

/** Visits every product of a convolution: output, input and weight positions that belong together. */
export function visitConvolution(
  x: Shape,
  weight: Shape,
  out: Shape,
  { stride, padding }: Window,
  visit: (out: number, x: number, weight: number) => void,
): void {
  const [n, cOut, oh, ow] = out as [number, number, number, number];
  const [, cIn, h, w] = x as [number, number, number, number];
  const k = weight[2]!;
  for (let image = 0; image < n; image++)
    for (let o = 0; o < cOut; o++)
      for (let row = 0; row < oh; row++)
        for (let column = 0; column < ow; column++)
          for (let i = 0; i < cIn; i++)
            for (let tap = 0; tap < k * k; tap++) {
              const y = row * stride - padding + Math.floor(tap / k);
              const z = column * stride - padding + (tap % k);
              if (y < 0 || y >= h || z < 0 || z >= w) continue;
              visit(
                ((image * cOut + o) * oh + row) * ow + column,
                ((image * cIn + i) * h + y) * w + z,
                (o * cIn + i) * k * k + tap,
              );
            }
}

/** Flat positions of the largest entry under each pooling window, the first of equals. */
export function poolWinners({ shape, data }: NdArray, out: Shape, { kernel, stride, padding }: Window): number[] {
  const [, , h, w] = shape as [number, number, number, number];
  return build(out, (n, c, row, column) => {
    let best = -1;
    for (let y = row * stride - padding; y < row * stride - padding + kernel; y++)
      for (let z = column * stride - padding; z < column * stride - padding + kernel; z++) {
        if (y < 0 || y >= h || z < 0 || z >= w) continue;
        const at = flatIndex(shape, [n, c, y, z]);
        if (best < 0 || data[at]! > data[best]!) best = at;
      }
    return best;
  });
}

/** The error function by its Taylor series: good to 1e-9 for |x| < 4. */
export function erf(x: number): number {
  let [term, total] = [x, x];
  for (let n = 1; n < 100; n++) {
    term *= (-x * x) / n;
    total += term / (2 * n + 1);
  }
  return (2 / Math.sqrt(Math.PI)) * total;
}
