// A checkpoint judged on groups of classes that meta-training never saw, beside what needs no training. What is known of it stands in
// a folder of records, and is gone on with.

import { join } from "node:path";
import { positionsByClass } from "../../data/dataset.ts";
import { CLASS_SPLITS, usualGroup } from "../../data/splits.ts";
import { UserError } from "../../errors.ts";
import { HEADS } from "../../heads/heads.ts";
import { shellWord } from "../../names.ts";
import type { PudNetModel } from "../../predict/model.ts";
import type { Normalization } from "../../predict/normalize.ts";
import { type Estimate, estimate, median } from "../../statistics.ts";
import type { CompileOptions } from "../../tensor/program.ts";
import type { StrengthChoice } from "../../train/change-strengths.ts";
import { strengthsOf } from "../../train/gate.ts";
import { evaluationKey, type NormMode } from "../../train/evaluation/groups.ts";
import type { GroupEvaluator, GroupResult, Groups } from "../../train/evaluation/evaluator.ts";
import { type PudNetJudge, pudnetJudge } from "../../train/evaluation/pudnet.ts";
import { randomNetworkEvaluator, rawPixelEvaluator } from "../../train/evaluation/random-network.ts";
import type { CheckpointFile, EvaluationRecipe, Protocol } from "../../train/evaluation/recipe.ts";
import { loadPudNet } from "../checkpoints/pudnet.ts";
import type { Progress } from "../datasets/decoded.ts";
import type { LoadedDataset } from "../datasets/image-folder.ts";
import { loadClassSplit, loadDataset } from "../datasets/load-dataset.ts";
import { fileHash } from "../files/file-hash.ts";
import { makeFolder } from "../files/make-folder.ts";
import { completeRecords, knownRecord, type RecordPlan } from "./complete.ts";
import { checkpointName, recordName } from "./identity.ts";
import { checkResult, contentsHash, imageMaterials, type Materials, splitMaterials } from "./materials.ts";

export interface EvaluateRequest extends CompileOptions {
  /** Checkpoint file of a PudNet. */
  readonly model: string;
  /** A data set by name, or a folder with a sub-folder a class. */
  readonly data: string;
  /** The folder that holds the named data sets; "data" by default. */
  readonly root?: string | undefined;
  /** Class split by name or JSON file, of which the test classes are used; the data set's own by default. */
  readonly split?: string | undefined;
  /** How many groups; 500 by default. */
  readonly groups?: number | undefined;
  /** Classes a group, and images a class; by default the split's usual ones. */
  readonly ways?: number | undefined;
  readonly generation?: number | undefined;
  readonly test?: number | undefined;
  /** Labelled images a class for the few-shot centroids; 10 by default. */
  readonly shots?: number | undefined;
  /** How much of a predicted change is made, where one is predicted: all by default; `auto`: what the labelled images of a group prefer. */
  readonly strength?: StrengthChoice | undefined;
  /** Decides the groups; 0 by default. */
  readonly seed?: number | undefined;
  /** Random networks and raw pixels are judged on the first groups only: this many; 50 by default. */
  readonly baselineGroups?: number | undefined;
  /** Folder of records; without it nothing is kept. */
  readonly out?: string | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((progress: Progress) => void) | undefined;
  /** Told what was read, before the first group. */
  readonly onData?: ((loaded: LoadedDataset) => void) | undefined;
  /** Told after each group that was evaluated now. */
  readonly onGroup?: ((soFar: ModelEvaluation) => void) | undefined;
}

/** Accuracies are shares from 0 to 1. */
export interface ModelEvaluation {
  /** The first 16 digits of the checkpoint's SHA-256, and of one of images, labels, classes and split. */
  readonly model: string;
  readonly contents: string;
  readonly split: string;
  readonly protocol: Protocol;
  readonly baselineGroups: number;
  /** Groups so far. */
  readonly done: number;
  /** By "METHOD/HEAD": running and generation (batch norm of the predicted network), random network, raw pixels. */
  readonly accuracy: Readonly<Record<string, Estimate>>;
  /** Median of the predictions: sketch, AHRU and weight generators. */
  readonly seconds: number;
}

/**
 * Evaluates what is not known yet.
 * @throws UserError where a group cannot be drawn, or what is known was made from other images, classes or weights; the signal's reason
 */
export async function evaluate(request: EvaluateRequest): Promise<ModelEvaluation> {
  const { out, signal, onGroup } = request;
  if (out !== undefined) await makeRecordsFolder(out);
  const setting = await settingOf(request);
  let judge: Promise<PudNetJudge> | undefined;
  const { model, groups, part } = setting;
  const methods = methodsOf(setting, () => (judge ??= pudnetJudge(model, groups, { heads: HEADS, ...part })));
  const plans = Object.values(methods).map((method) => planOf(setting, method, out));
  const summary = (results: readonly (readonly GroupResult[])[]): ModelEvaluation =>
    summaryOf(setting, Object.keys(methods), results);
  for (const plan of plans) await requireSame(plan);
  try {
    const onRows = onGroup && ((results: readonly (readonly GroupResult[])[]) => onGroup(summary(results)));
    return summary(await completeRecords(plans, { signal, onGroup: onRows }));
  } finally {
    await (await judge)?.release();
  }
}

/** Now, not when the first group is done. */
async function makeRecordsFolder(out: string): Promise<void> {
  if (!/\.csv$/i.test(out)) {
    await makeFolder(out);
    return;
  }
  const folder = out.slice(0, -".csv".length);
  throw new UserError(
    `--out ${shellWord(out)} is the name of a file; evaluations are kept in a folder, a CSV with a JSON for each`,
    {
      hint: `give a folder, such as --out ${shellWord(folder)}; a CSV of version 0.1 cannot be gone on with`,
      exitCode: 2,
    },
  );
}

