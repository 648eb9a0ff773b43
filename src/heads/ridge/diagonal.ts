// The diagonal of a system's matrix, which is all that lambda changes.

/** [size] of a matrix [size, size]. */
export function diagonalOf(matrix: Float64Array, size: number): Float64Array {
  return Float64Array.from({ length: size }, (_, i) => matrix[i * size + i]!);
}

/** The matrix with `diagonal` + lambda as its diagonal, in place. */
export function withDiagonal(matrix: Float64Array, diagonal: Float64Array, lambda: number): Float64Array {
  diagonal.forEach((value, i) => (matrix[i * diagonal.length + i] = value + lambda));
  return matrix;
}
