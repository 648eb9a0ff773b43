// What a trained network and an evaluation are functions of, as plain data. Everything that changes a number is in here and
// nothing else, so that the hash of a recipe names its result.

import type { ArchName, Stem } from "pudnet/engine";
import type { HeadName, NormMode } from "pudnet/evaluation";
import type { MethodName, MusmlOptions, OptimizerRecipe, EpisodeShape, TrainConfig } from "pudnet/methods";

/** What baselines are trained on. */
export interface SourceRecipe {
  readonly dataset: string;
  readonly split: string;
  readonly side: number;
  readonly trainOn: "train" | "train+val";
}

export interface TargetRecipe {
  readonly arch: ArchName;
  readonly width: number;
  readonly stem: Stem;
}

interface Trained {
  readonly source: SourceRecipe;
  readonly target: TargetRecipe;
  readonly seed: number;
  readonly optimizer: OptimizerRecipe;
  /** Random flips and shifts of the training images. */
  readonly augment: boolean;
}

/** Algorithm 1. */
export interface PudNetRecipe {
  readonly method: "pudnet";
  readonly config: TrainConfig;
}

/** Cross entropy on all training classes; `neck`: with the embedding of this method before the head. */
export interface PretrainedRecipe extends Trained {
  readonly method: "pretrained";
  readonly epochs: number;
  readonly batch: number;
  readonly neck?: MethodName;
}

export interface EpisodicRecipe extends Trained {
  readonly method: "episodic";
  readonly rule: MethodName;
  readonly task: EpisodeShape;
  readonly tasksPerStep: number;
  readonly steps: number;
  /** Pre-trained network to start from. */
  readonly start?: PretrainedRecipe;
}

export interface MusmlRecipe extends Trained {
  readonly method: "musml";
  readonly task: EpisodeShape;
  readonly steps: number;
  readonly options: MusmlOptions;
}

export type NetworkRecipe = PudNetRecipe | PretrainedRecipe | EpisodicRecipe | MusmlRecipe;

/** The groups that a method is judged on. */
export interface Protocol {
  readonly dataset: string;
  readonly side: number;
  /** Classes that groups are drawn from: the test classes of a split, or all. */
  readonly classes: { readonly testOf: string } | "all";
  readonly ways: number;
  readonly shots: number;
  readonly generation: number;
  readonly test: number;
  readonly groups: number;
  readonly seed: number;
  /** An answer is right if the class is among so many best; 1 if absent. */
  readonly top?: number;
}

/** A method judged on groups. */
export type EvaluationRecipe = { readonly protocol: Protocol } & (
  | {
      readonly kind: "pudnet";
      readonly network: PudNetRecipe;
      readonly heads: readonly HeadName[];
      readonly norm: NormMode;
      /**
       * A control: group i's weights are predicted from group i of this protocol, drawn without the classes of the group
       * itself where both are of one data set.
       */
      readonly wrongSketch?: Protocol;
    }
  | {
      readonly kind: "fixed";
      readonly network: PretrainedRecipe | EpisodicRecipe;
      readonly heads: readonly HeadName[];
    }
  | { readonly kind: "musml"; readonly network: MusmlRecipe }
  | {
      readonly kind: "random";
      readonly target: TargetRecipe;
      /** Pixels are normalised by the statistics of its training classes. */
      readonly normalization: SourceRecipe;
      readonly heads: readonly HeadName[];
    }
  | {
      readonly kind: "pixels";
      readonly target: TargetRecipe;
      /** Pixels are normalised by the statistics of its training classes. */
      readonly normalization: SourceRecipe;
      readonly heads: readonly HeadName[];
    }
  | {
      readonly kind: "scratch";
      readonly target: TargetRecipe;
      /** Pixels are normalised by the statistics of its training classes. */
      readonly normalization: SourceRecipe;
      readonly epochs: readonly number[];
      readonly batch: number;
      readonly optimizer: OptimizerRecipe;
      /** Fine-tuning: what the training starts from, and the body's share of the learning rate. */
      readonly start?: NetworkRecipe;
      readonly bodyRate?: number;
    }
);

/** What decides a network's numbers: a config without names, machine settings and how often it is logged. */
export function networkIdentity(recipe: NetworkRecipe): unknown {
  if (recipe.method !== "pudnet") {
    const start = "start" in recipe && recipe.start ? { start: networkIdentity(recipe.start) } : {};
    return { ...recipe, ...start };
  }
  const { name: _, device: __, threads: ___, logEvery: ____, checkpointSeconds: _____, ...config } = recipe.config;
  const { root: ______, ...data } = config.data;
  return { method: "pudnet", config: { ...config, data } };
}

/** What decides an evaluation's figures of one group: the number of groups does not. */
export function evaluationIdentity(recipe: EvaluationRecipe): unknown {
  const protocol = drawnBy(recipe.protocol);
  if (recipe.kind === "scratch") {
    const { start } = recipe;
    return { ...recipe, protocol, ...(start ? { start: judgedIdentity(start) } : {}) };
  }
  if ("network" in recipe) {
    const wrong = "wrongSketch" in recipe && recipe.wrongSketch ? { wrongSketch: drawnBy(recipe.wrongSketch) } : {};
    return { ...recipe, protocol, network: judgedIdentity(recipe.network), ...wrong };
  }
  return { ...recipe, protocol };
}

/** A protocol without its number of groups. */
function drawnBy(protocol: Protocol): Omit<Protocol, "groups"> {
  const { groups: _, ...drawn } = protocol;
  return drawn;
}

/** Runs of PudNet keep two checkpoints; the last one is judged. */
function judgedIdentity(recipe: NetworkRecipe): unknown {
  const identity = networkIdentity(recipe);
  return recipe.method === "pudnet" ? { ...(identity as object), checkpoint: "last" } : identity;
}
