// What ridge heads that are fitted without an image say of it, for every image, from one decomposition.
//
// With K = a aᵀ + lambda over the centred unit rows a, and targets t, the head without image i scores it t_i - α_i / κ_i, where
// α = K⁻¹ t and κ = diag(K⁻¹) (PRESS). That leaves the image in the mean that all rows are centred by: of 10 images it then
// gives away nearly every label, of 100 some. Without it the mean moves away from it, by σ = w_i |c_i| / (W - w_i) along a_i, so
// row j becomes a_j + σ a_i / |c_j| (c: centred, not yet scaled), and K a matrix that differs by rank two, which is solved
// here exactly. Only the lengths by which the other rows are scaled stay those of all images.

import { type RidgeProblem, rootOf, targetsOf } from "./problem.ts";

/** What a solved system knows of one image; rows, targets and ρ are times the square root of the image's weight w. */
interface LeftOutImage {
  /** At least 0; 1 where all images count alike. */
  readonly w: number;
  /** K⁻¹_ii */
  readonly kappa: number;
  /** K⁻¹ t of the image, [ways] */
  readonly alpha: Float64Array;
  /** Its targets, [ways] */
  readonly target: Float64Array;
  /** √w / |c_i| */
  readonly rho: number;
  /** K⁻¹ ρ of the image */
  readonly q: number;
}

/** The same over all images. */
interface LeftOutSums {
  readonly lambda: number;
  /** Sum of all w. */
  readonly weight: number;
  /** ρᵀ α, [ways] */
  readonly rhoAlpha: Float64Array;
  /** ρᵀ K⁻¹ ρ */
  readonly rhoQ: number;
}

/** Scores [ways] of an image by the head that is fitted without it. */
function leftOutScores(image: LeftOutImage, { lambda, weight, rhoAlpha, rhoQ }: LeftOutSums): Float64Array {
  const { w, kappa, alpha, target, rho, q } = image;
  if (rho === 0) return new Float64Array(alpha.length); // the image is the mean: so every head scores it
  const root = Math.sqrt(w);
  const sigma = (w * root) / (rho * (weight - w));
  const leverage = 1 - lambda * kappa;
  const c = lambda / leverage;
  const phi = -w / leverage;
  // products with (K without the image and without what lies along it)⁻¹: of x = the image's own products, and ρ
  const alongX = 1 - (w + lambda) * kappa;
  const alongRho = q - rho * kappa;
  const rhoRho = rhoQ - 2 * rho * q + rho * rho * kappa + c * alongRho * alongRho;
  const spread = 1 + (alongX * phi) / w + (2 * sigma * alongRho * phi) / root + sigma * sigma * rhoRho;
  return alpha.map((own, way) => {
    const alongTarget = own - target[way]! * kappa;
    const xTarget = alongTarget * phi;
    const rhoTarget = rhoAlpha[way]! - rho * own - target[way]! * alongRho + c * alongRho * alongTarget;
    return (xTarget / root + sigma * rhoTarget) / spread;
  });
}

/** What a lambda's solution says of an image that is left out. */
type SolvedImage = Pick<LeftOutImage, "kappa" | "alpha" | "q">;

/** ρ [n] of a problem, and what gives the scores [positions, ways] of a solution: what no lambda changes is computed here. */
export function leftOutScorer(problem: RidgeProblem, positions: readonly number[]) {
  const { ways, labels, weights } = problem;
  const rho = inverseLengths(problem);
  const known = positions.map((i) => ({ w: weights?.[i] ?? 1, target: targetsOf(problem, i), rho: rho[i]! }));
  const weight = weights?.reduce((sum, value) => sum + value, 0) ?? labels.length;
  const scoresOf = (
    sums: Omit<LeftOutSums, "weight">,
    solvedAt: (i: number, at: number) => SolvedImage,
  ): Float32Array => {
    const scores = new Float32Array(positions.length * ways);
    positions.forEach((i, at) => {
      scores.set(leftOutScores({ ...solvedAt(i, at), ...known[at]! }, { ...sums, weight }), at * ways);
    });
    return scores;
  };
  return { rho, scoresOf };
}

/** ρ [n]; 0 where an image is the mean. */
function inverseLengths(problem: RidgeProblem): Float64Array {
  return problem.lengths().map((length, i) => (length > 0 ? rootOf(problem, i) / length : 0));
}
