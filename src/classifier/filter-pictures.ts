// The first convolution's kernels as pictures: what a network looks for in the pixels themselves.

import type { HostTensor } from "../tensor/tree.ts";
import { type Arch, layerSpecs } from "../models/architectures.ts";
import type { Weights } from "../models/network.ts";

export interface FilterPictures {
  readonly count: number;
  readonly side: number;
  /** RGB, [count, side, side, 3]: grey where a kernel is 0, its largest weight at either end. */
  readonly pixels: Uint8Array;
}

/** @example filterPictures(classifier.arch, classifier.network.weights).side // 3 */
export function filterPictures(arch: Arch, { kernels }: Pick<Weights<HostTensor>, "kernels">): FilterPictures {
  const { name, cOut: count, cIn, kernel: side } = layerSpecs(arch)[0]!;
  const weights = kernels[name]!.data as Float32Array;
  const area = side * side;
  const pixels = new Uint8Array(weights.length);
  for (let filter = 0; filter < count; filter++) {
    const own = weights.subarray(filter * cIn * area, (filter + 1) * cIn * area);
    const largest = own.reduce((most, weight) => Math.max(most, Math.abs(weight)), 0) || 1;
    own.forEach((weight, i) => {
      const [colour, place] = [Math.floor(i / area), i % area];
      pixels[(filter * area + place) * cIn + colour] = Math.round(127.5 + (127.5 * weight) / largest);
    });
  }
  return { count, side, pixels };
}
