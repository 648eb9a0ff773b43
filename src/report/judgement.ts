// Figures that say how good a classifier is, from its predictions of labelled pictures.

import { type ConfusedPair, isMistake, type Prediction, wilsonInterval } from "./predictions.ts";

/** How one class fares. A figure is absent where there is nothing to divide by. */
export interface ClassJudgement {
  /** Pictures of the class, those of them that were recognised, and the pictures of any class taken for it. */
  readonly n: number;
  readonly right: number;
  readonly predicted: number;
  /** right / n */
  readonly recall?: number;
  /** right / predicted */
  readonly precision?: number;
  /** Harmonic mean of recall and precision: 2 right / (n + predicted). */
  readonly f1?: number;
}

export interface Judgement {
  /** Labelled pictures. */
  readonly n: number;
  readonly right: number;
  readonly accuracy: number;
  /** 95 % (Wilson's score interval). */
  readonly interval: readonly [low: number, high: number];
  /** What guessing would get: 1 / classes. */
  readonly chance: number;
  /** What always answering the most frequent class would get, and which it is (the first of equals). */
  readonly majority: { readonly accuracy: number; readonly label: number };
  /** Mean recall and mean F1 of the classes that have pictures. */
  readonly balancedAccuracy: number;
  readonly meanF1: number;
  /** Mean probability of the predicted class: near the accuracy where scores mean what they say. */
  readonly meanScore: number;
  /** Expected calibration error: mean distance of score and accuracy over ten bins of the score, weighted by pictures. */
  readonly calibrationError: number;
  /** In the order of the classes. */
  readonly classes: readonly ClassJudgement[];
  /** Every kind of mistake, the most frequent first. */
  readonly confused: readonly ConfusedPair[];
}

/**
 * Judges predictions of `k` classes; those without a label do not count. NaN for shares where nothing is labelled.
 * @example judge([{ predicted: 1, score: 0.9, label: 1 }, { predicted: 1, score: 0.6, label: 0 }], 2).accuracy // 0.5
 */
export function judge(predictions: readonly Prediction[], k: number): Judgement {
  const labelled = predictions.filter(isLabelled);
  const n = labelled.length;
  const right = labelled.filter((one) => !isMistake(one)).length;
  const classes = judgeClasses(labelled, k);
  const present = classes.filter((one) => one.n > 0);
  const largest = classes.reduce((best, one, label) => (one.n > classes[best]!.n ? label : best), 0);
  return {
    n,
    right,
    accuracy: right / n,
    interval: wilsonInterval(right / n, n),
    chance: 1 / k,
    majority: { accuracy: classes[largest]!.n / n, label: largest },
    balancedAccuracy: mean(present.map(({ recall }) => recall!)),
    meanF1: mean(present.map(({ f1 }) => f1!)),
    meanScore: mean(labelled.map(({ score }) => score)),
    calibrationError: calibrationError(labelled),
    classes,
    confused: confusedPairs(labelled, classes),
  };
}

type Labelled = Prediction & { readonly label: number };
const isLabelled = (one: Prediction): one is Labelled => one.label !== undefined;

const BINS = 10;

function judgeClasses(labelled: readonly Labelled[], k: number): ClassJudgement[] {
  const counts = Array.from({ length: k }, () => ({ n: 0, right: 0, predicted: 0 }));
  for (const { label, predicted } of labelled) {
    counts[label]!.n++;
    counts[predicted]!.predicted++;
    if (label === predicted) counts[label]!.right++;
  }
  return counts.map(({ n, right, predicted }) => ({
    n,
    right,
    predicted,
    ...(n > 0 ? { recall: right / n } : {}),
    ...(predicted > 0 ? { precision: right / predicted } : {}),
    ...(n + predicted > 0 ? { f1: (2 * right) / (n + predicted) } : {}),
  }));
}

/** Counted where they occur: a matrix of all pairs would not fit for tens of thousands of classes. */
function confusedPairs(labelled: readonly Labelled[], classes: readonly ClassJudgement[]): ConfusedPair[] {
  const counts = new Map<number, number>();
  for (const one of labelled) {
    if (!isMistake(one)) continue;
    const pair = one.label * classes.length + one.predicted;
    counts.set(pair, (counts.get(pair) ?? 0) + 1);
  }
  return Array.from(counts, ([pair, count]) => {
    const actual = Math.floor(pair / classes.length);
    return { actual, predicted: pair % classes.length, count, share: count / classes[actual]!.n };
  }).sort((a, b) => b.count - a.count || b.share - a.share || a.actual - b.actual || a.predicted - b.predicted);
}

/** One tenth of the scores: what they promise on average, and how many were right. */
export interface CalibrationBin {
  readonly confidence: number;
  readonly accuracy: number;
  readonly n: number;
}

/**
 * The bins of the scores, ascending, those without a picture left out; predictions without a label do not count.
 * @example calibrationBins([{ predicted: 1, score: 0.75, label: 1 }]) // [{ confidence: 0.75, accuracy: 1, n: 1 }]
 */
export function calibrationBins(predictions: readonly Prediction[]): CalibrationBin[] {
  const bins = Array.from({ length: BINS }, (): Labelled[] => []);
  for (const one of predictions) if (isLabelled(one)) bins[binOf(one)]!.push(one);
  return bins
    .filter(({ length }) => length > 0)
    .map((bin) => ({
      confidence: mean(bin.map(({ score }) => score)),
      accuracy: bin.filter((one) => !isMistake(one)).length / bin.length,
      n: bin.length,
    }));
}

const binOf = ({ score }: Prediction): number => Math.min(BINS - 1, Math.floor(score * BINS));

/** Guo et al. 2017, eq. 3. */
function calibrationError(labelled: readonly Labelled[]): number {
  const sums = new Float64Array(BINS); // of score - hit
  for (const one of labelled) {
    sums[binOf(one)]! += one.score - (isMistake(one) ? 0 : 1);
  }
  return sums.reduce((total, sum) => total + Math.abs(sum), 0) / labelled.length;
}

function mean(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0) / values.length;
}
