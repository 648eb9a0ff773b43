// The recipes of all trained networks: PudNet and its variants, and the baselines in the paper's protocol and in a stronger one.

import type { SplitName } from "pudnet/datasets";
import { ARCHITECTURES, type ArchName } from "pudnet/engine";
import type { SourceRecipe, TargetRecipe } from "pudnet/evaluation";
import {
  ADAM,
  type MethodName,
  MUSML_OPTIONS,
  type OptimizerRecipe,
  type Parallelism,
  parseSingleConfig,
  type EpisodeShape,
} from "pudnet/methods";
import type { Budget } from "./budgets.ts";
import { SHOTS, SOURCES, type SourceName, sourceRecipe } from "./datasets.ts";
import type { EpisodicRecipe, MusmlRecipe, PretrainedRecipe, PudNetRecipe } from "./recipe.ts";

const SEED = 0;
/** What Meta-Baseline's authors train with; a tenth of the rate after nine tenths of the steps. */
const SGD: OptimizerRecipe = {
  algorithm: "sgd",
  learningRate: 0.1,
  momentum: 0.9,
  weightDecay: 5e-4,
  decay: "tenth-at-90%",
};
const BATCH = 128;

type Stem = TargetRecipe["stem"];

/** What networks are trained for, and how much is spent on it: a column of a table is one. */
export interface Setting {
  readonly source: SourceName;
  readonly arch: ArchName;
  readonly budget: Budget;
  /** Another stem than `stemOf`. */
  readonly stem?: Stem;
  /** Another class split than the source's own. */
  readonly split?: SplitName;
}

/** ResNets have the 7x7 stem with pooling, a fifth of the cost of 3x3 at 32 px; plain networks have no choice. */
const stemOf = (arch: ArchName): Stem => ARCHITECTURES[arch].stems.at(-1)!;

export function targetOf({ arch, budget: { width }, stem = stemOf(arch) }: Omit<Setting, "source">): TargetRecipe {
  return { arch, width, stem };
}

/** Each with what is not usual of it. */
const STEM_TITLES: Readonly<Record<Stem, string>> = {
  "3x3": "3x3 stem",
  "3x3+pool": "3x3 stem with pooling",
  "7x7": "7x7 stem without pooling",
  "7x7+pool": "7x7 stem",
};

/** @example archTitle("resnet-18") // "ResNet-18 (7x7 stem)" */
export function archTitle(arch: ArchName, stem = stemOf(arch)): string {
  const { title, stems } = ARCHITECTURES[arch];
  return stems.length === 1 ? title : `${title} (${STEM_TITLES[stem]})`;
}

/** The training images of a setting, whose statistics normalise all that it judges. */
export const sourceOf = ({ source, split }: Pick<Setting, "source" | "split">): SourceRecipe =>
  sourceRecipe(source, split);

/** What a variant of PudNet changes in the faithful config. */
export interface PudNetVariant {
  readonly pudnet?: Readonly<Record<string, unknown>>;
  readonly data?: Readonly<Record<string, unknown>>;
  /** Training groups. */
  readonly steps: number;
  readonly seed?: number;
  /** What learned kernels and norms start from. */
  readonly start?: PretrainedRecipe;
  /** Several groups a step: `steps` is rounded up to what they divide. */
  readonly parallelism?: Parallelism & { readonly learningRate: number };
}

const ONE_BY_ONE = { groupsPerStep: 1, localSteps: 1, learningRate: 0.001 };

/** Groups of linear warm-up: a quarter of a short training. */
const warmUpOf = (groups: number): number => (groups < 1000 ? Math.ceil(groups / 4) : 500);

/**
 * Algorithm 1 on a source. That the learning rate falls linearly to zero is ours (the paper keeps it), as are warm-up and
 * clipping; all else is as in the paper.
 */
