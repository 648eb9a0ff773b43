// The head of a predicted network: centroids of its labelled images and the temperature, in one pass over the images.

import { hostTensor } from "../tensor/tree.ts";
import { fold, type Key, sample } from "../tensor/random.ts";
import type { CentroidHead } from "../heads/classifier-head.ts";
import { featureSize } from "../models/architectures.ts";
import { positionsOfClasses } from "./held-out.ts";
import type { LabelledImages } from "./labelled-images.ts";
import type { ImageSource } from "../predict/image-source.ts";
import type { Fitted } from "../predict/network-runner.ts";
import type { Predictor } from "../predict/predictor.ts";
import { fitTemperature } from "../heads/temperature.ts";

/** How the temperature came about. */
export type Calibration =
  | {
      /** Each image is scored against centroids made without it; the temperature makes these labels most likely. */
      readonly method: "leave-one-out likelihood";
      readonly images: number;
      /** Mean negative log-likelihood. */
      readonly loss: number;
    }
  /** One image a class: none can be left out, so nothing says how sure to be. */
  | { readonly method: "not calibrated"; readonly images: 0 };

export interface FittedHead extends CentroidHead {
  readonly calibration: Calibration;
}

/** Images at a time, so that memory does not grow with their number. */
const CHUNK = 1000;
/** Evenly spread images that the temperature is fitted to. */
const CALIBRATION_IMAGES = 2000;

/** Centroids of `shots` images a class (drawn by key) or of all, and the temperature that goes with them. */
export async function fitHead(
  predictor: Predictor,
  fitted: Fitted,
  { images, labels, ways }: LabelledImages,
  shots: number | "all",
  key: Key,
): Promise<FittedHead> {
  const used = new Set(
    positionsOfClasses(labels, ways).flatMap((positions, way) =>
      shots === "all" ? positions : sample(fold(key, way), positions, Math.min(shots, positions.length)),
    ),
  );
  const sums: Float64Array[] = [];
  const counts = new Uint32Array(ways);
  const calibration: { readonly position: number; readonly feature: Float32Array }[] = [];
  const stride = Math.max(1, Math.floor(images.count / CALIBRATION_IMAGES));
  await eachFeature(predictor, fitted, images, (feature, position) => {
    const way = labels[position]!;
    if (position % stride === 0) calibration.push({ position, feature: feature.slice() });
    if (!used.has(position)) return;
    counts[way]!++;
    const sum = (sums[way] ??= new Float64Array(feature.length));
    for (let j = 0; j < feature.length; j++) sum[j]! += feature[j]!;
  });
  // an image that is its class's only shot has no centroid without it
  const scored = calibration.filter(({ position }) => !used.has(position) || counts[labels[position]!]! > 1);
  const cosines = new Float32Array(scored.length * ways);
  const lengths = sums.map(squares);
  scored.forEach(({ position, feature }, i) => {
    const own = used.has(position) ? labels[position] : undefined;
    cosines.set(leaveOneOutCosines(feature, { sums, lengths }, own), i * ways);
  });
  const ofScored = scored.map(({ position }) => labels[position]!);
  const fit = scored.length > 0 ? fitTemperature(cosines, ofScored, ways) : undefined;
  const d = sums[0]!.length;
  const centroids = hostTensor([ways, d]);
  sums.forEach((sum, way) => sum.forEach((value, j) => (centroids.data[way * d + j] = value / counts[way]!)));
  return {
    kind: "centroids",
    centroids,
    // for want of images to fit it to, what meta-training starts from (eq. 7)
    temperature: fit?.temperature ?? predictor.model.config.temperature,
    calibration: fit
      ? { method: "leave-one-out likelihood", images: scored.length, loss: fit.loss }
      : { method: "not calibrated", images: 0 },
  };
}

/** Features of all images in their order, a chunk at a time; `feature` is only valid during the call. */
async function eachFeature(
  predictor: Predictor,
  fitted: Fitted,
  images: ImageSource,
  visit: (feature: Float32Array, position: number) => void,
): Promise<void> {
  const d = featureSize(predictor.model.arch);
  for (let from = 0; from < images.count; from += CHUNK) {
    const to = Math.min(images.count, from + CHUNK);
    const features = await predictor.fittedFeatures(fitted, images, from, to);
    for (let i = from; i < to; i++) visit(features.subarray((i - from) * d, (i - from + 1) * d), i);
  }
}

interface Sums {
  readonly sums: readonly Float64Array[];
  /** Their squared lengths. */
  readonly lengths: readonly number[];
}

/** Cosines with the centroids, given as sums; `own` is the class whose sum the feature is to be taken out of. */
function leaveOneOutCosines(feature: Float32Array, { sums, lengths }: Sums, own: number | undefined): number[] {
  const length = squares(feature);
  return sums.map((sum, way) => {
    let product = 0;
    for (let j = 0; j < feature.length; j++) product += feature[j]! * sum[j]!;
    let sumLength = lengths[way]!;
    if (way === own) {
      sumLength += length - 2 * product; // |s - f|² = |s|² - 2 s f + |f|²
      product -= length;
    }
    return product / Math.sqrt(Math.max(1e-24, length * sumLength));
  });
}

function squares(vector: ArrayLike<number>): number {
  let total = 0;
  for (let j = 0; j < vector.length; j++) total += vector[j]! * vector[j]!;
  return total;
}
