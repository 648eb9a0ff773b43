// Trainer: holds a state tree (parameters, optimizer state, statistics) and runs training steps
// (state, batch) -> (state, metrics), each as one graph. Where the state is large, copying it in and out of onnxruntime
// would cost too much, so several steps run in one call (ONNX Loop). On a WebGPU device, which has no Loop, it stays in
// the device's memory instead. State stays in the lowering's own layout between calls and is converted only when it is
// read or replaced.

import { invariant, UserError } from "../errors.ts";
import { DeviceReader } from "./device-memory.ts";
import { blockOf, emission, type Target } from "./lower/lower.ts";
import { type Layout, pairedShape, repack } from "./lower/layout.ts";
import { OnnxGraph } from "./lower/onnx-graph.ts";
import {
  checkLeaf,
  chooseTarget,
  type CompileOptions,
  dtypeOf,
  type Ort,
  type Spec,
  toOrt,
  traceInputs,
} from "./program.ts";
import { openSession, type OrtSession, type OrtTensor, type SessionOptions } from "./runtime.ts";
import type { Tensor } from "./tensor.ts";
import {
  asTree,
  fillTree,
  type Host,
  type HostTensor,
  leaves,
  type Retype,
  type Shape,
  sizeOf,
  type Tree,
} from "./tree.ts";

export interface TrainerOptions extends CompileOptions {
  /** Steps in one call of onnxruntime; by default 1, or more where the state is large. */
  readonly stepsPerCall?: number;
}

export interface StepResult<S> {
  /** The next state, of the same structure and shapes. */
  readonly state: S;
  /** Scalars, one number each per step. */
  readonly metrics: { readonly [name: string]: Tensor };
}

export type Metrics = { readonly [name: string]: number };

/** Above this, copying the state in and out (about 1 ms/MB) would cost more than a tenth of a step. */
const LARGE_STATE_BYTES = 16 * 2 ** 20;
const STEPS_PER_CALL_WHEN_LARGE = 24;

/** How one leaf of the state is stored between calls. */
interface Slot {
  readonly path: string;
  readonly shape: Shape;
  readonly layout: Layout;
  /** Its shape in that layout. */
  readonly natural: Shape;
  /** The shape in which it is held: pieces of it, where it is updated piece by piece. */
  readonly stored: Shape;
}

interface Plan {
  readonly slots: readonly Slot[];
  readonly results: readonly string[];
  readonly batch: readonly (readonly [path: string, spec: Spec])[];
  readonly metrics: readonly string[];
  readonly stepsPerCall: number;
  readonly block: number | undefined;
  /** Where the session is. */
  readonly place: SessionOptions;
}

/**
 * Compiles a training step on symbolic tensors, whose types are those of the trainer: it starts from `initial` and takes
 * batches of the same structures with numbers in them. `batch` says shapes and types; a batch does as well.
 * @example
 * const step = ({ w }: { w: Tensor }, { x }: { x: Tensor }) => ({
 *   state: { w: sub(w, mul(x, 0.5)) },
 *   metrics: { size: sum(mul(w, w)) },
 * });
 * const trainer = await compileTrainer(step, { w: hostTensor([2], [1, 1]) }, { x: { shape: [2] } });
 * await trainer.run([{ x: hostTensor([2], [1, 2]) }]); // [{ size: 2 }]
 * (await trainer.state()).w.data; // Float32Array [0.5, 0]
 */
export async function compileTrainer<S extends object, B extends object>(
  step: (state: S, batch: B) => StepResult<S>,
  initial: NoInfer<Host<S>>,
  batch: NoInfer<Retype<B, Spec>>,
  options: TrainerOptions = {},
): Promise<Trainer<S, B>> {
  const start = asTree<HostTensor>(initial);
  const batchSpecs = asTree<Spec>(batch);
  const state = traceInputs(start, "state");
  const batchInputs = traceInputs(batchSpecs, "batch");
  const result = step(state as S, batchInputs as B);
  const stepsPerCall = options.stepsPerCall ?? bestStepsPerCall(start, options);
  const target = await chooseTarget(options);
  const traced = { state, batchInputs, next: asTree<Tensor>(result.state), metrics: result.metrics };
  const emitted = stepsPerCall === 1 ? emitStep(traced, target) : emitLoop(traced, target, stepsPerCall);
  const { slots, results } = emitted;
  const isKept = options.device === "webgpu" && stepsPerCall === 1;
  const kept = isKept ? results.slice(0, slots.length) : [];
  const { session, ort } = await openSession(emitted.model, { ...options, kept });
  const plan = {
    slots,
    results,
    batch: leaves<Spec>(batchSpecs),
    metrics: Object.keys(result.metrics),
    stepsPerCall,
    block: blockOf(target),
    place: options,
  };
  return new Trainer<S, B>(session, ort, plan, start);
}

