// A ridge problem, and what its two forms give: the one with d unknowns a class (primal), the one with n (dual).

/** Centred unit rows times the root of their weights, from `from` on: at most `count`, fewer at the end. */
export type RowSource = (from: number, count: number) => Float32Array;

export interface RidgeProblem {
  readonly d: number;
  readonly ways: number;
  readonly labels: ArrayLike<number>;
  readonly rows: RowSource;
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

/** A problem whose Gram matrix is made: each solution takes a decomposition. */
export interface RidgeSystem {
  /** The weights [ways, d]. */
  solve(lambda: number): Float64Array;
  /** Ready to leave out each of the images at `positions`: what does not depend on lambda is computed here, once. */
  leaveOut(positions: readonly number[]): Promise<(lambda: number) => Promise<LeftOutSolution>>;
}

/** The square root of an image's weight: 1 where all count alike. */
export const rootOf = ({ weights }: RidgeProblem, i: number): number => (weights ? Math.sqrt(weights[i]!) : 1);

/** Of image i, [ways]: 1 for its class, else 0, minus 1 / ways; times the root of its weight. */
export function targetsOf(problem: RidgeProblem, i: number): Float64Array {
  const { labels, ways } = problem;
  const root = rootOf(problem, i);
  return Float64Array.from({ length: ways }, (_, way) => root * ((labels[i] === way ? 1 : 0) - 1 / ways));
}
