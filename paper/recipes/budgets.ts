// How much is spent: every number of a budget that changes results. quick is a smoke test of everything in minutes, cpu what
// two cores do in hours, full what the paper says.

import { ARCHITECTURES, type ArchName } from "pudnet/engine";
import type { SourceName } from "./datasets.ts";

export type BudgetName = "quick" | "cpu" | "full";

/** How much a target network costs, roughly: what budgets tell architectures apart by. */
export type Size = "plain" | "residual" | "deep residual";

const DEEP_BLOCKS = 12;

/** @example sizeOf("resnet-34") // "deep residual" */
export function sizeOf(arch: ArchName): Size {
  const row = ARCHITECTURES[arch];
  if (row.family === "convnet") return "plain";
  return row.blocks.reduce((sum, count) => sum + count) < DEEP_BLOCKS ? "residual" : "deep residual";
}

/** Of a target network and a source. */
interface Effort {
  /** Training groups of PudNet and Static-PudNet. */
  readonly pudnet: number;
  /** Of the ablations, what they are compared with, and what is judged across sets. */
  readonly ablation: number;
  /** Epochs of "Pretrained"; its strong recipe takes twice as many. */
  readonly epochs: number;
  /** Tasks of ProtoNet and MatchNet. */
  readonly tasks: number;
  /** Steps of four tasks of Meta-Baseline; Meta-DeepBDC takes twice as many single tasks. */
  readonly metaSteps: number;
  readonly musmlSteps: number;
}

/** Trainings that differ in their seed, and the groups that each sees. */
interface ShortTrainings {
  readonly steps: number;
  readonly seeds: number;
}

/** The sets of Figures 5 and 6. */
export type GraphSource = Exclude<SourceName, "imagenet-1k-set">;

export interface Budget {
  readonly name: BudgetName;
  readonly width: number;
  /** Test groups within a set, and repeats of a whole set. */
  readonly groups: number;
  readonly repeats: number;
  /** Test groups of a graph's point. */
  readonly graphGroups: number;
  /** Test groups and repeats where each costs a training. */
  readonly trainedGroups: Readonly<Record<Size, number>>;
  readonly trainedRepeats: number;
  readonly effort: (arch: ArchName, source: SourceName) => Effort;
  /** Training from scratch, within a set and on whole sets. */
  readonly scratchEpochs: Readonly<Record<Size, readonly number[]>>;
  readonly scratchEpochsAcross: readonly number[];
  /** Epochs, and groups of ConvNet-3 and of ResNet-18, for the time to a prediction's accuracy. */
  readonly epochCurve: { readonly epochs: readonly number[]; readonly groups: readonly [number, number] };
  readonly fineTuneEpochs: readonly number[];
  readonly figure1: {
    readonly samples: number;
    readonly trainRows: number;
    readonly epochs: number;
    readonly perClass: number;
  };
  readonly figure5: Readonly<Record<GraphSource, readonly number[]>>;
  readonly figure6: Readonly<Record<GraphSource, number>>;
  /** Training groups where Fashion-set is split otherwise. */
  readonly fashionSplits: number;
  /** Training groups of the ablations of choices that the paper leaves open. */
  readonly choices: Readonly<Record<"fashion-set" | "cifar-100-set", number>>;
  /** With how many seeds PudNet and Static-PudNet are trained again: on fewer groups, and, beside Pretrained, as in Table I. */
  readonly trainings: {
    readonly short: readonly [ShortTrainings, ...ShortTrainings[]];
    readonly fullSeeds: number;
  };
  /** Trainings of PudNet with what was found: of ConvNet-3 as long as PudNet's own; groups of the one of ResNet-18. */
  readonly improved: { readonly seeds: number; readonly resnetGroups: number };
  /** Test groups, at most, of what is not trained. */
  readonly randomGroups: number;
  /** MatchNet with its context embeddings, MUSML with second-order gradients: what takes four times as long or more. */
  readonly isWhole: boolean;
}

const CPU_EFFORT: Readonly<Record<SourceName, Effort>> = {
  "fashion-set": { pudnet: 4000, ablation: 4000, epochs: 6, tasks: 3000, metaSteps: 400, musmlSteps: 400 },
  "cifar-100-set": { pudnet: 24_000, ablation: 10_000, epochs: 20, tasks: 8000, metaSteps: 800, musmlSteps: 1000 },
  "imagenet-100-set": { pudnet: 10_000, ablation: 10_000, epochs: 20, tasks: 8000, metaSteps: 800, musmlSteps: 1000 },
  "imagenet-1k-set": { pudnet: 10_000, ablation: 10_000, epochs: 5, tasks: 8000, metaSteps: 800, musmlSteps: 1000 },
};

/** ResNets cost five times as much a group; the paper's headline, CIFAR-100-set, is trained for as many as ConvNet-3. */
const CPU_RESNET: Readonly<Record<SourceName, Effort>> = {
  "fashion-set": { pudnet: 2000, ablation: 2000, epochs: 2, tasks: 1000, metaSteps: 100, musmlSteps: 100 },
  "cifar-100-set": { pudnet: 24_000, ablation: 4000, epochs: 8, tasks: 3000, metaSteps: 200, musmlSteps: 200 },
  "imagenet-100-set": { pudnet: 4000, ablation: 4000, epochs: 8, tasks: 3000, metaSteps: 200, musmlSteps: 200 },
  "imagenet-1k-set": { pudnet: 6000, ablation: 6000, epochs: 2, tasks: 3000, metaSteps: 200, musmlSteps: 200 },
};

