// Fine-tuning (Table VIII): a predicted network with a linear head, trained on by a few epochs; and the same training from
// random weights, which tells what the prediction brought. The head starts as the class centroids that a prediction
// classifies by (our choice: with few images a random head needs most of the epochs to get there).

import { secondsSince } from "../clock.ts";
import type { ResizeRule } from "../data/square.ts";
import { initWeights } from "../models/network.ts";
import type { Linear } from "../nn/linear.ts";
import type { CompileOptions } from "../tensor/program.ts";
import { fold, key } from "../tensor/random.ts";
import type { HostTensor } from "../tensor/tree.ts";
import { type CentroidHead, linearFromCentroids } from "../heads/classifier-head.ts";
import type { Classifier } from "./classifier.ts";
import { fitHead } from "./fitted-head.ts";
import { heldOutSplit, someImages } from "./held-out.ts";
import { estimateOn, type HeldOutEstimate } from "./held-out-estimate.ts";
import { checkLabelledImages, type LabelledImages, refuse } from "./labelled-images.ts";
import type { PudNetModel } from "../predict/model.ts";
import { ADAM } from "../train/optimizer.ts";
import { type ImageSource } from "../predict/image-source.ts";
import type { Fitted, Network } from "../predict/network-runner.ts";
import { Predictor } from "../predict/predictor.ts";
import { trainSupervised, type TrainedNetwork } from "../train/supervised.ts";

export interface FineTuneOptions extends CompileOptions {
  /** 5 by default */
  readonly epochs?: number;
  /** Adam's, of the head: 1e-3 by default. */
  readonly learningRate?: number;
  /** The learning rate of all but the head, as a share of the head's: a tenth by default. */
  readonly bodyRate?: number;
  /** Share of each class that is not trained on but judged by, at least one image: a tenth by default. */
  readonly heldOut?: number;
  /** Decides which images are held out, their order in training and the random weights. */
  readonly seed?: number;
  /** How the images became squares, kept with the classifier: `square-1` by default. */
  readonly resize?: ResizeRule;
  /** Also trains from random weights (default). */
  readonly compare?: boolean;
  readonly signal?: AbortSignal;
  /** Called after each judgement, `result.stages` being all of them. */
  readonly onStage?: (stage: FineTuneStage) => void;
}

/** One judgement of a network on the images held out. */
export interface FineTuneStage {
  /** Where its weights come from. */
  readonly start: "predicted" | "random";
  /** 0: before training, batch norm and class centroids fitted to the images. */
  readonly epoch: number;
  /** Means over the epoch's images, as they were when trained on; none at epoch 0. */
  readonly training?: { readonly loss: number; readonly accuracy: number };
  /** Of this epoch; at epoch 0 of making weights, batch norm and centroids. Compiling and judging left out. */
  readonly seconds: number;
  readonly heldOut: HeldOutEstimate;
}

export interface FineTuned {
  /** After the last epoch, with a linear head; made from the images that were not held out. */
  readonly classifier: Classifier;
  /** Predicted weights, epoch 0 to the last; then the random ones, if compared. */
  readonly stages: readonly FineTuneStage[];
  readonly images: { readonly trained: number; readonly heldOut: number };
  /** Positions of the images trained on, in the order of all. */
  readonly trainedOn: readonly number[];
}

const HELD_OUT = 0.1;

/**
 * Predicts a network from labelled images and fine-tunes all of it with a linear head; `labels` [n] are indices into
 * `classes`. A Predictor is used as it is; for a model one is compiled and released.
 * @throws UserError for fewer than two classes, a class with fewer than two images, labels or settings that do not fit,
 *   or at the first loss that is not finite; the signal's reason when it is aborted
 * @example const { classifier, stages } = await fineTuneClassifier(model, images, labels, ["cat", "dog"], { epochs: 5 });
 */
