// The closed-form head: ridge regression from features to one-hot labels, on all labelled images at once. Features are
// centred by the generation set's mean and scaled to unit length; there is no bias. Products of large matrices, nearly all of
// the work, are made by onnxruntime (products.ts); the system is solved in float64 (primal.ts, dual.ts).

import { UserError } from "../../errors.ts";
import type { CompileOptions } from "../../tensor/program.ts";
import { classWeights, type LabelledFeatures, requireLabels } from "../labelled.ts";
import { centredLengths, centredUnitRows, meanRow } from "./centred-rows.ts";
import { dualSystem } from "./dual.ts";
import type { RidgeHead } from "./head.ts";
import { primalSystem } from "./primal.ts";
import type { RidgeProblem, RidgeSystem } from "./problem.ts";
import { RidgeProducts } from "./products.ts";

/** A problem whose Gram matrix is made: each solution takes a decomposition. @throws UserError where lambda is not positive */
export interface PreparedRidge {
  solve(lambda: number): RidgeHead;
  /**
   * Ready to leave out each of the images at `positions`, for any lambda and as long as the solver is not released: gives the
   * head of all, and scores [positions, ways] by those without each.
   */
  leaveOut(
    positions: readonly number[],
  ): Promise<(lambda: number) => Promise<{ readonly head: RidgeHead; readonly scores: Float32Array }>>;
}

/**
 * Fits ridge heads to features of one length. Call `release` when done with it.
 * @example
 * const solver = new RidgeSolver(2);
 * const features = Float32Array.of(1, 0, 0.9, 0.1, 0, 1, 0.1, 0.9); // [4, 2]
 * const head = await solver.fit({ features, labels: [0, 0, 1, 1], ways: 2 }, 1);
 * const [first, second] = ridgeScores(head, Float32Array.of(1, 0)); // [1, 2]: the largest is the prediction
 * first! > second! // true
 * await solver.release();
 */
export class RidgeSolver {
  readonly #products: RidgeProducts;

  /** Of features of length d; nothing is compiled before it is needed. */
  constructor(d: number, options: CompileOptions = {}) {
    this.#products = new RidgeProducts(d, options);
  }

  /**
   * The weights that minimise |a w - t|² + lambda |w|², where a are the centred unit features and t the one-hot labels
   * minus 1 / ways. Features [n, d], labels [n] from 0 to ways - 1.
   * @throws UserError where features and labels do not fit or are not finite, or lambda is not positive
   */
  async fit(data: LabelledFeatures, lambda: number): Promise<RidgeHead> {
    return (await this.prepare(data)).solve(lambda);
  }

  /** The problem of any lambda, classes counting as `classWeights` says. @throws UserError as `prepare` */
  prepareByClass(data: LabelledFeatures): Promise<PreparedRidge> {
    return this.prepare(data, classWeights(data.labels, data.ways));
  }

  /**
   * The problem of any lambda. `weights` [n], positive, say how much each image counts, in the mean, too.
   * @throws UserError where features, labels and weights do not fit, or are not what they should be
   */
  async prepare({ features, labels, ways }: LabelledFeatures, weights?: Float64Array): Promise<PreparedRidge> {
    const [d, n] = [this.#products.d, labels.length];
    checkProblem({ features, labels, ways }, d);
    if (weights) checkWeights(weights, n);
    const mean = meanRow(features, d, weights);
    const rows = (from: number, count: number): Float32Array =>
      weighted(centredUnitRows(features, mean, from, Math.min(count, n - from)), d, weights?.subarray(from));
    const problem = { d, ways, labels, rows, weights, lengths: () => centredLengths(features, mean) };
    const system = n < d ? await this.#dualSystem(problem) : await this.#primalSystem(problem);
    const headOf = (weight: Float64Array): RidgeHead => ({ ways, mean, weight: new Float32Array(weight) });
    return {
      solve(lambda) {
        requirePositive(lambda);
        return headOf(system.solve(lambda));
      },
      async leaveOut(positions) {
        const leftOut = await system.leaveOut(positions);
        return async (lambda) => {
          requirePositive(lambda);
          const { weight, scores } = await leftOut(lambda);
          return { head: headOf(weight), scores };
        };
      },
    };
  }

  async #primalSystem(problem: RidgeProblem): Promise<RidgeSystem> {
    const { d, ways, labels, rows, weights } = problem;
    const right = new Float64Array(ways * d); // aᵀt, class after class
    const gram = await this.#products.ofColumns(labels.length, rows, (chunk, from) =>
      addTransposedProduct(right, chunk, labels, from, ways, weights),
    );
    return primalSystem(problem, gram, right, (leftOut) => this.#products.ofLeftOut(leftOut, ways));
  }

  async #dualSystem(problem: RidgeProblem): Promise<RidgeSystem> {
    const a = problem.rows(0, problem.labels.length);
    return dualSystem(problem, await this.#products.ofRows(a), a);
  }

  release(): Promise<void> {
    return this.#products.release();
  }
}

function checkProblem({ features, labels, ways }: LabelledFeatures, d: number): void {
  if (labels.length === 0 || features.length !== labels.length * d) {
    throw new UserError(`${features.length} numbers of features with ${labels.length} labels`, {
      hint: `give ${d} numbers and one label per image, and at least one image`,
    });
  }
  requireLabels(labels, ways);
  const bad = firstNotFinite(features);
  if (bad >= 0) throw new UserError(`feature ${bad % d} of image ${Math.floor(bad / d)} is ${features[bad]}`);
}

function checkWeights(weights: Float64Array, n: number): void {
  if (weights.length !== n) throw new UserError(`${weights.length} weights of ${n} images`);
  const bad = weights.findIndex((weight) => !(weight > 0 && weight < Infinity));
  if (bad >= 0) throw new UserError(`the weight of image ${bad} is ${weights[bad]}: expected more than 0`);
}

/** -1 where all are finite, which a sum tells in a tenth of the time of a look at each. */
function firstNotFinite(values: Float32Array): number {
  let total = 0; // of 32-bit numbers a 64-bit sum is finite if they are
  for (let at = 0; at < values.length; at++) total += values[at]!;
  return Number.isFinite(total) ? -1 : values.findIndex((value) => !Number.isFinite(value));
}

function requirePositive(lambda: number): void {
  if (!(lambda > 0)) throw new UserError(`lambda is ${lambda}: expected more than 0`);
}

/** Rows times the roots of their weights, in place. */
function weighted(rows: Float32Array, d: number, weights?: Float64Array): Float32Array {
  if (!weights) return rows;
  for (let i = 0; i < rows.length / d; i++) {
    const root = Math.sqrt(weights[i]!);
    for (let at = i * d; at < (i + 1) * d; at++) rows[at]! *= root;
  }
  return rows;
}

/** right [ways, d] += tᵀ rows, by class sums: t is constant but for the label's own column. */
function addTransposedProduct(
  right: Float64Array,
  rows: Float32Array,
  labels: ArrayLike<number>,
  from: number,
  ways: number,
  weights?: Float64Array,
): void {
  const d = right.length / ways;
  const total = new Float64Array(d);
  for (let i = 0; i < rows.length / d; i++) {
    const start = labels[from + i]! * d;
    const root = weights ? Math.sqrt(weights[from + i]!) : 1; // of the target; the row has its own already
    for (let j = 0; j < d; j++) {
      const value = root * rows[i * d + j]!;
      right[start + j]! += value;
      total[j]! += value;
    }
  }
  for (let at = 0; at < right.length; at++) right[at]! -= total[at % d]! / ways;
}
