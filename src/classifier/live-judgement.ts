// How a live classifier fares on pictures that are held out: those of one burst and copies on one side.

import type { Predictor } from "../predict/predictor.ts";
import { type CalibrationBin, calibrationBins, judge } from "../report/judgement.ts";
import { confusionCounts, mostConfidentMistakes } from "../report/predictions.ts";
import { fold, key } from "../tensor/random.ts";
import type { OnShare } from "./fitted-head.ts";
import { HELD_OUT_SHARE, heldOutGroups } from "./held-out.ts";
import type { LiveImages } from "./live-dataset.ts";
import { judgeHeldOut, type MakeSettings } from "./make-classifier.ts";

/** How a classifier fares that is made without the pictures it is judged by. Classes are places in the dataset. */
export interface LiveJudgement {
  readonly accuracy: number;
  /** 95 % (Wilson's score interval). */
  readonly interval: readonly [low: number, high: number];
  readonly n: number;
  /** Counts [classes][classes]: rows what pictures are labelled, columns what they were taken for. */
  readonly confusion: readonly (readonly number[])[];
  /** All of them, the surest first. */
  readonly mistakes: readonly {
    readonly picture: string;
    readonly expected: number;
    readonly predicted: number;
    readonly score: number;
  }[];
  /** Expected calibration error, 0 to 1. */
  readonly calibrationError: number;
  readonly bins: readonly CalibrationBin[];
}

/** Makes a classifier of four fifths of each class and judges it by the others; undefined where no class has pictures to spare. */
export async function judgeLive(
  predictor: Predictor,
  data: LiveImages,
  settings: MakeSettings,
  onProgress?: OnShare,
): Promise<LiveJudgement | undefined> {
  const { labels, ways, groups, places, pictures, allClasses } = data;
  const split = heldOutGroups(labels, ways, groups, HELD_OUT_SHARE, fold(key(settings.seed), "held-out"));
  if (split.heldOut.length === 0) return undefined;
  const { estimate } = await judgeHeldOut(predictor, data, split, settings, onProgress);
  const predictions = estimate.positions.map((position, i) => ({
    predicted: places[estimate.predicted[i]!]!,
    score: estimate.scores[i]!,
    label: places[labels[position]!]!,
  }));
  const { accuracy, interval, n, calibrationError } = judge(predictions, allClasses);
  const mistakes = mostConfidentMistakes(predictions, n).map((i) => {
    const { label: expected, predicted, score } = predictions[i]!;
    return { picture: pictures[estimate.positions[i]!]!.id, expected, predicted, score };
  });
  const confusion = confusionCounts(predictions, allClasses);
  return { accuracy, interval, n, confusion, mistakes, calibrationError, bins: calibrationBins(predictions) };
}
