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
  const answers = new Answers(ways);
  for (const chunk of chunksOf(positions))
    answers.add(await probabilitiesOf(runner, network, head, someImages(images, chunk)));
  return answers.judged(positions, labels);
}

/** The same of features [n, d] of all images that are there. @throws UserError where a score is not finite */
export function estimateOfFeatures(
  positions: readonly number[],
  data: LabelledFeatures,
  head: PredictedHead,
): HeldOutEstimate {
  const answers = new Answers(data.ways);
  for (const chunk of chunksOf(positions)) answers.add(headProbabilities(head, someOf(data, chunk).features));
  return answers.judged(positions, data.labels);
}

function chunksOf(positions: readonly number[]): number[][] {
  const count = Math.ceil(positions.length / CHUNK);
  return Array.from({ length: count }, (_, i) => positions.slice(i * CHUNK, (i + 1) * CHUNK));
}

/** Classes and their probabilities, of rows of probabilities that come part by part. */
class Answers {
  readonly #predicted: number[] = [];
  readonly #scores: number[] = [];
  readonly #ways: number;

  constructor(ways: number) {
    this.#ways = ways;
  }

  /** @throws UserError where a score is not finite */
  add(rows: Float32Array): void {
    requireFiniteScores(rows, this.#ways);
    for (let at = 0; at < rows.length; at += this.#ways) {
      const row = rows.subarray(at, at + this.#ways);
      const way = largest(row);
      this.#predicted.push(way);
      this.#scores.push(row[way]!);
    }
  }

  judged(positions: readonly number[], labels: ArrayLike<number>): HeldOutEstimate {
    return estimateOf({ positions, predicted: this.#predicted, scores: this.#scores }, labels);
  }
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
