// Mean and standard deviation of a training set's pixels, for normalisation. Test classes are never looked at.

import type { ImageDataset } from "../data/dataset.ts";
import type { TaskPool } from "../data/tasks.ts";
import type { Normalization } from "../predict/normalize.ts";

/** Per colour, over all images of the pool's classes, in units of [0, 1]. Rounded, so that it reads well in a file. */
export function pixelStatistics({ images, side }: ImageDataset, { positions, classes }: TaskPool): Normalization {
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
  const round = (x: number): number => Math.round(x * 1e4) / 1e4;
  const means = sums.map((sum) => sum / count);
  const deviations = squares.map((square, c) => Math.sqrt(Math.max(0, square / count - means[c]! ** 2)));
  const triple = (values: number[]): [number, number, number] => [values[0]!, values[1]!, values[2]!];
  // a set of one colour only would divide by zero
  return {
    mean: triple(means.map((m) => round(m / 255))),
    deviation: triple(deviations.map((d) => Math.max(0.01, round(d / 255)))),
  };
}
