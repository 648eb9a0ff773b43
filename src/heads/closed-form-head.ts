// The closed-form head: ridge regression from features to one-hot labels, on all labelled images at once. Features are
// centred by the generation set's mean and scaled to unit length; there is no bias. The Gram matrix, nearly all of the
// work, is made by onnxruntime; the system is solved in float64 here.

import { UserError } from "../errors.ts";
import { matmul } from "../tensor/ops.ts";
import { compile, type CompileOptions, type Program } from "../tensor/program.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { type HostTensor, hostTensor } from "../tensor/tree.ts";
import { cholesky, choleskySolve } from "./cholesky.ts";

/** Rows a call; the last call's missing rows are zeros, which add nothing. */
const PRIMAL_ROWS = 1024;
const DUAL_ROWS = 256;

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

type PrimalProgram = Program<{ rows: Tensor }, { readonly gram: Tensor }>;
type DualProgram = Program<{ a: Tensor; b: Tensor }, { readonly gram: Tensor }>;

/**
 * Fits ridge heads to features of one length. Call `release` when done with it.
 * @example
 * const solver = await RidgeSolver.create(2);
 * const head = await solver.fit(Float32Array.of(1, 0, 0.9, 0.1, 0, 1, 0.1, 0.9), [0, 0, 1, 1], 2); // features [4, 2]
 * const [first, second] = ridgeScores(head, Float32Array.of(1, 0)); // [1, 2]: the largest is the prediction
 * first! > second! // true
 * await solver.release();
 */
export class RidgeSolver {
  readonly #d: number;
  readonly #primal: PrimalProgram;
  readonly #dual: DualProgram;

  private constructor(d: number, primal: PrimalProgram, dual: DualProgram) {
    this.#d = d;
    this.#primal = primal;
    this.#dual = dual;
  }

  static async create(d: number, options: CompileOptions = {}): Promise<RidgeSolver> {
    const primal = await compile(
      ({ rows }: { rows: Tensor }) => ({ gram: matmul(rows, rows, { transposeA: true }) }),
      { rows: hostTensor([PRIMAL_ROWS, d]) },
      options,
    );
    const dual = await compile(
      ({ a, b }: { a: Tensor; b: Tensor }) => ({ gram: matmul(a, b, { transposeB: true }) }),
      { a: hostTensor([DUAL_ROWS, d]), b: hostTensor([DUAL_ROWS, d]) },
      options,
    );
    return new RidgeSolver(d, primal, dual);
  }

  /**
   * The weights that minimise |a w - t|² + lambda |w|², where a are the centred unit features and t the one-hot labels
   * minus 1 / ways. Features [n, d], labels [n] from 0 to ways - 1.
   * @throws UserError where features and labels do not fit or are not finite, or lambda is not positive
   */
  async fit(features: Float32Array, labels: ArrayLike<number>, ways: number, lambda = 1): Promise<RidgeHead> {
    const [d, n] = [this.#d, labels.length];
    checkProblem({ features, labels, ways, lambda }, d);
    const mean = meanRow(features, d);
    const rows = (from: number, count: number): Float32Array =>
      unitRows(features, mean, from, Math.min(count, n - from));
    const weight =
      n < d ? await this.#fitDual(rows, labels, ways, lambda) : await this.#fitPrimal(rows, labels, ways, lambda);
    return { ways, mean, weight: Float32Array.from(weight), lambda, images: n };
  }

  /** w = (aᵀa + lambda)⁻¹ aᵀt, d unknowns a class. */
  async #fitPrimal(rows: UnitRows, labels: ArrayLike<number>, ways: number, lambda: number): Promise<Float64Array> {
    const d = this.#d;
    const gram = new Float64Array(d * d);
    const right = new Float64Array(ways * d); // aᵀt, class after class
    for (let from = 0; from < labels.length; from += PRIMAL_ROWS) {
      const chunk = rows(from, PRIMAL_ROWS);
      const result = await this.#primal.run({ rows: padded(chunk, PRIMAL_ROWS, d) });
      const part = result.gram.data as Float32Array;
      for (let i = 0; i < part.length; i++) gram[i]! += part[i]!;
      addTransposedProduct(right, chunk, labels, from, ways);
    }
    return solveRegularized(gram, lambda, right);
  }

