// Random inputs of the operations' cases.

import { fold, type Key, normal, sample, uniform } from "../src/tensor/random.ts";
import { type HostTensor, hostTensor, sizeOf } from "../src/tensor/tree.ts";
import type { Draw } from "./op-cases.ts";
import { build } from "./reference-ops.ts";

export function drawInput(source: Key, { shape, from }: Draw): HostTensor {
  const count = sizeOf(shape);
  switch (from) {
    case "normal":
      return hostTensor(shape, normal(source, count));
    case "positive":
      return hostTensor(shape, uniform(source, count, 0.5, 2));
    case "apart":
      return hostTensor(
        shape,
        normal(source, count).map((value) => value + Math.sign(value) * 0.2),
      );
    case "bytes":
      return { shape, data: Uint8Array.from(uniform(source, count, 0, 256)) };
    case "distinct": {
      const plane = sizeOf(shape.slice(2));
      const ladder = build([plane], (i) => 0.1 * (i - plane / 2) + 0.03);
      return hostTensor(shape, Array.from({ length: count / plane }, (_, i) => sample(fold(source, i), ladder)).flat());
    }
  }
}
