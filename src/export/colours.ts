// What the picture's values become in the first tensor of whole numbers.

import type { WholePlan } from "./plan.ts";

/** Numbers of this size have no digits after the point. */
const ROUNDING = 2 ** 52 + 2 ** 51;

/** By colour and value, [3 * 256]: what `src/export/runtime.ts` computes, before its zero is taken away. */
export function coloursOf({ normalization, units, inputZero }: WholePlan): Uint8Array {
  return Uint8Array.from({ length: 3 * 256 }, (_, i) => {
    const deviation = normalization.deviation[Math.floor(i / 256)]!;
    const scale = Math.fround(1 / (255 * deviation));
    const shift = Math.fround(-normalization.mean[Math.floor(i / 256)]! / deviation);
    const value = Math.fround(Math.fround((i % 256) * scale) + shift);
    const nearest = Math.fround(value / units[0]!) + ROUNDING - ROUNDING; // halves to the even one
    return Math.min(255, Math.max(0, nearest + inputZero));
  });
}
