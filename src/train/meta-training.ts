// Algorithm 1, meta-training: one Adam step per group, or per several; groups drawn lazily by (seed, number).

import { augmented } from "../data/augment.ts";
import { type ImageDataset, gatherImages } from "../data/dataset.ts";
import type { ClassSplit } from "../data/splits.ts";
import { sampleTask, type TaskPool } from "../data/tasks.ts";
import { architecture } from "../models/architectures.ts";
import { fold, key, type Key } from "../tensor/random.ts";
import { type HostTensor, hostTensor } from "../tensor/tree.ts";
import type { TrainConfig } from "./config.ts";
import { evaluationGroup } from "./evaluation/groups.ts";
import type { Groups } from "./evaluation/evaluator.ts";
import { pudnetEvaluator } from "./evaluation/pudnet.ts";
import {
  initMetaState,
  type MetaBatch,
  metaBatchSpec,
  type MetaProblem,
  type MetaState,
  metaStep,
} from "./meta-step.ts";
import type { PudNetModel } from "../predict/model.ts";
import { type Estimate, estimate } from "../statistics.ts";
import { type GroupsBatch, type GroupWorkers, type Parallelism, parallelStepper } from "./parallel-groups.ts";
import { trainingData } from "./training-data.ts";
import { compiledSteps, type TrainingProblem } from "./loop.ts";

/** What a run trains on: derived from the config and the data set, the same on every resumption. */
export interface MetaTask {
  readonly problem: MetaProblem;
  readonly dataset: ImageDataset;
  readonly train: TaskPool;
  readonly val: TaskPool;
  /** Whether groups are flipped and shifted at random. */
  readonly augment: boolean;
  /** Names of the training classes in the order of the full head. */
  readonly trainClasses: readonly string[];
}

/**
 * Resolves a config against its data set.
 * @throws UserError where training groups or validation groups cannot be drawn: too few classes, or images of one
 */
export function metaTask(config: TrainConfig, source: ImageDataset, split: ClassSplit): MetaTask {
  const { group, target, pudnet, optimizer, steps } = config;
  const { dataset, train, val, trainClasses, normalization } = trainingData(source, split, config.data);
  const { stem, width } = target;
  const arch = architecture(target.arch, dataset.side, { width, ...(stem ? { stem } : {}) });
  const { learningRate, warmUp, decay, clip } = optimizer;
  const problem: MetaProblem = {
    pudnet,
    arch,
    group,
    trainClasses: trainClasses.length,
    normalization,
    optimizer: { learningRate, warmUp, clip, decayTo: decay === "linear" ? steps : undefined },
  };
  // Tasks that cannot be drawn are refused now, not at the first validation.
  sampleTask(train.positions, train.classes, group, key(0), { names: dataset.classes });
  evaluationGroup({ dataset, pool: val }, { ...config.validation, ways: group.ways }, key(0), 0);
  return { problem, dataset, train, val, augment: config.data.augment, trainClasses };
}

/** The state that a run with this seed starts from. */
function firstState({ problem }: MetaTask, seed: number): MetaState<HostTensor> {
  return initMetaState(fold(key(seed), "init"), problem);
}

/** The model that a state holds. */
export function modelOf(
  { problem, trainClasses }: MetaTask,
  { params, stats }: Pick<MetaState<HostTensor>, "params" | "stats">,
): PudNetModel {
  const { pudnet, arch, normalization } = problem;
  return { config: pudnet, arch, normalization, trainClasses, params, stats };
}

/** The images and classes of the group of one step. */
function groupBatch({ problem, dataset, train, trainClasses, augment }: MetaTask, source: Key): MetaBatch<HostTensor> {
  const task = sampleTask(train.positions, train.classes, problem.group, source, { names: dataset.classes });
  const positions = [...task.support, ...task.query, ...task.extra];
  const classes = hostTensor([problem.group.ways, trainClasses.length]);
  task.classes.forEach((c, way) => (classes.data[way * trainClasses.length + train.classes.indexOf(c)] = 1));
  const pixels = gatherImages(dataset, positions);
  const data = augment ? augmented(pixels, dataset.side, fold(source, "augment")) : pixels;
  return { images: { shape: metaBatchSpec(problem).images.shape, data }, classes };
}

/** Algorithm 1 as a training problem: a step is a group. */
export function metaTraining(config: TrainConfig, task: MetaTask): TrainingProblem<MetaState, MetaBatch> {
  const { problem } = task;
  return {
    ...schedule(config, task),
    ...compiledSteps(metaStep(problem), metaBatchSpec(problem)),
    batch: (step) => groupBatch(task, groupKey(config, step)),
  };
}

/** The same where a step is several groups, which `workers` compute. */
export function parallelMetaTraining(
  config: TrainConfig,
  task: MetaTask,
  openWorkers: (problem: MetaProblem) => GroupWorkers,
): TrainingProblem<MetaState, GroupsBatch> {
  const { problem } = task;
  const parallelism = parallelismOf(config);
  const groups = Array.from({ length: parallelism.groupsPerStep }, (_, i) => i);
  return {
    ...schedule(config, task),
    batchSpec: { groups: groups.map(() => metaBatchSpec(problem)) },
    stepper: (state, options) => parallelStepper(problem, parallelism, openWorkers(problem), state, options),
    batch: (step) => ({
      groups: groups.map((i) => groupBatch(task, groupKey(config, step * groups.length + i))),
    }),
  };
}

/** How many groups a step of this config has. */
export function parallelismOf({ groupsPerStep = 1, localSteps = 1 }: TrainConfig): Parallelism {
  return { groupsPerStep, localSteps };
}

/** What the groups of a training are drawn by: 0, 1, ... */
const groupKey = ({ seed }: TrainConfig, group: number): Key => fold(fold(key(seed), "group"), group);

function schedule(config: TrainConfig, task: MetaTask) {
  const { seed, steps, logEvery, validation, optimizer } = config;
  return {
    steps,
    logEvery,
    first: firstState(task, seed),
    validation: {
      every: validation.every,
      accuracy: (state: MetaState<HostTensor>) => validate(config, task, state),
    },
    remedy:
      `set optimizer.learningRate (${optimizer.learningRate}) or optimizer.clip (${optimizer.clip}) lower in the ` +
      "run's config.yaml, then go on from its last checkpoint with --resume",
  };
}

/** Accuracy of a state on validation groups, the same ones every time. */
async function validate(config: TrainConfig, task: MetaTask, state: MetaState<HostTensor>): Promise<Estimate> {
  const { validation, group, seed, device, threads } = config;
  const groups: Groups = {
    device,
    threads,
    data: { dataset: task.dataset, pool: task.val },
    shape: { ...validation, ways: group.ways, shots: group.shots },
    key: fold(key(seed), "validation"),
  };
  const evaluator = await pudnetEvaluator(modelOf(task, state), groups, { heads: ["few"] });
  try {
    const accuracies: number[] = [];
    for (let i = 0; i < validation.groups; i++)
      accuracies.push(...Object.values((await evaluator.evaluate(i)).accuracy));
    return estimate(accuracies);
  } finally {
    await evaluator.release();
  }
}