function bestStepsPerCall(state: Tree<HostTensor>, { device }: SessionOptions): number {
  const bytes = leaves<HostTensor>(state).reduce((total, [, leaf]) => total + leaf.data.byteLength, 0);
  return device !== "webgpu" && bytes > LARGE_STATE_BYTES ? STEPS_PER_CALL_WHEN_LARGE : 1;
}

interface TracedStep {
  readonly state: Tree<Tensor>;
  readonly batchInputs: Tree<Tensor>;
  readonly next: Tree<Tensor>;
  readonly metrics: { readonly [name: string]: Tensor };
}

/** Emits the step; `batchValue` makes the value of a batch leaf. Returns the names of the results in the slots' layouts. */
function emitBody(g: OnnxGraph, traced: TracedStep, target: Target, batchValue: (name: string) => string) {
  const next = new Map(leaves<Tensor>(traced.next));
  const state = leaves<Tensor>(traced.state).map(([path, before]) => {
    const after = next.get(path);
    invariant(after?.shape.join() === before.shape.join(), () => `the step changes the state's "${path}"`);
    return { path, before, after };
  });
  const metrics = Object.values(traced.metrics);
  // The last layers' updates come first, so that a gradient is used while it is still in cache.
  const updates = state.map(({ after }) => after).reverse();
  const e = emission(g, [...updates, ...metrics], target, updates);
  const slots = state.map(({ path, before }): Slot => {
    const layout = e.layout(before) === "paired" ? "paired" : "plain";
    const natural = layout === "paired" ? pairedShape(before.shape, blockOf(target)!) : before.shape;
    const stored = e.stored(before);
    e.provide(before, layout, reshaped(g, g.input(`state.${path}`, stored), stored, natural));
    return { path, shape: before.shape, layout, natural, stored };
  });
  for (const [path, leaf] of leaves<Tensor>(traced.batchInputs)) e.provide(leaf, "plain", batchValue(`batch.${path}`));
  e.emit();
  return {
    slots,
    state: state.map(({ after }, i) =>
      reshaped(g, e.value(after, slots[i]!.layout), slots[i]!.natural, slots[i]!.stored),
    ),
    metrics: metrics.map((metric) => e.value(metric, "plain")),
  };
}

function reshaped(g: OnnxGraph, value: string, from: Shape, to: Shape): string {
  return from.join() === to.join() ? value : g.reshape(value, to, from);
}

/** The model with the names of its inputs and outputs. */
interface Emitted {
  readonly model: Uint8Array;
  readonly slots: readonly Slot[];
  /** Outputs: the next state in the order of the slots, then the metrics. */
  readonly results: readonly string[];
}

function emitStep(traced: TracedStep, target: Target): Emitted {
  const g = new OnnxGraph();
  const specs = new Map(leaves<Tensor>(traced.batchInputs).map(([path, leaf]) => [`batch.${path}`, leaf]));
  const body = emitBody(g, traced, target, (name) => g.input(name, specs.get(name)!.shape, specs.get(name)!.dtype));
  const state = body.slots.map(({ stored }, i) => g.result(body.state[i]!, stored));
  const metrics = body.metrics.map((metric) => g.result(metric, []));
  return { model: g.toModel(), slots: body.slots, results: [...state, ...metrics] };
}

function emitLoop(traced: TracedStep, target: Target, stepsPerCall: number): Emitted {
  const inner = new OnnxGraph("s");
  inner.input("iteration", [], "int64");
  inner.input("continue", [], "bool");
  const body = emitBody(inner, traced, target, (name) => inner.node("Gather", [name, "iteration"], { axis: 0 }));
  inner.result("continue", [], "bool");
  body.slots.forEach(({ stored }, i) => inner.result(body.state[i]!, stored));
  for (const metric of body.metrics) inner.result(metric, []);

  const g = new OnnxGraph();
  g.input("steps", [], "int64");
  const starts = body.slots.map(({ path, stored }) => g.input(`state.${path}`, stored));
  for (const [path, { shape, dtype }] of leaves<Tensor>(traced.batchInputs)) {
    g.input(`batch.${path}`, [stepsPerCall, ...shape], dtype);
  }
  const ends = g.nodes("Loop", ["steps", g.bool(true), ...starts], starts.length + body.metrics.length, {
    body: inner,
  });
  const shapes = [...body.slots.map(({ stored }) => stored), ...body.metrics.map(() => ["steps"])];
  const results = ends.map((end, i) => g.result(end, shapes[i]!));
  return { model: g.toModel(), slots: body.slots, results };
}

/** A compiled training step with its state, `Host<S>`; batches are `Host<B>`. Call `release` when done with it. */
export class Trainer<S extends object, B extends object> {
  readonly #session: OrtSession;
  readonly #ort: Ort;
  readonly #plan: Plan;
  readonly #structure: Tree<HostTensor>;
  #state: ReadonlyMap<string, OrtTensor> = new Map();
  #reader: DeviceReader | undefined;

