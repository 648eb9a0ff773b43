// Several data sets as one, whose classes stand side by side: all that works on one data set then works on many.

import { UserError } from "../errors.ts";
import type { ImageDataset } from "./dataset.ts";
import type { ClassPool } from "./groups.ts";

/** Labels are numbers of 16 bits. */
const MOST_CLASSES = 2 ** 16;

/** A part of a mixture. */
export interface NamedDataset {
  /** Stands before the names of its classes. */
  readonly name: string;
  readonly dataset: ImageDataset;
}

/**
 * The images and classes of all parts, one part after the other, each class as "part/class". Published parts (`part`) and
 * `sources` are left out: not every part has them.
 * @throws UserError where images are of different sides, or where there are none
 * @example joined(["pets", "zoo"].map((name) => ({ name, dataset }))).classes // ["pets/cat", "pets/dog", "zoo/cat", "zoo/dog"]
 */
export function joined(parts: readonly NamedDataset[]): ImageDataset {
  const [first] = parts;
  const other = parts.find(({ dataset }) => dataset.side !== first!.dataset.side);
  if (!first || other) {
    throw new UserError(
      other
        ? `images of "${other.name}" are ${other.dataset.side} pixels wide, those of "${first!.name}" ${first!.dataset.side}`
        : "a mixture of no data sets",
      { hint: "load all data sets at one side" },
    );
  }
  const { side } = first.dataset;
  const count = sum(parts, ({ dataset }) => dataset.classes.length);
  if (count > MOST_CLASSES) {
    throw new UserError(`${count} classes in all, more than ${MOST_CLASSES}`, { hint: "take fewer data sets" });
  }
  const begins = offsets(parts.map(({ dataset }) => dataset));
  const images = new Uint8Array(sum(parts, ({ dataset }) => dataset.images.length));
  const labels = new Uint16Array(sum(parts, ({ dataset }) => dataset.labels.length));
  parts.forEach(({ dataset }, i) => {
    const begin = begins[i]!;
    images.set(dataset.images, begin.images * 3 * side ** 2);
    dataset.labels.forEach((label, at) => (labels[begin.images + at] = begin.classes + label));
  });
  const classes = parts.flatMap(({ name, dataset }) => dataset.classes.map((one) => `${name}/${one}`));
  return { name: parts.map(({ name }) => name).join("+"), side, images, labels, classes };
}

/** Pools of the parts as pools of the whole, in the order of the parts: each draws from its own part alone. */
export function joinedPools(
  parts: readonly { readonly dataset: ImageDataset; readonly pool: ClassPool }[],
): ClassPool[] {
  const begins = offsets(parts.map(({ dataset }) => dataset));
  const positions = parts.flatMap(({ pool }, i) =>
    pool.positions.map((of) => of.map((position) => begins[i]!.images + position)),
  );
  return parts.map(({ pool }, i) => ({ positions, classes: pool.classes.map((c) => begins[i]!.classes + c) }));
}

/** Where the images and classes of each part begin in the whole. */
export function offsets(parts: readonly ImageDataset[]): { readonly images: number; readonly classes: number }[] {
  let next = { images: 0, classes: 0 };
  return parts.map(({ labels, classes }) => {
    const begin = next;
    next = { images: begin.images + labels.length, classes: begin.classes + classes.length };
    return begin;
  });
}

function sum<T>(items: readonly T[], of: (item: T) => number): number {
  return items.reduce((total, item) => total + of(item), 0);
}
