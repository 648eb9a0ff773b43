// What an image dataset is, everywhere in the project: uint8 colour planes with labels and class names.

export interface ImageDataset {
  readonly name: string;
  /** Height and width in pixels. */
  readonly side: number;
  /** [n, 3, side, side], red, green and blue planes; grey images are replicated. */
  readonly images: Uint8Array;
  /** [n], index into `classes`. */
  readonly labels: Uint16Array;
  readonly classes: readonly string[];
  /** [n], 0 the published training part, 1 the published test part; absent where the set has no such parts. */
  readonly part?: Uint8Array;
  /** [n], where each image came from (file path, or file and record number), when known. */
  readonly sources?: readonly string[];
}

/** The positions of the images of each class, in dataset order. */
export function positionsByClass(dataset: ImageDataset): number[][] {
  const positions: number[][] = dataset.classes.map(() => []);
  dataset.labels.forEach((label, i) => positions[label]!.push(i));
  return positions;
}

/** How many images each class has, in the order of the classes. */
export function classCounts({
  classes,
  labels,
}: Pick<ImageDataset, "classes" | "labels">): { name: string; n: number }[] {
  const counts = classes.map((name) => ({ name, n: 0 }));
  for (const label of labels) counts[label]!.n++;
  return counts;
}

/** Copies the images at `positions` one after the other: [positions.length, 3, side, side]. */
export function gatherImages(dataset: ImageDataset, positions: ArrayLike<number>): Uint8Array {
  const stride = 3 * dataset.side * dataset.side;
  const out = new Uint8Array(positions.length * stride);
  for (let i = 0; i < positions.length; i++) {
    const from = positions[i]! * stride;
    out.set(dataset.images.subarray(from, from + stride), i * stride);
  }
  return out;
}
