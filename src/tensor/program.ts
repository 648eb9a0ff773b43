// Programs: a TypeScript function on symbolic tensors, traced once, lowered to one ONNX graph, run by onnxruntime.

import { UserError } from "../errors.ts";
import { blockOf, emission, type Target } from "./lower/lower.ts";
import { type Layout, pairedShape, repack } from "./lower/layout.ts";
import { OnnxGraph } from "./lower/onnx-graph.ts";
import { input } from "./ops.ts";
import { blockSize, openSession, type OrtSession, type OrtTensor, type SessionOptions } from "./runtime.ts";
import { type Tensor, topologicalOrder } from "./tensor.ts";
import {
  asTree,
  type DType,
  type Host,
  type HostTensor,
  leaves,
  mapTree,
  type Retype,
  type Shaped,
  type Tree,
} from "./tree.ts";

/** An input's shape and type. */
export interface Spec extends Shaped {
  readonly dtype?: DType;
}

export interface CompileOptions extends SessionOptions {
  /** `blocked` is the fast one on CPUs that have it, `portable` runs anywhere; by default the best for the device. */
  readonly lowering?: "blocked" | "portable";
}

export function dtypeOf(leaf: Shaped & { readonly dtype?: DType; readonly data?: unknown }): DType {
  if (leaf.dtype) return leaf.dtype;
  if (leaf.data instanceof Uint8Array) return "uint8";
  return leaf.data instanceof BigInt64Array ? "int64" : "float32";
}

/** What to lower for; undefined: the portable lowering. */
export async function chooseTarget({ device = "cpu", lowering, runtime, threads }: CompileOptions): Promise<Target> {
  if (lowering === "portable" || device === "cuda") return undefined;
  if (device === "webgpu") return device;
  const block = await blockSize(runtime);
  if (block === undefined && lowering === "blocked") {
    throw new UserError("the blocked lowering is not offered by this onnxruntime or CPU", {
      hint: "use the portable one",
    });
  }
  return block === undefined ? undefined : { block, isOneThread: threads === 1 };
}

/** The tree's leaves as graph inputs named PREFIX.PATH. */
export function traceInputs(specs: Tree<Spec>, prefix: string): Tree<Tensor> {
  return mapTree<Spec, Tensor>(specs, (spec, path) => input(`${prefix}.${path}`, spec.shape, dtypeOf(spec)));
}

/**
 * Compiles a function of symbolic tensors, whose type is that of the program: it takes and gives the same structures with
 * numbers in them. `specs` says shapes and types of the inputs; tensors in host memory do as well.
 * @example
 * const square = await compile(({ x }: { x: Tensor }) => ({ y: mul(x, x) }), { x: { shape: [2] } });
 * (await square.run({ x: hostTensor([2], [3, 4]) })).y.data; // Float32Array [9, 16]
 */
export async function compile<I extends object, O extends object>(
  f: (inputs: I) => O,
  specs: NoInfer<Retype<I, Spec>>,
  options: CompileOptions = {},
): Promise<Program<I, O>> {
  const inputs = asTree<Spec>(specs);
  const outputs = asTree<Tensor>(f(traceInputs(inputs, "in") as I));
  const target = await chooseTarget(options);
  const { model, layouts, results } = lower(inputs, outputs, target);
  const { session, ort } = await openSession(model, { ...options, memoryPattern: false });
  const entries = leaves<Spec>(inputs).map(([path, spec]): Entry => ({
    path,
    spec,
    layout: layouts.get(path) ?? "plain",
  }));
  return new Program<I, O>(session, ort, entries, { outputs, results }, blockOf(target));
}

/** Inputs are named `in.PATH`; `results` names the outputs. Inputs that the outputs do not depend on are left out. */
function lower(specs: Tree<Spec>, outputs: Tree<Tensor>, target: Target) {
  const g = new OnnxGraph();
  const named = leaves<Tensor>(outputs);
  const roots = named.map(([, leaf]) => leaf);
  const e = emission(g, roots, target);
  const used = new Map(topologicalOrder(roots).flatMap((t) => (t.op === "input" ? [[t.attributes.name, t]] : [])));
  const layouts = new Map<string, Layout>();
  for (const [path, spec] of leaves<Spec>(specs)) {
    const t = used.get(`in.${path}`);
    if (!t) continue;
    const layout = e.layout(t) === "paired" ? "paired" : "plain";
    layouts.set(path, layout);
    const stored = layout === "paired" ? pairedShape(spec.shape, blockOf(target)!) : spec.shape;
    e.provide(t, layout, g.input(`in.${path}`, stored, dtypeOf(spec)));
  }
  e.emit();
  const results = new Map(
    named.map(([path, leaf]) => [path, g.result(e.value(leaf, "plain"), leaf.shape, leaf.dtype)]),
  );
  return { model: g.toModel(), layouts, results };
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

/** One input: how it is stored in the graph. */
interface Entry {
  readonly path: string;
  readonly spec: Spec;
  readonly layout: Layout;
}

/** The outputs' structure, and the names of their values in the graph by path. */
interface Outputs {
  readonly outputs: Tree<Tensor>;
  readonly results: ReadonlyMap<string, string>;
}

/** A compiled function from symbolic tensors I to O; it runs on `Host<I>`. Call `release` when done with it. */
export class Program<I extends object, O extends object> {
  readonly #session: OrtSession;
  readonly #ort: Ort;
  readonly #entries: readonly Entry[];
  readonly #outputs: Outputs;
  readonly #block: number | undefined;
  /** Inputs that stay the same from run to run, by path. */
  readonly #bound = new Map<string, OrtTensor>();

  constructor(session: OrtSession, ort: Ort, entries: readonly Entry[], outputs: Outputs, block: number | undefined) {
    this.#session = session;
    this.#ort = ort;
    this.#entries = entries.filter(({ path }) => session.inputNames.includes(`in.${path}`));
    this.#outputs = outputs;
    this.#block = block;
  }

  /** Sets some of the inputs for all later runs, such as parameters: they are converted to the graph's layout once. */
  bind(inputs: Partial<Host<I>>): this {
    const given = new Map(leaves(asTree<HostTensor>(inputs)));
    for (const entry of this.#entries) {
      const leaf = given.get(entry.path);
      if (leaf) this.#bound.set(entry.path, this.#feed(entry, leaf));
    }
    return this;
  }

  /** Runs once, with the inputs that are not bound. Throws UserError naming the input whose shape or type does not fit. */
  async run(inputs: Partial<Host<I>>): Promise<Host<O>> {
    const given = new Map(leaves(asTree<HostTensor>(inputs)));
    const feeds: Record<string, OrtTensor> = {};
    for (const entry of this.#entries) {
      const leaf = given.get(entry.path);
      const bound = leaf ? undefined : this.#bound.get(entry.path);
      feeds[`in.${entry.path}`] = bound ?? this.#feed(entry, leaf);
    }
    const results = await this.#session.run(feeds);
    return mapTree<Tensor, HostTensor>(this.#outputs.outputs, (leaf, path) => ({
      shape: leaf.shape,
      data: results[this.#outputs.results.get(path)!]!.data as Float32Array,
    })) as Host<O>;
  }

  #feed({ path, spec, layout }: Entry, leaf: HostTensor | undefined): OrtTensor {
    const checked = checkLeaf(path, leaf, spec);
    if (layout !== "paired") return toOrt(this.#ort, checked);
    const data = repack(checked.data as Float32Array, spec.shape, this.#block!, "pack");
    return toOrt(this.#ort, { shape: pairedShape(spec.shape, this.#block!), data });
  }

  async release(): Promise<void> {
    await this.#session.release();
  }
}
