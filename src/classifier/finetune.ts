// Fine-tuning (Table VIII): a predicted network with a linear head, trained on by a few epochs; and the same training from
// random weights, which tells what the prediction brought. The linear head starts as the one that a prediction classifies by
// (our choice: with few images a random head needs most of the epochs to get there). Or for some seconds: then the better of
// what was predicted and what training made of it is kept.

import { badUse } from "../errors.ts";
import { secondsSince } from "../clock.ts";
import type { ResizeRule } from "../data/square.ts";
import { initWeights } from "../models/network.ts";
import type { CompileOptions } from "../tensor/program.ts";
import { fold, key } from "../tensor/random.ts";
import type { ChangeReport } from "../heads/change-strength.ts";
import { type ClassifierHead, linearFromHead } from "../heads/classifier-head.ts";
import type { Classifier } from "./classifier.ts";
import { unknownRule } from "../heads/unknown.ts";
import { allFeatures, fitHead, type FittedHead, type HeadReport, type HeadSettings } from "./fitted-head.ts";
import { heldOutSplit, someImages } from "./held-out.ts";
import { estimateOn, type HeldOutEstimate } from "./held-out-estimate.ts";
import { type Better, betterOf } from "./better-of.ts";
import { checkLabelledImages, type LabelledImages } from "./labelled-images.ts";
import type { PudNetModel } from "../predict/model.ts";
import type { StrengthChoice } from "../train/change-strengths.ts";
import { type Gated, strengthsOf, throughGate } from "../train/gate.ts";
import { ADAM } from "../train/optimizer.ts";
import { type ImageSource } from "../predict/image-source.ts";
import { type Fitted, type Network, unfitted } from "../predict/network-runner.ts";
import { Predictor } from "../predict/predictor.ts";
import { trainSupervised, type TrainingProgress } from "../train/supervised.ts";

export interface FineTuneOptions extends CompileOptions, Pick<HeadSettings, "head"> {
  /** 5 by default. */
  readonly epochs?: number;
  /**
   * In place of epochs: trains for about so long, building its graphs included, and keeps the better of predicted and
   * trained. How far it comes in that time is no function of the seed.
   */
  readonly seconds?: number;
  /** How much of a predicted change training starts from, as in `predictClassifier`. */
  readonly strength?: StrengthChoice;
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
  /** Also trains from random weights: by default where epochs are counted, never where seconds are. */
  readonly compare?: boolean;
  readonly signal?: AbortSignal;
  /** Called after each judgement, `result.stages` being all of them. */
  readonly onStage?: (stage: FineTuneStage) => void;
  /** Called every few steps. */
  readonly onProgress?: (progress: TrainingProgress & { readonly seconds: number }) => void;
}

/** One judgement of a network on the images held out. */
export interface FineTuneStage {
  /** Where its weights come from. */
  readonly start: "predicted" | "random";
  /** 0: before training, batch norm and head fitted to the images; with `seconds` the last one may have been cut short. */
  readonly epoch: number;
  readonly head: ClassifierHead["kind"];
  /** Means over the epoch's images, as they were when trained on; none at epoch 0. */
  readonly training?: { readonly loss: number; readonly accuracy: number };
  /**
   * Of this epoch, or of all of them where seconds are given; at epoch 0 of making weights, batch norm and head. Compiling and
   * judging left out.
   */
  readonly seconds: number;
  readonly heldOut: HeldOutEstimate;
}

