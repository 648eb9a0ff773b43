// From predicted kernels to a classifier: batch norm, how much of a change is made, features of all images, a head; and the same made
// from some images and judged by the others.

import { secondsSince } from "../clock.ts";
import { someOf } from "../heads/labelled.ts";
import { predictsKernels } from "../hypernet/pudnet.ts";
import type { CompileOptions } from "../tensor/program.ts";
import { fold, type Key, key } from "../tensor/random.ts";
import type { NormMode } from "../train/evaluation/groups.ts";
import { type Gated, type Predicted, throughGate } from "../train/gate.ts";
import {
  allFeatures,
  chosenHead,
  type FittedHead,
  headOfFeatures,
  type HeadSettings,
  type KnownSettings,
  type OnShare,
} from "./fitted-head.ts";
import { type HeldOutSplit, someImages } from "./held-out.ts";
import { estimateOfFeatures, estimateOn, type HeldOutEstimate } from "./held-out-estimate.ts";
import type { LabelledImages } from "./labelled-images.ts";
import type { ImageSource } from "../predict/image-source.ts";
import { type Network, STATS_IMAGES, unfitted } from "../predict/network-runner.ts";
import type { Predictor } from "../predict/predictor.ts";

export interface MakeSettings extends HeadSettings, CompileOptions {
  readonly norm: NormMode;
  readonly seed: number;
  readonly strengths: readonly number[];
}

interface TimedPass extends Predicted {
  readonly seconds: number;
}

/** Sketch, AHRU and weight generators over all images. */
export async function timedPredict(
  predictor: Predictor,
  images: ImageSource,
  strengths: readonly number[],
): Promise<TimedPass> {
  const start = performance.now();
  return { networks: await predictor.predictEach(images, strengths), strengths, seconds: secondsSince(start) };
}

export interface Made extends Gated {
  /** [n, d] of all images under the network */
  readonly features: Float32Array;
  readonly head: FittedHead;
}

/** Batch norm, strength, features and head for predicted kernels. */
export async function makeClassifier(
  predictor: Predictor,
  predicted: Predicted,
  data: LabelledImages,
  settings: MakeSettings,
  onProgress?: OnShare,
): Promise<Made> {
  const { norm, seed } = settings;
  const fit = async (network: Network) =>
    norm === "running" ? unfitted(network) : await predictor.fit(network, data.images);
  const gated = await throughGate(predictor, predicted, data, { ...settings, fit }, fold(key(seed), "strength"));
  const features = await allFeatures(predictor, gated.fitted, data.images, onProgress);
  const head = await headOf(predictor, { ...data, features }, settings);
  return { ...gated, features, head };
}

export interface MadeAndJudged {
  readonly made: Made;
  readonly estimate: HeldOutEstimate;
  readonly seconds: {
    /** Batch norm, features and head of the classifier. */
    readonly head: number;
    /** What the estimate took beside that. */
    readonly heldOut: number;
  };
}

/**
 * Whether a classifier of the images that are kept and one of all images have one network: weights are the same for all images, and
 * as many as batch norm is ever fitted to are kept.
 */
export function sharesNetwork({ model }: Predictor, { kept, heldOut }: HeldOutSplit): boolean {
  return heldOut.length > 0 && kept.length >= STATS_IMAGES && !predictsKernels(model.config);
}

/**
 * A classifier, and the estimate of one made from the kept images alone, of one network (`sharesNetwork`): batch norm is fitted to
 * images that are kept, features of all images are computed once, and nothing but the head knows those that are held out.
 */
export async function makeAndJudge(
  predictor: Predictor,
  { networks: [network] }: Predicted,
  data: LabelledImages,
  { kept, heldOut }: HeldOutSplit,
  settings: MakeSettings,
): Promise<MadeAndJudged> {
  const { images, labels, ways } = data;
  const start = performance.now();
  const fitted =
    settings.norm === "running" ? unfitted(network!) : await predictor.fit(network!, someImages(images, kept));
  const inAll = { ...fitted, positions: fitted.positions.map((position) => kept[position]!) };
  const features = await allFeatures(predictor, inAll, images);
  const judging = performance.now();
  const keptData = someOf({ features, labels, ways }, kept);
  const { head, lambda } = await chosenHead(keptData, predictor.model.config, settings, shotsKey(settings));
  const estimate = estimateOfFeatures(heldOut, { features, labels, ways }, head);
  const judged = secondsSince(judging);
  const made = {
    fitted: inAll,
    features,
    head: await headOf(predictor, { labels, ways, features }, { ...settings, lambda }),
  };
  return { made, estimate, seconds: { head: secondsSince(start) - judged, heldOut: judged } };
}

/** The head of features that are there. */
export function headOf(
  predictor: Predictor,
  data: Omit<LabelledImages, "images"> & { readonly features: Float32Array },
  settings: Pick<MakeSettings, "seed"> & KnownSettings,
): Promise<FittedHead> {
  return headOfFeatures(data, predictor.model.config, settings, shotsKey(settings));
}

const shotsKey = ({ seed }: Pick<MakeSettings, "seed">): Key => fold(key(seed), "shots");

/** Predicts from the images that are kept, classifies those that are held out. */
export async function judgeHeldOut(
  predictor: Predictor,
  data: LabelledImages,
  { kept, heldOut }: HeldOutSplit,
  settings: MakeSettings,
  onProgress?: OnShare,
): Promise<{ readonly estimate: HeldOutEstimate; readonly pass: TimedPass }> {
  const { images, labels, ways } = data;
  const rest = { images: someImages(images, kept), labels: kept.map((i) => labels[i]!), ways };
  const pass = await timedPredict(predictor, rest.images, settings.strengths);
  const { fitted, head } = await makeClassifier(predictor, pass, rest, settings, onProgress);
  return { estimate: await estimateOn(heldOut, data, predictor, fitted.network, head.head), pass };
}
