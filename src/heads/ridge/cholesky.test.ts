import { CholeskyDecomposition, Matrix } from "ml-matrix";
import { expect, test } from "vitest";
import { UserError } from "../../errors.ts";
import { fold, key, normal } from "../../tensor/random.ts";
import { cholesky, choleskySolve, invertedTransposed } from "./cholesky.ts";

/** A random positive definite matrix. */
function positiveDefinite(n: number): Matrix {
  const a = Matrix.from1DArray(n, n + 3, normal(fold(key(2), n), n * (n + 3)));
  return a.mmulByTranspose();
}

test.each([1, 2, 3, 4, 5, 6, 7, 8, 9, 33])("agrees with ml-matrix (%d rows)", (n) => {
  const matrix = positiveDefinite(n);
  const expected = new CholeskyDecomposition(matrix);
  const lower = cholesky(Float64Array.from(matrix.to1DArray()), n);
  expected.lowerTriangularMatrix.to1DArray().forEach((value, i) => expect(lower[i]).toBeCloseTo(value, 10));
  const right = normal(key(n), 2 * n);
  const solution = choleskySolve(lower, n, right);
  const product = matrix.mmul(Matrix.from1DArray(2, n, solution).transpose()).transpose();
  product.to1DArray().forEach((value, i) => expect(value).toBeCloseTo(right[i]!, 8));
  const identity = Matrix.from1DArray(n, n, lower).mmul(
    Matrix.from1DArray(n, n, invertedTransposed(lower, n)).transpose(),
  );
  identity.to1DArray().forEach((value, at) => expect(value).toBeCloseTo(at % (n + 1) === 0 ? 1 : 0, 8));
});

test("what stands above the diagonal is not read", () => {
  expect([...cholesky(Float64Array.of(4, Number.NaN, 2, 5), 2)]).toEqual([2, 0, 1, 2]);
});

test.each([
  ["indefinite", [1, 2, 2, 1]],
  ["singular", [1, 1, 1, 1]],
  ["not finite", [1, 0, Number.NaN, 1]],
])("a matrix that is %s is refused", (_, entries) => {
  expect(() => cholesky(Float64Array.from(entries), 2)).toThrow("not positive definite (pivot 1:");
  expect(() => cholesky(Float64Array.from(entries), 2)).toThrow(UserError);
});
