// The head of a predicted network: of the features of its labelled images, with a temperature that makes scores probabilities.

import { badUse } from "../errors.ts";
import type { CompileOptions } from "../tensor/program.ts";
import type { Key } from "../tensor/random.ts";
import { type ChosenHead, chooseHead, type HeadOptions, type LeftOutAnswers } from "../heads/choose-head.ts";
import type { HeadChoice } from "../heads/head-choices.ts";
import type { PredictedHead } from "../heads/classifier-head.ts";
import type { LabelledFeatures } from "../heads/labelled.ts";
import { type UnknownRule, unknownRule } from "../heads/unknown.ts";
import type { PudNetConfig } from "../hypernet/config.ts";
import { featureSize } from "../models/architectures.ts";
import { someImages } from "./held-out.ts";
import type { LabelledImages } from "./labelled-images.ts";
import type { ImageSource } from "../predict/image-source.ts";
import { FEATURE_CHUNK, type Fitted } from "../predict/network-runner.ts";
import type { Predictor } from "../predict/predictor.ts";

/** How the temperature came about. */
export type Calibration =
  | {
      /** Each image is scored by a head that is made without it; the temperature makes these labels most likely. */
      readonly method: "leave-one-out likelihood";
      readonly images: number;
      /** Mean negative log-likelihood. */
      readonly loss: number;
    }
  /** One image a class: none can be left out, so nothing says how sure to be. */
  | { readonly method: "not calibrated"; readonly images: 0 };

export interface FittedHead {
  readonly head: PredictedHead;
  readonly calibration: Calibration;
  readonly chosen: HeadReport;
  /** What it says of images that it is made without; none where none can be left out. */
  readonly answers?: LeftOutAnswers;
  /** What is like none of the images; undefined where every class has one image. */
  readonly unknown?: UnknownRule;
}

/** Which head was made, and what was found of those that it was chosen from. */
export interface HeadReport extends Pick<ChosenHead, "lambda" | "leftOut"> {
  readonly kind: PredictedHead["kind"];
}

/** Which head is made. */
export interface HeadSettings {
  /** By default `auto`, or `centroids` where `shots` is a number. */
  readonly head?: HeadChoice;
  /** Labelled images a class that make centroids; "all" by default. */
  readonly shots?: number | "all";
}

/** With what is known of the images beforehand. */
export type KnownSettings = HeadSettings & CompileOptions & Pick<HeadOptions, "lambda">;

/** A share of the work that is done, 0 to 1; waited for, so that other work may be done in between. */
export type OnShare = (share: number) => void | Promise<void>;

/** @throws UserError for shots that are no number of images, or beside another head than centroids */
export function headChoice({ head, shots = "all" }: HeadSettings): HeadChoice {
  if (shots === "all") return head ?? "auto";
  if (!(Number.isInteger(shots) && shots >= 1)) badUse(`${shots} shots, expected a whole number from 1`, 'or "all"');
  if (head !== undefined && head !== "centroids") {
    badUse(
      `${shots} shots with head "${head}"`,
      "shots are the images that centroids are made of: leave one of the two out",
    );
  }
  return "centroids";
}

/** The head that settings ask for, of the features of all images, which are in memory meanwhile; `key` draws shots and parts. */
export async function fitHead(
  predictor: Predictor,
  fitted: Fitted,
  { images, labels, ways }: LabelledImages,
  settings: HeadSettings & CompileOptions,
  key: Key,
): Promise<FittedHead> {
  const features = await allFeatures(predictor, fitted, images);
  return headOfFeatures({ features, labels, ways }, predictor.model.config, settings, key);
}

/**
 * Features [n, d] of all images under a network fitted to them: those that came of the fit are not computed again.
 */
export async function allFeatures(
  predictor: Predictor,
  fitted: Fitted,
  images: ImageSource,
  onProgress?: OnShare,
): Promise<Float32Array> {
  const d = featureSize(predictor.model.arch);
  const features = new Float32Array(images.count * d);
  const known = new Set(fitted.positions);
  fitted.positions.forEach((at, row) => features.set(fitted.features.subarray(row * d, (row + 1) * d), at * d));
  await onProgress?.(known.size / images.count);
  const others = Array.from({ length: images.count }, (_, at) => at).filter((at) => !known.has(at));
  for (let from = 0; from < others.length; from += FEATURE_CHUNK) {
    const chunk = others.slice(from, from + FEATURE_CHUNK);
    const rows = await predictor.features(fitted.network, someImages(images, chunk));
    chunk.forEach((at, row) => features.set(rows.subarray(row * d, (row + 1) * d), at * d));
    await onProgress?.((known.size + from + chunk.length) / images.count);
  }
  return features;
}

/** The head that settings ask for, of features [n, d] that are there: what `chooseHead` makes of them; `key` draws shots and parts. */
export function chosenHead(
  data: LabelledFeatures,
  { temperature }: Pick<PudNetConfig, "temperature">,
  settings: KnownSettings,
  key: Key,
): Promise<ChosenHead> {
  // for want of images to fit it to, the temperature is what meta-training starts from (eq. 7)
  return chooseHead(data, { ...settings, choice: headChoice(settings), temperature }, key);
}

/** The same with all that a classifier has beside it, its pictures being predicted from at once or added later. */
export async function headOfFeatures(
  data: LabelledFeatures,
  config: Pick<PudNetConfig, "temperature">,
  settings: KnownSettings,
  key: Key,
): Promise<FittedHead> {
  const { head, lambda, leftOut, answers } = await chosenHead(data, config, settings, key);
  const own = leftOut[head.kind];
  const unknown = unknownRule(data);
  return {
    head,
    calibration: own
      ? { method: "leave-one-out likelihood", images: own.images, loss: own.loss }
      : { method: "not calibrated", images: 0 },
    chosen: { kind: head.kind, ...(lambda === undefined ? {} : { lambda }), leftOut },
    ...(answers ? { answers } : {}),
    ...(unknown ? { unknown } : {}),
  };
}
