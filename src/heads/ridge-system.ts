// A ridge problem made ready, in the form with fewer unknowns: solved for any lambda at the price of a decomposition, with the
// scores that each image gets from heads that are fitted without it.

import { cholesky, choleskySolve, invertLower } from "./cholesky.ts";
import { type LeftOutImage, leftOutScores, type LeftOutSums } from "./ridge-left-out.ts";

/** Centred unit rows times the root of their weights, from `from` on: at most `count`, fewer at the end. */
export type UnitRows = (from: number, count: number) => Float32Array;

/** Of rows a [m, d]: the squared lengths [m] of a times `inverse` [d, d] transposed, and a times `weight` [ways, d] transposed, [m, ways]. */
export type LeftOutProducts = (
  inverse: Float64Array,
  weight: Float64Array,
) => Promise<{ readonly squares: Float32Array; readonly fits: Float32Array }>;

export interface RidgeProblem {
  readonly d: number;
  readonly ways: number;
  readonly labels: ArrayLike<number>;
  readonly rows: UnitRows;
  /** How much each image counts, [n]; all alike without. */
  readonly weights?: Float64Array | undefined;
  /** |feature - mean| of all images, [n]. */
  readonly lengths: () => Float64Array;
}

/** Of one lambda, with what is said of the images that are left out. */
export interface LeftOutSolution {
  /** [ways, d] */
  readonly weight: Float64Array;
  /** Scores [positions, ways] of images by the heads that are fitted without each. */
  readonly scores: Float32Array;
}

export interface RidgeSystem {
  /** The weights [ways, d]. */
  solve(lambda: number): Float64Array;
  /** Ready to leave out each of the images at `positions`: what does not depend on lambda is computed here, once. */
  leavingOut(positions: readonly number[]): Promise<(lambda: number) => Promise<LeftOutSolution>>;
}

/** 1 for the label's class, else 0, minus 1 / ways. */
const target = (label: number, way: number, ways: number): number => (label === way ? 1 : 0) - 1 / ways;

/** w = (aᵀa + lambda)⁻¹ aᵀt, d unknowns a class; `gram` [d, d] is aᵀa, `right` [ways, d] is tᵀa. */
export function primalSystem(
  problem: RidgeProblem,
  gram: Float64Array,
  right: Float64Array,
  productsOf: (rows: Float32Array) => Promise<LeftOutProducts>,
): RidgeSystem {
  const { d, ways, rows } = problem;
  const diagonal = diagonalOf(gram, d);
  const decomposed = (lambda: number): Float64Array => cholesky(withDiagonal(gram, diagonal, lambda), d);
  return {
    solve: (lambda) => choleskySolve(decomposed(lambda), d, right),
    async leavingOut(positions) {
      const { rho, targets, scoresOf } = leftOutImages(problem, positions);
      const along = alongRows(problem, rho); // aᵀρ
      const rhoTargets = productWithTargets(problem, rho);
      const rhoRho = dot(rho, rho);
      const seen = new Float32Array(positions.length * d);
      positions.forEach((i, at) => seen.set(rows(i, 1), at * d));
      const products = await productsOf(seen);
      return async (lambda) => {
        const lower = decomposed(lambda);
        const weight = choleskySolve(lower, d, right);
        const solved = choleskySolve(lower, d, along);
        const { squares, fits } = await products(invertLower(lower, d), weight); // |a L⁻ᵀ|² is a (aᵀa + lambda)⁻¹ aᵀ
        const rhoAlpha = rhoTargets.map((product, way) => (product - dot(along, weight, way * d)) / lambda);
        const rhoQ = (rhoRho - dot(along, solved)) / lambda;
        const scores = scoresOf({ lambda, rhoAlpha, rhoQ }, (i, at) => ({
          kappa: (1 - squares[at]!) / lambda,
          alpha: targets[at]!.map((value, way) => (value - fits[at * ways + way]!) / lambda),
          q: (rho[i]! - dot(solved, seen, at * d)) / lambda,
        }));
        return { weight, scores };
      };
    },
  };
}

/** w = aᵀ (a aᵀ + lambda)⁻¹ t, n unknowns a class; `gram` [n, n] is a aᵀ. The same weights, cheaper where n < d. */
export function dualSystem(problem: RidgeProblem, gram: Float64Array): RidgeSystem {
  const { ways, labels, rows } = problem;
  const n = labels.length;
  const diagonal = diagonalOf(gram, n);
  const targets = new Float64Array(ways * n);
  for (let i = 0; i < n; i++) targetsOf(problem, i).forEach((value, way) => (targets[way * n + i] = value));
  const solved = (lambda: number) => {
    const lower = cholesky(withDiagonal(gram, diagonal, lambda), n);
    const alpha = choleskySolve(lower, n, targets);
    return { lower, alpha, weight: combinedRows(rows(0, n), alpha, ways) };
  };
  return {
    solve: (lambda) => solved(lambda).weight,
    async leavingOut(positions) {
      const { rho, scoresOf } = leftOutImages(problem, positions);
      return async (lambda) => {
        const { lower, alpha, weight } = solved(lambda);
        const q = choleskySolve(lower, n, rho);
        const kappa = columnSquares(invertLower(lower, n), n); // K⁻¹ = L⁻ᵀ L⁻¹
        const rhoAlpha = Float64Array.from({ length: ways }, (_, way) => dot(rho, alpha, way * n));
        const scores = scoresOf({ lambda, rhoAlpha, rhoQ: dot(rho, q) }, (i) => ({
          kappa: kappa[i]!,
          alpha: Float64Array.from({ length: ways }, (_, way) => alpha[way * n + i]!),
          q: q[i]!,
        }));
        return { weight, scores };
      };
    },
  };
}

