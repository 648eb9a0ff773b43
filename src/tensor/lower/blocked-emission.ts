// The CPU lowering: values live in up to three layouts, each made when it is asked for; operations are emitted by the rules
// of blocked-rules.ts where there is one, else in the layout their tensors share, else by the portable rule.

import { type OpName, type Tensor, type TensorOf, topologicalOrder, type Window } from "../tensor.ts";
import { type Shape, sizeOf } from "../tree.ts";
import { type BatchCluster, emitBatchCluster, findBatchClusters } from "./batch-pieces.ts";
import type { Emission } from "./emission.ts";
import { assignLayouts, isAligned, isScalar, type Layout, pairedShape, sharesLayout, takesWeight } from "./layout.ts";
import type { OnnxGraph } from "./onnx-graph.ts";
import { type Cluster, emitPieces, findClusters, pieces } from "./pieces.ts";
import { portableRule, windowAttributes } from "./portable.ts";

export type Dims = [number, number, number, number];
/** Emits y and returns the name of its value in y's own layout; undefined: not for this shape, use the portable rule. */
export type BlockedRule<Op extends OpName> = (e: BlockedEmission, y: TensorOf<Op> & Tensor) => string | undefined;
export type BlockedRules = { readonly [Op in OpName]?: BlockedRule<Op> };

/** An activation that nchwc.Conv applies to its result. */
export interface Activation {
  readonly activation: string;
  readonly activation_params?: { readonly floats: readonly number[] };
}

export interface BlockedTarget {
  /** Channels a block. */
  readonly block: number;
  /** Whether one thread computes: it has its cache to itself, and waits for nobody at the end of each small piece. */
  readonly isOneThread: boolean;
}

interface BlockedOptions extends Partial<BlockedTarget> {
  readonly block: number;
  readonly rules: BlockedRules;
  /** Those roots that are the next state. */
  readonly updates?: readonly Tensor[];
  /** What is emitted is done for each piece of a batch: the graph around it, and the layouts that were assigned there. */
  readonly piece?: { readonly around: OnnxGraph; readonly layouts: ReadonlyMap<Tensor, Layout> };
}

/** Emits a set of tensors into one graph, keeping each value in the layouts that were asked for. */
export class BlockedEmission implements Emission {
  readonly g: OnnxGraph;
  /** Where what is the same for all images is prepared: around a piece of a batch, the graph of the whole. */
  readonly once: OnnxGraph;
  readonly block: number;
  readonly #layouts: ReadonlyMap<Tensor, Layout>;
  readonly #values = new Map<Tensor, Map<Layout, string>>();
  readonly #order: readonly Tensor[];
  readonly #rules: BlockedRules;
  readonly #uses = new Map<Tensor, number>();
  /** Tensors that are computed as part of their only user. */
  readonly #absorbed = new Set<Tensor>();
  /** Updates that are computed together, by their last member. */
  readonly #clusters = new Map<Tensor, Cluster>();
  readonly #inPieces = new Set<Tensor>();
  /** Operations on wide maps, by member. */
  readonly #batchClusters = new Map<Tensor, BatchCluster>();

