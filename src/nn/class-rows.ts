// Constant matrices that say which row belongs to which class, for images laid out class after class.

import { constant } from "../tensor/ops.ts";
import type { Tensor } from "../tensor/tensor.ts";

/** One-hot rows [ways perClass, ways]. */
export function classRows(ways: number, perClass: number): Tensor {
  const data = new Float32Array(ways * perClass * ways);
  for (let row = 0; row < ways * perClass; row++) data[row * ways + Math.floor(row / perClass)] = 1;
  return constant(data, [ways * perClass, ways]);
}

/** Averages the rows of each class: [ways, ways perClass], rows sum to 1. */
export function classMeans(ways: number, perClass: number): Tensor {
  const data = new Float32Array(ways * ways * perClass);
  for (let way = 0; way < ways; way++)
    data.fill(1 / perClass, (way * ways + way) * perClass, (way * ways + way + 1) * perClass);
  return constant(data, [ways, ways * perClass]);
}