export interface FineTuned {
  /**
   * After the last epoch, with a linear head, or, where seconds are given, the better one; made from the images that were not
   * held out.
   */
  readonly classifier: Classifier;
  /** The head of the predicted weights before training, and why. */
  readonly chosen: HeadReport;
  /** How much of the predicted change training started from, and why; none where the model predicts no change. */
  readonly change?: ChangeReport;
  /** Where seconds are given: what was kept. */
  readonly better?: Better;
  /** Predicted weights, epoch 0 to the last; then the random ones, if compared. */
  readonly stages: readonly FineTuneStage[];
  readonly images: { readonly trained: number; readonly heldOut: number };
  /** Positions of the images trained on, in the order of all. */
  readonly trainedOn: readonly number[];
}

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
  const { resize = "square-1", signal } = options;
  const settings = settingsOf(options);
  const { compare, seed } = settings;
  const data: LabelledImages = { images, labels, ways: classes.length };
  checkLabelledImages(data, classes);
  const strengths = strengthsOf(source instanceof Predictor ? source.model : source, options.strength);
  const split = heldOutSplit(labels, classes.length, settings.heldOut, fold(key(seed), "held-out"));
  const predictor = source instanceof Predictor ? source : await Predictor.create(source, options);
  const rest = {
    images: someImages(images, split.kept),
    labels: split.kept.map((i) => labels[i]!),
    ways: classes.length,
  };
  const stages: FineTuneStage[] = [];
  const add = (stage: FineTuneStage): void => {
    stages.push(stage);
    options.onStage?.(stage);
  };
  const setup: Setup = { predictor, data, heldOut: split.heldOut, rest, options, settings, add };
  try {
    signal?.throwIfAborted();
    const { change, ...predicted } = await predictedStart(setup, strengths);
    const tuned = await train(setup, predicted);
    if (compare) await train(setup, await randomStart(setup));
    const { arch, normalization } = predictor.model;
    const better =
      settings.seconds === undefined
        ? undefined
        : betterOf(stages[0]!.heldOut, stages.at(-1)!.heldOut, labels, fold(key(seed), "better"));
    const made = better?.kept === "predicted" ? partsOf(predicted) : await withUnknown(setup, tuned);
    return {
      classifier: { arch, normalization, ...made, classes, resize },
      chosen: predicted.head.chosen,
      ...(change ? { change } : {}),
      ...(better ? { better } : {}),
      stages,
      images: { trained: split.kept.length, heldOut: split.heldOut.length },
      trainedOn: split.kept,
    };
  } finally {
    if (predictor !== source) await predictor.release();
  }
}

interface Setup {
  readonly predictor: Predictor;
  readonly data: LabelledImages;
  /** Positions in `data`. */
  readonly heldOut: readonly number[];
  /** What is trained on. */
  readonly rest: LabelledImages;
  readonly options: FineTuneOptions;
  readonly settings: Settings;
  readonly add: (stage: FineTuneStage) => void;
}

/** The options with their defaults; either epochs are counted or seconds. */
interface Settings {
  readonly epochs: number;
  readonly seconds: number | undefined;
  readonly learningRate: number;
  readonly bodyRate: number;
  readonly heldOut: number;
  readonly seed: number;
  readonly compare: boolean;
}

/** @throws UserError for settings that do not fit */
function settingsOf(options: FineTuneOptions): Settings {
  const { seconds, epochs = seconds === undefined ? 5 : Infinity, compare = seconds === undefined } = options;
  const { learningRate = ADAM.learningRate, bodyRate = 0.1, heldOut = 0.1, seed = 0 } = options;
  if (seconds !== undefined && (options.epochs !== undefined || compare))
    badUse(`seconds with ${options.epochs === undefined ? "a comparison" : "epochs"}`, "leave one of the two out");
  if (seconds !== undefined && !(seconds > 0 && seconds < Infinity))
    badUse(`${seconds} seconds, expected more than 0`, "60 is a start");
  if (seconds === undefined && !(Number.isInteger(epochs) && epochs >= 1))
    badUse(`${epochs} epochs, expected a whole number from 1`, "5 is usual");
  if (!(learningRate > 0 && learningRate < Infinity))
    badUse(`learning rate ${learningRate}, expected more than 0`, "0.001 is usual");
  if (!(bodyRate >= 0 && bodyRate < Infinity)) badUse(`body rate ${bodyRate}, expected at least 0`, "0.1 is usual");
  if (!(heldOut > 0 && heldOut < 1))
    badUse(`held-out share ${heldOut}, expected more than 0 and less than 1`, "0.1 is usual");
  return { epochs, seconds, learningRate, bodyRate, heldOut, seed, compare };
}

