// What ridge heads that are fitted without an image say of it, for every image, from one decomposition.
//
// Of rows a [n, d] (centred, of unit length, times √w) and targets t [n, ways], with K = a aᵀ + lambda and α = K⁻¹ t, the head
// without image i scores it t_i - α_i / κ_i, κ = diag(K⁻¹) (PRESS). That leaves the image in the mean that all rows are centred by:
// of 10 images it then gives away nearly every label, of 100 some. Where C_j are the centred features and W the sum of all w,
// - without the image the mean moves by σ = w_i |C_i| / (W - w_i) along u = C_i / |C_i|, so that the other rows become a + σ ρ uᵀ, with
//   ρ_j = √w_j / |C_j|: only the lengths |C_j| that they are scaled by stay those of all images;
// - with x = a u and y = x + σ ρ over the others, and M = a aᵀ + lambda - x xᵀ, their matrix is M + y yᵀ, and the image, whose row is
//   u, is scored yᵀ (M + y yᵀ)⁻¹ t = yᵀ M⁻¹ t / (1 + yᵀ M⁻¹ y) (Sherman and Morrison);
// - products with M⁻¹ follow from K⁻¹: with g the image's column of it without κ, and h = 1 - lambda κ the image's leverage,
//   M⁻¹ = K⁻¹ + (lambda / h) g gᵀ over the others, and M⁻¹ x = -(√w / h) g.

import { type RidgeProblem, rootOf, targetsOf } from "./problem.ts";

/** What is known of one image before anything is solved; ρ and targets are times the root of its weight. */
interface KnownImage {
  /** Its weight, more than 0; 1 where all images count alike. */
  readonly w: number;
  /** t of the image, [ways] */
  readonly target: Float64Array;
  readonly rho: number;
}

/** What a lambda's solution says of an image that is left out. */
interface SolvedImage {
  /** (K⁻¹)_ii */
  readonly kappa: number;
  /** (K⁻¹ t)_i, [ways] */
  readonly alpha: Float64Array;
  /** (K⁻¹ ρ)_i */
  readonly q: number;
}

/** What it says of all images together. */
interface SolvedSums {
  readonly lambda: number;
  /** ρᵀ K⁻¹ t, [ways] */
  readonly rhoAlpha: Float64Array;
  /** ρᵀ K⁻¹ ρ */
  readonly rhoQ: number;
}

/** Scores [ways] of an image by the head that is fitted without it; `totalWeight`: the sum of all weights. */
function leftOutScores(image: KnownImage & SolvedImage, sums: SolvedSums, totalWeight: number): Float64Array {
  const { w, target, rho, kappa, alpha, q } = image;
  const { lambda, rhoAlpha, rhoQ } = sums;
  if (rho === 0) return new Float64Array(alpha.length); // the image is the mean: so every head scores it
  const root = Math.sqrt(w);
  const sigma = (w * root) / (rho * (totalWeight - w));
  const leverage = 1 - lambda * kappa;
  const correction = lambda / leverage; // of K⁻¹, along g gᵀ
  const alongX = -root / leverage; // M⁻¹ x = alongX g
  const gX = (1 - (w + lambda) * kappa) / root; // gᵀ x
  const gRho = q - rho * kappa; // gᵀ ρ
  const xMx = alongX * gX;
  const xMRho = alongX * gRho;
  const rhoMRho = rhoQ - 2 * rho * q + rho * rho * kappa + correction * gRho * gRho;
  const yMy = xMx + 2 * sigma * xMRho + sigma * sigma * rhoMRho;
  return alpha.map((own, way) => {
    const t = target[way]!;
    const gT = own - t * kappa; // gᵀ t
    const xMT = alongX * gT;
    const rhoMT = rhoAlpha[way]! - rho * own - t * gRho + correction * gRho * gT;
    return (xMT + sigma * rhoMT) / (1 + yMy);
  });
}

/** ρ [n] of a problem, and what gives the scores [positions, ways] of a solution: what no lambda changes is computed here. */
export function leftOutScorer(problem: RidgeProblem, positions: readonly number[]) {
  const { ways, labels, weights } = problem;
  const rho = inverseLengths(problem);
  const known = positions.map((i) => ({ w: weights?.[i] ?? 1, target: targetsOf(problem, i), rho: rho[i]! }));
  const totalWeight = weights?.reduce((sum, value) => sum + value, 0) ?? labels.length;
  const scoresOf = (sums: SolvedSums, solvedAt: (i: number, at: number) => SolvedImage): Float32Array => {
    const scores = new Float32Array(positions.length * ways);
    positions.forEach((i, at) => {
      scores.set(leftOutScores({ ...solvedAt(i, at), ...known[at]! }, sums, totalWeight), at * ways);
    });
    return scores;
  };
  return { rho, scoresOf };
}

/** ρ [n]; 0 where an image is the mean. */
function inverseLengths(problem: RidgeProblem): Float64Array {
  return problem.lengths().map((length, i) => (length > 0 ? rootOf(problem, i) / length : 0));
}
