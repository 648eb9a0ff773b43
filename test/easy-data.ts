// A data set that is easy to learn: each class is a picture of two colours of its own under noise.

import type { ImageDataset } from "../src/data/dataset.ts";
import { fold, key, sample, uniform } from "../src/tensor/random.ts";

export interface EasyOptions {
  readonly classes: number | readonly string[];
  readonly perClass: number;
  readonly side?: number;
  /** So many of each class are the published test part. */
  readonly testPart?: number;
  readonly seed?: number;
  /** Of every pixel, to both sides. */
  readonly noise?: number;
}

/** The colours of a class, upper and lower half: six numbers of 0 to 255. */
export function coloursOf(label: number): readonly number[] {
  return [...uniform(fold(key(11), label), 6, 20, 235)].map(Math.round);
}

/** Images in random order. */
export function easyDataset({
  classes,
  perClass,
  side = 8,
  testPart = 0,
  seed = 0,
  noise = 20,
}: EasyOptions): ImageDataset {
  const names = typeof classes === "number" ? Array.from({ length: classes }, (_, c) => `class-${c}`) : classes;
  const records = sample(
    fold(key(seed), "order"),
    names.flatMap((_, c) => Array.from({ length: perClass }, (_i, i) => [c, i < testPart ? 1 : 0] as const)),
  );
  const plane = side * side;
  const images = new Uint8Array(records.length * 3 * plane);
  records.forEach(([label], i) => {
    const colours = coloursOf(label);
    uniform(fold(fold(key(seed), "noise"), i), 3 * plane, -noise, noise).forEach((value, at) => {
      const half = at % plane < plane / 2 ? 0 : 3;
      images[i * 3 * plane + at] = Math.min(255, Math.max(0, colours[half + Math.floor(at / plane)]! + value));
    });
  });
  return {
    name: "easy",
    side,
    images,
    labels: Uint16Array.from(records, ([label]) => label),
    classes: names,
    ...(testPart > 0 ? { part: Uint8Array.from(records, ([, part]) => part) } : {}),
  };
}