/** @throws UserError where what is known was made from other images, classes or weights, though no group is missing */
async function requireSame(plan: RecordPlan): Promise<void> {
  const known = await knownRecord(plan);
  if (known) checkResult(`${plan.path}.csv`, known.madeFrom, await plan.madeFrom());
}

/** What is judged, and on which groups. */
interface Setting {
  readonly model: PudNetModel;
  readonly sha256: string;
  readonly protocol: Protocol;
  /** What recipes say of a predicted change: nothing where all of it is made. */
  readonly part: { readonly strength?: StrengthChoice };
  readonly baselineGroups: number;
  readonly groups: Groups;
  readonly split: string;
  readonly contents: string;
  /** Of the images and the classes. */
  readonly madeFrom: Materials;
}

async function settingOf(request: EvaluateRequest): Promise<Setting> {
  const { data: name, root = "data", split = splitOf(name), shots = 10, seed = 0, baselineGroups = 50 } = request;
  const { groups = 500, device, threads, onProgress, onData, signal } = request;
  const model = await loadPudNet(request.model);
  if (request.strength !== undefined) strengthsOf(model, request.strength); // what cannot be is told before the data is read
  const { side } = model.arch;
  const loaded = await loadDataset(name, { root, side, onProgress, signal });
  onData?.(loaded);
  const { dataset } = loaded;
  const classes = await loadClassSplit(split, dataset.classes);
  const usual = usualGroup(split);
  const { ways = usual.ways, generation = usual.generation, test = usual.test } = request;
  if (shots > generation) {
    throw new UserError(`--shots ${shots} is more than the ${generation} generation images a class`, {
      hint: "the shots are taken from the generation images",
      exitCode: 2,
    });
  }
  const shape = { ways, shots, generation, test, groups };
  const pool = { positions: positionsByClass(dataset), classes: classes.test };
  return {
    model,
    sha256: await fileHash(request.model),
    protocol: { dataset: name, side, classes: { testOf: split }, ...shape, seed },
    part: request.strength === undefined ? {} : { strength: request.strength },
    baselineGroups,
    groups: {
      ...(device ? { device } : {}),
      threads,
      data: { dataset, pool, part: dataset.part },
      shape,
      key: evaluationKey(seed),
    },
    split,
    contents: contentsHash(dataset, split, classes),
    madeFrom: { ...imageMaterials(dataset), ...splitMaterials(split, classes) },
  };
}

function splitOf(dataset: string): string {
  const own = Object.entries(CLASS_SPLITS).find(([, { source }]) => source === dataset);
  if (own) return own[0];
  throw new UserError(`--split is missing: "${dataset}" has no class split of its own`, {
    hint: 'give a JSON file with a list of class names: {"test": ["cat", "dog", ...]}',
    exitCode: 2,
  });
}

/** Pixels are normalised as the checkpoint's. */
type Recipe = EvaluationRecipe<CheckpointFile, Normalization>;

interface Method {
  readonly recipe: Recipe;
  readonly evaluator: () => Promise<GroupEvaluator>;
}

/** By their names in `accuracy`. */
function methodsOf(setting: Setting, judge: () => Promise<PudNetJudge>): Readonly<Record<string, Method>> {
  const { model, sha256, protocol, part, groups, baselineGroups } = setting;
  const predicted = (norm: NormMode): Method => ({
    recipe: { kind: "pudnet", network: { method: "file", sha256 }, norm, ...part, protocol },
    evaluator: async () => {
      const both = await judge();
      return { evaluate: (group) => both.evaluate(group, norm), release: async () => {} };
    },
  });
  const { arch, normalization } = model;
  const { name, width, stem, readout } = arch;
  const beside = (kind: "random" | "pixels", make: typeof randomNetworkEvaluator): Method => ({
    recipe: {
      kind,
      target: { arch: name, width, stem, ...(kind === "random" && readout === "stages" ? { readout } : {}) },
      normalization,
      protocol: { ...protocol, groups: Math.min(protocol.groups, baselineGroups) },
    },
    evaluator: () => make(model, groups, HEADS),
  });
  return {
    running: predicted("running"),
    generation: predicted("generation"),
    "random network": beside("random", randomNetworkEvaluator),
    "raw pixels": beside("pixels", rawPixelEvaluator),
  };
}

function planOf({ sha256, madeFrom }: Setting, { recipe, evaluator }: Method, out: string | undefined): RecordPlan {
  const weights = recipe.kind === "pudnet" ? { network: sha256.slice(0, 16) } : {};
  return {
    ...(out === undefined ? {} : { path: join(out, recordName(recipe, checkpointName)) }),
    recipe,
    evaluator,
    madeFrom: async () => ({ ...madeFrom, ...weights }),
  };
}

function summaryOf(
  { sha256, contents, split, protocol, baselineGroups }: Setting,
  methods: readonly string[],
  results: readonly (readonly GroupResult[])[],
): ModelEvaluation {
  const accuracy = methods.flatMap((method, i) => {
    const heads = new Set(results[i]!.flatMap((group) => Object.keys(group.accuracy)));
    return Array.from(heads, (head) => {
      const known = results[i]!.flatMap((group) => group.accuracy[head] ?? []);
      return [`${method}/${head}`, estimate(known)] as const;
    });
  });
  const [predicted = []] = results;
  return {
    model: sha256.slice(0, 16),
    contents,
    split,
    protocol,
    baselineGroups,
    done: predicted.length,
    accuracy: Object.fromEntries(accuracy),
    seconds: median(predicted.flatMap(({ seconds }) => seconds["prediction"] ?? [])),
  };
}
