// What a trained network is a function of, as plain data. Everything that changes a number is in here and nothing else, so that
// the hash of a recipe names its result.

import type { CheckpointFile, EvaluationRecipe as Evaluation, SourceRecipe, TargetRecipe } from "pudnet/evaluation";
import type { MethodName, MusmlOptions, OptimizerRecipe, EpisodeShape, SingleConfig } from "pudnet/methods";

interface Trained {
  /** What it is trained on. */
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
  readonly config: SingleConfig;
  /** What its learned kernels and norms start from. */
  readonly start?: PretrainedRecipe;
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

/** What is trained here. */
export type TrainedRecipe = PudNetRecipe | PretrainedRecipe | EpisodicRecipe | MusmlRecipe;

export type NetworkRecipe = TrainedRecipe | CheckpointFile;

/** A method judged on groups. */
export type EvaluationRecipe = Evaluation<NetworkRecipe>;
