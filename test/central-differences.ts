// Gradients by central differences, along random directions: (L(x + step d) - L(x - step d)) / (2 step) against g . d.

import { fold, type Key, normal } from "../src/tensor/random.ts";
import { type HostTensor, hostTensor, sizeOf } from "../src/tensor/tree.ts";

export interface DifferencesOptions {
  readonly key: Key;
  /** Small enough for curvature, large enough for float32's noise. */
  readonly step?: number;
  /** Random directions per input. */
  readonly directions?: number;
}

/**
 * The largest difference between gradients and central differences over all inputs and directions, relative to the
 * length of the gradient of that input (a random direction sees about that much of it).
 * `losses` evaluates several scalar functions of the inputs at once; gradients[f][i] is that of function f by input i.
 */
export async function gradientErrors(
  losses: (inputs: readonly HostTensor[]) => Promise<readonly number[]>,
  inputs: readonly HostTensor[],
  gradients: readonly (readonly HostTensor[])[],
  { key, step = 1e-2, directions = 3 }: DifferencesOptions,
): Promise<number[]> {
  const worst = gradients.map(() => 0);
  for (const [i, x] of inputs.entries()) {
    for (let direction = 0; direction < directions; direction++) {
      const d = normal(fold(fold(key, i), direction), sizeOf(x.shape));
      const at = (sign: number): Promise<readonly number[]> => losses(inputs.with(i, moved(x, d, sign * step)));
      const [above, below] = [await at(1), await at(-1)];
      gradients.forEach((gradient, f) => {
        const numeric = (above[f]! - below[f]!) / (2 * step);
        const error = Math.abs(numeric - dot(gradient[i]!, d)) / Math.max(length(gradient[i]!), 1e-2);
        worst[f] = Math.max(worst[f]!, Number.isNaN(error) ? Infinity : error);
      });
    }
  }
  return worst;
}

/** The sum of products, in float64. */
export function dot({ data }: HostTensor, d: ArrayLike<number>): number {
  let total = 0;
  for (let i = 0; i < data.length; i++) total += Number(data[i]) * d[i]!;
  return total;
}

const length = (x: HostTensor): number => Math.sqrt(dot(x, x.data as Float32Array));

const moved = ({ shape, data }: HostTensor, d: Float64Array, step: number): HostTensor =>
  hostTensor(
    shape,
    d.map((value, i) => Number(data[i]) + step * value),
  );
