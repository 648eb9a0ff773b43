// Regularised canonical correlation analysis between data sets and the weights trained on them (Figure 1). With more
// dimensions than rows any two sets of numbers correlate perfectly on the rows they were fitted to, so both sides are
// reduced by PCA, the fit is a ridge one, and what counts is the correlation on rows that were held out of all fitting.

import { EVD, Matrix, SVD } from "ml-matrix";
import { fold, type Key, key, sample, UserError } from "pudnet/engine";

/** One row a sample; all of the same length. */
export type Rows = readonly ArrayLike<number>[];

export interface CcaOptions {
  /** The first so many rows are fitted to, the others held out. */
  readonly trainRows: number;
  /** Principal components kept of either side, at most; 30 by default. */
  readonly dims?: number;
  /** Added to the variances, as a share of their mean over the components of a side; 0.01 by default. */
  readonly ridge?: number;
  /** How often the pairs are shuffled for the control, at least once; 100 by default. */
  readonly shuffles?: number;
  /** Of the shuffles; 0 by default. */
  readonly seed?: number;
}

/** Correlation of the first canonical pair, and the mean of the first five (of all, where there are fewer). */
export interface Strength {
  readonly first: number;
  readonly topFive: number;
}

export interface CanonicalCorrelation {
  readonly heldOut: Strength;
  /** On the rows that were fitted to: says nothing, shown to make that plain. */
  readonly inSample: Strength;
  /** Means over fits to pairs shuffled within the training rows and, for judging, within the held-out rows. */
  readonly shuffled: { readonly heldOut: Strength; readonly inSample: Strength };
  /** Share of shuffles (the true pairs count as one) with held-out correlations as large as the true pairs'. */
  readonly pValue: Strength;
  /** Per canonical pair, in the order of the fit. A held-out one may be negative. */
  readonly correlations: { readonly heldOut: readonly number[]; readonly inSample: readonly number[] };
  /** Principal components used of x and of y. */
  readonly dims: readonly [number, number];
  readonly rows: { readonly train: number; readonly heldOut: number };
}

/**
 * x [n, p], y [n, q] -> canonical correlations on the rows from `trainRows` on.
 * @throws UserError where rows do not pair up, do not vary, or there are fewer than 3 training or held-out ones
 * @example
 * const x = Array.from({ length: 60 }, (_, row) => normal(fold(key(0), row), 2));
 * canonicalCorrelation(x, x, { trainRows: 40 }).heldOut.first > 0.9 // true
 */
export function canonicalCorrelation(x: Rows, y: Rows, options: CcaOptions): CanonicalCorrelation {
  const { trainRows, dims = 30, ridge = 0.01, shuffles = 100, seed = 0 } = options;
  checkRows(x, y, trainRows);
  if (!(shuffles >= 1)) throw new UserError(`${shuffles} shuffles: expected at least 1`);
  const [px, py] = [principalScores(x, trainRows, dims), principalScores(y, trainRows, dims)];
  const source = fold(key(seed), "shuffled pairs");
  const truth = pairedCorrelations(px, py, ridge);
  const controls = Array.from({ length: shuffles }, (_, i) =>
    pairedCorrelations(px, shuffledRows(py, fold(source, i)), ridge),
  );
  const [heldOut, inSample] = [strength(truth.heldOut), strength(truth.inSample)];
  const controlHeldOut = controls.map((control) => strength(control.heldOut));
  const atLeast = (part: keyof Strength): number =>
    (1 + controlHeldOut.filter((control) => control[part] >= heldOut[part]).length) / (1 + shuffles);
  return {
    heldOut,
    inSample,
    shuffled: {
      heldOut: meanStrength(controlHeldOut),
      inSample: meanStrength(controls.map((control) => strength(control.inSample))),
    },
    pValue: { first: atLeast("first"), topFive: atLeast("topFive") },
    correlations: truth,
    dims: [px.inSample.columns, py.inSample.columns],
    rows: { train: trainRows, heldOut: x.length - trainRows },
  };
}

function checkRows(x: Rows, y: Rows, trainRows: number): void {
  if (x.length !== y.length) throw new UserError(`${x.length} rows of x with ${y.length} rows of y`);
  if (!(Number.isInteger(trainRows) && trainRows >= 3 && x.length - trainRows >= 3)) {
    throw new UserError(`${trainRows} training rows of ${x.length}`, {
      hint: "leave at least 3 rows on either side of the split",
    });
  }
  for (const [name, rows] of Object.entries({ x, y })) {
    const odd = rows.findIndex((row) => row.length !== rows[0]!.length || !Array.from(row).every(Number.isFinite));
    if (odd >= 0) throw new UserError(`row ${odd} of ${name} is not ${rows[0]!.length} finite numbers`);
  }
}

/** Both parts in the same principal components, [rows, dims] each. */
interface Scores {
  readonly inSample: Matrix;
  readonly heldOut: Matrix;
}