  constructor(
    g: OnnxGraph,
    roots: readonly Tensor[],
    { block, isOneThread = false, rules, updates = [], piece }: BlockedOptions,
  ) {
    const order = topologicalOrder(roots);
    this.g = g;
    this.once = piece?.around ?? g;
    this.block = block;
    this.#rules = rules;
    this.#order = order;
    this.#layouts = piece?.layouts ?? assignLayouts(order, block);
    for (const x of [...roots, ...order.flatMap((t) => t.inputs)]) this.#uses.set(x, (this.#uses.get(x) ?? 0) + 1);
    for (const t of order) for (const x of this.#fusible(t)) this.#absorbed.add(x);
    if (piece) return;
    for (const cluster of findBatchClusters(order, roots, { layout: (t) => this.layout(t), isOneThread })) {
      for (const t of cluster.members) this.#batchClusters.set(t, cluster);
    }
    for (const cluster of findClusters(order, updates)) {
      if (new Set(cluster.members.map((t) => this.layout(t))).size > 1) continue;
      for (const t of cluster.members) this.#absorbed.add(t);
      this.#clusters.set(cluster.members.at(-1)!, cluster);
      for (const t of cluster.inputs) this.#inPieces.add(t);
    }
  }

  emit(): void {
    for (const unit of unitsOf(this.#order, this.#batchClusters)) {
      if ("members" in unit) emitBatchCluster(this, unit);
      else if (this.#clusters.has(unit)) this.#emitCluster(this.#clusters.get(unit)!);
      else if (unit.op !== "input" && !this.#absorbed.has(unit)) this.#emit(unit);
    }
  }

  /** The emission of what is done for each piece of a batch. */
  pieceEmission(body: OnnxGraph, roots: readonly Tensor[], layouts: ReadonlyMap<Tensor, Layout>): BlockedEmission {
    const { block, g } = this;
    return new BlockedEmission(body, roots, { block, rules: this.#rules, piece: { around: g, layouts } });
  }

  layout(t: Tensor): Layout {
    return this.#layouts.get(t) ?? "plain";
  }

  isBlocked(t: Tensor): boolean {
    return this.layout(t) === "blocked";
  }

  /** Declares that an input's value arrives under `name` in `layout`. */
  provide(t: Tensor, layout: Layout, name: string): void {
    this.#values.set(t, new Map([[layout, name]]));
  }

  /** The name of t's value in a layout, converted once if need be. */
  value(t: Tensor, layout: Layout = this.layout(t)): string {
    const known = this.#values.get(t);
    if (known === undefined && t.op === "input") {
      this.provide(t, "plain", t.attributes.name);
      return this.value(t, layout);
    }
    let name = known!.get(layout);
    if (name === undefined) {
      name = this.#convert(t, known!, layout);
      known!.set(layout, name);
    }
    return name;
  }

  #convert(t: Tensor, known: ReadonlyMap<Layout, string>, to: Layout): string {
    const [from, name] = [...known][0]!;
    const { g, block } = this;
    if (from !== "plain" && to !== "plain") return this.#convert(t, new Map([["plain", this.value(t, "plain")]]), to);
    if (to === "blocked") return g.nchwc("ReorderInput", [name]);
    if (from === "blocked") return g.nchwc("ReorderOutput", [name], { channels: t.shape[1]! });
    const [outerO, outerI, rest, innerI, innerO] = pairedShape(t.shape, block) as [
      number,
      number,
      number,
      number,
      number,
    ];
    if (to === "paired") {
      const split = g.reshape(name, [outerO, innerO, outerI, innerI, rest]);
      return g.node("Transpose", [split], { perm: [0, 2, 4, 3, 1] });
    }
    return g.reshape(g.node("Transpose", [name], { perm: [0, 4, 1, 3, 2] }), t.shape);
  }

  #emitCluster(cluster: Cluster): void {
    const inputs = cluster.inputs.map((t) => this.g.reshape(this.value(t), pieces(t.shape)!));
    const results = emitPieces(
      this.g,
      cluster,
      inputs,
      cluster.scalars.map((t) => this.value(t)),
    );
    cluster.results.forEach((t, i) => {
      this.provide(t, this.layout(t), this.g.reshape(results[i]!, this.natural(t), pieces(t.shape)));
    });
  }

  /** The shape of t's value in t's own layout. */
  natural(t: Tensor): Shape {
    return this.layout(t) === "paired" ? pairedShape(t.shape, this.block) : t.shape;
  }

  stored(t: Tensor): Shape {
    return (this.#inPieces.has(t) ? pieces(t.shape) : undefined) ?? this.natural(t);
  }

  #emit(t: Tensor): void {
    const rule = this.#rules[t.op] as BlockedRule<OpName> | undefined;
    const name = rule?.(this, t);
    if (name !== undefined) return this.provide(t, this.layout(t), name);
    if (sharesLayout(t) && this.layout(t) !== "plain") {
      const inputs = t.inputs.map((x) => this.value(x, isScalar(x) ? "plain" : this.layout(t)));
      // a reshape between [o, i, q] and [o, i, kh, kw] changes nothing in paired layout
      return this.provide(t, this.layout(t), isAligned(t) ? portableRule(t.op)(this.g, t, ...inputs) : inputs[0]!);
    }
    const inputs = t.inputs.map((x) => this.value(x, "plain"));
    this.provide(t, "plain", portableRule(t.op)(this.g, t, ...inputs));
  }

  // ---- fusion: nchwc.Conv can add a tensor and apply an activation while it writes its result

  /** The inputs of t that t's own rule computes on the way. */
  #fusible(t: Tensor): Tensor[] {
    if (!this.isBlocked(t)) return [];
    if (t.op === "add") {
      const summand = this.#absorbableAffine(t);
      return summand ? [summand] : [];
    }
    if (t.op === "reaches") return this.#uses.get(t.inputs[1]!) === 1 && isUpsampled(t) ? [t.inputs[1]!] : [];
    if (t.op !== "relu" && t.op !== "leakyRelu") return [];
    const x = t.inputs[0]!;
    if (this.#uses.get(x) !== 1) return [];
    if (x.op === "conv2d" && takesWeight(x.inputs[1]!.shape, this.block)) return [x];
    if (x.op === "channelAffine") return [x];
    return x.op === "add" && this.#absorbableAffine(x) ? [x] : [];
  }

  #absorbableAffine(t: Tensor): Tensor | undefined {
    if (!isAligned(t) || t.inputs.some(isScalar)) return undefined;
    return t.inputs.findLast((x) => x.op === "channelAffine" && this.#uses.get(x) === 1 && this.isBlocked(x));
  }

  absorbed(x: Tensor): boolean {
    return this.#absorbed.has(x);
  }

  /** Emits an absorbed tensor (or an addition with one) with an activation on top. */
  fused(t: Tensor, activation?: Activation): string {
    if (t.op === "add") {
      const affine = t.inputs.findLast((x) => this.#absorbed.has(x) && x.op === "channelAffine")!;
      const other = t.inputs[0] === affine ? t.inputs[1]! : t.inputs[0]!;
      return this.affine(affine, activation, this.value(other, "blocked"));
    }
    return t.op === "conv2d" ? this.convolution(t, activation) : this.affine(t, activation);
  }

  /** scale x + shift (+ summand), then the activation: a depthwise 1x1 convolution. */
  affine(t: Tensor, activation?: Activation, summand?: string): string {
    const [x, scale, shift] = t.inputs as [Tensor, Tensor, Tensor];
    const weights = [this.once.reshape(this.value(scale), [t.shape[1]!, 1, 1, 1]), this.value(shift)];
    return this.scaled(this.value(x, "blocked"), t.shape, weights, activation, summand);
  }

  /** scale x + shift (+ summand), then the activation. In rows as long as can be: each of them costs a call. */
  scaled(x: string, shape: Shape, weights: readonly string[], activation?: Activation, summand?: string): string {
    const { g } = this;
    const [n, c, h, w] = shape as Dims;
    const rows = [n, c, 1, h * w];
    const inputs = [g.reshape(x, rows, shape), ...weights];
    if (summand !== undefined) inputs.push(g.reshape(summand, rows, shape));
    return g.reshape(g.nchwc("Conv", inputs, { kernel_shape: [1, 1], group: c, ...activation }), shape, rows);
  }

  convolution(t: Tensor, activation?: Activation): string {
    const [x, weight, bias] = t.inputs as [Tensor, Tensor, Tensor | undefined];
    const inputs = [
      this.value(x, x.shape[1]! % this.block === 0 ? "blocked" : "plain"),
      this.once.reshape(this.value(weight, "paired"), weight.shape),
    ];
    if (bias) inputs.push(this.value(bias));
    return this.g.nchwc("Conv", inputs, { ...windowAttributes(t.attributes as Window), ...activation });
  }

  /** A blocked value of y's input, repeated to y's shape; rows and columns beyond are zero. */
  upsample(x: string, y: Tensor): string {
    const { g, block } = this;
    const { factor } = y.attributes as { factor: number };
    const [n, c, h, w] = y.inputs[0]!.shape as Dims;
    const up = g.nchwc("Upsample", [x], { scales: [1, 1, factor, factor], mode: "nearest" });
    const [restH, restW] = [y.shape[2]! - h * factor, y.shape[3]! - w * factor];
    if (restH + restW === 0) return up;
    const rows = g.reshape(up, [n, c / block, h * factor, w * factor * block]);
    return g.reshape(g.node("Pad", [rows, g.ints([0, 0, 0, 0, 0, 0, restH, restW * block])]), y.shape);
  }

  /** x [n, c, h, w] blocked -> [n, c]: means over space. */
  spatialMeans(x: string, shape: Shape): string {
    const [n, c] = shape as Dims;
    return this.g.reshape(this.g.nchwc("GlobalAveragePool", [x]), [n, c], [n, c, 1, 1]);
  }

  /** x blocked -> [c]: sums over batch and space, times a factor. */
  channelSums(x: string, shape: Shape, factor = 1): string {
    return this.sumOfMeans(this.spatialMeans(x, shape), shape, factor);
  }

  /** Means over space [n, c] of a map of this shape -> [c]: sums over batch and space, times a factor. */
  sumOfMeans(means: string, shape: Shape, factor = 1): string {
    const perChannel = this.g.node("ReduceSum", [means, this.g.ints([0])], { keepdims: 0 });
    const scale = shape[2]! * shape[3]! * factor;
    return scale === 1 ? perChannel : this.g.node("Mul", [perChannel, this.g.scalar(scale)]);
  }

  /** Means over space of x and of x x, [n, c] each -> [2, c]: those over the batch as well. */
  momentsOfMeans(means: readonly string[], shape: Shape): string {
    const c = shape[1]!;
    const rows = means.map((rowsOf) => this.g.reshape(this.sumOfMeans(rowsOf, shape, c / sizeOf(shape)), [1, c]));
    return this.g.node("Concat", rows, { axis: 0 });
  }
}

/** Tensors and clusters, each after all that it needs. */
function unitsOf(order: readonly Tensor[], clusters: ReadonlyMap<Tensor, BatchCluster>): (Tensor | BatchCluster)[] {
  if (clusters.size === 0) return [...order];
  const done = new Set<Tensor>();
  const units: (Tensor | BatchCluster)[] = [];
  const visit = (t: Tensor): void => {
    if (done.has(t)) return;
    const cluster = clusters.get(t);
    for (const member of cluster?.members ?? [t]) done.add(member);
    for (const x of cluster ? [...cluster.maps, ...cluster.shared] : t.inputs) visit(x);
    units.push(cluster ?? t);
  };
  for (const t of order) visit(t);
  return units;
}

/** reaches(x, upsample2d(p)) with nothing left over at the edges, which would be compared with zeros. */
function isUpsampled({ inputs: [x, up] }: Tensor): boolean {
  if (up!.op !== "upsample2d") return false;
  const { factor } = up.attributes;
  const [h, w] = up.inputs[0]!.shape.slice(2) as [number, number];
  return x!.shape.join() === up.shape.join() && up.shape[2] === h * factor && up.shape[3] === w * factor;
}
