// A ridge problem made ready, in the form with fewer unknowns: solved for any lambda at the price of a decomposition, with the
// scores that each image gets from heads that are fitted without it.

import { cholesky, choleskySolve, invertLower } from "./cholesky.ts";
import { type LeftOutImage, leftOutScores, type LeftOutSums } from "./ridge-left-out.ts";

/** Centred unit rows times the root of their weights, from `from` on: at most `count`, fewer at the end. */
export type UnitRows = (from: number, count: number) => Float32Array;

/** a bᵀ of rows a [n, d] and b [m, d] -> [n, m]. */
export type RowProducts = (a: Float32Array, b: Float32Array) => Promise<Float32Array>;

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

export interface RidgeSolution {
  /** [ways, d] */
  readonly weight: Float64Array;
  /** Scores [positions, ways] of images by the heads that are fitted without each. */
  readonly leftOut: (positions: readonly number[]) => Promise<Float32Array>;
}

export interface RidgeSystem {
  solve(lambda: number): RidgeSolution;
}

/** 1 for the label's class, else 0, minus 1 / ways. */
const target = (label: number, way: number, ways: number): number => (label === way ? 1 : 0) - 1 / ways;

/** w = (aᵀa + lambda)⁻¹ aᵀt, d unknowns a class; `gram` [d, d] is aᵀa, `right` [ways, d] is tᵀa. */
export function primalSystem(
  problem: RidgeProblem,
  gram: Float64Array,
  right: Float64Array,
  products: RowProducts,
): RidgeSystem {
  const { d, ways, rows } = problem;
  const diagonal = diagonalOf(gram, d);
  return {
    solve(lambda) {
      const lower = cholesky(withDiagonal(gram, diagonal, lambda), d);
      const weight = choleskySolve(lower, d, right);
      return {
        weight,
        leftOut: async (positions) => {
          const rho = inverseLengths(problem);
          const along = new Float64Array(d); // aᵀρ
          eachRow(problem, (row, i) => row.forEach((value, j) => (along[j]! += rho[i]! * value)));
          const solved = choleskySolve(lower, d, along);
          const seen = new Float32Array(positions.length * d);
          positions.forEach((i, at) => seen.set(rows(i, 1), at * d));
          const whitened = await products(seen, Float32Array.from(invertLower(lower, d))); // a L⁻ᵀ: |row|² is a (aᵀa + lambda)⁻¹ aᵀ
          const fits = await products(seen, Float32Array.from(weight)); // [positions, ways]
          const rhoAlpha = productWithTargets(problem, rho).map(
            (product, way) => (product - dot(along, weight, way * d)) / lambda,
          );
          const rhoQ = (dot(rho, rho) - dot(along, solved)) / lambda;
          return scoresOf(problem, positions, { lambda, rhoAlpha, rhoQ }, (i, at) => {
            const row = seen.subarray(at * d, (at + 1) * d);
            const own = whitened.subarray(at * d, (at + 1) * d);
            return {
              kappa: (1 - dot(own, own)) / lambda,
              alpha: targetsOf(problem, i).map((value, way) => (value - fits[at * ways + way]!) / lambda),
              rho: rho[i]!,
              q: (rho[i]! - dot(row, solved)) / lambda,
            };
          });
        },
      };
    },
  };
}

/** w = aᵀ (a aᵀ + lambda)⁻¹ t, n unknowns a class; `gram` [n, n] is a aᵀ. The same weights, cheaper where n < d. */
export function dualSystem(problem: RidgeProblem, gram: Float64Array): RidgeSystem {
  const { ways, labels, rows } = problem;
  const n = labels.length;
  const diagonal = diagonalOf(gram, n);
  return {
    solve(lambda) {
      const lower = cholesky(withDiagonal(gram, diagonal, lambda), n);
      const targets = new Float64Array(ways * n);
      for (let i = 0; i < n; i++) targetsOf(problem, i).forEach((value, way) => (targets[way * n + i] = value));
      const alpha = choleskySolve(lower, n, targets);
      return {
        weight: combinedRows(rows(0, n), alpha, ways),
        leftOut: async (positions) => {
          const rho = inverseLengths(problem);
          const q = choleskySolve(lower, n, rho);
          const inverse = invertLower(lower, n);
          const kappa = new Float64Array(n); // K⁻¹ = L⁻ᵀ L⁻¹
          inverse.forEach((value, at) => (kappa[at % n]! += value * value));
          const rhoAlpha = Float64Array.from({ length: ways }, (_, way) => dot(rho, alpha, way * n));
          return scoresOf(problem, positions, { lambda, rhoAlpha, rhoQ: dot(rho, q) }, (i) => ({
            kappa: kappa[i]!,
            alpha: Float64Array.from({ length: ways }, (_, way) => alpha[way * n + i]!),
            rho: rho[i]!,
            q: q[i]!,
          }));
        },
      };
    },
  };
}

function scoresOf(
  problem: RidgeProblem,
  positions: readonly number[],
  sums: Omit<LeftOutSums, "weight">,
  imageAt: (i: number, at: number) => Omit<LeftOutImage, "w" | "target">,
): Float32Array {
  const { ways, labels, weights } = problem;
  const weight = weights?.reduce((sum, value) => sum + value, 0) ?? labels.length;
  const scores = new Float32Array(positions.length * ways);
  positions.forEach((i, at) => {
    const image = { ...imageAt(i, at), w: weights?.[i] ?? 1, target: targetsOf(problem, i) };
    scores.set(leftOutScores(image, { ...sums, weight }), at * ways);
  });
  return scores;
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

function eachRow({ rows, labels, d }: RidgeProblem, visit: (row: Float32Array, i: number) => void): void {
  for (let from = 0; from < labels.length; from += CHUNK) {
    const chunk = rows(from, CHUNK);
    for (let at = 0; at < chunk.length; at += d) visit(chunk.subarray(at, at + d), from + at / d);
  }
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