const FULL_EFFORT: Readonly<Record<SourceName, Effort>> = {
  "fashion-set": { pudnet: 2000, ablation: 2000, epochs: 30, tasks: 20_000, metaSteps: 4000, musmlSteps: 20_000 },
  "cifar-100-set": {
    pudnet: 100_000,
    ablation: 100_000,
    epochs: 100,
    tasks: 60_000,
    metaSteps: 4000,
    musmlSteps: 60_000,
  },
  "imagenet-100-set": {
    pudnet: 50_000,
    ablation: 50_000,
    epochs: 100,
    tasks: 60_000,
    metaSteps: 4000,
    musmlSteps: 60_000,
  },
  "imagenet-1k-set": {
    pudnet: 20_000,
    ablation: 20_000,
    epochs: 90,
    tasks: 60_000,
    metaSteps: 4000,
    musmlSteps: 60_000,
  },
};

const QUICK_EFFORT: Effort = { pudnet: 60, ablation: 60, epochs: 1, tasks: 60, metaSteps: 10, musmlSteps: 10 };

export const BUDGETS: Readonly<Record<BudgetName, Budget>> = {
  quick: {
    name: "quick",
    width: 8,
    groups: 10,
    graphGroups: 10,
    repeats: 2,
    trainedGroups: { plain: 1, residual: 1, "deep residual": 1 },
    trainedRepeats: 1,
    effort: () => QUICK_EFFORT,
    scratchEpochs: { plain: [1, 2], residual: [1], "deep residual": [1] },
    scratchEpochsAcross: [1],
    epochCurve: { epochs: [1, 2], groups: [1, 1] },
    fineTuneEpochs: [1],
    figure1: { samples: 12, trainRows: 8, epochs: 1, perClass: 100 },
    figure5: { "fashion-set": [20, 60], "cifar-100-set": [20, 60], "imagenet-100-set": [20, 60] },
    figure6: { "fashion-set": 20, "cifar-100-set": 20, "imagenet-100-set": 20 },
    fashionSplits: 20,
    choices: { "fashion-set": 20, "cifar-100-set": 20 },
    trainings: { short: [{ steps: 20, seeds: 2 }], fullSeeds: 2 },
    improved: { seeds: 2, resnetGroups: 60 },
    randomGroups: 10,
    isWhole: false,
  },
  cpu: {
    name: "cpu",
    width: 64,
    groups: 500,
    graphGroups: 200,
    repeats: 10,
    trainedGroups: { plain: 20, residual: 20, "deep residual": 3 },
    trainedRepeats: 3,
    effort: (arch, source) => (sizeOf(arch) === "plain" ? CPU_EFFORT : CPU_RESNET)[source],
    scratchEpochs: { plain: [1, 30, 50], residual: [1, 30], "deep residual": [1, 30] },
    scratchEpochsAcross: [1, 5, 10, 20, 50],
    epochCurve: { epochs: [1, 2, 3, 5, 8, 12, 20, 30], groups: [10, 3] },
    fineTuneEpochs: [1, 5, 10, 20],
    figure1: { samples: 240, trainRows: 180, epochs: 6, perClass: 300 },
    figure5: {
      "fashion-set": [100, 250, 500, 1000, 2000, 4000, 16_000],
      "cifar-100-set": [1000, 2500, 5000, 10_000, 24_000],
      "imagenet-100-set": [1000, 2500, 5000, 10_000],
    },
    figure6: { "fashion-set": 1000, "cifar-100-set": 1500, "imagenet-100-set": 1500 },
    fashionSplits: 1000,
    choices: { "fashion-set": 1000, "cifar-100-set": 1500 },
    trainings: {
      short: [
        { steps: 1500, seeds: 4 },
        { steps: 10_000, seeds: 2 },
      ],
      fullSeeds: 3,
    },
    improved: { seeds: 3, resnetGroups: 8000 },
    randomGroups: 100,
    isWhole: false,
  },
  full: {
    name: "full",
    width: 64,
    groups: 500,
    graphGroups: 500,
    repeats: 10,
    trainedGroups: { plain: 500, residual: 500, "deep residual": 500 },
    trainedRepeats: 10,
    effort: (_, source) => FULL_EFFORT[source],
    scratchEpochs: { plain: [1, 30, 50], residual: [1, 30, 50], "deep residual": [1, 30, 50] },
    scratchEpochsAcross: [1, 5, 10, 20, 50],
    epochCurve: { epochs: [1, 2, 3, 5, 8, 12, 20, 30, 50], groups: [100, 100] },
    fineTuneEpochs: [1, 5, 10, 50],
    figure1: { samples: 1000, trainRows: 800, epochs: 30, perClass: 600 },
    figure5: {
      "fashion-set": [100, 250, 500, 1000, 2000],
      "cifar-100-set": [1000, 5000, 10_000, 50_000, 100_000],
      "imagenet-100-set": [1000, 5000, 10_000, 25_000, 50_000],
    },
    figure6: { "fashion-set": 2000, "cifar-100-set": 100_000, "imagenet-100-set": 50_000 },
    fashionSplits: 2000,
    choices: { "fashion-set": 2000, "cifar-100-set": 20_000 },
    trainings: { short: [{ steps: 20_000, seeds: 4 }], fullSeeds: 3 },
    improved: { seeds: 4, resnetGroups: 100_000 },
    randomGroups: 500,
    isWhole: true,
  },
};
