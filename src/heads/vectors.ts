// Sums over the numbers of vectors, in double precision.

/** a · b, of b's numbers from `start` on. @example dot([1, 2], [3, 4]) // 11 */
export function dot(a: ArrayLike<number>, b: ArrayLike<number>, start = 0): number {
  let sum = 0;
  for (let j = 0; j < a.length; j++) sum += a[j]! * b[start + j]!;
  return sum;
}