  constructor(session: OrtSession, ort: Ort, plan: Plan, initial: Tree<HostTensor>) {
    this.#session = session;
    this.#ort = ort;
    this.#plan = plan;
    this.#structure = initial;
    this.replaceState(initial as Host<S>);
  }

  /** The most steps that one call of `run` makes. */
  get stepsPerCall(): number {
    return this.#plan.stepsPerCall;
  }

  /** The state as host tensors in plain layout. */
  async state(): Promise<Host<S>> {
    const { slots, block } = this.#plan;
    const held = await this.#heldState();
    const tensors = new Map(
      slots.map(({ path, shape, layout }, i) => {
        const data = held[i]!.data as Float32Array;
        const plain = layout === "paired" ? repack(data, shape, block!, "unpack") : data.slice();
        return [path, { shape, data: plain }] as const;
      }),
    );
    return fillTree<HostTensor, HostTensor>(this.#structure, tensors, (path) => {
      throw new Error(`internal: no state for "${path}"`);
    }) as Host<S>;
  }

  /** The state of each slot, copied out of the device's memory where it is there. */
  async #heldState(): Promise<OrtTensor[]> {
    const { slots, place } = this.#plan;
    const held = slots.map(({ path }) => this.#state.get(path)!);
    if (held.every(({ location }) => location === "cpu")) return held;
    const shapes = slots.map(({ stored }) => stored);
    this.#reader ??= await DeviceReader.create(shapes, place);
    return this.#reader.read(held);
  }

  /** Goes on from another state of the same structure and shapes. */
  replaceState(state: Host<S>): void {
    const given = new Map(leaves(asTree<HostTensor>(state)));
    this.#goOn(
      this.#plan.slots.map(({ path, shape, layout, stored }) => {
        const { data } = checkLeaf(path, given.get(path), { shape });
        const packed = layout === "paired" ? repack(data as Float32Array, shape, this.#plan.block!, "pack") : data;
        return [path, toOrt(this.#ort, { shape: stored, data: packed })] as const;
      }),
    );
  }

  /** Takes the next state; what the last one held in a device's memory is free at once, not when it is collected. */
  #goOn(state: readonly (readonly [path: string, tensor: OrtTensor])[]): void {
    for (const tensor of this.#state.values()) if (tensor.location !== "cpu") tensor.dispose();
    this.#state = new Map(state);
  }

  /** Makes one step per batch (at most `stepsPerCall`); resolves to the metrics of each. */
  async run(batches: readonly Host<B>[]): Promise<Metrics[]> {
    const { stepsPerCall, metrics, slots } = this.#plan;
    if (batches.length === 0 || batches.length > stepsPerCall) {
      throw new UserError(`${batches.length} batches: one call takes 1 to ${stepsPerCall}`);
    }
    const feeds = this.#batchFeeds(batches);
    if (stepsPerCall > 1) feeds["steps"] = new this.#ort.Tensor("int64", BigInt64Array.of(BigInt(batches.length)), []);
    for (const { path } of slots) feeds[`state.${path}`] = this.#state.get(path)!;
    const outputs = await this.#session.run(feeds);
    const values = this.#plan.results.map((name) => outputs[name]!);
    this.#goOn(slots.map(({ path }, i) => [path, values[i]!]));
    const series = values.slice(slots.length).map(({ data }) => data as Float32Array);
    return batches.map((_, i) => Object.fromEntries(metrics.map((name, m) => [name, series[m]![i]!])));
  }

  #batchFeeds(batches: readonly Host<B>[]): Record<string, OrtTensor> {
    const { batch, stepsPerCall } = this.#plan;
    const given = batches.map((tree) => new Map(leaves(asTree<HostTensor>(tree))));
    const feeds: Record<string, OrtTensor> = {};
    for (const [path, spec] of batch) {
      const parts = given.map((leavesOfBatch) => checkLeaf(path, leavesOfBatch.get(path), spec));
      feeds[`batch.${path}`] = toOrt(this.#ort, stepsPerCall === 1 ? parts[0]! : stack(parts, spec, stepsPerCall));
    }
    return feeds;
  }

  async release(): Promise<void> {
    this.#goOn([]);
    await this.#reader?.release();
    await this.#session.release();
  }
}

const ARRAYS = { float32: Float32Array, uint8: Uint8Array, int64: BigInt64Array } as const;

/** Batches one after the other, room for `count` of them. */
function stack(parts: readonly HostTensor[], spec: Spec, count: number): HostTensor {
  const size = sizeOf(spec.shape);
  const data = new ARRAYS[dtypeOf(spec)](count * size);
  parts.forEach((part, i) => data.set(part.data as never, i * size)); // of the spec's type, as `checkLeaf` saw
  return { shape: [count, ...spec.shape], data };
}
