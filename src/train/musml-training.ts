// Episodic training of MUSML's subspaces: one task a step, the softmin's temperature falling over the run.

import { initMusml, musmlLoss, type MusmlOptions, type MusmlParams, musmlTemperature } from "../baselines/musml.ts";
import type { EpisodeShape } from "../baselines/method.ts";
import type { Arch } from "../models/architectures.ts";
import { applyUpdates } from "../optim/transform.ts";
import { gradientTree } from "../tensor/gradients.ts";
import { fold, key } from "../tensor/random.ts";
import type { Tensor } from "../tensor/tensor.ts";
import type { StepResult } from "../tensor/trainer.ts";
import { hostTensor, type Shaped, type Tree } from "../tensor/tree.ts";
import { taskPixels } from "./episodic-training.ts";
import { normalize } from "../predict/normalize.ts";
import { type OptimizerRecipe, optimizerOf, smallerRate } from "./optimizer.ts";
import type { TrainingData } from "./training-data.ts";
import { compiledSteps, type TrainingProblem } from "./loop.ts";

export interface MusmlTrainingOptions {
  readonly task: EpisodeShape;
  readonly steps: number;
  readonly optimizer: OptimizerRecipe;
  readonly augment: boolean;
  readonly seed: number;
  readonly logEvery: number;
  readonly musml: MusmlOptions;
}

export type MusmlState<T extends Shaped = Tensor> = {
  readonly params: MusmlParams<T>;
  readonly optimizer: Tree<T>;
};

type MusmlBatch = { readonly images: Tensor; readonly temperature: Tensor };

export function musmlTraining(
  data: TrainingData,
  arch: Arch,
  options: MusmlTrainingOptions,
): TrainingProblem<MusmlState, MusmlBatch> {
  const { task, steps, optimizer, seed, logEvery, musml } = options;
  const params = initMusml(fold(key(seed), "init"), arch, musml);
  const shape = [task.ways * (task.shots + task.queries), 3, arch.side, arch.side];
  const transform = () => optimizerOf(optimizer, steps);
  const update = ({ params: before, optimizer: state }: MusmlState, batch: MusmlBatch): StepResult<MusmlState> => {
    const images = normalize(batch.images, data.normalization);
    const { loss, accuracy } = musmlLoss(arch, before, images, task, musml, batch.temperature);
    const { updates, state: next } = transform().update(gradientTree(loss, before), state, before);
    return { state: { params: applyUpdates(before, updates), optimizer: next }, metrics: { loss, accuracy } };
  };
  return {
    steps,
    logEvery,
    first: { params, optimizer: transform().init(params) },
    ...compiledSteps(update, { images: { shape, dtype: "uint8" }, temperature: { shape: [] } }),
    batch: (step) => ({
      images: { shape, data: taskPixels(data, { ...options, tasksPerStep: 1 }, step) },
      temperature: hostTensor([], [musmlTemperature(step, steps)]),
    }),
    remedy: smallerRate(optimizer.learningRate),
  };
}
