// The products of large matrices that ridge heads are made of, by onnxruntime: nearly all of their work.

import { matmul, mul, sum } from "../../tensor/ops.ts";
import { compile, type CompileOptions, type Program } from "../../tensor/program.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import { type HostTensor, hostTensor } from "../../tensor/tree.ts";
import type { RowSource } from "./problem.ts";

/** Rows a call; the last call's missing rows are zeros, which add nothing. */
const COLUMN_ROWS = 1024;
const ROW_ROWS = 256;

type ColumnProgram = Program<{ rows: Tensor }, { readonly gram: Tensor }>;
type RowProgram = Program<{ a: Tensor; b: Tensor }, { readonly gram: Tensor }>;
type LeftOutProgram = Program<
  { rows: Tensor; whitening: Tensor; weight: Tensor },
  { readonly squares: Tensor; readonly fits: Tensor }
>;

/**
 * Of rows a [m, d]: the squared lengths [m] of a times `whitening` [d, d], and a times `weight` [ways, d] transposed, [m, ways].
 */
export type LeftOutProducts = (
  whitening: Float64Array,
  weight: Float64Array,
) => Promise<{ readonly squares: Float32Array; readonly fits: Float32Array }>;

/** Of rows of length d; programs are compiled when they are needed. Call `release` when done with all that it gave. */
export class RidgeProducts {
  readonly d: number;
  readonly #options: CompileOptions;
  #columns: Promise<ColumnProgram> | undefined;
  #rows: Promise<RowProgram> | undefined;
  /** By how many rows and classes there are. */
  readonly #leftOut = new Map<string, Promise<LeftOutProgram>>();

  constructor(d: number, options: CompileOptions) {
    this.d = d;
    this.#options = options;
  }

  /** aᵀa [d, d] of rows a [n, d], which are shown to `visit` as they go by. */
  async ofColumns(
    n: number,
    rows: RowSource,
    visit: (chunk: Float32Array, from: number) => void,
  ): Promise<Float64Array> {
    const { d } = this;
    const program = await (this.#columns ??= compile(
      ({ rows: a }: { rows: Tensor }) => ({ gram: matmul(a, a, { transposeA: true }) }),
      { rows: { shape: [COLUMN_ROWS, d] } },
      this.#options,
    ));
    const gram = new Float64Array(d * d);
    for (let from = 0; from < n; from += COLUMN_ROWS) {
      const chunk = rows(from, COLUMN_ROWS);
      const part = (await program.run({ rows: padded(chunk, COLUMN_ROWS, d) })).gram.data as Float32Array;
      for (let i = 0; i < part.length; i++) gram[i]! += part[i]!;
      visit(chunk, from);
    }
    return gram;
  }

  /** a aᵀ [n, n] of rows a [n, d], of which the lower blocks alone are made. */
  async ofRows(rows: Float32Array): Promise<Float64Array> {
    const { d } = this;
    const n = rows.length / d;
    const shape = [ROW_ROWS, d];
    const program = await (this.#rows ??= compile(
      ({ a, b }: { a: Tensor; b: Tensor }) => ({ gram: matmul(a, b, { transposeB: true }) }),
      { a: { shape }, b: { shape } },
      this.#options,
    ));
    const block = (from: number): HostTensor => padded(rows.subarray(from * d, (from + ROW_ROWS) * d), ROW_ROWS, d);
    const gram = new Float64Array(n * n);
    for (let top = 0; top < n; top += ROW_ROWS) {
      const a = block(top);
      for (let at = 0; at <= top; at += ROW_ROWS) {
        const part = (await program.run({ a, b: block(at) })).gram.data as Float32Array;
        const width = Math.min(ROW_ROWS, n - at);
        for (let i = top; i < Math.min(top + ROW_ROWS, n); i++)
          gram.set(part.subarray((i - top) * ROW_ROWS, (i - top) * ROW_ROWS + width), i * n + at);
      }
    }
    return gram;
  }

  /** With what comes of any decomposition, for these rows [m, d] that are left out. */
  async ofLeftOut(leftOut: Float32Array, ways: number): Promise<LeftOutProducts> {
    const { d } = this;
    const rows = hostTensor([leftOut.length / d, d], leftOut);
    const program = await this.#leftOutProgram(rows.shape[0]!, ways);
    return async (whitening, weight) => {
      const { squares, fits } = await program.run({
        rows,
        whitening: hostTensor([d, d], new Float32Array(whitening)),
        weight: hostTensor([ways, d], new Float32Array(weight)),
      });
      return { squares: squares.data as Float32Array, fits: fits.data as Float32Array };
    };
  }

  #leftOutProgram(m: number, ways: number): Promise<LeftOutProgram> {
    const { d } = this;
    const name = `${m} ${ways}`;
    const made =
      this.#leftOut.get(name) ??
      compile(
        ({ rows, whitening, weight }: { rows: Tensor; whitening: Tensor; weight: Tensor }) => {
          const whitened = matmul(rows, whitening);
          return { squares: sum(mul(whitened, whitened), [1]), fits: matmul(rows, weight, { transposeB: true }) };
        },
        { rows: { shape: [m, d] }, whitening: { shape: [d, d] }, weight: { shape: [ways, d] } },
        this.#options,
      );
    this.#leftOut.set(name, made);
    return made;
  }

  async release(): Promise<void> {
    const programs = [this.#columns, this.#rows, ...this.#leftOut.values()];
    await Promise.all(programs.map(async (program) => (await program)?.release()));
  }
}

function padded(rows: Float32Array, count: number, d: number): HostTensor {
  const tensor = hostTensor([count, d]);
  tensor.data.set(rows);
  return tensor;
}
