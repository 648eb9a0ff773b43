// The data sets of the paper's experiments, a row each: what is trained on and judged within (sources), and what else is
// judged on (targets). Classes of training, validation and test never overlap: src/data/splits.ts.

import { CLASS_SPLITS, type SplitName } from "pudnet/datasets";
import type { Protocol, SourceRecipe } from "pudnet/evaluation";

export type SourceName = "fashion-set" | "cifar-100-set" | "imagenet-100-set" | "imagenet-1k-set";
export type TransferName = "animals-10" | "cifar-10" | "dtd" | "dtd-10";

interface SourceRow {
  readonly title: string;
  readonly dataset: string;
  readonly split: string;
  /** Height and width of the images; the paper's for ImageNet is 80. */
  readonly side: number;
  /** Whether that is the side the files have. */
  readonly isNative: boolean;
  readonly trainOn: SourceRecipe["trainOn"];
  /** Classes a training group. */
  readonly trainWays: number;
  readonly ways: number;
  /** Images a class and test group. */
  readonly generation: number;
  readonly test: number;
  /** Steps between validations of PudNet, and their images a class: no more than are held out. */
  readonly validation: { readonly every: number; readonly generation: number; readonly test: number };
  readonly top?: number;
  /** Test groups where it is not the budget's number: there is but one way to draw all classes. */
  readonly groups?: number;
  readonly missing?: string;
}

const NO_DATA = "no data: ImageNet-1K cannot be had here";

export const SOURCES: Readonly<Record<SourceName, SourceRow>> = {
  "fashion-set": {
    title: "Fashion-set",
    dataset: "fashion-mnist",
    split: "fashion-set",
    side: 28,
    isNative: true,
    trainOn: "train", // there are no validation classes
    trainWays: 4,
    ...CLASS_SPLITS["fashion-set"].group,
    validation: { every: 500, generation: 100, test: 40 },
  },
  "cifar-100-set": {
    title: "CIFAR-100-set",
    dataset: "cifar-100",
    split: "cifar-100-set",
    side: 32,
    isNative: true,
    trainOn: "train+val",
    trainWays: 5,
    ...CLASS_SPLITS["cifar-100-set"].group,
    validation: { every: 2000, generation: 60, test: 40 },
  },
  "imagenet-100-set": {
    title: "ImageNet-100-set",
    dataset: "mini-imagenet",
    split: "mini-imagenet-set",
    side: 32,
    isNative: false,
    trainOn: "train+val",
    trainWays: 5,
    ...CLASS_SPLITS["mini-imagenet-set"].group,
    validation: { every: 2000, generation: 40, test: 20 },
  },
  "imagenet-1k-set": {
    title: "ImageNet-1K-set",
    dataset: "imagenet-1k",
    split: "imagenet-800-split.json",
    side: 80,
    isNative: false,
    trainOn: "train",
    trainWays: 5,
    ways: 200,
    generation: 100,
    test: 50,
    validation: { every: 2000, generation: 60, test: 40 },
    top: 5,
    groups: 1,
    missing: NO_DATA,
  },
};

interface TransferRow {
  readonly title: string;
  readonly dataset: string;
  readonly ways: number;
  readonly generation: number;
  readonly test: number;
  readonly missing?: string;
}

export const TRANSFER_SETS: Readonly<Record<TransferName, TransferRow>> = {
  "animals-10": { title: "Animals-10", dataset: "animals-10", ways: 10, generation: 1286, test: 160 },
  // of 2,500 (half of the training images) and 1,000 a class at hand, so that repeats differ
  "cifar-10": { title: "CIFAR-10", dataset: "cifar-10", ways: 10, generation: 2000, test: 800 },
  dtd: {
    title: "DTD",
    dataset: "dtd",
    ways: 47,
    generation: 80,
    test: 40,
    missing: "no data: 10 of DTD's 47 classes are at hand",
  },
  "dtd-10": { title: "DTD-10 (10 of 47 classes)", dataset: "dtd-10", ways: 10, generation: 80, test: 40 },
};

/** Whole domains that nothing is trained or chosen on (docs/domains.md): what they show, and whether they have more classes than a group. */
export const TEST_DOMAINS = {
  "seedlings-12": { of: "seedlings", hasMore: true },
  "oracle-bones-10": { of: "carved signs", hasMore: false },
  "sign-digits-10": { of: "hand signs", hasMore: false },
  "thai-digits-10": { of: "digits drawn with a finger", hasMore: false },
  "glyphs-test": { of: "Khmer letters", hasMore: true },
  "icons-test": { of: "icons", hasMore: true },
} as const satisfies Readonly<Record<string, { readonly of: string; readonly hasMore: boolean }>>;

export type DomainName = keyof typeof TEST_DOMAINS;

/** What baselines of a source are trained on. */
export function sourceRecipe(name: SourceName, otherSplit?: SplitName): SourceRecipe {
  const { dataset, split, side, trainOn } = SOURCES[name];
  return { dataset, split: otherSplit ?? split, side, trainOn };
}

/** Labelled images a class, in the paper and here. */
export const SHOTS = 10;
const SEED = 0;

/** Groups of a source's test classes. */
export function withinProtocol(name: SourceName, groups: number): Protocol {
  const { dataset, split, side, ways, generation, test, top, groups: own } = SOURCES[name];
  const classes = { testOf: split };
  const shape = { ways, shots: SHOTS, generation, test, groups: own ?? groups, seed: SEED };
  return { dataset, side, classes, ...shape, ...(top ? { top } : {}) };
}

/** All classes of a target at once; a group is one more random draw of its images, supports above all. */
export function acrossProtocol(source: SourceName, name: TransferName, repeats: number): Protocol {
  const { dataset, ways, generation, test } = TRANSFER_SETS[name];
  const { side } = SOURCES[source];
  return { dataset, side, classes: "all", ways, shots: SHOTS, generation, test, groups: repeats, seed: SEED };
}

/** Pictures of a class that a group of a test domain is judged on: the smallest domains have 40 a class, 10 of them are labelled. */
const DOMAIN_TEST = 30;

/** Ten classes of a test domain with ten labels each; where there are no others, a group is one more draw of the pictures. */
export function domainProtocol(name: DomainName, groups: number, side: number): Protocol {
  const shape = { ways: 10, shots: SHOTS, generation: SHOTS, test: DOMAIN_TEST };
  return { dataset: name, side, classes: "all", ...shape, groups, seed: SEED };
}
