// A meta-training run on disk: a folder from a config, and the run in it.

import { availableParallelism } from "node:os";
import { UserError } from "../../errors.ts";
import type { QueueConnection } from "../queue/connection.ts";
import { GroupProcesses } from "../workers/group-processes.ts";
import type { Exchange } from "../workers/exchange.ts";
import type { QueueGroups } from "../workers/queue-groups.ts";
import { type ResizeRule, UNNAMED_RESIZE } from "../../data/square.ts";
import { parseTrainConfig } from "../../train/config.ts";
import type { TrainConfig } from "../../train/config-schema.ts";
import {
  type MetaSetup,
  metaSetup,
  metaTraining,
  modelOf,
  parallelismOf,
  parallelMetaTraining,
  setupNotes,
} from "../../train/meta-training.ts";
import { GROUP_METRICS, type MetaBatch, type MetaProblem, type MetaState } from "../../train/meta-step.ts";
import { describeModel, modelTensors } from "../../predict/model.ts";
import { type GroupsBatch, type GroupWorkers, ownWorker } from "../../train/parallel-groups.ts";
import type { TrainEvent, TrainingProblem } from "../../train/loop.ts";
import { loadPudNet } from "../checkpoints/pudnet.ts";
import { fileHash } from "../files/file-hash.ts";
import type { Materials } from "../records/materials.ts";
import { type LoadDataOptions, loadTrainingData } from "./load-training-data.ts";
import { RunFolder } from "./run-folder.ts";
import { checkMadeFrom, runTraining, type TrainingPlan, VALIDATION_COLUMNS, validationColumns } from "./run.ts";

const STEP_COLUMNS = [...GROUP_METRICS, "gradientNorm"] as const;
/** The columns of metrics.csv; of a mixture there is one more for each domain that is validated on. */
export const META_COLUMNS = [...STEP_COLUMNS, ...VALIDATION_COLUMNS] as const;

export interface TrainingRunOptions extends Omit<LoadDataOptions, "signal"> {
  /** Stops the reading of the data at once, with its reason, and training after the next log line, with a checkpoint. */
  readonly signal?: AbortSignal;
  readonly onEvent?: (event: TrainEvent, run: TrainingRun) => void;
  /** Processes that share the groups of a step, where a step has several; by default as many as it has, at most a core each. */
  readonly workers?: number;
  /** The address of a queue (redis://...) whose workers compute the groups of a step instead, where a step has several. */
  readonly queue?: string;
  /**
   * Told, a line each, what a user should know: that pictures are in no group, what becomes of the queue (nobody is there to
   * compute, it is lost, it is back).
   */
  readonly onNote?: (line: string) => void;
}

export interface TrainingRun {
  readonly folder: RunFolder;
  readonly config: TrainConfig;
  readonly setup: MetaSetup;
  /** The step this process started from. */
  readonly firstStep: number;
  /** With a queue: what went over it so far. */
  readonly exchange?: Exchange;
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
  requireGroups(config, options);
  await using queue = await openQueue(options);
  const resize = "square-1";
  const { setup, madeFrom } = await loadSetup(config, resize, options);
  const facts = {
    seed: config.seed,
    arch: setup.problem.arch,
    trainClasses: setup.data.trainClasses,
    madeFrom,
    resize,
  };
  const columns = [...STEP_COLUMNS, ...validationColumns(setup.validated)];
  await using folder = await RunFolder.create(parent, config.name, { config, columns, facts });
  return { path: folder.path, isComplete: await train(folder, config, setup, { ...options, connection: queue }) };
}

/**
 * Goes on with a run from its last checkpoint.
 * @throws UserError where the data set or the class split is another than the run was begun with; the
 *   signal's reason before training goes on
 */
export async function resumeTraining(path: string, options: TrainingRunOptions = {}): Promise<TrainingEnd> {
  await using folder = await RunFolder.open(path);
  const config = parseTrainConfig(folder.config, `${path}/config.yaml`);
  requireGroups(config, options);
  await using queue = await openQueue(options);
  const { resize = UNNAMED_RESIZE } = folder.record;
  const { setup, madeFrom } = await loadSetup(config, resize, options);
  checkMadeFrom(folder, madeFrom);
  return { path: folder.path, isComplete: await train(folder, config, setup, { ...options, connection: queue }) };
}

