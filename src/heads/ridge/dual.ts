// w = aᵀ (a aᵀ + lambda)⁻¹ t: n unknowns a class. The same weights, cheaper where n < d.

import { dot } from "../vectors.ts";
import { cholesky, choleskySolve, invertedTransposed } from "./cholesky.ts";
import { diagonalOf, withDiagonal } from "./diagonal.ts";
import { leftOutScorer } from "./left-out.ts";
import { type RidgeProblem, type RidgeSystem, targetsOf } from "./problem.ts";

/** `gram` [n, n] is a aᵀ of all rows a [n, d]. */
export function dualSystem(problem: RidgeProblem, gram: Float64Array, a: Float32Array): RidgeSystem {
  const { ways, labels } = problem;
  const n = labels.length;
  const diagonal = diagonalOf(gram, n);
  const targets = new Float64Array(ways * n);
  for (let i = 0; i < n; i++) targetsOf(problem, i).forEach((value, way) => (targets[way * n + i] = value));
  const solved = (lambda: number) => {
    const lower = cholesky(withDiagonal(gram, diagonal, lambda), n);
    const alpha = choleskySolve(lower, n, targets);
    return { lower, alpha, weight: combinedRows(a, alpha, ways) };
  };
  return {
    solve: (lambda) => solved(lambda).weight,
    async leaveOut(positions) {
      const { rho, scoresOf } = leftOutScorer(problem, positions);
      return async (lambda) => {
        const { lower, alpha, weight } = solved(lambda);
        const q = choleskySolve(lower, n, rho);
        const kappa = rowSquares(invertedTransposed(lower, n), n); // K⁻¹ = L⁻ᵀ L⁻¹
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

/** Sums of squares of each row [n] of an upper triangle [n, n]. */
function rowSquares(upper: Float64Array, n: number): Float64Array {
  const sums = new Float64Array(n);
  for (let i = 0; i < n; i++) for (let j = i; j < n; j++) sums[i]! += upper[i * n + j]! ** 2;
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
