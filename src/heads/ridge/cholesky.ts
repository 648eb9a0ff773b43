// Cholesky decomposition in float64 on a flat array, two rows and four columns at a time: six numbers that are loaded
// serve eight products. An evaluation solves hundreds of systems of 1,024 unknowns, where ml-matrix's decomposition, which
// gets and sets every entry by a call, would take most of the time (docs/LOG.md).

import { UserError } from "../../errors.ts";

/** Columns of a tile, and rows that are finished together. */
const COLUMNS = 4;
/** Rows of a tile: more of them need more registers than there are. */
const ROWS = 2;

/**
 * The lower triangle L, row-major [n, n], of L Lᵀ = matrix [n, n], of which only the lower triangle is read.
 * @throws UserError where the matrix is not positive definite
 * @example cholesky(Float64Array.of(4, 0, 2, 5), 2) // Float64Array [2, 0, 1, 2]
 */
export function cholesky(matrix: Float64Array, n: number): Float64Array {
  const lower = new Float64Array(n * n);
  for (let group = 0; group < n; group += COLUMNS) {
    const end = Math.min(n, group + COLUMNS);
    for (let left = 0; left < group; left += COLUMNS) {
      for (let top = group; top < end; top += ROWS) fillTile(lower, matrix, { top, left, n });
    }
    for (let i = group; i < end; i++) fillToDiagonal(lower, matrix, i, group, n);
  }
  return lower;
}

/** Entries `left` to i of row i, all others that they depend on being there. */
function fillToDiagonal(lower: Float64Array, matrix: Float64Array, i: number, left: number, n: number): void {
  const row = i * n;
  for (let j = left; j <= i; j++) {
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

interface Tile {
  readonly top: number;
  readonly left: number;
  readonly n: number;
}

/** Of a tile's two rows, each with its four columns: what `addProducts` came to last. Made once, as there are thousands of tiles. */
const PRODUCTS = new Float64Array(ROWS * COLUMNS);

/** Products, from place `from` to `to`, of two rows of `x` with four rows of `y`. Where the second row is missing, the first is made twice. */
function addProducts(x: Float64Array, y: Float64Array, { top, left, n }: Tile, from: number, to: number): void {
  const a = left * n;
  const [b, c, d] = [a + n, a + 2 * n, a + 3 * n];
  const p = top * n;
  const q = secondRow(top, n);
  let [p0, p1, p2, p3] = [0, 0, 0, 0];
  let [q0, q1, q2, q3] = [0, 0, 0, 0];
  for (let k = from; k < to; k++) {
    const pk = x[p + k]!;
    const qk = x[q + k]!;
    const ak = y[a + k]!;
    p0 += pk * ak;
    q0 += qk * ak;
    const bk = y[b + k]!;
    p1 += pk * bk;
    q1 += qk * bk;
    const ck = y[c + k]!;
    p2 += pk * ck;
    q2 += qk * ck;
    const dk = y[d + k]!;
    p3 += pk * dk;
    q3 += qk * dk;
  }
  PRODUCTS[0] = p0;
  PRODUCTS[1] = p1;
  PRODUCTS[2] = p2;
  PRODUCTS[3] = p3;
  PRODUCTS[4] = q0;
  PRODUCTS[5] = q1;
  PRODUCTS[6] = q2;
  PRODUCTS[7] = q3;
}

/** Where a tile's second row starts: there is none below the last row. */
const secondRow = (top: number, n: number): number => Math.min(top + 1, n - 1) * n;

/** A tile of L left of the diagonal, all that is left of it being there. */
function fillTile(lower: Float64Array, matrix: Float64Array, tile: Tile): void {
  const { top, left, n } = tile;
  addProducts(lower, lower, tile, 0, left);
  fillRow(lower, matrix, top * n, tile, 0);
  fillRow(lower, matrix, secondRow(top, n), tile, COLUMNS);
}

/** Four entries of the row of L that starts at `row`; the products of what is left of them stand in PRODUCTS, from `first` on. */
function fillRow(lower: Float64Array, matrix: Float64Array, row: number, { left, n }: Tile, first: number): void {
  const a = left * n + left;
  const [b, c, d] = [a + n, a + 2 * n, a + 3 * n];
  const at = row + left;
  const x0 = (matrix[at]! - PRODUCTS[first]!) / lower[a]!;
  const x1 = (matrix[at + 1]! - PRODUCTS[first + 1]! - x0 * lower[b]!) / lower[b + 1]!;
  const x2 = (matrix[at + 2]! - PRODUCTS[first + 2]! - x0 * lower[c]! - x1 * lower[c + 1]!) / lower[c + 2]!;
  const x3 =
    (matrix[at + 3]! - PRODUCTS[first + 3]! - x0 * lower[d]! - x1 * lower[d + 1]! - x2 * lower[d + 2]!) / lower[d + 3]!;
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

/**
 * The inverse of a lower triangle L, transposed: row-major [n, n], zeros below the diagonal. Its rows are columns of the inverse, so that
 * products run along rows, two rows of L and four columns of the inverse at a time.
 * @example invertedTransposed(Float64Array.of(2, 0, 1, 2), 2) // Float64Array [0.5, -0.25, 0, 0.5]
 */
export function invertedTransposed(lower: Float64Array, n: number): Float64Array {
  const inverse = new Float64Array(n * n);
  for (let top = 0; top < n; top += ROWS) {
    let left = 0;
    for (; left + COLUMNS <= top; left += COLUMNS) invertTile(inverse, lower, { top, left, n });
    for (let i = top; i < Math.min(n, top + ROWS); i++) invertToDiagonal(inverse, lower, i, left, n);
  }
  return inverse;
}

/** Entries of row i of the inverse from column `left` to the diagonal. */
function invertToDiagonal(inverse: Float64Array, lower: Float64Array, i: number, left: number, n: number): void {
  const pivot = lower[i * n + i]!;
  for (let j = left; j < i; j++) {
    let sum = 0;
    for (let k = j; k < i; k++) sum += lower[i * n + k]! * inverse[j * n + k]!;
    inverse[j * n + i] = -sum / pivot;
  }
  inverse[i * n + i] = 1 / pivot;
}

/** A tile of the inverse left of the diagonal. */
function invertTile(inverse: Float64Array, lower: Float64Array, tile: Tile): void {
  const { top, left, n } = tile;
  addProducts(lower, inverse, tile, left, top);
  const [p, q] = [top * n, secondRow(top, n)];
  const pivot = lower[p + top]!;
  for (let column = 0; column < COLUMNS; column++) {
    inverse[(left + column) * n + top] = -PRODUCTS[column]! / pivot;
  }
  if (q === p) return;
  const [next, own] = [lower[q + top]!, lower[q + top + 1]!];
  for (let column = 0; column < COLUMNS; column++) {
    const at = (left + column) * n + top;
    inverse[at + 1] = -(PRODUCTS[COLUMNS + column]! + next * inverse[at]!) / own;
  }
}
