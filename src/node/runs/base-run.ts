// A run that trains a base network: a folder from a config, and the training in it.

import { type ResizeRule, UNNAMED_RESIZE } from "../../data/square.ts";
import { architecture } from "../../models/architectures.ts";
import { describeModel, modelTensors } from "../../predict/model.ts";
import type { HostTensor } from "../../tensor/tree.ts";
import { type AboutNetwork, baseModel, type BaseNetwork, startOf, teacherOf } from "../../train/base-network.ts";
import type { BaseState } from "../../train/base-step.ts";
import { baseClasses, baseTraining } from "../../train/base-training.ts";
import { parseBaseConfig } from "../../train/config.ts";
import type { BaseConfig } from "../../train/config-schema.ts";
import type { Teacher } from "../../train/distillation.ts";
import type { NamedPool } from "../../train/evaluation/groups.ts";
import type { SupervisedBatch } from "../../train/supervised-step.ts";
import type { TrainEvent } from "../../train/loop.ts";
import type { TrainingData } from "../../train/training-data.ts";
import { judged, validatedDomains } from "../../train/validation.ts";
import { loadPudNet } from "../checkpoints/pudnet.ts";
import { datasetName } from "../datasets/load-dataset.ts";
import { fileHash } from "../files/file-hash.ts";
import type { Materials } from "../records/materials.ts";
import { type LoadDataOptions, loadTrainingData } from "./load-training-data.ts";
import { RunFolder } from "./run-folder.ts";
import { checkMadeFrom, runTraining, type TrainingPlan, validationColumns } from "./run.ts";
import type { TrainingEnd } from "./meta-training.ts";

export interface BaseRunOptions extends Omit<LoadDataOptions, "signal"> {
  /** Stops the reading of the data at once, with its reason, and training after the next log line, with a checkpoint. */
  readonly signal?: AbortSignal;
  readonly onEvent?: (event: TrainEvent, run: BaseRun) => void;
}

/** A training under way. */
export interface BaseRun {
  readonly folder: RunFolder;
  readonly config: BaseConfig;
  readonly data: TrainingData;
  /** The step this process started from. */
  readonly firstStep: number;
}

/** What a run trains on, and what follows from that. */
interface BaseSetup {
  readonly data: TrainingData;
  readonly validated: readonly NamedPool[];
  readonly about: AboutNetwork;
  readonly variation: BaseConfig["variation"];
  readonly start: BaseNetwork<HostTensor> | undefined;
  readonly teacher: Teacher | undefined;
}

/** Starts a run in a new folder below `parent`. @throws the signal's reason before there is one */
export async function startBaseTraining(
  config: BaseConfig,
  parent: string,
  options: BaseRunOptions = {},
): Promise<TrainingEnd> {
  const resize = "square-1";
  const { setup, madeFrom } = await loadSetup(config, resize, options);
  const facts = { seed: config.seed, arch: setup.about.arch, trainClasses: setup.about.trainClasses, madeFrom, resize };
  const losses = ["loss", ...(setup.teacher ? ["kl", "similarity"] : [])];
  const columns = [...losses, "accuracy", ...validationColumns(setup.validated)];
  await using folder = await RunFolder.create(parent, config.name, { config, columns, facts });
  return { path: folder.path, isComplete: await train(folder, config, setup, options) };
}

/**
 * Goes on with a run from its last checkpoint.
 * @throws UserError where its pictures, its teacher or what it started from are others than the run was begun with; the signal's reason before training goes on
 */
export async function resumeBaseTraining(path: string, options: BaseRunOptions = {}): Promise<TrainingEnd> {
  await using folder = await RunFolder.open(path);
  const config = parseBaseConfig(folder.config, `${path}/config.yaml`);
  const { resize = UNNAMED_RESIZE } = folder.record;
  const { setup, madeFrom } = await loadSetup(config, resize, options);
  checkMadeFrom(folder, madeFrom);
  return { path: folder.path, isComplete: await train(folder, config, setup, options) };
}

async function loadSetup(
  config: BaseConfig,
  resize: ResizeRule,
  options: BaseRunOptions,
): Promise<{ setup: BaseSetup; madeFrom: Materials }> {
  const sources = config.data.sources.map((source) => ({ ...source, turnedClasses: false })); // turned as they are drawn
  const read = { data: { ...config.data, sources, augment: false } };
  const { data: loaded, madeFrom } = await loadTrainingData(read, resize, options);
  const start = await given(config.start);
  const teacher = await given(config.teacher?.checkpoint);
  const data = start ? { ...loaded, normalization: start.model.normalization } : loaded;
  const { mirrored, turned, ...rest } = config.variation;
  const variation = { ...rest, mirrored: mirrored.map(datasetName), turned: turned.map(datasetName) };
  const about = {
    arch: architecture(config.target.arch, data.dataset.side, config.target),
    normalization: data.normalization,
    trainClasses: baseClasses(data, variation),
  };
  const validated = validatedDomains(data.domains, config.validation);
  const setup = {
    data,
    validated,
    about,
    variation,
    start: start && startOf(start.file, start.model, about),
    teacher: teacher && { ...config.teacher!, ...teacherOf(teacher.file, teacher.model, about) },
  };
  const hashes = { ...(start ? { start: start.hash } : {}), ...(teacher ? { teacher: teacher.hash } : {}) };
  return { setup, madeFrom: { ...madeFrom, ...hashes } };
}

/** Another training's model. */
async function given(file: string | undefined) {
  return file === undefined ? undefined : { file, model: await loadPudNet(file), hash: await fileHash(file) };
}

function train(
  folder: RunFolder,
  config: BaseConfig,
  { data, validated, about, variation, start, teacher }: BaseSetup,
  { signal, onEvent }: BaseRunOptions,
): Promise<boolean> {
  const { steps, batch, optimizer, averaging, seed, logEvery, validation, device, threads } = config;
  const shape = { ...validation, shots: validation.generation };
  const { mirrored, turned, ...varied } = variation;
  const problem = baseTraining(
    data,
    about.arch,
    {
      steps,
      batch,
      optimizer: { algorithm: "sgd", decay: "linear", ...optimizer },
      variation: varied,
      mirrored,
      turned,
      averaging,
      seed,
      logEvery,
      start,
      teacher,
    },
    {
      every: validation.every,
      judge: (state) =>
        judged(
          baseModel(state.averaged, about),
          { data, validated },
          { shape, seed, heads: ["closed-form"], norm: "generation", device, threads },
        ),
    },
  );
  const plan: TrainingPlan<BaseState, SupervisedBatch> = {
    device,
    threads,
    problem,
    checkpointSeconds: config.checkpointSeconds,
    modelTensors: (state: BaseState<HostTensor>) => modelTensors(baseModel(state.averaged, about)),
    facts: (state: BaseState<HostTensor>) => ({ model: describeModel(baseModel(state.averaged, about)) }),
  };
  let firstStep = 0;
  return runTraining(folder, plan, {
    ...(signal ? { signal } : {}),
    onStart: (step) => (firstStep = step),
    onEvent: (event) => onEvent?.(event, { folder, config, data, firstStep }),
  });
}
