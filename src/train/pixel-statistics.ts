// Mean and standard deviation of a training set's pixels, for normalisation. Test classes are never looked at.

import type { ImageDataset } from "../data/dataset.ts";
import type { ClassPool } from "../data/groups.ts";
import type { Normalization } from "../predict/normalize.ts";

/** Per colour, over all images of the pool's classes, in units of [0, 1]. Rounded, so that it reads well in a file. */
export function pixelStatistics(dataset: ImageDataset, pool: ClassPool): Normalization {
  return weightedPixelStatistics(dataset, [{ weight: 1, pool }]);
}

/** The same where each pool counts by its weight, whatever the number of its images; weights sum to 1. */
export function weightedPixelStatistics(
  dataset: ImageDataset,
  parts: readonly { readonly weight: number; readonly pool: ClassPool }[],
): Normalization {
  const moments = parts.map(({ weight, pool }) => ({ weight, ...momentsOf(dataset, pool) }));
  const mixed = (of: "means" | "squares", c: number): number =>
    moments.reduce((sum, moment) => sum + moment.weight * moment[of][c]!, 0);
  const round = (x: number): number => Math.round(x * 1e4) / 1e4;
  const colours = [0, 1, 2] as const;
  const means = colours.map((c) => mixed("means", c));
  const deviations = colours.map((c) => Math.sqrt(Math.max(0, mixed("squares", c) - means[c]! ** 2)));
  const triple = (values: number[]): [number, number, number] => [values[0]!, values[1]!, values[2]!];
  // a set of one colour only would divide by zero
  return {
    mean: triple(means.map((m) => round(m / 255))),
    deviation: triple(deviations.map((d) => Math.max(0.01, round(d / 255)))),
  };
}

/** Means of a pool's pixels and of their squares, by colour. */
function momentsOf({ images, side }: ImageDataset, { positions, classes }: ClassPool) {
  const plane = side * side;
  const sums = [0, 0, 0];
  const squares = [0, 0, 0];
  let count = 0;
  for (const c of classes) {
    for (const position of positions[c]!) {
      count += plane;
      for (let colour = 0; colour < 3; colour++) {
        const from = (position * 3 + colour) * plane;
        let [sum, square] = [0, 0];
        for (let i = from; i < from + plane; i++) {
          const value = images[i]!;
          sum += value;
          square += value * value;
        }
        sums[colour]! += sum;
        squares[colour]! += square;
      }
    }
  }
  return { means: sums.map((sum) => sum / count), squares: squares.map((square) => square / count) };
}
