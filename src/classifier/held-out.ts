// Which labelled images are held back to tell how good a predicted classifier is: a share of every class, by key.

import { positionsOfClasses } from "../heads/labelled.ts";
import { fold, type Key, sample } from "../tensor/random.ts";
import type { ImageSource } from "../predict/image-source.ts";

export interface HeldOutSplit {
  /** Positions, ascending: what the classifier may be made from. */
  readonly kept: readonly number[];
  /** Positions, ascending: what it is judged by. */
  readonly heldOut: readonly number[];
}

/**
 * Holds back `share` of each class, at least one image and never all of them.
 * @example heldOutSplit([0, 0, 1, 1], 2, 0.2, key(0)) // one image of each class in either part
 */
export function heldOutSplit(labels: ArrayLike<number>, ways: number, share: number, key: Key): HeldOutSplit {
  const heldOut = new Set<number>();
  positionsOfClasses(labels, ways).forEach((positions, way) => {
    const count = Math.min(positions.length - 1, Math.max(1, Math.round(share * positions.length)));
    for (const position of sample(fold(key, way), positions, count)) heldOut.add(position);
  });
  const all = Array.from({ length: labels.length }, (_, i) => i);
  return { kept: all.filter((i) => !heldOut.has(i)), heldOut: all.filter((i) => heldOut.has(i)) };
}

/** Some of the images, in the order of `positions`, read when they are asked for. */
export function someImages(images: ImageSource, positions: readonly number[]): ImageSource {
  return {
    count: positions.length,
    read(from, to) {
      const first = images.read(positions[from]!, positions[from]! + 1);
      const out = new Uint8Array((to - from) * first.length);
      out.set(first);
      for (let i = from + 1; i < to; i++)
        out.set(images.read(positions[i]!, positions[i]! + 1), (i - from) * first.length);
      return out;
    },
  };
}
