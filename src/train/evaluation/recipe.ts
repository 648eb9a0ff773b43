// What an evaluation is a function of, as plain data: a method judged on groups. Everything that changes a number is in here and
// nothing else, so that the hash of a recipe names its result.

import type { ArchName, Stem } from "../../models/architectures.ts";
import type { StrengthChoice } from "../change-strengths.ts";
import type { OptimizerRecipe } from "../optimizer.ts";
import type { NormMode } from "./groups.ts";
import type { SketchSource } from "./sketch-sources.ts";

/** The training classes of a data set; pixels are normalised by their statistics. */
export interface SourceRecipe {
  readonly dataset: string;
  readonly split: string;
  readonly side: number;
  readonly trainOn: "train" | "train+val";
}

/** A target network. */
export interface TargetRecipe {
  readonly arch: ArchName;
  readonly width: number;
  readonly stem: Stem;
  /** Features are the last stage's means where it is absent. */
  readonly readout?: "stages";
}

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

/** Recipes of networks are told apart by the method. */
export interface NetworkRecipe {
  readonly method: string;
}

/** A PudNet in a checkpoint file, whatever it was trained by. */
export interface CheckpointFile {
  readonly method: "file";
  /** Of the whole file, as hexadecimal digits. */
  readonly sha256: string;
}

/** What of a domain's evaluation is no part of the protocol. */
export interface DomainRecipe {
  readonly sketch: SketchSource;
  /** Which classes of the split; val: those of validation in place of the test's. */
  readonly classes: "test" | "val";
  /** The domains that were trained on, whose images other sketches than the group's own are of. */
  readonly trained?: readonly string[];
}

/**
 * A method judged on groups. `Network`: the recipes of all networks that may be judged or trained on; `Normalized`: what says how
 * pixels are normalised where no network does.
 */
export type EvaluationRecipe<Network extends NetworkRecipe, Normalized = SourceRecipe> = {
  readonly protocol: Protocol;
} & (
  | {
      readonly kind: "pudnet";
      readonly network: Network & { readonly method: "pudnet" | "file" };
      readonly norm: NormMode;
      /** How much of a predicted change is made: 1 if absent; `auto`: as the labelled images of each group prefer. */
      readonly strength?: StrengthChoice;
      /**
       * A control: group i's weights are predicted from group i of this protocol, drawn without the classes of the group
       * itself where both are of one data set.
       */
      readonly wrongSketch?: Protocol;
      /** One domain of several, judged as `domains.ts` says. */
      readonly domain?: DomainRecipe;
    }
  | {
      /** As `pudnet predict` makes a classifier. */
      readonly kind: "predict";
      readonly network: Network & { readonly method: "pudnet" | "file" };
    }
  | {
      readonly kind: "fixed";
      readonly network: Network & { readonly method: "pretrained" | "episodic" };
    }
  | { readonly kind: "musml"; readonly network: Network & { readonly method: "musml" } }
  | {
      readonly kind: "random";
      readonly target: TargetRecipe;
      readonly normalization: Normalized;
    }
  | {
      readonly kind: "pixels";
      readonly target: TargetRecipe;
      readonly normalization: Normalized;
    }
  | {
      readonly kind: "supervised";
      readonly target: TargetRecipe;
      readonly normalization: Normalized;
      readonly epochs: readonly number[];
      readonly batch: number;
      readonly optimizer: OptimizerRecipe;
      /** Fine-tuning: what the training starts from, and the body's share of the learning rate. */
      readonly start?: Network;
      readonly bodyRate?: number;
    }
);
