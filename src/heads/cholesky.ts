// Cholesky decomposition in float64 on a flat array, four columns at a time: one number that is loaded serves four
// products. An evaluation solves hundreds of systems of 1,024 unknowns, where ml-matrix's decomposition, which gets and
// sets every entry by a call, would take most of the time (docs/LOG.md).

import { UserError } from "../errors.ts";

/**
 * The lower triangle L, row-major [n, n], of L Lᵀ = matrix [n, n], of which only the lower triangle is read.
 * @throws UserError where the matrix is not positive definite
 * @example cholesky(Float64Array.of(4, 0, 2, 5), 2) // Float64Array [2, 0, 1, 2]
 */
export function cholesky(matrix: Float64Array, n: number): Float64Array {
  const lower = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    const row = i * n;
    let j = 0;
    for (; j + 4 <= i; j += 4) fourEntries(lower, matrix, row, j, n);
    for (; j <= i; j++) {
      let rest = matrix[row + j]!;
      for (let k = 0; k < j; k++) rest -= lower[row + k]! * lower[j * n + k]!;
      if (i !== j) lower[row + j] = rest / lower[j * n + j]!;
      else if (rest > 0) lower[row + i] = Math.sqrt(rest);
      else
        throw new UserError(`a matrix of ${n} is not positive definite (pivot ${i}: ${rest})`, {
          hint: "use a larger lambda",
        });
    }
  }
  return lower;
}

/** Entries j to j + 3 of the row of L that starts at `row`, left of the diagonal. */
function fourEntries(lower: Float64Array, matrix: Float64Array, row: number, j: number, n: number): void {
  const a = j * n;
  const [b, c, d] = [a + n, a + 2 * n, a + 3 * n];
  let [s0, s1, s2, s3] = [0, 0, 0, 0];
  for (let k = 0; k < j; k++) {
    const value = lower[row + k]!;
    s0 += value * lower[a + k]!;
    s1 += value * lower[b + k]!;
    s2 += value * lower[c + k]!;
    s3 += value * lower[d + k]!;
  }
  const at = row + j;
  const x0 = (matrix[at]! - s0) / lower[a + j]!;
  const x1 = (matrix[at + 1]! - s1 - x0 * lower[b + j]!) / lower[b + j + 1]!;
  const x2 = (matrix[at + 2]! - s2 - x0 * lower[c + j]! - x1 * lower[c + j + 1]!) / lower[c + j + 2]!;
  const x3 =
    (matrix[at + 3]! - s3 - x0 * lower[d + j]! - x1 * lower[d + j + 1]! - x2 * lower[d + j + 2]!) / lower[d + j + 3]!;
  lower[at] = x0;
  lower[at + 1] = x1;
  lower[at + 2] = x2;
  lower[at + 3] = x3;
}

/** Solves L Lᵀ x = b for each row b of `right` [rows, n] -> [rows, n]. */
export function choleskySolve(lower: Float64Array, n: number, right: Float64Array): Float64Array {
  const solution = right.slice();
  for (let start = 0; start < solution.length; start += n) {
    const x = solution.subarray(start, start + n);
    for (let i = 0; i < n; i++) {
      let rest = x[i]!;
      for (let j = 0; j < i; j++) rest -= lower[i * n + j]! * x[j]!;
      x[i] = rest / lower[i * n + i]!;
    }
    for (let i = n - 1; i >= 0; i--) {
      const value = (x[i]! /= lower[i * n + i]!);
      for (let j = 0; j < i; j++) x[j]! -= lower[i * n + j]! * value; // along L's row, which is Lᵀ's column
    }
  }
  return solution;
}