/** Centred by the training rows and projected on their main directions, largest variance first. */
function principalScores(rows: Rows, trainRows: number, dims: number): Scores {
  const all = new Matrix(rows.map((row) => Array.from(row)));
  const centre = all.subMatrix(0, trainRows - 1, 0, all.columns - 1).mean("column");
  all.subRowVector(centre);
  const train = all.subMatrix(0, trainRows - 1, 0, all.columns - 1);
  const directions = principalDirections(train, dims);
  const scores = all.mmul(directions);
  const [n, last] = [all.rows, directions.columns - 1];
  return {
    inSample: scores.subMatrix(0, trainRows - 1, 0, last),
    heldOut: scores.subMatrix(trainRows, n - 1, 0, last),
  };
}

/**
 * Unit directions [p, at most dims] of centred rows [n, p] by the smaller of the two Gram matrices: where p > n, u of
 * a aᵀ u = s² u gives the direction aᵀ u / s.
 */
function principalDirections(a: Matrix, dims: number): Matrix {
  const wide = a.columns > a.rows;
  const gram = wide ? a.mmulByTranspose() : a.transpose().mmulByTranspose();
  const { realEigenvalues: values, eigenvectorMatrix: vectors } = new EVD(gram, { assumeSymmetric: true });
  const largest = Math.max(...values);
  const kept = values
    .map((_, i) => i)
    .sort((i, j) => values[j]! - values[i]!)
    .slice(0, dims)
    .filter((i) => values[i]! > 1e-10 * largest);
  if (kept.length === 0) throw new UserError("all training rows are the same");
  const main = vectors.subMatrixColumn(kept);
  if (!wide) return main;
  return a
    .transpose()
    .mmul(main)
    .divRowVector(kept.map((i) => Math.sqrt(values[i]!)));
}

interface Correlations {
  readonly heldOut: readonly number[];
  readonly inSample: readonly number[];
}

/** Ridge CCA of the training scores, and the correlations of the pairs it finds in either part. */
function pairedCorrelations(x: Scores, y: Scores, ridge: number): Correlations {
  // Principal components do not correlate with each other, so the covariance of one side is its diagonal.
  const [scaleX, scaleY] = [inverseDeviations(x.inSample, ridge), inverseDeviations(y.inSample, ridge)];
  const whitened = (scores: Matrix, scale: number[]): Matrix => scores.clone().mulRowVector(scale);
  const cross = whitened(x.inSample, scaleX).transpose().mmul(whitened(y.inSample, scaleY));
  const { leftSingularVectors: left, rightSingularVectors: right } = new SVD(cross, { autoTranspose: true });
  const pairs = Math.min(cross.rows, cross.columns);
  const correlate = (part: keyof Scores): number[] => {
    const [u, v] = [whitened(x[part], scaleX).mmul(left), whitened(y[part], scaleY).mmul(right)];
    return Array.from({ length: pairs }, (_, i) => correlation(u.getColumn(i), v.getColumn(i)));
  };
  return { heldOut: correlate("heldOut"), inSample: correlate("inSample") };
}

/** 1 / sqrt(variance + ridge * mean variance) per column of centred scores. */
function inverseDeviations(scores: Matrix, ridge: number): number[] {
  const variances = scores.variance("column");
  const added = (ridge * variances.reduce((a, b) => a + b)) / variances.length;
  return variances.map((variance) => 1 / Math.sqrt(variance + added));
}

/** Pearson's; 0 where one side does not vary. */
function correlation(a: readonly number[], b: readonly number[]): number {
  const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value) / values.length;
  const [meanA, meanB] = [mean(a), mean(b)];
  let [ab, aa, bb] = [0, 0, 0];
  for (let i = 0; i < a.length; i++) {
    const [da, db] = [a[i]! - meanA, b[i]! - meanB];
    ab += da * db;
    aa += da * da;
    bb += db * db;
  }
  return aa > 0 && bb > 0 ? ab / Math.sqrt(aa * bb) : 0;
}

function shuffledRows({ inSample, heldOut }: Scores, source: Key): Scores {
  const shuffled = (scores: Matrix, part: string): Matrix => {
    const order = sample(
      fold(source, part),
      Array.from({ length: scores.rows }, (_, i) => i),
    );
    return scores.subMatrixRow(order);
  };
  return { inSample: shuffled(inSample, "in sample"), heldOut: shuffled(heldOut, "held out") };
}

function strength(correlations: readonly number[]): Strength {
  const top = correlations.slice(0, 5);
  return { first: correlations[0]!, topFive: top.reduce((a, b) => a + b) / top.length };
}

function meanStrength(all: readonly Strength[]): Strength {
  const mean = (part: keyof Strength): number => all.reduce((total, one) => total + one[part], 0) / all.length;
  return { first: mean("first"), topFive: mean("topFive") };
}