export function pudnetRecipe(setting: Setting, variant: PudNetVariant): PudNetRecipe {
  const { source } = setting;
  const { isNative, trainWays, validation } = SOURCES[source];
  const { dataset, split, side, trainOn } = sourceOf(setting);
  const { arch, stem, width } = targetOf(setting);
  const { groupsPerStep, localSteps, learningRate } = { ...ONE_BY_ONE, ...variant.parallelism };
  const steps = Math.ceil(variant.steps / (groupsPerStep * localSteps)) * localSteps;
  const config = {
    name: "pudnet",
    seed: variant.seed ?? SEED,
    data: { dataset, split, trainOn, ...(isNative ? {} : { side }), ...variant.data },
    target: { arch, width, ...(ARCHITECTURES[arch].stems.length === 1 ? {} : { stem }) },
    pudnet: variant.pudnet ?? {},
    group: { ways: trainWays, shots: SHOTS, queries: 15, extra: 10 },
    steps,
    ...(groupsPerStep === 1 ? {} : { groupsPerStep, ...(localSteps === 1 ? {} : { localSteps }) }),
    optimizer: { learningRate, decay: "linear", warmUp: Math.ceil(warmUpOf(variant.steps) / groupsPerStep) },
    validation: { ...validation, every: Math.min(validation.every, steps), groups: 20 },
    logEvery: Math.min(steps, localSteps > 1 ? 10 * localSteps : source === "fashion-set" ? 50 : 100),
  };
  const { start } = variant;
  return { method: "pudnet", config: parseSingleConfig(config, "the recipe of PudNet"), ...(start ? { start } : {}) };
}

/** As in PudNet's own trainings: the rate falls to zero over the run. The paper keeps PudNet's rate. */
export const FALLING: OptimizerRecipe = { ...ADAM, decay: "linear" };

/** paper: Adam 1e-3, no augmentation; strong: the literature's. */
type RecipeKind = "paper" | "strong";

export function pretrainedRecipe(
  setting: Setting,
  kind: RecipeKind,
  { neck, seed = SEED }: { readonly neck?: MethodName; readonly seed?: number } = {},
): PretrainedRecipe {
  const { epochs } = effortOf(setting);
  return {
    method: "pretrained",
    ...common(setting),
    seed,
    epochs: kind === "paper" ? epochs : 2 * epochs,
    batch: BATCH,
    optimizer: kind === "paper" ? FALLING : SGD,
    augment: kind === "strong",
    ...(neck ? { neck } : {}),
  };
}

const common = (setting: Setting) => ({
  source: sourceOf(setting),
  target: targetOf(setting),
  seed: SEED,
});

const effortOf = ({ budget, arch, source }: Setting): ReturnType<Budget["effort"]> => budget.effort(arch, source);

const taskOf = (source: SourceName): EpisodeShape => ({ ways: SOURCES[source].trainWays, shots: SHOTS, queries: 15 });

/** What is trained by episodes from scratch. */
type EpisodicRule = Exclude<MethodName, "meta-baseline" | "meta-deepbdc">;

/** ProtoNet and MatchNet from scratch: the strong recipe flips and shifts. */
export function episodicRecipe(rule: EpisodicRule, setting: Setting, kind: RecipeKind): EpisodicRecipe {
  const { tasks } = effortOf(setting);
  return {
    method: "episodic",
    rule,
    ...common(setting),
    task: taskOf(setting.source),
    tasksPerStep: 1,
    steps: tasks,
    optimizer: FALLING,
    augment: kind === "strong",
  };
}

/** Stage two of Meta-Baseline (SGD 1e-3, four tasks a step) and of Meta-DeepBDC (Adam 1e-4, one task a step). */
export function metaRecipe(rule: "meta-baseline" | "meta-deepbdc", setting: Setting, kind: RecipeKind): EpisodicRecipe {
  const { metaSteps } = effortOf(setting);
  const isBaseline = rule === "meta-baseline";
  return {
    method: "episodic",
    rule,
    ...common(setting),
    task: taskOf(setting.source),
    tasksPerStep: isBaseline ? 4 : 1,
    steps: isBaseline ? metaSteps : 2 * metaSteps,
    optimizer: isBaseline
      ? { ...SGD, learningRate: 1e-3, decay: "constant" }
      : { algorithm: "adam", learningRate: 1e-4 },
    augment: kind === "strong",
    start: pretrainedRecipe(setting, kind, isBaseline ? {} : { neck: "meta-deepbdc" }),
  };
}

export function musmlRecipe(setting: Setting): MusmlRecipe {
  return {
    method: "musml",
    ...common(setting),
    task: taskOf(setting.source),
    steps: effortOf(setting).musmlSteps,
    optimizer: { ...FALLING, clip: 10 },
    augment: false,
    options: { ...MUSML_OPTIONS, secondOrder: setting.budget.isWhole },
  };
}
