// How good a made classifier is on labelled images that it has not seen.

import { badUse } from "../errors.ts";
import { type Judgement, judge } from "../report/judgement.ts";
import type { Prediction } from "../report/predictions.ts";
import type { SessionOptions } from "../tensor/runtime.ts";
import { largest } from "../heads/centroid-head.ts";
import type { Classifier } from "./classifier.ts";
import { ClassifierSession } from "./classify.ts";
import { checkLabels } from "./labelled-images.ts";
import type { ImageSource } from "../predict/image-source.ts";

export interface ClassifierEvaluation extends Judgement {
  /** Of each image, in their order. */
  readonly predictions: readonly Prediction[];
}

/** Images at a time, so that memory does not grow with their number. */
const CHUNK = 1024;

/**
 * Accuracy, figures a class and mistakes of a classifier on labelled images; `labels` [n] are indices into the
 * classifier's classes. Classes without images are fine.
 * @throws UserError for no images, or labels that do not fit
 * @example const { accuracy, interval, confused } = await evaluateClassifier(classifier, images, labels);
 */
export async function evaluateClassifier(
  classifier: Classifier,
  images: ImageSource,
  labels: ArrayLike<number>,
  options: SessionOptions = {},
): Promise<ClassifierEvaluation> {
  const ways = classifier.classes.length;
  if (images.count === 0) badUse("no images", "give at least one labelled image");
  checkLabels({ images, labels, ways });
  const session = await ClassifierSession.create(classifier, options);
  try {
    const predictions = await labelledPredictions(session, ways, images, labels);
    return { ...judge(predictions, ways), predictions };
  } finally {
    await session.release();
  }
}

/** What a classifier of `ways` classes answers, beside what is right. */
export async function labelledPredictions(
  session: ClassifierSession,
  ways: number,
  images: ImageSource,
  labels: ArrayLike<number>,
): Promise<Prediction[]> {
  const predictions: Prediction[] = [];
  for (let from = 0; from < images.count; from += CHUNK) {
    const count = Math.min(CHUNK, images.count - from);
    const part: ImageSource = { count, read: (a, b) => images.read(from + a, from + b) };
    const scores = await session.probabilities(part);
    for (let i = 0; i < count; i++) {
      const row = scores.subarray(i * ways, (i + 1) * ways);
      const predicted = largest(row);
      predictions.push({ predicted, score: row[predicted]!, label: labels[from + i]! });
    }
  }
  return predictions;
}
