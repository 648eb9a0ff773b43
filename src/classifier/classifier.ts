// A classifier for an image dataset never seen before, and how it comes about: weights by one forward pass of a PudNet,
// batch norm and a head from the dataset's own images, a temperature that makes its scores probabilities. Where a change of a base
// network is predicted, these images choose how much of it is made.

import { badUse } from "../errors.ts";
import { secondsSince } from "../clock.ts";
import type { ResizeRule } from "../data/square.ts";
import type { Arch } from "../models/architectures.ts";
import type { CompileOptions } from "../tensor/program.ts";
import { fold, type Key, key } from "../tensor/random.ts";
import type { ChangeReport } from "../heads/change-strength.ts";
import type { ClassifierHead } from "../heads/classifier-head.ts";
import type { UnknownRule } from "../heads/unknown.ts";
import type { StrengthChoice } from "../train/change-strengths.ts";
import type { NormMode } from "../train/evaluation/groups.ts";
import { strengthsOf } from "../train/gate.ts";
import { type Calibration, headChoice, type HeadReport, type HeadSettings } from "./fitted-head.ts";
import { HELD_OUT_SHARE, heldOutGroups, heldOutSplit, type HeldOutSplit } from "./held-out.ts";
import type { HeldOutEstimate } from "./held-out-estimate.ts";
import { checkLabelledImages, type LabelledImages } from "./labelled-images.ts";
import {
  judgeHeldOut,
  type Made,
  makeAndJudge,
  makeClassifier,
  type MakeSettings,
  sharesNetwork,
  timedPredict,
} from "./make-classifier.ts";
import type { PudNetModel } from "../predict/model.ts";
import type { Normalization } from "../predict/normalize.ts";
import { type ImageSource } from "../predict/image-source.ts";
import type { Network } from "../predict/network-runner.ts";
import { Predictor } from "../predict/predictor.ts";

/** Everything that is needed to classify images: plain data. */
export interface Classifier {
  readonly arch: Arch;
  readonly normalization: Normalization;
  readonly network: Network;
  readonly head: ClassifierHead;
  /** What is like nothing that it was made from; without it, nothing is unknown. */
  readonly unknown?: UnknownRule;
  readonly classes: readonly string[];
  /** How pictures become the squares that it sees. */
  readonly resize: ResizeRule;
}

export interface PredictOptions extends CompileOptions, HeadSettings {
  /**
   * Batch norm: statistics of the dataset's images (default) or the running ones of meta-training, as in the paper. A static network with at
   * least 500 images that are not held out is fitted to such images alone, so that one network serves classifier and estimate.
   */
  readonly norm?: NormMode;
  /**
   * How much of a predicted change is made, where the model predicts one (`predict: change`): `auto` (default) makes none, half or
   * all of it, as images that are left out prefer.
   */
  readonly strength?: StrengthChoice;
  /** Share of the labelled images that the accuracy is estimated on; 0: no estimate. */
  readonly heldOut?: number;
  /** [n]: images of one group are held out together, or not at all; where that leaves none to hold out, it is not heeded. */
  readonly groups?: ArrayLike<number>;
  /** Decides which images are held out (and so which may batch norm be fitted to), which are the shots, and which decide on head and strength where there are many. */
  readonly seed?: number;
  /** How the images became squares, kept with the classifier: `square-1` by default. */
  readonly resize?: ResizeRule;
}

export interface PredictedClassifier {
  readonly classifier: Classifier;
  /** [n, d] of all images under its network: what `updateClassifier` needs of them. */
  readonly features: Float32Array;
  readonly calibration: Calibration;
  /** The head, and why. */
  readonly chosen: HeadReport;
  /** How much of the predicted change is made, and why; none where the model predicts no change. */
  readonly change?: ChangeReport;
  /** Of a classifier made in the same way, choice of its head and its strength included, from the other images. */
  readonly heldOut?: HeldOutEstimate;
  readonly seconds: {
    /** The first forward pass in this process, which warms up. */
    readonly firstPass: number;
    /** Sketch, AHRU and weight generators over all images, once warm; of weights that are the same for all images there may be one pass alone. */
    readonly forwardPass: number;
    /** Batch norm statistics (under each strength, if there are several), features, head and temperature of the final classifier. */
    readonly head: number;
    /** What the estimate took beside that: a whole classifier, or a head where it has the same network. */
    readonly heldOut: number;
  };
}

