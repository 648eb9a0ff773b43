// Our side of the benchmarks: each kind of work as something that can be done again and again, in a process of its own.

import type { ArchName } from "../src/models/architectures.ts";
import { key } from "../src/tensor/random.ts";
import type { SessionOptions } from "../src/tensor/runtime.ts";
import { compileTrainer, type Trainer } from "../src/tensor/trainer.ts";
import type { Host } from "../src/tensor/tree.ts";
import { GroupProcesses } from "../src/node/workers/group-processes.ts";
import { parallelStepper } from "../src/train/parallel-groups.ts";
import { initMetaState, metaBatchSpec, metaStep } from "../src/train/meta-step.ts";
import type { ImageSource } from "../src/predict/image-source.ts";
import { Predictor } from "../src/predict/predictor.ts";
import { initSupervisedState, supervisedBatchSpec, supervisedStep } from "../src/train/supervised-step.ts";
import { BATCH, metaProblem, noise, oneHot, predictedModel, trainProblem, WAYS } from "./problems.ts";

/** Milliseconds of one call, by what was timed; `ms` is that of a single step. */
export type Timing = { readonly ms: number } & Readonly<Record<string, number>>;

export interface Work {
  /** Steps in one call. */
  readonly steps: number;
  call(): Promise<Timing>;
  release(): Promise<void>;
}

/** Those of the one group that every step sees. */
const TRAINED_CLASSES = Array.from({ length: WAYS }, (_, way) => 7 * way);

/** One call, with the same batch for each of its steps. */
function repeated<S extends object, B extends object>(compiled: Trainer<S, B>, batch: NoInfer<Host<B>>) {
  const batches = Array.from({ length: compiled.stepsPerCall }, () => batch);
  return { steps: compiled.stepsPerCall, run: () => compiled.run(batches), release: () => compiled.release() };
}

export const since = (start: number): number => performance.now() - start;

/** A training step compiled as `pudnet train` compiles it. */
async function trainer(work: "train-step" | "meta-step", arch: ArchName, options: SessionOptions) {
  if (work === "train-step") {
    const problem = trainProblem(arch);
    const state = initSupervisedState(key(0), problem);
    const start = performance.now();
    const compiled = await compileTrainer(supervisedStep(problem), state, supervisedBatchSpec(problem, BATCH), options);
    const labels = Array.from({ length: BATCH }, (_, i) => i % problem.classes);
    const images = noise(supervisedBatchSpec(problem, BATCH).images.shape);
    return { buildMs: since(start), ...repeated(compiled, { images, labels: oneHot(labels, problem.classes) }) };
  }
  const problem = metaProblem(arch);
  const state = initMetaState(key(0), problem);
  const start = performance.now();
  const compiled = await compileTrainer(metaStep(problem), state, metaBatchSpec(problem), options);
  const buildMs = since(start);
  const classes = oneHot(TRAINED_CLASSES, problem.trainClasses);
  return { buildMs, ...repeated(compiled, { images: noise(metaBatchSpec(problem).images.shape), classes }) };
}

export async function stepWork(
  work: "train-step" | "meta-step",
  arch: ArchName,
  options: SessionOptions,
): Promise<Work> {
  const { steps, run, release } = await trainer(work, arch, options);
  return {
    steps,
    release,
    call: async () => {
      const start = performance.now();
      await run();
      return { ms: since(start) / steps };
    },
  };
}

/** Meta-training steps of several groups, by processes of one thread each that have as many; `ms` is that of a group. */
export async function groupsWork(
  arch: ArchName,
  perThread: number,
  localSteps: number,
  { threads = 1 }: SessionOptions,
): Promise<Work> {
  const problem = metaProblem(arch);
  const groupsPerStep = threads * perThread;
  const parallelism = { groupsPerStep, localSteps };
  const workers = new GroupProcesses(problem, threads);
  const stepper = await parallelStepper(problem, parallelism, workers, initMetaState(key(0), problem), { threads });
  const { images, classes } = metaBatchSpec(problem);
  const group = { images: noise(images.shape), classes: oneHot(TRAINED_CLASSES, classes.shape[1]) };
  const batch = { groups: Array.from({ length: groupsPerStep }, () => group) };
  const batches = Array.from({ length: localSteps }, () => batch);
  return {
    steps: localSteps * groupsPerStep,
    release: () => stepper.release(),
    call: async () => {
      const start = performance.now();
      await stepper.run(batches, 0);
      return { ms: since(start) / (localSteps * groupsPerStep) };
    },
  };
}

/** Tracing, differentiating, lowering and loading a training step; making the first weights is not counted. */
export async function buildOnce(
  work: "train-step" | "meta-step",
  arch: ArchName,
  options: SessionOptions,
): Promise<Timing> {
  return { ms: (await trainer(work, arch, options)).buildMs };
}

/** Predicts from a stream of images that are made when they are read. */
export async function predictStream(arch: ArchName, count: number, options: SessionOptions): Promise<void> {
  const predictor = await Predictor.create(predictedModel(arch, "3x3"), options);
  const images: ImageSource = { count, read: (from, to) => noise([to - from, 3, 32, 32], from).data };
  await predictor.predict(images);
}
