// The closed-form head: ridge regression from features to one-hot labels, on all labelled images at once. Features are
// centred by the generation set's mean and scaled to unit length; there is no bias. The Gram matrix, nearly all of the
// work, is made by onnxruntime; the system is solved in float64 here.

import { UserError } from "../errors.ts";
import type { CompileOptions } from "../tensor/program.ts";
import { RidgeProducts } from "./ridge-products.ts";
import { dualSystem, primalSystem, type RidgeProblem, type RidgeSystem } from "./ridge-system.ts";
import { centredLengths, meanRow, unitRows } from "./unit-rows.ts";

export interface RidgeHead {
  readonly ways: number;
  /** [d] of the features it was fitted to: subtracted from every feature before it is scaled to unit length. */
  readonly mean: Float32Array;
  /** [ways, d] */
  readonly weight: Float32Array;
  readonly lambda: number;
  /** How many images it was fitted to. */
  readonly images: number;
}

/** A problem whose Gram matrix is made: each solution takes a decomposition. @throws UserError where lambda is not positive */
export interface PreparedRidge {
  solve(lambda: number): RidgeHead;
  /** Ready to leave out each of the images at `positions`: gives the head of all, and scores [positions, ways] by those without each. */
  leavingOut(
    positions: readonly number[],
  ): Promise<(lambda: number) => Promise<{ readonly head: RidgeHead; readonly scores: Float32Array }>>;
}

/**
 * Fits ridge heads to features of one length. Call `release` when done with it.
 * @example
 * const solver = RidgeSolver.create(2);
 * const head = await solver.fit(Float32Array.of(1, 0, 0.9, 0.1, 0, 1, 0.1, 0.9), [0, 0, 1, 1], 2); // features [4, 2]
 * const [first, second] = ridgeScores(head, Float32Array.of(1, 0)); // [1, 2]: the largest is the prediction
 * first! > second! // true
 * await solver.release();
 */
export class RidgeSolver {
  readonly #products: RidgeProducts;

  private constructor(products: RidgeProducts) {
    this.#products = products;
  }

  /** Of features of length d. */
  static create(d: number, options: CompileOptions = {}): RidgeSolver {
    return new RidgeSolver(new RidgeProducts(d, options));
  }

  /**
   * The weights that minimise |a w - t|² + lambda |w|², where a are the centred unit features and t the one-hot labels
   * minus 1 / ways. Features [n, d], labels [n] from 0 to ways - 1.
   * @throws UserError where features and labels do not fit or are not finite, or lambda is not positive
   */
  async fit(features: Float32Array, labels: ArrayLike<number>, ways: number, lambda = 1): Promise<RidgeHead> {
    return (await this.prepare(features, labels, ways)).solve(lambda);
  }

  /**
   * The same problem for any lambda. `weights` [n] say how much each image counts, in the mean, too.
   * @throws UserError where features and labels do not fit or are not finite; `solve`, where lambda is not positive
   */
  async prepare(
    features: Float32Array,
    labels: ArrayLike<number>,
    ways: number,
    weights?: Float64Array,
  ): Promise<PreparedRidge> {
    const [d, n] = [this.#products.d, labels.length];
    checkProblem({ features, labels, ways }, d);
    const mean = meanRow(features, d, weights);
    const rows = (from: number, count: number): Float32Array =>
      weighted(unitRows(features, mean, from, Math.min(count, n - from)), d, weights?.subarray(from));
    const problem = { d, ways, labels, rows, weights, lengths: () => centredLengths(features, mean) };
    const system = n < d ? await this.#dualSystem(problem) : await this.#primalSystem(problem);
    const headOf = (weight: Float64Array, lambda: number): RidgeHead => {
      return { ways, mean, weight: new Float32Array(weight), lambda, images: n };
    };
    return {
      solve(lambda) {
        requirePositive(lambda);
        return headOf(system.solve(lambda), lambda);
      },
      async leavingOut(positions) {
        const leftOut = await system.leavingOut(positions);
        return async (lambda) => {
          requirePositive(lambda);
          const { weight, scores } = await leftOut(lambda);
          return { head: headOf(weight, lambda), scores };
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
    return dualSystem(problem, await this.#products.ofRows(problem.rows(0, problem.labels.length)));
  }

  release(): Promise<void> {
    return this.#products.release();
  }
}

/** Scores [n, ways] of features [n, d]; the largest of a row is the prediction. */
export function ridgeScores(
  { mean, weight, ways }: Pick<RidgeHead, "mean" | "weight" | "ways">,
  features: Float32Array,
): Float32Array {
  const d = mean.length;
  const n = features.length / d;
  const scores = new Float32Array(n * ways);
  for (let i = 0; i < n; i++) {
    const row = unitRows(features, mean, i, 1);
    for (let way = 0; way < ways; way++) {
      let score = 0;
      for (let j = 0; j < d; j++) score += row[j]! * weight[way * d + j]!;
      scores[i * ways + way] = score;
    }
  }
  return scores;
}

interface Problem {
  readonly features: Float32Array;
  readonly labels: ArrayLike<number>;
  readonly ways: number;
}

function checkProblem({ features, labels, ways }: Problem, d: number): void {
  if (labels.length === 0 || features.length !== labels.length * d) {
    throw new UserError(`${features.length} numbers of features with ${labels.length} labels`, {
      hint: `give ${d} numbers and one label per image, and at least one image`,
    });
  }
  const wild = Array.from(labels).findIndex((label) => !(Number.isInteger(label) && label >= 0 && label < ways));
  if (wild >= 0) throw new UserError(`label ${labels[wild]} of image ${wild}: expected 0 to ${ways - 1}`);
  const bad = firstNotFinite(features);
  if (bad >= 0) throw new UserError(`feature ${bad % d} of image ${Math.floor(bad / d)} is ${features[bad]}`);
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
