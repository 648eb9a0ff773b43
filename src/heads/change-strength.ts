// How much of a predicted change of weights is made: what the closed form says of labelled images that are left out, of the features
// under each strength. The smaller strength stands unless a larger one is better by more than one standard error, as chance
// alone has it about once in six.

import type { CompileOptions } from "../tensor/program.ts";
import type { Key } from "../tensor/random.ts";
import { RidgeSolver } from "./ridge/solver.ts";
import { classWeights, type LabelledFeatures, leftOutPositions } from "./labelled.ts";
import { leastLoss } from "./ridge/lambda.ts";

/** What images left out say of one strength. */
export interface StrengthError {
  /** 0: the base network as it is, 1: the whole change. */
  readonly strength: number;
  /** Mean over these images, counting as in the closed form, of |scores - targets|²: (ways - 1) / ways for scores that know nothing. */
  readonly error: number;
  /** Of the closed form: that which makes it least. */
  readonly lambda: number;
  /** The smaller strength that it was held against: the one chosen among those before it. None of the smallest. */
  readonly over?: number;
  /** Of the mean difference of the two errors, image by image. */
  readonly standardError?: number;
}

/** How much of a predicted change is made, and why. */
export interface ChangeReport {
  readonly strength: number;
  /** None where it was asked for, or each class has one image, so that none can be left out and the smallest is taken. */
  readonly leftOut?: { readonly images: number; readonly errors: readonly StrengthError[] };
}

interface Judged extends Pick<StrengthError, "error" | "lambda"> {
  /** |scores - targets|² of each image left out. */
  readonly squares: Float64Array;
}

/**
 * Chooses among strengths, ascending, by the features [n, d] that labelled images have under each: a larger strength is taken if
 * its squared error is smaller than that of the one chosen so far by more than one standard error of the difference.
 * For example: `const { strength } = await chooseStrength(new Map([[0, before], [1, after]]), { labels, ways: 5 }, {}, key(0))`
 */
export async function chooseStrength(
  features: ReadonlyMap<number, Float32Array>,
  { labels, ways }: Omit<LabelledFeatures, "features">,
  options: CompileOptions,
  key: Key,
): Promise<ChangeReport> {
  const [[smallest, first], ...larger] = Array.from(features) as [[number, Float32Array], ...[number, Float32Array][]];
  const positions = leftOutPositions(labels, ways, key);
  if (positions.length === 0) return { strength: smallest };
  const weights = classWeights(labels, ways);
  const counts = Float64Array.from(positions, (i) => weights?.[i] ?? 1);
  const solver = new RidgeSolver(first.length / labels.length, options);
  try {
    const judge = (rows: Float32Array) => leastError(solver, { features: rows, labels, ways }, positions, counts);
    let best = { strength: smallest, ...(await judge(first)) };
    const errors: StrengthError[] = [errorOf(best)];
    for (const [strength, rows] of larger) {
      const other = { strength, ...(await judge(rows)) };
      const gains = best.squares.map((square, i) => square - other.squares[i]!);
      const { mean, standardError } = weightedMoments(gains, counts);
      errors.push({ ...errorOf(other), over: best.strength, standardError });
      if (mean > standardError) best = other;
    }
    return { strength: best.strength, leftOut: { images: positions.length, errors } };
  } finally {
    await solver.release();
  }
}

const errorOf = ({ strength, error, lambda }: Judged & { readonly strength: number }): StrengthError => ({
  strength,
  error,
  lambda,
});

/**
 * Each strength has the lambda that suits it by the error that is compared. The one that suits the base network would favour it, and
 * those of the likelihood, by which a head's is chosen, say nothing of squared errors: its temperature makes up for scores that a large lambda
 * shrinks. A step of lambda can be worth more than what is looked for.
 */
async function leastError(
  solver: RidgeSolver,
  data: LabelledFeatures,
  positions: readonly number[],
  counts: Float64Array,
): Promise<Judged> {
  const problem = await solver.prepareByClass(data);
  const leftOut = await problem.leaveOut(positions);
  const { loss, ...best } = await leastLoss(data.labels.length, async (lambda) => {
    const squares = squaredErrors((await leftOut(lambda)).scores, data, positions);
    return { loss: weightedMoments(squares, counts).mean, lambda, squares };
  });
  return { ...best, error: loss };
}

function squaredErrors(
  scores: Float32Array,
  { labels, ways }: LabelledFeatures,
  positions: readonly number[],
): Float64Array {
  return Float64Array.from(positions, (i, at) => {
    let sum = 0;
    for (let way = 0; way < ways; way++) {
      const target = (way === labels[i] ? 1 : 0) - 1 / ways;
      sum += (scores[at * ways + way]! - target) ** 2;
    }
    return sum;
  });
}

/** Mean of values that count differently, and its standard error. */
function weightedMoments(values: Float64Array, counts: Float64Array): { mean: number; standardError: number } {
  const n = values.length;
  const total = counts.reduce((sum, count) => sum + count, 0);
  const mean = values.reduce((sum, value, i) => sum + counts[i]! * value, 0) / total;
  const squares = values.reduce((sum, value, i) => sum + (counts[i]! * (value - mean)) ** 2, 0);
  return { mean, standardError: Math.sqrt((squares * n) / (n - 1)) / total };
}
