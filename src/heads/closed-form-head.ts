// The closed-form head: ridge regression from features to one-hot labels, on all labelled images at once. Features are
// centred by the generation set's mean and scaled to unit length; there is no bias. The Gram matrix, nearly all of the
// work, is made by onnxruntime; the system is solved in float64 here.

import { UserError } from "../errors.ts";
import { matmul, mul, sum } from "../tensor/ops.ts";
import { compile, type CompileOptions, type Program } from "../tensor/program.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { type HostTensor, hostTensor } from "../tensor/tree.ts";
import { dualSystem, type LeftOutProducts, primalSystem, type RidgeProblem, type RidgeSystem } from "./ridge-system.ts";
import { centredLengths, meanRow, unitRows } from "./unit-rows.ts";

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

/** A problem whose Gram matrix is made: each solution takes a decomposition. @throws UserError where lambda is not positive */
export interface PreparedRidge {
  solve(lambda: number): RidgeHead;
  /** Ready to leave out each of the images at `positions`: gives the head of all, and scores [positions, ways] by those without each. */
  leavingOut(
    positions: readonly number[],
  ): Promise<(lambda: number) => Promise<{ readonly head: RidgeHead; readonly scores: Float32Array }>>;
}

type PrimalProgram = Program<{ rows: Tensor }, { readonly gram: Tensor }>;
type DualProgram = Program<{ a: Tensor; b: Tensor }, { readonly gram: Tensor }>;

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
  readonly #d: number;
  readonly #options: CompileOptions;
  /** Of the programs that were compiled. */
  readonly #releases: (() => Promise<void>)[] = [];
  #primal: Promise<PrimalProgram> | undefined;
  #dual: Promise<DualProgram> | undefined;

  private constructor(d: number, options: CompileOptions) {
    this.#d = d;
    this.#options = options;
  }

  /** Of features of length d; programs are compiled when they are needed. */
  static create(d: number, options: CompileOptions = {}): RidgeSolver {
    return new RidgeSolver(d, options);
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
    const [d, n] = [this.#d, labels.length];
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
    const gram = new Float64Array(d * d);
    const right = new Float64Array(ways * d); // aᵀt, class after class
    const primal = await (this.#primal ??= this.#compiled(
      ({ rows: all }: { rows: Tensor }) => ({ gram: matmul(all, all, { transposeA: true }) }),
      { rows: { shape: [PRIMAL_ROWS, d] } },
    ));
    for (let from = 0; from < labels.length; from += PRIMAL_ROWS) {
      const chunk = rows(from, PRIMAL_ROWS);
      const result = await primal.run({ rows: padded(chunk, PRIMAL_ROWS, d) });
      const part = result.gram.data as Float32Array;
      for (let i = 0; i < part.length; i++) gram[i]! += part[i]!;
      addTransposedProduct(right, chunk, labels, from, ways, weights);
    }
    return primalSystem(problem, gram, right, (seen) => this.#leftOutProducts(seen, ways));
  }

  /** Compiled for these rows: any number of them, and any number of classes. */
  async #leftOutProducts(seen: Float32Array, ways: number): Promise<LeftOutProducts> {
    const d = this.#d;
    const rows = hostTensor([seen.length / d, d], seen);
    const program = await this.#compiled(
      ({ rows: a, inverse, weight }: { rows: Tensor; inverse: Tensor; weight: Tensor }) => {
        const whitened = matmul(a, inverse, { transposeB: true });
        return { squares: sum(mul(whitened, whitened), [1]), fits: matmul(a, weight, { transposeB: true }) };
      },
      { rows: { shape: rows.shape }, inverse: { shape: [d, d] }, weight: { shape: [ways, d] } },
    );
    program.bind({ rows });
    return async (inverse, weight) => {
      const result = await program.run({
        inverse: hostTensor([d, d], new Float32Array(inverse)),
        weight: hostTensor([ways, d], new Float32Array(weight)),
      });
      return { squares: result.squares.data as Float32Array, fits: result.fits.data as Float32Array };
    };
  }

  async #dualSystem(problem: RidgeProblem): Promise<RidgeSystem> {
    const n = problem.labels.length;
    return dualSystem(problem, await this.#dualGram(problem.rows(0, n), n));
  }

  /** a aᵀ [n, n] of rows a [n, d], of which the lower blocks alone are made. */
  async #dualGram(rows: Float32Array, n: number): Promise<Float64Array> {
    const d = this.#d;
    const shape = [DUAL_ROWS, d];
    const dual = await (this.#dual ??= this.#compiled(
      ({ a, b }: { a: Tensor; b: Tensor }) => ({ gram: matmul(a, b, { transposeB: true }) }),
      { a: { shape }, b: { shape } },
    ));
    const block = (from: number): HostTensor => padded(rows.subarray(from * d, (from + DUAL_ROWS) * d), DUAL_ROWS, d);
    const gram = new Float64Array(n * n);
    for (let top = 0; top < n; top += DUAL_ROWS) {
      const a = block(top);
      for (let at = 0; at <= top; at += DUAL_ROWS) {
        const part = (await dual.run({ a, b: block(at) })).gram.data as Float32Array;
        const width = Math.min(DUAL_ROWS, n - at);
        for (let i = top; i < Math.min(top + DUAL_ROWS, n); i++) {
          gram.set(part.subarray((i - top) * DUAL_ROWS, (i - top) * DUAL_ROWS + width), i * n + at);
        }
      }
    }
    return gram;
  }

  async #compiled<I extends object, O extends object>(...of: Parameters<typeof compile<I, O>>): Promise<Program<I, O>> {
    const program = await compile(of[0], of[1], this.#options);
    this.#releases.push(() => program.release());
    return program;
  }

  async release(): Promise<void> {
    await Promise.all(this.#releases.map((release) => release()));
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
  if (weights) rows.forEach((value, at) => (rows[at] = value * Math.sqrt(weights[Math.floor(at / d)]!)));
  return rows;
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