export async function fineTuneClassifier(
  source: PudNetModel | Predictor,
  images: ImageSource,
  labels: ArrayLike<number>,
  classes: readonly string[],
  options: FineTuneOptions = {},
): Promise<FineTuned> {
  const { heldOut: share = HELD_OUT, seed = 0, compare = true, resize = "square-1", signal } = options;
  const data: LabelledImages = { images, labels, ways: classes.length };
  checkLabelledImages(data, classes);
  checkSettings(options);
  const split = heldOutSplit(labels, classes.length, share, fold(key(seed), "held-out"));
  const predictor = source instanceof Predictor ? source : await Predictor.create(source, options);
  const stages: FineTuneStage[] = [];
  const task: Task = {
    predictor,
    data,
    heldOut: split.heldOut,
    rest: { images: someImages(images, split.kept), labels: split.kept.map((i) => labels[i]!), ways: classes.length },
    options,
    add: (stage) => {
      stages.push(stage);
      options.onStage?.(stage);
    },
  };
  try {
    signal?.throwIfAborted();
    const { network, head } = await train(task, "predicted", () => predictor.predict(task.rest.images));
    if (compare) await train(task, "random", () => randomNetwork(predictor, seed));
    const { arch, normalization } = predictor.model;
    return {
      classifier: { arch, normalization, network, head: { kind: "linear", ...head }, classes, resize },
      stages,
      images: { trained: split.kept.length, heldOut: split.heldOut.length },
      trainedOn: split.kept,
    };
  } finally {
    if (predictor !== source) await predictor.release();
  }
}

interface Task {
  readonly predictor: Predictor;
  readonly data: LabelledImages;
  /** Positions in `data`. */
  readonly heldOut: readonly number[];
  /** What is trained on. */
  readonly rest: LabelledImages;
  readonly options: FineTuneOptions;
  readonly add: (stage: FineTuneStage) => void;
}

function checkSettings({ epochs = 5, learningRate = 1, bodyRate = 0, heldOut = HELD_OUT }: FineTuneOptions): void {
  if (!(Number.isInteger(epochs) && epochs >= 1))
    refuse(`${epochs} epochs, expected a whole number from 1`, "5 is usual");
  if (!(learningRate > 0 && learningRate < Infinity))
    refuse(`learning rate ${learningRate}, expected more than 0`, "0.001 is usual");
  if (!(bodyRate >= 0 && bodyRate < Infinity)) refuse(`body rate ${bodyRate}, expected at least 0`, "0.1 is usual");
  if (!(heldOut > 0 && heldOut < 1))
    refuse(`held-out share ${heldOut}, expected more than 0 and less than 1`, "0.1 is usual");
}

const randomNetwork = async ({ model }: Predictor, seed: number): Promise<Network> =>
  initWeights(fold(key(seed), "random network"), model.arch);

/** Judges a network with its centroids, trains it with a linear head and judges it after each epoch. */
async function train(
  { predictor, data, heldOut, rest, options, add }: Task,
  start: FineTuneStage["start"],
  weights: () => Promise<Network>,
): Promise<TrainedNetwork> {
  const { epochs = 5, learningRate = ADAM.learningRate, bodyRate = 0.1, seed = 0 } = options;
  const begin = performance.now();
  const fitted = await predictor.fit(await weights(), rest.images);
  const { network } = fitted;
  const centroids = await fitHead(predictor, fitted, rest, "all", fold(key(seed), "shots"));
  const seconds = secondsSince(begin);
  add({ start, epoch: 0, seconds, heldOut: await estimateOn(heldOut, data, predictor, network, centroids) });
  const { arch, normalization } = predictor.model;
  return trainSupervised(
    {
      arch,
      normalization,
      classes: rest.ways,
      images: rest.images.read(0, rest.images.count),
      labels: rest.labels,
      start: network,
      startHead: linearHead(fitted, centroids),
    },
    {
      ...options,
      epochs,
      seed,
      bodyRate,
      optimizer: { ...ADAM, learningRate },
      onEpoch: async ({ epoch, loss, accuracy, seconds: ofEpoch, trained }) => {
        const { network: now, head } = await trained();
        const judged = await estimateOn(heldOut, data, predictor, now, { kind: "linear", ...head });
        add({ start, epoch, training: { loss, accuracy }, seconds: ofEpoch, heldOut: judged });
      },
    },
  );
}

/** The linear layer that classifies as the centroids do, for features as long as those of the images batch norm was fitted to. */
function linearHead({ positions, features }: Fitted, centroids: CentroidHead): Linear<HostTensor> {
  const count = positions.length;
  const d = features.length / count;
  let total = 0;
  for (let i = 0; i < count; i++) {
    total += Math.sqrt(features.subarray(i * d, (i + 1) * d).reduce((sum, value) => sum + value * value, 0));
  }
  return linearFromCentroids(centroids, total / count || 1);
}
