// The benchmarks by name: what is measured, against which peer, and what it must reach. A new benchmark is a new row.

import type { ArchName, Stem } from "../src/models/architectures.ts";
import type { ShippedName } from "../src/node/checkpoints/shipped.ts";
import type { PictureSet } from "./whole-pictures.ts";

/** A timed step beside a PyTorch peer; the target is a ratio peer / ours. */
export interface StepCase {
  readonly kind: "step";
  readonly work: "train-step" | "meta-step";
  readonly arch: ArchName;
  readonly target: number;
}

/**
 * Meta-training groups, in the arrangement that suits two cores: as many streams as threads, whose gradients (or, after some
 * local steps, states) are averaged. Beside the peer's single process, and beside one process of one thread a core, which
 * average nothing; the targets are ratios peer / ours of milliseconds a group.
 */
export interface GroupsCase {
  readonly kind: "groups";
  readonly arch: ArchName;
  /** Groups a step, for each thread; 1 where it does not say. */
  readonly perThread?: number;
  readonly localSteps: number;
  readonly targets: readonly [single: number, arrangement: number];
}

/** The training step of ConvNet-3 by a library that TypeScript programs have today, in Node (peers/javascript). */
export interface LibraryCase {
  readonly kind: "library";
  readonly library: "tfjs" | "jax-js";
  /** How it can convolve, as the peer's script names it. */
  readonly ways: readonly string[];
}

/** Predictions of a network from 2,500 images; the target is in milliseconds. The first stem bears the plain name. */
export interface PredictCase {
  readonly kind: "predict";
  readonly arch: ArchName;
  readonly stems: readonly Stem[];
  readonly target: number;
  /** For each stem, until the classifier is ready. */
  readonly readyTargets: readonly (number | undefined)[];
}

/** Peak memory of a process that predicts from many images against few; the target is in megabytes. */
export interface MemoryCase {
  readonly kind: "memory";
  readonly arch: ArchName;
  readonly images: readonly [few: number, many: number];
  readonly target: number;
}

/** From the model's functions to a loaded session, in fresh processes; the target is in milliseconds. */
export interface BuildCase {
  readonly kind: "build";
  readonly arch: ArchName;
  readonly target: number;
}

/** Loss after 20 steps from the same weights on the same batch; the target is a relative difference. */
export interface AgreeCase {
  readonly kind: "agree";
  readonly arch: ArchName;
  readonly target: number;
}

/**
 * A whole command as people wait for it: a fresh process from its start to its end, beside a Python program for the same
 * pictures. Targets: milliseconds on the clock, peak megabytes, and the share of the rate at which sharp alone decodes.
 */
export interface WholeCase {
  readonly kind: "whole";
  readonly command: "predict" | "classify" | "finetune";
  readonly pictures: PictureSet;
  /** Whether the pictures lie decoded in the cache (predict, finetune). */
  readonly isCached?: boolean;
  /** What predicts; by default `clothes`, whose like the Python program is. Others have none beside them. */
  readonly model?: ShippedName;
  readonly target: { readonly ms?: number; readonly megabytes?: number; readonly share?: number };
}

export type Case = StepCase | GroupsCase | LibraryCase | PredictCase | MemoryCase | BuildCase | AgreeCase | WholeCase;

export const CASES: Readonly<Record<string, Case>> = {
  "train-step-convnet-3": { kind: "step", work: "train-step", arch: "convnet-3", target: 1 },
  "train-step-convnet-3-tfjs": { kind: "library", library: "tfjs", ways: ["wasm"] },
  "train-step-convnet-3-jax-js": { kind: "library", library: "jax-js", ways: ["matmul", "conv"] },
  "train-step-resnet-18": { kind: "step", work: "train-step", arch: "resnet-18", target: 1 },
  "meta-step-convnet-3": { kind: "step", work: "meta-step", arch: "convnet-3", target: 1 },
  "meta-step-resnet-18": { kind: "step", work: "meta-step", arch: "resnet-18", target: 1 },
  "groups-convnet-3": { kind: "groups", arch: "convnet-3", localSteps: 8, targets: [1.2, 1] },
  "groups-convnet-3-synchronous": { kind: "groups", arch: "convnet-3", localSteps: 1, targets: [1.2, 1] },
  "groups-convnet-3-synchronous-4": {
    kind: "groups",
    arch: "convnet-3",
    perThread: 2,
    localSteps: 1,
    targets: [1.2, 1],
  },
  "groups-resnet-18": { kind: "groups", arch: "resnet-18", localSteps: 16, targets: [1.2, 1] },
  "predict-convnet-3": { kind: "predict", arch: "convnet-3", stems: ["3x3"], target: 150, readyTargets: [200] },
  "predict-resnet-18": {
    kind: "predict",
    arch: "resnet-18",
    stems: ["3x3", "7x7+pool"],
    target: 500,
    readyTargets: [undefined, 430],
  },
  "predict-memory": { kind: "memory", arch: "resnet-18", images: [2_500, 50_000], target: 100 },
  "build-resnet-18": { kind: "build", arch: "resnet-18", target: 3_000 },
  "whole-predict-samples": { kind: "whole", command: "predict", pictures: "samples", target: {} },
  "whole-predict-samples-cached": {
    kind: "whole",
    command: "predict",
    pictures: "samples",
    isCached: true,
    target: { ms: 1_000, megabytes: 300 },
  },
  "whole-predict-jpegs": { kind: "whole", command: "predict", pictures: "jpegs-2500", target: {} },
  "whole-predict-general-cached": {
    kind: "whole",
    command: "predict",
    pictures: "jpegs-2500",
    isCached: true,
    model: "base",
    target: { ms: 2_500 },
  },
  "whole-classify-one": { kind: "whole", command: "classify", pictures: "one", target: { ms: 400 } },
  "whole-classify-jpegs": { kind: "whole", command: "classify", pictures: "jpegs-5000", target: { share: 0.8 } },
  "whole-classify-photos": { kind: "whole", command: "classify", pictures: "photos-24", target: {} },
  "whole-finetune": { kind: "whole", command: "finetune", pictures: "samples", isCached: true, target: {} },
  "agree-convnet-3": { kind: "agree", arch: "convnet-3", target: 1e-3 },
  "agree-resnet-18": { kind: "agree", arch: "resnet-18", target: 1e-3 },
};
