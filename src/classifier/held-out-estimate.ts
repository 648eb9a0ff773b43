// How good a network with a head is on labelled images it has not seen.

import { wilsonInterval } from "../report/predictions.ts";
import { largest } from "../heads/centroid-head.ts";
import { type ClassifierHead, headProbabilities, type PredictedHead } from "../heads/classifier-head.ts";
import { requireFiniteScores } from "../heads/finite-scores.ts";
import { type LabelledFeatures, someOf } from "../heads/labelled.ts";
import { someImages } from "./held-out.ts";
import type { LabelledImages } from "./labelled-images.ts";
import type { ImageSource } from "../predict/image-source.ts";
import type { Network } from "../predict/network-runner.ts";
import type { Predictor } from "../predict/predictor.ts";
import { classifyWithHead } from "../train/classify-with-head.ts";

/** How good a classifier is on images that neither it nor its weights come from. */
export interface HeldOutEstimate {
  readonly accuracy: number;
  /** 95 % (Wilson's score interval). */
  readonly interval: readonly [low: number, high: number];
  readonly n: number;
  /** Mean probability of the predicted class: near the accuracy where the scores mean what they say. */
  readonly meanScore: number;
  /** Positions of these images in the dataset. */
  readonly positions: readonly number[];
  /** The class predicted for each. */
  readonly predicted: readonly number[];
  /** Its probability. */
  readonly scores: readonly number[];
}

/** Images at a time, so that memory does not grow with their number. */
const CHUNK = 1000;

/**
 * Classifies the images at `positions` with a network (by its running statistics) and a head.
 * @throws UserError where a score is not finite
 */
export async function estimateOn(
  positions: readonly number[],
  { images, labels, ways }: LabelledImages,
  runner: Pick<Predictor, "features">,
  network: Network,
  head: ClassifierHead,
): Promise<HeldOutEstimate> {
  const rows: Float32Array[] = [];
  for (let from = 0; from < positions.length; from += CHUNK) {
    const part = someImages(images, positions.slice(from, from + CHUNK));
    rows.push(await probabilitiesOf(runner, network, head, part));
  }
  return estimateOfScores({ positions, rows, labels, ways });
}

/** The same of features [n, d] of all images that are there. @throws UserError where a score is not finite */
export function estimateOfFeatures(
  positions: readonly number[],
  data: LabelledFeatures,
  head: PredictedHead,
): HeldOutEstimate {
  const rows = [headProbabilities(head, someOf(data, positions).features)];
  return estimateOfScores({ ...data, positions, rows });
}

interface ScoredPositions extends Omit<LabelledFeatures, "features"> {
  readonly positions: readonly number[];
  /** Probabilities [images, ways], part after part. */
  readonly rows: readonly Float32Array[];
}

function estimateOfScores({ positions, rows, labels, ways }: ScoredPositions): HeldOutEstimate {
  const predicted: number[] = [];
  const scores: number[] = [];
  for (const part of rows) {
    requireFiniteScores(part, ways);
    for (let at = 0; at < part.length; at += ways) {
      const row = part.subarray(at, at + ways);
      predicted.push(largest(row));
      scores.push(row[predicted.at(-1)!]!);
    }
  }
  return estimateOf({ positions, predicted, scores }, labels);
}

/** What answers to the images at `positions` amount to; `labels` are those of all images. */
export function estimateOf(
  answers: Pick<HeldOutEstimate, "positions" | "predicted" | "scores">,
  labels: ArrayLike<number>,
): HeldOutEstimate {
  const { positions, predicted, scores } = answers;
  const n = positions.length;
  const accuracy = predicted.filter((way, i) => way === labels[positions[i]!]).length / n;
  const meanScore = scores.reduce((total, score) => total + score, 0) / n;
  return { accuracy, interval: wilsonInterval(accuracy, n), n, meanScore, ...answers };
}

/** [n, ways] */
async function probabilitiesOf(
  runner: Pick<Predictor, "features">,
  network: Network,
  head: ClassifierHead,
  images: ImageSource,
): Promise<Float32Array> {
  if (head.kind === "linear") return classifyWithHead(runner, { network, head }, images);
  return headProbabilities(head, await runner.features(network, images));
}
