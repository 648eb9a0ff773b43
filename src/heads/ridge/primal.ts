// w = (aᵀa + lambda)⁻¹ aᵀt: d unknowns a class.

import { dot } from "../vectors.ts";
import { cholesky, choleskySolve, invertedTransposed } from "./cholesky.ts";
import { diagonalOf, withDiagonal } from "./diagonal.ts";
import { leftOutScorer } from "./left-out.ts";
import { type RidgeProblem, type RidgeSystem, rootOf, targetsOf } from "./problem.ts";
import type { LeftOutProducts } from "./products.ts";

/** `gram` [d, d] is aᵀa, `right` [ways, d] is tᵀa. */
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
    async leaveOut(positions) {
      const { rho, scoresOf } = leftOutScorer(problem, positions);
      const targets = positions.map((i) => targetsOf(problem, i));
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
        const { squares, fits } = await products(invertedTransposed(lower, d), weight); // |a L⁻ᵀ|² is a (aᵀa + lambda)⁻¹ aᵀ
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

/** ρᵀ t [ways], by class sums. */
function productWithTargets(problem: RidgeProblem, rho: Float64Array): Float64Array {
  const sums = new Float64Array(problem.ways);
  rho.forEach((value, i) => (sums[problem.labels[i]!]! += value * rootOf(problem, i)));
  const total = sums.reduce((sum, value) => sum + value, 0);
  return sums.map((sum) => sum - total / problem.ways);
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
