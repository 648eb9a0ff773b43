// What may be trained on: the pools of class splits, and what is measured on them. Test classes are never looked at.

import { type ImageDataset, positionsByClass } from "../data/dataset.ts";
import { joined, joinedPools, offsets } from "../data/mixture.ts";
import { withTurnedClasses } from "../data/rotations.ts";
import type { ClassSplit } from "../data/splits.ts";
import { type ClassPool, trainingPools } from "../data/groups.ts";
import type { Normalization } from "../predict/normalize.ts";
import { weightedPixelStatistics } from "./pixel-statistics.ts";

export interface TrainingDataOptions {
  /**
   * train+val: the final run trains on the validation classes too. Validation then uses held-out images of them, or, in a
   * mixture that has sources for validation, these alone, and nothing is held out of the others.
   */
  readonly trainOn: "train" | "train+val";
  /** Training classes turned by 90, 180, 270 degrees are further classes. */
  readonly turnedClasses?: boolean;
}

/** One kind of pictures: a group has classes of one domain alone. */
export interface Domain {
  readonly name: string;
  /** Its share of the training groups: shares sum to 1. Zero for a domain that is validated on alone. */
  readonly weight: number;
  /** Its own classes; none where it is validated on alone. */
  readonly train: ClassPool;
  /** Its own classes; none where nothing is held out of it. */
  readonly val: ClassPool;
  /** Its own classes that are neither trained nor validated on. */
  readonly test: readonly number[];
}

export interface TrainingData {
  /** The data set, with turned copies where asked for; of a mixture all its data sets as one. */
  readonly dataset: ImageDataset;
  /** At least one; all classes and positions are those of `dataset`. */
  readonly domains: readonly Domain[];
  /** Of all domains. */
  readonly train: ClassPool;
  /** Of all domains. */
  readonly val: ClassPool;
  /** Names of the training classes in the order of the full head. */
  readonly trainClasses: readonly string[];
  /** Of the training images; of a mixture, each domain counts by its weight, as it is seen. */
  readonly normalization: Normalization;
}

/** The training and validation pools of a data set under a class split. */
export function trainingData(source: ImageDataset, split: ClassSplit, options: TrainingDataOptions): TrainingData {
  const { trainOn, turnedClasses = false } = options;
  const { dataset, train, val } = poolsOf(source, knownSplit(split, trainOn, "images"), turnedClasses);
  return dataOf(dataset, [{ name: source.name, weight: 1, train, val, test: split.test }]);
}

/** A data set of a mixture. */
export interface MixtureSource {
  /** Unique in the mixture: its classes become "name/class". */
  readonly name: string;
  readonly dataset: ImageDataset;
  readonly split: ClassSplit;
  /** validation: its classes are never trained on, whatever `trainOn` says; the split then has no training classes. */
  readonly role: "train" | "validation";
  /** Its training classes turned by 90, 180, 270 degrees are further classes. */
  readonly turnedClasses?: boolean;
  /** How often it is drawn, beside the others; by default the square root of the number of its training images. */
  readonly weight?: number | undefined;
}

/**
 * The pools of several data sets, a domain each, joined into one data set.
 *
 * By default a domain is drawn in proportion to the square root of its training images, halfway between "all images alike"
 * (the largest set is nearly all that is seen) and "all domains alike" (a small set is seen until it is known by heart).
 * Turned copies count.
 */
export function mixedTrainingData(
  sources: readonly MixtureSource[],
  { trainOn }: Pick<TrainingDataOptions, "trainOn">,
): TrainingData {
  const valFrom = sources.some(({ role }) => role === "validation") ? "classes" : "images";
  const parts = sources.map(({ name, dataset, split, role, turnedClasses = false }) => ({
    name,
    test: split.test,
    ...(role === "train"
      ? poolsOf(dataset, knownSplit(split, trainOn, valFrom), turnedClasses)
      : poolsOf(dataset, split, false)),
  }));
  const train = joinedPools(parts.map((part) => ({ ...part, pool: part.train })));
  const val = joinedPools(parts.map((part) => ({ ...part, pool: part.val })));
  const weights = sources.map(({ role, weight }, i) =>
    role === "validation" ? 0 : (weight ?? Math.sqrt(imageCount(train[i]!))),
  );
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const begins = offsets(parts.map(({ dataset }) => dataset));
  const domains = parts.map(({ name, test }, i) => ({
    name,
    weight: weights[i]! / total,
    train: train[i]!,
    val: val[i]!,
    test: test.map((c) => begins[i]!.classes + c),
  }));
  return dataOf(joined(parts), domains);
}

/** The split as it is trained on; `valFrom` of a final run: held-out images of its classes, or none ("classes": other sources have some). */
function knownSplit(split: ClassSplit, trainOn: TrainingDataOptions["trainOn"], valFrom: ClassSplit["valFrom"]) {
  return trainOn === "train" ? split : { ...split, train: [...split.train, ...split.val], val: [], valFrom };
}

function poolsOf(source: ImageDataset, known: ClassSplit, turnedClasses: boolean) {
  const { dataset, turned } = turnedClasses ? withTurnedClasses(source, known.train) : { dataset: source, turned: [] };
  const used = { ...known, train: [...known.train, ...turned] };
  return { dataset, ...trainingPools(positionsByClass(dataset), used, dataset.part) };
}

function dataOf(dataset: ImageDataset, domains: readonly Domain[]): TrainingData {
  const train = union(domains.map((domain) => domain.train));
  const trained = domains.filter(({ weight }) => weight > 0);
  return {
    dataset,
    domains,
    train,
    val: union(domains.map((domain) => domain.val)),
    trainClasses: train.classes.map((c) => dataset.classes[c]!),
    normalization: weightedPixelStatistics(
      dataset,
      trained.map(({ weight, train: pool }) => ({ weight, pool })),
    ),
  };
}

/** Pools of one data set, which have their positions in common. */
function union(pools: readonly ClassPool[]): ClassPool {
  return { positions: pools[0]!.positions, classes: pools.flatMap(({ classes }) => classes) };
}

function imageCount({ positions, classes }: ClassPool): number {
  return classes.reduce((count, c) => count + positions[c]!.length, 0);
}
