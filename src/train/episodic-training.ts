// Episodic training of a baseline: each step draws small tasks of training classes, classifies their queries by their
// supports with the method's own rule, and follows the gradient of the cross entropy.

import type { Neck } from "../predict/neck.ts";
import type { EpisodicMethod, EpisodeShape } from "../baselines/method.ts";
import { augmented } from "../data/augment.ts";
import { gatherImages } from "../data/dataset.ts";
import { sampleGroup } from "../data/groups.ts";
import { classRows } from "../nn/class-rows.ts";
import type { Arch } from "../models/architectures.ts";
import { forward, initWeights, type Stats, updateRunningStats, type Weights } from "../models/network.ts";
import { accuracy, crossEntropy } from "../nn/losses.ts";
import { applyUpdates } from "../optim/transform.ts";
import { gradientTree } from "../tensor/gradients.ts";
import { add, div, slice } from "../tensor/ops.ts";
import { fold, type Key, key } from "../tensor/random.ts";
import type { Tensor } from "../tensor/tensor.ts";
import type { StepResult } from "../tensor/trainer.ts";
import type { HostTensor, Shaped, Tree } from "../tensor/tree.ts";
import { normalize } from "../predict/normalize.ts";
import { type OptimizerRecipe, optimizerOf, smallerRate } from "./optimizer.ts";
import type { Network } from "../predict/network-runner.ts";
import type { TrainingData } from "./training-data.ts";
import { compiledSteps, type TrainingProblem } from "./loop.ts";

export interface EpisodicOptions {
  readonly task: EpisodeShape;
  readonly tasksPerStep: number;
  readonly steps: number;
  readonly optimizer: OptimizerRecipe;
  readonly augment: boolean;
  readonly seed: number;
  readonly logEvery: number;
}

export type EpisodicState<T extends Shaped = Tensor> = {
  readonly params: { readonly weights: Weights<T>; readonly method: Tree<T> };
  readonly stats: Stats<T>;
  readonly optimizer: Tree<T>;
};

/** A trained network with what the method learned beside it. */
export interface EpisodicStart {
  readonly network: Network;
  readonly method: Tree<HostTensor>;
}

/** What the method puts between maps and classification, as pre-training needs it. */
export function neckOf(method: EpisodicMethod, arch: Arch, source: Key): Neck | undefined {
  if (!method.embedding) return undefined;
  return {
    layers: method.layers(arch),
    size: method.embeddingSize(arch),
    initial: method.init(source, arch),
    embedding: (params) => method.embedding!(params, arch),
  };
}

/** A network and method before any training. */
function freshEpisodic(method: EpisodicMethod, arch: Arch, source: Key): EpisodicStart {
  const network = initWeights(fold(source, "network"), arch, method.layers(arch));
  return { network, method: method.init(fold(source, "method"), arch) };
}

/** Episodic training from scratch, or from a pre-trained start. */
export function episodicTraining(
  data: TrainingData,
  arch: Arch,
  method: EpisodicMethod,
  options: EpisodicOptions,
  start?: EpisodicStart,
): TrainingProblem<EpisodicState, { readonly images: Tensor }> {
  const { task, tasksPerStep, steps, optimizer, seed, logEvery } = options;
  const { network, method: extra } = start ?? freshEpisodic(method, arch, fold(key(seed), "init"));
  const params = { weights: network.weights, method: extra };
  const images = tasksPerStep * task.ways * (task.shots + task.queries);
  return {
    steps,
    logEvery,
    first: { params, stats: network.stats, optimizer: optimizerOf(optimizer, steps).init(params) },
    ...compiledSteps(
      (state: EpisodicState, batch: { readonly images: Tensor }) =>
        episodicStep(data, arch, method, options, state, batch.images),
      { images: { shape: [images, 3, arch.side, arch.side], dtype: "uint8" } },
    ),
    batch: (step) => ({
      images: { shape: [images, 3, arch.side, arch.side], data: taskPixels(data, options, step) },
    }),
    remedy: smallerRate(optimizer.learningRate),
  };
}

/** Batch norm sees all tasks of the step at once, supports and queries, as the published code of Meta-Baseline does. */
function episodicStep(
  { normalization }: TrainingData,
  arch: Arch,
  method: EpisodicMethod,
  { task, tasksPerStep, steps, optimizer }: EpisodicOptions,
  { params, stats, optimizer: before }: EpisodicState,
  images: Tensor,
): StepResult<EpisodicState> {
  const embedding = method.embedding?.(params.method, arch);
  const seen = forward(arch, params.weights, normalize(images, normalization), undefined, embedding);
  const supports = task.ways * task.shots;
  const perTask = supports + task.ways * task.queries;
  const targets = classRows(task.ways, task.queries);
  const results = Array.from({ length: tasksPerStep }, (_, t) => {
    const part = (from: number, to: number): Tensor => slice(seen.features, 0, t * perTask + from, t * perTask + to);
    const logits = method.logits(params.method, part(0, supports), part(supports, perTask), task);
    return { loss: crossEntropy(logits, targets), accuracy: accuracy(logits, targets) };
  });
  const mean = (values: readonly Tensor[]): Tensor => div(values.reduce(add), values.length);
  const loss = mean(results.map((result) => result.loss));
  const { updates, state } = optimizerOf(optimizer, steps).update(gradientTree(loss, params), before, params);
  return {
    state: { params: applyUpdates(params, updates), stats: updateRunningStats(stats, seen), optimizer: state },
    metrics: { loss, accuracy: mean(results.map((result) => result.accuracy)) },
  };
}

/** The tasks of one step, each its supports, then its queries. */
export function taskPixels(
  { dataset, train }: Pick<TrainingData, "dataset" | "train">,
  { task, tasksPerStep, augment, seed }: Pick<EpisodicOptions, "task" | "tasksPerStep" | "augment" | "seed">,
  step: number,
): Uint8Array {
  const source = fold(fold(key(seed), "task"), step);
  const positions = Array.from({ length: tasksPerStep }, (_, t) => {
    const drawn = sampleGroup(train.positions, train.classes, { ...task, extra: 0 }, fold(source, t), {
      names: dataset.classes,
    });
    return [...drawn.support, ...drawn.query];
  });
  const pixels = gatherImages(dataset, positions.flat());
  return augment ? augmented(pixels, dataset.side, fold(source, "augment")) : pixels;
}
