// Comparing float32 tensors: a measure of error, and `expect` with the matcher `toBeAllClose`.

import { expect } from "vitest";
import type { HostTensor } from "../src/tensor/tree.ts";

/** Numbers in any wrapping that tests compare. */
export type Numbers = number | ArrayLike<number> | HostTensor;

export interface Tolerance {
  /** Relative to the LARGEST entry of `expected`: sums in float32 lose digits of their terms, not of their result. */
  readonly rtol?: number;
  readonly atol?: number;
}

function numbersOf(x: Numbers): ArrayLike<number> {
  if (typeof x === "number") return [x];
  return "data" in x ? (x.data as ArrayLike<number>) : x;
}

export function largest(x: Numbers): number {
  return Array.from(numbersOf(x)).reduce((most, value) => Math.max(most, Math.abs(value)), 0);
}

/** max |actual - expected| / max |expected|; NaN where lengths differ or anything is not a number. */
export function maxRelativeError(actual: Numbers, expected: Numbers): number {
  const [a, b] = [numbersOf(actual), numbersOf(expected)];
  if (a.length !== b.length) return NaN;
  const worst = worstEntry(a, b).error;
  return worst === 0 ? 0 : worst / largest(b);
}

function worstEntry(a: ArrayLike<number>, b: ArrayLike<number>): { index: number; error: number } {
  let worst = { index: 0, error: 0 };
  for (let index = 0; index < a.length; index++) {
    const error = Math.abs(a[index]! - b[index]!);
    if (Number.isNaN(error)) return { index, error };
    if (error > worst.error) worst = { index, error };
  }
  return worst;
}

expect.extend({
  toBeAllClose(actual: Numbers, expected: Numbers, { rtol = 1e-5, atol = 0 }: Tolerance = {}) {
    const [a, b] = [numbersOf(actual), numbersOf(expected)];
    if (a.length !== b.length) {
      return { pass: false, message: () => `${a.length} numbers, expected ${b.length}` };
    }
    const { index, error } = worstEntry(a, b);
    const limit = atol + rtol * largest(b);
    return {
      pass: error <= limit,
      message: () =>
        `entry ${index} of ${a.length} is ${a[index]}, expected ${b[index]}: off by ${error}, allowed ${limit} ` +
        `(largest expected ${largest(b)})`,
    };
  },
});

export { expect };

declare module "vitest" {
  // oxlint-disable-next-line typescript/no-explicit-any -- as vitest declares it
  interface Matchers<T = any> {
    /** Every |actual - expected| <= atol + rtol max |expected| (rtol 1e-5, atol 0 by default). */
    toBeAllClose(expected: Numbers, tolerance?: Tolerance): T;
  }
}
