// "Pretrained": the target network trained by cross entropy on all images of all training classes at once (Chen et al. 2021
// call it Classifier-Baseline). Its linear head is dropped afterwards.

import type { Neck } from "../predict/neck.ts";
import { augmented } from "../data/augment.ts";
import { gatherImages } from "../data/dataset.ts";
import type { Arch } from "../models/architectures.ts";
import { fold, key, sample } from "../tensor/random.ts";
import { type HostTensor, hostTensor } from "../tensor/tree.ts";
import { type OptimizerRecipe, smallerRate } from "./optimizer.ts";
import {
  initSupervisedState,
  type SupervisedBatch,
  supervisedBatchSpec,
  type SupervisedProblem,
  type SupervisedState,
  supervisedStep,
} from "./supervised-step.ts";
import type { TrainingData } from "./training-data.ts";
import { compiledSteps, type TrainingProblem } from "./loop.ts";

export interface PretrainingOptions {
  readonly epochs: number;
  /** Images a step, at most all there are; what is left of an epoch is left out (other images each time). */
  readonly batch: number;
  readonly optimizer: OptimizerRecipe;
  /** Random flips and shifts. */
  readonly augment: boolean;
  readonly seed: number;
  readonly logEvery: number;
}

/** Training of a target network on all training classes. `neck`: see SupervisedProblem. */
export function pretraining(
  data: TrainingData,
  arch: Arch,
  options: PretrainingOptions,
  neck?: Neck,
): TrainingProblem<SupervisedState, SupervisedBatch> {
  const { train, normalization, trainClasses } = data;
  const { epochs, optimizer, seed, logEvery } = options;
  const examples = train.classes.flatMap((c, label) => train.positions[c]!.map((position) => ({ position, label })));
  const batch = Math.min(options.batch, examples.length);
  const perEpoch = Math.floor(examples.length / batch);
  const steps = epochs * perEpoch;
  const problem: SupervisedProblem = {
    arch,
    normalization,
    classes: trainClasses.length,
    optimizer,
    steps,
    ...(neck ? { neck } : {}),
  };
  let shuffled: { readonly epoch: number; readonly order: readonly (typeof examples)[number][] } | undefined;
  const orderOf = (epoch: number): readonly (typeof examples)[number][] => {
    if (shuffled?.epoch !== epoch) shuffled = { epoch, order: sample(fold(fold(key(seed), "epoch"), epoch), examples) };
    return shuffled.order;
  };
  return {
    steps,
    logEvery,
    first: initSupervisedState(fold(key(seed), "init"), problem),
    ...compiledSteps(supervisedStep(problem), supervisedBatchSpec(problem, batch)),
    batch: (step) => {
      const at = (step % perEpoch) * batch;
      return labelledBatch(data, problem, options, orderOf(Math.floor(step / perEpoch)).slice(at, at + batch), step);
    },
    remedy: smallerRate(optimizer.learningRate),
  };
}

function labelledBatch(
  { dataset }: TrainingData,
  problem: SupervisedProblem,
  { augment, seed }: PretrainingOptions,
  examples: readonly { readonly position: number; readonly label: number }[],
  step: number,
): SupervisedBatch<HostTensor> {
  const { images, labels } = supervisedBatchSpec(problem, examples.length);
  const pixels = gatherImages(
    dataset,
    examples.map(({ position }) => position),
  );
  const data = augment ? augmented(pixels, dataset.side, fold(fold(key(seed), "augment"), step)) : pixels;
  const rows = hostTensor(labels.shape);
  examples.forEach(({ label }, i) => (rows.data[i * problem.classes + label] = 1));
  return { images: { shape: images.shape, data }, labels: rows };
}
