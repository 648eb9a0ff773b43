// Programs: a TypeScript function on symbolic tensors, traced once, lowered to one ONNX graph, run by onnxruntime.

import { UserError } from "../errors.ts";
import { emission } from "./lower/emission.ts";
import { OnnxGraph } from "./lower/onnx-graph.ts";
import { input } from "./ops.ts";
import { blockSize, openSession, type OrtSession, type OrtTensor, type SessionOptions } from "./runtime.ts";
import type { Tensor } from "./tensor.ts";
import { type DType, type HostTensor, leaves, mapTree, type Shaped, type Tree } from "./tree.ts";

/** An input's shape and type. */
export interface Spec extends Shaped {
  readonly dtype?: DType;
}

/** The same structure with other leaves. */
export type Retype<T, Leaf> = T extends Shaped ? Leaf : { [K in keyof T]: Retype<T[K], Leaf> };

export interface CompileOptions extends SessionOptions {
  /** `blocked` is the fast one on CPUs that have it, `portable` runs anywhere; by default the best for the device. */
  readonly lowering?: "blocked" | "portable";
}

export function dtypeOf(leaf: Shaped & { readonly dtype?: DType; readonly data?: unknown }): DType {
  if (leaf.dtype) return leaf.dtype;
  if (leaf.data instanceof Uint8Array) return "uint8";
  return leaf.data instanceof BigInt64Array ? "int64" : "float32";
}

/** The block size to lower with; undefined: the portable lowering. */
export async function chooseBlock({ device = "cpu", lowering, runtime }: CompileOptions): Promise<number | undefined> {
  if (lowering === "portable" || device !== "cpu") return undefined;
  const block = await blockSize(runtime);
  if (block === undefined && lowering === "blocked") {
    throw new UserError("the blocked lowering is not offered by this onnxruntime or CPU", {
      hint: "use the portable one",
    });
  }
  return block;
}

/** The tree's leaves as graph inputs named PREFIX.PATH. */
export function traceInputs(specs: Tree<Spec>, prefix: string): Tree<Tensor> {
  return mapTree<Spec, Tensor>(specs, (spec, path) => input(`${prefix}.${path}`, spec.shape, dtypeOf(spec)));
}

/**
 * Compiles a function of tensors into a program.
 * @example
 * const square = await compile(({ x }) => ({ y: mul(x, x) }), { x: { shape: [2] } });
 * (await square.run({ x: hostTensor([2], [3, 4]) })).y.data; // Float32Array [9, 16]
 */
export async function compile<I extends object, O extends object>(
  f: (inputs: Retype<I, Tensor>) => O,
  specs: I,
  options: CompileOptions = {},
): Promise<Program<I, O>> {
  const inputs = specs as unknown as Tree<Spec>;
  const outputs = f(traceInputs(inputs, "in") as unknown as Retype<I, Tensor>) as unknown as Tree<Tensor>;
  const { session, ort } = await openSession(await toModel(inputs, outputs, options), options);
  return new Program<I, O>(session, (leaf) => toOrt(ort, leaf), inputs, outputs);
}

/** Lowers outputs to an ONNX model whose inputs are named `in.PATH` and outputs `out.PATH`. */
export async function toModel(
  specs: Tree<Spec>,
  outputs: Tree<Tensor>,
  options: CompileOptions = {},
): Promise<Uint8Array> {
  const g = new OnnxGraph();
  for (const [path, spec] of leaves(specs)) g.input(`in.${path}`, spec.shape, dtypeOf(spec));
  const named = leaves(outputs);
  const e = emission(
    g,
    named.map(([, leaf]) => leaf),
    await chooseBlock(options),
  );
  e.emit();
  for (const [path, leaf] of named) g.output(`out.${path}`, e.value(leaf, "plain"), leaf.shape, leaf.dtype);
  return g.toModel();
}

export type Ort = Awaited<ReturnType<typeof openSession>>["ort"];

export function toOrt(ort: Ort, { data, shape }: HostTensor): OrtTensor {
  if (data instanceof Uint8Array) return new ort.Tensor("uint8", data, [...shape]);
  if (data instanceof BigInt64Array) return new ort.Tensor("int64", data, [...shape]);
  return new ort.Tensor("float32", data, [...shape]);
}

export function checkLeaf(path: string, leaf: HostTensor | undefined, spec: Spec): HostTensor {
  const want = `${dtypeOf(spec)} [${spec.shape.join(", ")}]`;
  if (leaf === undefined) throw new UserError(`missing input "${path}": expected ${want}`);
  const got = `${dtypeOf(leaf)} [${leaf.shape.join(", ")}]`;
  if (got !== want) throw new UserError(`input "${path}" is ${got}: expected ${want}`);
  return leaf;
}

/** A compiled function. Call `release` when done with it. */
export class Program<I extends object, O extends object> {
  readonly #session: OrtSession;
  readonly #toOrt: (leaf: HostTensor) => OrtTensor;
  readonly #specs: ReadonlyMap<string, Spec>;
  readonly #outputs: Tree<Tensor>;

  constructor(session: OrtSession, toOrtTensor: (leaf: HostTensor) => OrtTensor, specs: Tree<Spec>, outputs: Tree<Tensor>) {
    this.#session = session;
    this.#toOrt = toOrtTensor;
    this.#specs = new Map(leaves<Spec>(specs));
    this.#outputs = outputs;
  }

  /** Runs once. Throws UserError naming the input whose shape or type does not fit. */
  async run(inputs: Retype<I, HostTensor>): Promise<Retype<O, HostTensor>> {
    const given = new Map(leaves<HostTensor>(inputs as unknown as Tree<HostTensor>));
    const feeds: Record<string, OrtTensor> = {};
    for (const [path, spec] of this.#specs) {
      if (this.#session.inputNames.includes(`in.${path}`))
        feeds[`in.${path}`] = this.#toOrt(checkLeaf(path, given.get(path), spec));
    }
    const results = await this.#session.run(feeds);
    return mapTree<Tensor, HostTensor>(this.#outputs, (leaf, path) => ({
      shape: leaf.shape,
      data: results[`out.${path}`]!.data as Float32Array,
    })) as unknown as Retype<O, HostTensor>;
  }

  async release(): Promise<void> {
    await this.#session.release();
  }
}
