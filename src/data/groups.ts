// Drawing groups from a dataset by key (a group = a small data set of some of its classes): those of Algorithm 1, which baselines take as
// their tasks, and the pairs of generation and test set of Algorithm 2. A group is a function of its key, so group i needs no memory of others.
import { UserError } from "../errors.ts";
import { type Key, fold, sample } from "../tensor/random.ts";
import type { ClassSplit } from "./splits.ts";

/** Images of each class to draw from. `positions[class]` are positions in the dataset; `classes` the ones to use. */
export interface ClassPool {
  readonly positions: readonly (readonly number[])[];
  readonly classes: readonly number[];
}

/** How many images of each kind a training group has a class. */
export interface GroupShape {
  /** Classes a group. */
  readonly ways: number;
  /** The support: labelled, for the centroids. */
  readonly shots: number;
  /** Classified by the metric. */
  readonly queries: number;
  /** Seen by the sketch alone, beside the support. */
  readonly extra: number;
}

/** Positions in the dataset, class-major: the images of `classes[0]` first. No position is in two lists. */
export interface Group {
  /** [ways], indices into the dataset's classes. */
  readonly classes: number[];
  /** [ways * shots]. */
  readonly support: Int32Array;
  /** [ways * queries]. */
  readonly query: Int32Array;
  /** [ways * extra]. */
  readonly extra: Int32Array;
}

export interface TestGroupShape {
  readonly ways: number;
  /** Images a class from which the weights are predicted. */
  readonly generation: number;
  /** Images a class on which the predicted network is judged. */
  readonly test: number;
}

export interface TestGroup {
  /** [ways], indices into the dataset's classes. */
  readonly classes: number[];
  /** [ways * generation] positions, class-major. */
  readonly generation: Int32Array;
  /** [ways * test] positions, class-major. */
  readonly test: Int32Array;
}

export interface NamedClasses {
  /** Class names, for error messages. */
  readonly names?: readonly string[] | undefined;
}

/** The classes of the group or test group of a key, whatever their images. */
export function drawClasses(classes: readonly number[], ways: number, source: Key): number[] {
  return sample(fold(source, "classes"), classes, ways);
}

/**
 * Draws a group of distinct classes and, in each, distinct images. Throws UserError when there are fewer classes than
 * `ways` or when any class of the pool (drawn or not) has too few images.
 * @example sampleGroup(positionsByClass(dataset), [0, 1], { ways: 2, shots: 3, queries: 2, extra: 1 }, key(1)).support.length // 6
 */
export function sampleGroup(
  positions: ClassPool["positions"],
  classes: readonly number[],
  { ways, shots, queries, extra }: GroupShape,
  source: Key,
  { names }: NamedClasses = {},
): Group {
  const each = shots + queries + extra;
  requireClasses(classes, ways);
  requireImages(positions, classes, each, `a group (${shots} shots + ${queries} queries + ${extra} extra)`, names);
  const drawn = drawClasses(classes, ways, source);
  const images = drawn.map((c) => sample(fold(fold(source, "images"), c), positions[c]!, each));
  return {
    classes: drawn,
    support: classMajor(images, 0, shots),
    query: classMajor(images, shots, shots + queries),
    extra: classMajor(images, shots + queries, each),
  };
}

/**
 * Draws a generation set and a test set with the same classes and no image in common. With `part` (the dataset's own:
 * 0 training, 1 test) generation images come from the training part and test images from the test part.
 */
export function sampleTestGroup(
  positions: ClassPool["positions"],
  classes: readonly number[],
  { ways, generation, test }: TestGroupShape,
  source: Key,
  { part, names }: NamedClasses & { readonly part?: Uint8Array | undefined } = {},
): TestGroup {
  requireClasses(classes, ways);
  if (!part) {
    const shape = { ways, shots: generation, queries: test, extra: 0 };
    requireImages(positions, classes, generation + test, `a test pair (${generation} + ${test})`, names);
    const { classes: drawn, support, query } = sampleGroup(positions, classes, shape, source);
    return { classes: drawn, generation: support, test: query };
  }
  const [ofTrain, ofTest] = [0, 1].map((wanted) => inPart(positions, part, wanted));
  requireImages(ofTrain!, classes, generation, "a generation set (training part)", names);
  requireImages(ofTest!, classes, test, "a test set (test part)", names);
  const drawn = drawClasses(classes, ways, source);
  const draw = (from: number[][], name: string, count: number): Int32Array =>
    classMajor(
      drawn.map((c) => sample(fold(fold(source, name), c), from[c]!, count)),
      0,
      count,
    );
  return {
    classes: drawn,
    generation: draw(ofTrain!, "generation", generation),
    test: draw(ofTest!, "test", test),
  };
}

/**
 * Where training and validation groups are drawn from. A split by classes gives each its own classes; a split by images
 * holds back the published test part of the training classes, or without one the last tenth of each class.
 */
export function trainingPools(
  positions: ClassPool["positions"],
  split: ClassSplit,
  part?: Uint8Array,
): { train: ClassPool; val: ClassPool } {
  if (split.valFrom === "classes") {
    return { train: { positions, classes: split.train }, val: { positions, classes: split.val } };
  }
  const kept = part ? inPart(positions, part, 0) : positions.map((of) => of.slice(0, nineTenths(of)));
  const heldOut = part ? inPart(positions, part, 1) : positions.map((of) => of.slice(nineTenths(of)));
  return { train: { positions: kept, classes: split.train }, val: { positions: heldOut, classes: split.train } };
}

function nineTenths(of: readonly number[]): number {
  return Math.ceil(of.length * 0.9);
}

function inPart(positions: ClassPool["positions"], part: Uint8Array, wanted: number): number[][] {
  return positions.map((of) => of.filter((i) => part[i] === wanted));
}

function classMajor(images: readonly (readonly number[])[], from: number, to: number): Int32Array {
  return Int32Array.from(images.flatMap((of) => of.slice(from, to)));
}

function requireClasses(classes: readonly number[], ways: number): void {
  if (classes.length >= ways) return;
  throw new UserError(`${ways} classes a group, but only ${classes.length} to draw from`, {
    hint: `set ways to at most ${classes.length}`,
  });
}

// Every class of the pool is checked, not only the drawn ones: a run fails at its first group or not at all.
function requireImages(
  positions: ClassPool["positions"],
  classes: readonly number[],
  needed: number,
  purpose: string,
  names: readonly string[] | undefined,
): void {
  const poor = classes.find((c) => (positions[c]?.length ?? 0) < needed);
  if (poor === undefined) return;
  const found = positions[poor]?.length ?? 0;
  throw new UserError(
    `class ${names ? `"${names[poor]}"` : poor} has ${found} images, ${purpose} takes ${needed} a class`,
    { hint: "take fewer images a class, or leave that class out" },
  );
}