  /** w = aᵀ (a aᵀ + lambda)⁻¹ t, n unknowns a class: the same weights, cheaper where there are fewer images than features. */
  async #fitDual(rows: UnitRows, labels: ArrayLike<number>, ways: number, lambda: number): Promise<Float64Array> {
    const [d, n] = [this.#d, labels.length];
    const gram = new Float64Array(n * n);
    for (let top = 0; top < n; top += DUAL_ROWS) {
      const a = padded(rows(top, DUAL_ROWS), DUAL_ROWS, d);
      for (let left = 0; left <= top; left += DUAL_ROWS) {
        const b = left === top ? a : padded(rows(left, DUAL_ROWS), DUAL_ROWS, d);
        const part = (await this.#dual.run({ a, b })).gram.data as Float32Array;
        for (let i = top; i < Math.min(top + DUAL_ROWS, n); i++) {
          const width = Math.min(DUAL_ROWS, n - left);
          gram.set(part.subarray((i - top) * DUAL_ROWS, (i - top) * DUAL_ROWS + width), i * n + left);
        }
      }
    }
    const targets = Float64Array.from({ length: ways * n }, (_, at) =>
      target(labels[at % n]!, Math.floor(at / n), ways),
    );
    return combinedRows(rows(0, n), solveRegularized(gram, lambda, targets), ways);
  }

  async release(): Promise<void> {
    await this.#primal.release();
    await this.#dual.release();
  }
}

/** Scores [n, ways] of features [n, d]; the largest of a row is the prediction. */
export function ridgeScores({ mean, weight, ways }: RidgeHead, features: Float32Array): Float32Array {
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

/** Centred unit rows from `from` on: at most `count`, fewer at the end. */
type UnitRows = (from: number, count: number) => Float32Array;

const target = (label: number, way: number, ways: number): number => (label === way ? 1 : 0) - 1 / ways;

interface Problem {
  readonly features: Float32Array;
  readonly labels: ArrayLike<number>;
  readonly ways: number;
  readonly lambda: number;
}

function checkProblem({ features, labels, ways, lambda }: Problem, d: number): void {
  if (labels.length === 0 || features.length !== labels.length * d) {
    throw new UserError(`${features.length} numbers of features with ${labels.length} labels`, {
      hint: `give ${d} numbers and one label per image, and at least one image`,
    });
  }
  const wild = Array.from(labels).findIndex((label) => !(Number.isInteger(label) && label >= 0 && label < ways));
  if (wild >= 0) throw new UserError(`label ${labels[wild]} of image ${wild}: expected 0 to ${ways - 1}`);
  if (!(lambda > 0)) throw new UserError(`lambda is ${lambda}: expected more than 0`);
  for (let at = 0; at < features.length; at++) {
    if (Number.isFinite(features[at])) continue;
    throw new UserError(`feature ${at % d} of image ${Math.floor(at / d)} is ${features[at]}`);
  }
}

function meanRow(features: Float32Array, d: number): Float32Array {
  const n = features.length / d;
  const sums = new Float64Array(d);
  for (let i = 0; i < n; i++) for (let j = 0; j < d; j++) sums[j]! += features[i * d + j]!;
  return Float32Array.from(sums, (sum) => sum / n);
}

/** (feature - mean) / |feature - mean|; a feature that is the mean stays zero. */
function unitRows(features: Float32Array, mean: Float32Array, from: number, count: number): Float32Array {
  const d = mean.length;
  const rows = features.slice(from * d, (from + count) * d);
  for (let at = 0; at < rows.length; at += d) {
    let squares = 0;
    for (let j = 0; j < d; j++) {
      const centred = rows[at + j]! - mean[j]!;
      rows[at + j] = centred;
      squares += centred * centred;
    }
    const scale = squares > 0 ? 1 / Math.sqrt(squares) : 0;
    for (let j = 0; j < d; j++) rows[at + j]! *= scale;
  }
  return rows;
}

/** (gram + lambda)⁻¹ x for each row x of `right` [ways, size]; adds lambda to gram's diagonal in place. */
function solveRegularized(gram: Float64Array, lambda: number, right: Float64Array): Float64Array {
  const size = Math.sqrt(gram.length);
  for (let i = 0; i < size; i++) gram[i * size + i]! += lambda;
  return choleskySolve(cholesky(gram, size), size, right);
}

function padded(rows: Float32Array, count: number, d: number): HostTensor {
  const tensor = hostTensor([count, d]);
  tensor.data.set(rows);
  return tensor;
}

/** right [ways, d] += tᵀ rows, by class sums: t is constant but for the label's own column. */
function addTransposedProduct(
  right: Float64Array,
  rows: Float32Array,
  labels: ArrayLike<number>,
  from: number,
  ways: number,
): void {
  const d = right.length / ways;
  const total = new Float64Array(d);
  for (let i = 0; i < rows.length / d; i++) {
    const start = labels[from + i]! * d;
    for (let j = 0; j < d; j++) {
      const value = rows[i * d + j]!;
      right[start + j]! += value;
      total[j]! += value;
    }
  }
  for (let at = 0; at < right.length; at++) right[at]! -= total[at % d]! / ways;
}

/** factors [ways, n], rows [n, d] -> factors rows [ways, d] */
function combinedRows(rows: Float32Array, factors: Float64Array, ways: number): Float64Array {
  const n = factors.length / ways;
  const d = rows.length / n;
  const out = new Float64Array(ways * d);
  for (let way = 0; way < ways; way++) {
    for (let i = 0; i < n; i++) {
      const factor = factors[way * n + i]!;
      for (let j = 0; j < d; j++) out[way * d + j]! += factor * rows[i * d + j]!;
    }
  }
  return out;
}