const WARM_UP_IMAGES = 250;

/**
 * Predicts a classifier from labelled images, `labels` [n] being indices into `classes`. The images stream: memory grows
 * with their number by their features, and once more by those that are not held out. A Predictor is used as it is; for a model one is compiled and released.
 * @throws UserError for fewer than two classes, a class with fewer than two images, labels that do not fit, or a strength of a
 *   change that the model does not predict
 * @example const { classifier, heldOut } = await predictClassifier(model, images, labels, ["cat", "dog"]);
 */
export async function predictClassifier(
  source: PudNetModel | Predictor,
  images: ImageSource,
  labels: ArrayLike<number>,
  classes: readonly string[],
  options: PredictOptions = {},
): Promise<PredictedClassifier> {
  const { norm = "generation", heldOut: share = HELD_OUT_SHARE, seed = 0, resize = "square-1" } = options;
  const data: LabelledImages = { images, labels, ways: classes.length };
  checkLabelledImages(data, classes);
  if (!(share >= 0 && share < 1))
    badUse(`held-out share ${share}, expected at least 0 and less than 1`, "0.2 is usual");
  headChoice(options); // what cannot be is told before the work
  const strengths = strengthsOf(source instanceof Predictor ? source.model : source, options.strength);
  const predictor = source instanceof Predictor ? source : await Predictor.create(source, options);
  const split = share > 0 ? splitOf(data, share, fold(key(seed), "held-out"), options.groups) : undefined;
  const settings: MakeSettings = { ...options, norm, seed, strengths };
  try {
    const { made, estimate, seconds } = await madeAndJudged(predictor, data, split, settings);
    const { arch, normalization } = predictor.model;
    const { calibration, chosen, head, unknown } = made.head;
    const { network } = made.fitted;
    return {
      classifier: { arch, normalization, network, head, ...(unknown ? { unknown } : {}), classes, resize },
      features: made.features,
      calibration,
      chosen,
      ...(made.change ? { change: made.change } : {}),
      ...(estimate ? { heldOut: estimate } : {}),
      seconds,
    };
  } finally {
    if (predictor !== source) await predictor.release();
  }
}

interface MadeClassifier {
  readonly made: Made;
  readonly estimate?: HeldOutEstimate;
  readonly seconds: PredictedClassifier["seconds"];
}

/** The classifier of all images and, where some are held out, the estimate of one that is made without them. */
async function madeAndJudged(
  predictor: Predictor,
  data: LabelledImages,
  split: HeldOutSplit | undefined,
  settings: MakeSettings,
): Promise<MadeClassifier> {
  const { images } = data;
  const { strengths } = settings;
  if (split && sharesNetwork(predictor, split)) {
    const pass = await timedPredict(predictor, images, strengths);
    const { made, estimate, seconds } = await makeAndJudge(predictor, pass, data, split, settings);
    return { made, estimate, seconds: { ...seconds, firstPass: pass.seconds, forwardPass: pass.seconds } };
  }
  const start = performance.now();
  const judged = split && (await judgeHeldOut(predictor, data, split, settings));
  const first = judged?.pass ?? (await timedPredict(predictor, firstImages(images, WARM_UP_IMAGES), strengths));
  const heldOut = judged ? secondsSince(start) : 0;
  const pass = await timedPredict(predictor, images, strengths);
  const headStart = performance.now();
  const made = await makeClassifier(predictor, pass, data, settings);
  return {
    made,
    ...(judged ? { estimate: judged.estimate } : {}),
    seconds: { firstPass: first.seconds, forwardPass: pass.seconds, head: secondsSince(headStart), heldOut },
  };
}

function splitOf(
  { labels, ways }: LabelledImages,
  share: number,
  drawn: Key,
  groups: ArrayLike<number> | undefined,
): HeldOutSplit {
  const grouped = groups && heldOutGroups(labels, ways, groups, share, drawn);
  return grouped && grouped.heldOut.length > 0 ? grouped : heldOutSplit(labels, ways, share, drawn);
}

function firstImages(images: ImageSource, count: number): ImageSource {
  return { count: Math.min(count, images.count), read: (from, to) => images.read(from, to) };
}
