// Features with their labels, as heads are made of them: which of them count how much, and which are left out.

import { badUse } from "../errors.ts";
import { fold, type Key, sample } from "../tensor/random.ts";

/** A random part of so many images is left out, one after the other, to compare what is made without them. */
const LEFT_OUT_IMAGES = 2000;

export interface LabelledFeatures {
  /** [n, d] */
  readonly features: Float32Array;
  /** [n], 0 to ways - 1 */
  readonly labels: ArrayLike<number>;
  readonly ways: number;
}

/** @throws UserError unless each label is a class, 0 to ways - 1 */
export function requireLabels(labels: ArrayLike<number>, ways: number): void {
  const wild = Array.from(labels).findIndex((label) => !(Number.isInteger(label) && label >= 0 && label < ways));
  if (wild < 0) return;
  badUse(`label ${labels[wild]} of image ${wild}: expected 0 to ${ways - 1}`, "labels are indices of classes");
}

/** Positions of each class's images, in their order. */
export function positionsOfClasses(labels: ArrayLike<number>, ways: number): number[][] {
  const positions: number[][] = Array.from({ length: ways }, () => []);
  for (let i = 0; i < labels.length; i++) positions[labels[i]!]!.push(i);
  return positions;
}

/**
 * How much each image counts: the root of what would make all classes count alike, so that neither large nor small ones are
 * preferred much; nothing where they are of one size.
 */
export function classWeights(labels: ArrayLike<number>, ways: number): Float64Array | undefined {
  const sizes = positionsOfClasses(labels, ways).map(({ length }) => length);
  if (sizes.every((size) => size === sizes[0])) return undefined;
  return Float64Array.from(labels, (label) => Math.sqrt(labels.length / (ways * sizes[label]!)));
}

/** Images that can be left out, at most so many: another one of their class is used, or they are not used themselves. */
export function leftOutPositions(
  labels: ArrayLike<number>,
  ways: number,
  key: Key,
  isUsed: (i: number) => boolean = () => true,
): number[] {
  const fit = positionsOfClasses(labels, ways).flatMap((positions) => {
    const used = positions.filter(isUsed).length;
    return positions.filter((i) => used > 1 || !isUsed(i));
  });
  const some = fit.length > LEFT_OUT_IMAGES ? sample(fold(key, "left out"), fit, LEFT_OUT_IMAGES) : fit;
  return some.toSorted((a, b) => a - b);
}

/** The images at `positions`, in their order. */
export function someOf({ features, labels, ways }: LabelledFeatures, positions: readonly number[]): LabelledFeatures {
  const d = features.length / labels.length;
  const some = new Float32Array(positions.length * d);
  positions.forEach((i, at) => some.set(features.subarray(i * d, (i + 1) * d), at * d));
  return { features: some, labels: positions.map((i) => labels[i]!), ways };
}