/** What a lambda's solution says of an image that is left out. */
type SolvedImage = Pick<LeftOutImage, "kappa" | "alpha" | "q">;

/** What of the images that are left out no lambda changes, and their scores by a solution. */
function leftOutImages(problem: RidgeProblem, positions: readonly number[]) {
  const { ways, labels, weights } = problem;
  const rho = inverseLengths(problem);
  const targets = positions.map((i) => targetsOf(problem, i));
  const weight = weights?.reduce((sum, value) => sum + value, 0) ?? labels.length;
  const scoresOf = (
    sums: Omit<LeftOutSums, "weight">,
    solvedAt: (i: number, at: number) => SolvedImage,
  ): Float32Array => {
    const scores = new Float32Array(positions.length * ways);
    positions.forEach((i, at) => {
      const image = { ...solvedAt(i, at), w: weights?.[i] ?? 1, target: targets[at]!, rho: rho[i]! };
      scores.set(leftOutScores(image, { ...sums, weight }), at * ways);
    });
    return scores;
  };
  return { rho, targets, scoresOf };
}

const rootOf = ({ weights }: RidgeProblem, i: number): number => (weights ? Math.sqrt(weights[i]!) : 1);

/** Of image i, times the root of its weight. */
function targetsOf(problem: RidgeProblem, i: number): Float64Array {
  const { labels, ways } = problem;
  const root = rootOf(problem, i);
  return Float64Array.from({ length: ways }, (_, way) => root * target(labels[i]!, way, ways));
}

/** ρᵀ t [ways], by class sums. */
function productWithTargets(problem: RidgeProblem, rho: Float64Array): Float64Array {
  const sums = new Float64Array(problem.ways);
  rho.forEach((value, i) => (sums[problem.labels[i]!]! += value * rootOf(problem, i)));
  const total = sums.reduce((sum, value) => sum + value, 0);
  return sums.map((sum) => sum - total / problem.ways);
}

/** ρ [n]; 0 where an image is the mean. */
function inverseLengths(problem: RidgeProblem): Float64Array {
  return problem.lengths().map((length, i) => (length > 0 ? rootOf(problem, i) / length : 0));
}

/** Rows at a time, so that memory does not grow with their number. */
const CHUNK = 1000;

/** aᵀ factors [d] of factors [n]. */
function alongRows({ rows, labels, d }: RidgeProblem, factors: Float64Array): Float64Array {
  const along = new Float64Array(d);
  for (let from = 0; from < labels.length; from += CHUNK) {
    const chunk = rows(from, CHUNK);
    for (let at = 0, i = from; at < chunk.length; at += d, i++) {
      const factor = factors[i]!;
      for (let j = 0; j < d; j++) along[j]! += factor * chunk[at + j]!;
    }
  }
  return along;
}

function diagonalOf(matrix: Float64Array, size: number): Float64Array {
  return Float64Array.from({ length: size }, (_, i) => matrix[i * size + i]!);
}

/** The matrix with `diagonal` + lambda as its diagonal, in place. */
function withDiagonal(matrix: Float64Array, diagonal: Float64Array, lambda: number): Float64Array {
  diagonal.forEach((value, i) => (matrix[i * diagonal.length + i] = value + lambda));
  return matrix;
}

function dot(a: ArrayLike<number>, b: ArrayLike<number>, start = 0): number {
  let sum = 0;
  for (let j = 0; j < a.length; j++) sum += a[j]! * b[start + j]!;
  return sum;
}

/** Sums of squares of each column [n] of a matrix [n, n]. */
function columnSquares(matrix: Float64Array, n: number): Float64Array {
  const sums = new Float64Array(n);
  for (let i = 0; i < n; i++) for (let j = 0; j <= i; j++) sums[j]! += matrix[i * n + j]! ** 2;
  return sums;
}

/** factors [ways, n], rows [n, d] -> factors rows [ways, d] */
function combinedRows(rows: Float32Array, factors: Float64Array, ways: number): Float64Array {
  const n = factors.length / ways;
  const d = rows.length / n;
  const out = new Float64Array(ways * d);
  for (let way = 0; way < ways; way++) {
    for (let i = 0; i < n; i++) {
      const factor = factors[way * n + i]!;
      for (let j = 0; j < d; j++) out[way * d + j]! += factor * rows[i * d + j]!;
    }
  }
  return out;
}
