// What `--json` says of single predictions of labelled pictures, in the order and by the names of the classes.

import type { Judgement } from "../report/judgement.ts";
import type { NamedMistake } from "../report/judgement-text.ts";
import { confusionCounts, mostConfidentMistakes, type Prediction } from "../report/predictions.ts";
import type { EvaluateClassifierJson } from "./json.ts";

/** A judgement, what was judged, and the file of each prediction. */
export interface JudgedPictures extends Judgement {
  readonly predictions: readonly Prediction[];
  readonly sources: readonly string[];
}

type JudgedJson = Pick<EvaluateClassifierJson, "classes" | "confusion" | "confused" | "mistakes">;

/** A larger matrix is left out of the JSON: `confused` says the same in less. */
const LARGEST_MATRIX = 1000;

export function judgedJson(judged: JudgedPictures, names: readonly string[]): JudgedJson {
  const { predictions, classes, confused } = judged;
  return {
    classes: classes.map((one, c) => ({ name: names[c]!, ...one })),
    ...(names.length <= LARGEST_MATRIX ? { confusion: confusionCounts(predictions, names.length) } : {}),
    confused: confused.map(({ actual, predicted, count, share }) => ({
      actual: names[actual]!,
      predicted: names[predicted]!,
      n: count,
      share,
    })),
    mistakes: mistakesOf(judged, names),
  };
}

/** Every wrong answer, the most confident first. */
export function mistakesOf({ predictions, sources }: JudgedPictures, names: readonly string[]): NamedMistake[] {
  return mostConfidentMistakes(predictions, predictions.length).map((i) => {
    const { label, predicted, score } = predictions[i]!;
    return { path: sources[i]!, actual: names[label!]!, predicted: names[predicted]!, score };
  });
}