/** @throws UserError where there is nothing to share */
function requireGroups(config: TrainConfig, { workers, queue }: TrainingRunOptions): void {
  if ((workers === undefined && queue === undefined) || parallelismOf(config).groupsPerStep > 1) return;
  const [who, option] = queue === undefined ? [`${workers} workers have`, "--workers"] : ["a queue has", "--queue"];
  throw new UserError(`${who} nothing to share: a step is one group`, {
    hint: `set groupsPerStep in the config of a new run, or leave ${option} out`,
    exitCode: 2,
  });
}

async function openQueue({ queue, onNote, signal }: TrainingRunOptions): Promise<QueueConnection | undefined> {
  if (queue === undefined) return undefined;
  const { QueueConnection: Connection } = await import("../queue/connection.ts"); // loaded where there is a queue
  return Connection.open(queue, { tell: onNote ?? (() => undefined), signal });
}

async function loadSetup(
  config: TrainConfig,
  resize: ResizeRule,
  options: TrainingRunOptions,
): Promise<{ setup: MetaSetup; madeFrom: Materials }> {
  const { data, madeFrom: ofData } = await loadTrainingData(config, resize, options);
  const start = config.start === undefined ? undefined : await loadPudNet(config.start);
  const madeFrom = { ...ofData, ...(start ? { start: await fileHash(config.start!) } : {}) };
  const setup = metaSetup(config, data, start);
  for (const note of setupNotes(setup)) options.onNote?.(`note: ${note}`);
  return { setup, madeFrom };
}

async function train(
  folder: RunFolder,
  config: TrainConfig,
  setup: MetaSetup,
  options: TrainingRunOptions & { readonly connection: QueueConnection | undefined },
): Promise<boolean> {
  const { signal, onEvent, connection } = options;
  let firstStep = 0;
  const share = parallelismOf(config).groupsPerStep > 1 ? await sharing(config, setup.problem, options) : undefined;
  const control = {
    ...(signal ? { signal } : {}),
    onStart: (step: number) => (firstStep = step),
    onEvent: (event: TrainEvent) => {
      const exchange = isQueue(share) ? { exchange: share.exchange } : {};
      onEvent?.(event, { folder, config, setup, firstStep, ...exchange });
    },
  };
  if (!share) return runTraining(folder, metaPlan(config, setup), control);
  try {
    return await runTraining(
      folder,
      parallelMetaPlan(config, setup, () => share),
      control,
    );
  } catch (error) {
    // Nobody was there to come to the next log line: the run goes on from its last checkpoint.
    if (connection && signal?.aborted && error === signal.reason) return false;
    throw error;
  }
}

/** Told by what it has, since the class is loaded where there is a queue. */
const isQueue = (share: GroupWorkers | undefined): share is QueueGroups => share !== undefined && "exchange" in share;

/** Who computes the groups of a step. */
async function sharing(
  config: TrainConfig,
  problem: MetaProblem,
  { connection, signal, onNote, workers }: Parameters<typeof train>[3],
): Promise<GroupWorkers> {
  if (connection) {
    const { QueueGroups: Groups } = await import("../workers/queue-groups.ts");
    return Groups.open(connection, problem, { signal, tell: onNote ?? (() => undefined) });
  }
  const count = Math.min(workers ?? availableParallelism(), parallelismOf(config).groupsPerStep);
  return count === 1 ? ownWorker(problem) : new GroupProcesses(problem, count);
}

/** Algorithm 1 and how it is kept. */
export function metaPlan(config: TrainConfig, setup: MetaSetup): TrainingPlan<MetaState, MetaBatch> {
  return planOf(config, setup, metaTraining(config, setup));
}

/** The same where a step is several groups; by default this process computes them, one after the other. */
export function parallelMetaPlan(
  config: TrainConfig,
  setup: MetaSetup,
  open: (problem: MetaProblem) => GroupWorkers = ownWorker,
): TrainingPlan<MetaState, GroupsBatch> {
  return planOf(config, setup, parallelMetaTraining(config, setup, open));
}

function planOf<B extends object>(
  config: TrainConfig,
  setup: MetaSetup,
  problem: TrainingProblem<MetaState, B>,
): TrainingPlan<MetaState, B> {
  return {
    device: config.device,
    threads: config.threads,
    problem,
    checkpointSeconds: config.checkpointSeconds,
    modelTensors,
    facts: (state) => ({ model: describeModel(modelOf(setup, state)) }),
  };
}
