// More training classes for nothing: all images of a class turned by 90, 180 or 270 degrees are a class of their own
// (Santoro et al. 2016, for Omniglot). With few training classes this keeps a hypernetwork from learning them by heart.

import { type ImageDataset, gatherImages, positionsByClass } from "./dataset.ts";

const TURNS = [1, 2, 3] as const;

/**
 * The dataset with three turned copies of each of the given classes, as new classes after the old ones.
 * @example withTurnedClasses(dataset, [1]).dataset.classes // ["cat", "dog", "dog turned 90°", "dog turned 180°", "dog turned 270°"]
 */
export function withTurnedClasses(
  dataset: ImageDataset,
  classes: readonly number[],
): { dataset: ImageDataset; turned: number[] } {
  const positions = positionsByClass(dataset);
  const copies = classes.flatMap((c) => TURNS.map((turns) => ({ c, turns })));
  const added = copies.reduce((total, { c }) => total + positions[c]!.length, 0);
  const { side } = dataset;
  const images = new Uint8Array(dataset.images.length + added * 3 * side * side);
  const labels = new Uint16Array(dataset.labels.length + added);
  const part = dataset.part && new Uint8Array(labels.length);
  images.set(dataset.images);
  labels.set(dataset.labels);
  if (dataset.part) part!.set(dataset.part);
  let at = dataset.labels.length;
  copies.forEach(({ c, turns }, i) => {
    const source = positions[c]!;
    images.set(turnedImages(gatherImages(dataset, source), side, turns), at * 3 * side * side);
    labels.fill(dataset.classes.length + i, at, at + source.length);
    source.forEach((position, j) => part && (part[at + j] = dataset.part[position]!));
    at += source.length;
  });
  const names = copies.map(({ c, turns }) => `${dataset.classes[c]} turned ${90 * turns}°`);
  const { name, classes: old } = dataset;
  return {
    dataset: { name, side, images, labels, classes: [...old, ...names], ...(part ? { part } : {}) },
    turned: copies.map((_, i) => old.length + i),
  };
}

/** Planes [n, 3, side, side], each turned counterclockwise by 90 degrees `turns` times. */
export function turnedImages(images: Uint8Array, side: number, turns: number): Uint8Array {
  const out = new Uint8Array(images.length);
  const last = side - 1;
  for (let plane = 0; plane < images.length; plane += side * side) {
    for (let y = 0; y < side; y++) {
      for (let x = 0; x < side; x++) {
        const from = turns === 1 ? [x, last - y] : turns === 2 ? [last - y, last - x] : [last - x, y];
        out[plane + y * side + x] = images[plane + from[0]! * side + from[1]!]!;
      }
    }
  }
  return out;
}