/** What a training starts from: a network fitted to the images, and the head of its features. */
interface Start {
  readonly name: FineTuneStage["start"];
  readonly fitted: Fitted;
  readonly head: FittedHead;
}

type Parts = Pick<Classifier, "network" | "head" | "unknown">;

const partsOf = ({ fitted: { network }, head: { head, unknown } }: Start): Parts => ({
  network,
  head,
  ...(unknown ? { unknown } : {}),
});

async function predictedStart(setup: Setup, strengths: readonly number[]): Promise<Start & Pick<Gated, "change">> {
  const { predictor, rest, options, settings } = setup;
  return judgedStart(setup, "predicted", async () => {
    const networks = await predictor.predictEach(rest.images, strengths);
    const fit = (network: Network) => predictor.fit(network, rest.images);
    const source = fold(key(settings.seed), "strength");
    return throughGate(predictor, { networks, strengths }, rest, { ...options, fit }, source);
  });
}

function randomStart(setup: Setup): Promise<Start> {
  const { predictor, rest, settings } = setup;
  return judgedStart(setup, "random", async () => {
    const network = initWeights(fold(key(settings.seed), "random network"), predictor.model.arch);
    return { fitted: await predictor.fit(network, rest.images) };
  });
}

/** Epoch 0: a network with the head of its features, judged. */
async function judgedStart(
  { predictor, data, heldOut, rest, options, settings, add }: Setup,
  name: Start["name"],
  gated: () => Promise<Gated>,
): Promise<Start & Pick<Gated, "change">> {
  const begin = performance.now();
  const made = await gated();
  const head = await fitHead(predictor, made.fitted, rest, options, fold(key(settings.seed), "shots"));
  const seconds = secondsSince(begin);
  const judged = await estimateOn(heldOut, data, predictor, made.fitted.network, head.head);
  add({ start: name, epoch: 0, head: head.head.kind, seconds, heldOut: judged });
  return { name, head, ...made };
}

/** Trains network and head, a linear one from here on, and judges them after each epoch, or at the end of the seconds. */
async function train(setup: Setup, { name, fitted, head: { head } }: Start): Promise<Parts> {
  const { predictor, data, heldOut, rest, options, add } = setup;
  const { seconds: limit, epochs, seed, learningRate, bodyRate } = setup.settings;
  const { arch, normalization } = predictor.model;
  const trainingStart = performance.now();
  let seconds = 0;
  let isOver = false;
  const trained = await trainSupervised(
    {
      arch,
      normalization,
      classes: rest.ways,
      images: rest.images.read(0, rest.images.count),
      labels: rest.labels,
      start: fitted.network,
      startHead: linearFromHead(head, fitted.features),
    },
    {
      ...options,
      epochs,
      seed,
      bodyRate,
      optimizer: { ...ADAM, learningRate },
      isOver: (progress) => {
        const soFar = secondsSince(trainingStart);
        options.onProgress?.({ ...progress, seconds: soFar });
        isOver = limit !== undefined && soFar >= limit;
        return isOver;
      },
      onEpoch: async ({ epoch, loss, accuracy, seconds: ofEpoch, trained: state }) => {
        seconds = limit === undefined ? ofEpoch : seconds + ofEpoch;
        if (limit !== undefined && !isOver) return;
        const now = await state();
        const judged = await estimateOn(heldOut, data, predictor, now.network, { kind: "linear", ...now.head });
        add({ start: name, epoch, head: "linear", training: { loss, accuracy }, seconds, heldOut: judged });
      },
    },
  );
  return { network: trained.network, head: { kind: "linear", ...trained.head } };
}

/** With the rule for what is unknown, which training moved away. */
async function withUnknown({ predictor, rest }: Setup, tuned: Parts): Promise<Parts> {
  const features = await allFeatures(predictor, unfitted(tuned.network), rest.images);
  const unknown = unknownRule({ ...rest, features });
  return { ...tuned, ...(unknown ? { unknown } : {}) };
}
