// Which of two classifiers is kept, by images that neither was made from, and how good the kept one is on images that had no
// say in it.

import { type Key, sample } from "../tensor/random.ts";
import { estimateOf, type HeldOutEstimate } from "./held-out-estimate.ts";

export interface Better {
  /** What is right about more of the images; predicted where they are equal. */
  readonly kept: "predicted" | "tuned";
  /**
   * How good keeping the better one is: the images are halved, and each half is judged by what the other half would keep, so
   * that none is judged by a choice of its own.
   */
  readonly heldOut: HeldOutEstimate;
}

/**
 * The better of two classifiers that were judged on the same images; `labels` are those of all images, the halves are drawn by
 * key, each class divided.
 * For example: `const { kept, heldOut } = betterOf(predicted, tuned, labels, key(0));`
 */
export function betterOf(
  predicted: HeldOutEstimate,
  tuned: HeldOutEstimate,
  labels: ArrayLike<number>,
  key: Key,
): Better {
  const { positions } = predicted;
  const choose = (rows: readonly number[]): Better["kept"] => {
    const right = (of: HeldOutEstimate): number =>
      rows.filter((row) => of.predicted[row] === labels[positions[row]!]).length;
    return right(tuned) > right(predicted) ? "tuned" : "predicted";
  };
  const rows = positions.map((_, row) => row);
  const byClass = sample(key, rows).toSorted((a, b) => labels[positions[a]!]! - labels[positions[b]!]!);
  const halves = [0, 1].map((half) => byClass.filter((_, at) => at % 2 === half));
  const judges = new Map(halves.flatMap((half, i) => half.map((row) => [row, choose(halves[1 - i]!)] as const)));
  const estimates = { predicted, tuned };
  const judged = rows.map((row) => estimates[judges.get(row)!]);
  const answers = {
    positions,
    predicted: judged.map((estimate, row) => estimate.predicted[row]!),
    scores: judged.map((estimate, row) => estimate.scores[row]!),
  };
  return { kept: choose(rows), heldOut: estimateOf(answers, labels) };
}
