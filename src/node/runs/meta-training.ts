// A meta-training run on disk: a folder from a config, and the run in it.

import { availableParallelism } from "node:os";
import { UserError } from "../../errors.ts";
import { GroupProcesses } from "../workers/group-processes.ts";
import { type ResizeRule, UNNAMED_RESIZE } from "../../data/square.ts";
import { parseTrainConfig, type TrainConfig } from "../../train/config.ts";
import {
  type MetaTask,
  metaTask,
  metaTraining,
  modelOf,
  parallelismOf,
  parallelMetaTraining,
} from "../../train/meta-training.ts";
import { GROUP_METRICS, type MetaBatch, type MetaProblem, type MetaState } from "../../train/meta-step.ts";
import { describeModel, modelTensors } from "../../predict/model.ts";
import { ownWorker } from "../../train/parallel-groups.ts";
import type { TrainEvent, TrainingProblem } from "../../train/loop.ts";
import { loadClassSplit, loadDataset } from "../datasets/load-dataset.ts";
import type { ReadOptions } from "../datasets/decoded.ts";
import type { LoadedDataset } from "../datasets/image-folder.ts";
import { checkMaterials, imageMaterials, type Materials, splitMaterials } from "../records/materials.ts";
import { RunFolder } from "./run-folder.ts";
import { runTraining, type TrainingPlan, VALIDATION_COLUMNS } from "./run.ts";

export const META_COLUMNS = [...GROUP_METRICS, "gradientNorm", ...VALIDATION_COLUMNS] as const;

export interface TrainingRunOptions extends Pick<ReadOptions, "onProgress"> {
  /** Stops the reading of the data at once, with its reason, and training after the next log line, with a checkpoint. */
  readonly signal?: AbortSignal;
  /** Told of the data set once it is read: what was left out of it. */
  readonly onData?: (loaded: LoadedDataset) => void;
  readonly onEvent?: (event: TrainEvent, run: TrainingRun) => void;
  /** Processes that share the groups of a step, where a step has several; by default as many as it has, at most a core each. */
  readonly workers?: number;
}

export interface TrainingRun {
  readonly folder: RunFolder;
  readonly config: TrainConfig;
  readonly task: MetaTask;
  /** The step this process started from. */
  readonly firstStep: number;
}

/** How a training ended. */
export interface TrainingEnd {
  /** Its run folder. */
  readonly path: string;
  /** Whether it has made all its steps; else it was stopped and can be resumed. */
  readonly isComplete: boolean;
}

/** Starts a run in a new folder below `parent`. @throws the signal's reason before there is one */
export async function startTraining(
  config: TrainConfig,
  parent: string,
  options: TrainingRunOptions = {},
): Promise<TrainingEnd> {
  const resize = "square-1";
  const { task, madeFrom } = await loadTask(config, resize, options);
  const facts = { seed: config.seed, arch: task.problem.arch, trainClasses: task.trainClasses, madeFrom, resize };
  await using folder = await RunFolder.create(parent, config.name, { config, columns: META_COLUMNS, facts });
  return { path: folder.path, isComplete: await train(folder, config, task, options) };
}

/**
 * Goes on with a run from its last checkpoint.
 * @throws UserError where the data set or the class split is another than the run was begun with; the
 *   signal's reason before training goes on
 */
export async function resumeTraining(path: string, options: TrainingRunOptions = {}): Promise<TrainingEnd> {
  await using folder = await RunFolder.open(path);
  const config = parseTrainConfig(folder.config, `${path}/config.yaml`);
  const { resize = UNNAMED_RESIZE } = folder.record;
  const { task, madeFrom } = await loadTask(config, resize, options);
  const hint = "bring the pictures back as they were, or start a new run with --config";
  checkMaterials(path, folder.record.madeFrom, madeFrom, { hint });
  return { path: folder.path, isComplete: await train(folder, config, task, options) };
}

async function loadTask(
  config: TrainConfig,
  resize: ResizeRule,
  { onProgress, onData, signal }: TrainingRunOptions,
): Promise<{ task: MetaTask; madeFrom: Materials }> {
  const { dataset: name, root, side, split } = config.data;
  const loaded = await loadDataset(name, {
    root,
    resize,
    ...(side ? { side } : {}),
    ...(onProgress ? { onProgress } : {}),
    ...(signal ? { signal } : {}),
  });
  signal?.throwIfAborted(); // what is read as a whole cannot be stopped
  onData?.(loaded);
  const { dataset } = loaded;
  const classes = await loadClassSplit(split, dataset.classes);
  const madeFrom = { ...imageMaterials(dataset), ...splitMaterials(split, classes) };
  return { task: metaTask(config, dataset, classes), madeFrom };
}

async function train(
  folder: RunFolder,
  config: TrainConfig,
  task: MetaTask,
  { signal, onEvent, workers }: TrainingRunOptions,
): Promise<boolean> {
  const { groupsPerStep } = parallelismOf(config);
  if (workers !== undefined && groupsPerStep === 1) {
    throw new UserError(`${workers} workers have nothing to share: a step is one group`, {
      hint: "set groupsPerStep in the config of a new run, or leave --workers out",
      exitCode: 2,
    });
  }
  let firstStep = 0;
  const control = {
    ...(signal ? { signal } : {}),
    onStart: (step: number) => (firstStep = step),
    onEvent: (event: TrainEvent) => onEvent?.(event, { folder, config, task, firstStep }),
  };
  if (groupsPerStep === 1) return runTraining(folder, metaPlan(config, task), control);
  const count = Math.min(workers ?? availableParallelism(), groupsPerStep);
  const open = (problem: MetaProblem) => (count === 1 ? ownWorker(problem) : new GroupProcesses(problem, count));
  return runTraining(folder, planOf(config, task, parallelMetaTraining(config, task, open)), control);
}

/** Algorithm 1 and how it is kept. */
export function metaPlan(config: TrainConfig, task: MetaTask): TrainingPlan<MetaState, MetaBatch> {
  return planOf(config, task, metaTraining(config, task));
}

function planOf<B extends object>(
  config: TrainConfig,
  task: MetaTask,
  problem: TrainingProblem<MetaState, B>,
): TrainingPlan<MetaState, B> {
  return {
    device: config.device,
    threads: config.threads,
    problem,
    checkpointSeconds: config.checkpointSeconds,
    modelTensors,
    facts: (state) => ({ model: describeModel(modelOf(task, state)) }),
  };
}
