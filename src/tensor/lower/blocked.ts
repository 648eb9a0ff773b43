// The CPU lowering: convolutions, batch norm and pooling through onnxruntime's blocked NCHWc operations, weights kept in
// paired layout; everything else falls back to the portable rule. Formulations: docs/engine.md.

import { type OpName, type Tensor, type TensorOf, topologicalOrder, type Window } from "../tensor.ts";
import { type Shape, sizeOf } from "../tree.ts";
import {
  assignLayouts,
  isAligned,
  isScalar,
  type Layout,
  pairedShape,
  sharesLayout,
  takesInputGradient,
  takesWeight,
} from "./layout.ts";
import type { Emission } from "./emission.ts";
import type { OnnxGraph } from "./onnx-graph.ts";
import { gradientTaps, patches, portableRule, windowAttributes } from "./portable.ts";

type Dims = [number, number, number, number];
/** Emits y and returns the name of its value in y's own layout; undefined: not for this shape, use the portable rule. */
type BlockedRule<Op extends OpName> = (e: BlockedEmission, y: TensorOf<Op> & Tensor) => string | undefined;

/** An activation that nchwc.Conv applies to its result. */
interface Activation {
  readonly activation: string;
  readonly activation_params?: { readonly floats: readonly number[] };
}

/** Emits a set of tensors into one graph, keeping each value in the layouts that were asked for. */
export class BlockedEmission implements Emission {
  readonly g: OnnxGraph;
  readonly block: number;
  readonly #layouts: ReadonlyMap<Tensor, Layout>;
  readonly #values = new Map<Tensor, Map<Layout, string>>();
  readonly #order: readonly Tensor[];
  readonly #uses = new Map<Tensor, number>();
  /** Tensors that are computed as part of their only user. */
  readonly #absorbed = new Set<Tensor>();

  constructor(g: OnnxGraph, roots: readonly Tensor[], block: number) {
    const order = topologicalOrder(roots);
    this.g = g;
    this.block = block;
    this.#order = order;
    this.#layouts = assignLayouts(order, block);
    for (const x of [...roots, ...order.flatMap((t) => t.inputs)]) this.#uses.set(x, (this.#uses.get(x) ?? 0) + 1);
    for (const t of order) for (const x of this.#fusible(t)) this.#absorbed.add(x);
  }

  emit(): void {
    for (const t of this.#order) if (t.op !== "input" && !this.#absorbed.has(t)) this.#emit(t);
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

  #emit(t: Tensor): void {
    const rule = BLOCKED[t.op] as BlockedRule<OpName> | undefined;
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
    const c = t.shape[1]!;
    const inputs = [this.value(x, "blocked"), this.g.reshape(this.value(scale), [c, 1, 1, 1]), this.value(shift)];
    if (summand !== undefined) inputs.push(summand);
    return this.g.nchwc("Conv", inputs, { kernel_shape: [1, 1], group: c, ...activation });
  }

  convolution(t: Tensor, activation?: Activation): string {
    const [x, weight, bias] = t.inputs as [Tensor, Tensor, Tensor | undefined];
    const inputs = [
      this.value(x, x.shape[1]! % this.block === 0 ? "blocked" : "plain"),
      this.g.reshape(this.value(weight, "paired"), weight.shape),
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
    return this.g.reshape(this.g.nchwc("GlobalAveragePool", [x]), shape.slice(0, 2));
  }

  /** x blocked -> [c]: sums over batch and space, times a factor. */
  channelSums(x: string, shape: Shape, factor = 1): string {
    const perChannel = this.g.node("ReduceSum", [this.spatialMeans(x, shape), this.g.ints([0])], { keepdims: 0 });
    const scale = shape[2]! * shape[3]! * factor;
    return scale === 1 ? perChannel : this.g.node("Mul", [perChannel, this.g.scalar(scale)]);
  }
}

/** Large enough to saturate a clipped line, small enough not to overflow; a power of two, so that products are exact. */
const STEP_SCALE = 2 ** 96;

/** reaches(x, upsample2d(p)) with nothing left over at the edges, which would be compared with zeros. */
function isUpsampled({ inputs: [x, up] }: Tensor): boolean {
  if (up!.op !== "upsample2d") return false;
  const { factor } = up.attributes;
  const [h, w] = up.inputs[0]!.shape.slice(2) as [number, number];
  return x!.shape.join() === up.shape.join() && up.shape[2] === h * factor && up.shape[3] === w * factor;
}

const conv2dInputGradient: BlockedRule<"conv2dInputGradient"> = (e, dx) => {
  if (!takesInputGradient(dx, e.block) || !e.isBlocked(dx)) return undefined;
  const { g, block } = e;
  const { kernel, stride, padding } = dx.attributes;
  const [dy, weight] = dx.inputs as [Tensor, Tensor];
  const [cOut, cIn] = weight.shape as Dims;
  const swapped = swappedWeight(e, weight); // [cIn/b, cOut/b, k k, b b]
  const taps = (indices: readonly number[], rows: number, columns: number): string => {
    const all = indices.length === kernel * kernel && indices.every((tap, i) => tap === i);
    const picked = all ? swapped : g.node("Gather", [swapped, g.ints(indices)], { axis: 2 });
    return g.reshape(picked, [cIn, cOut, rows, columns]);
  };
  const convolve = (weights: string, kernel_shape: number[], pads: number[]): string =>
    g.nchwc("Conv", [e.value(dy, "blocked"), weights], { kernel_shape, pads });

  if (stride === 1) {
    const reversed = Array.from({ length: kernel * kernel }, (_, i) => kernel * kernel - 1 - i);
    return convolve(taps(reversed, kernel, kernel), [kernel, kernel], Array<number>(4).fill(kernel - 1 - padding));
  }
  // Stride 2: each parity of output rows and columns is a convolution with its own taps; then interleave.
  const [n, , h, w] = dx.shape as Dims;
  const [, , oh, ow] = dy.shape as Dims;
  const [halfH, halfW] = [Math.ceil(h / 2), Math.ceil(w / 2)];
  const phase = (row: number, column: number): string => {
    const [rows, columns] = [phaseTaps(row, kernel, padding), phaseTaps(column, kernel, padding)];
    let part: string;
    if (rows.length === 0 || columns.length === 0)
      part = g.node("Expand", [g.scalar(0), g.ints([n, cIn, halfH, halfW])]);
    else {
      const indices = rows.flatMap((i) => columns.map((j) => i.tap * kernel + j.tap));
      const pads = [
        -rows[0]!.offset,
        -columns[0]!.offset,
        rows.at(-1)!.offset + halfH - oh,
        columns.at(-1)!.offset + halfW - ow,
      ];
      part = convolve(taps(indices, rows.length, columns.length), [rows.length, columns.length], pads);
    }
    return g.reshape(part, [(n * cIn) / block, halfH, 1, halfW, 1, block]);
  };
  const rowPairs = [0, 1].map((row) => g.node("Concat", [phase(row, 0), phase(row, 1)], { axis: 4 }));
  const even = g.node("Concat", rowPairs, { axis: 2 });
  if (h % 2 === 0 && w % 2 === 0) return g.reshape(even, dx.shape);
  const rows = g.reshape(even, [(n * cIn) / block, 2 * halfH, 2 * halfW, block]);
  return g.reshape(g.node("Slice", [rows, g.ints([0, 0]), g.ints([h, w]), g.ints([1, 2])]), dx.shape);
};

/** The taps t that reach output positions 2 a + parity, and from which dy row: dx[2a + parity] = sum of w[t] dy[a + offset]. */
function phaseTaps(parity: number, kernel: number, padding: number): { tap: number; offset: number }[] {
  return Array.from({ length: kernel }, (_, tap) => ({ tap, offset: (parity + padding - tap) / 2 }))
    .filter(({ offset }) => Number.isInteger(offset))
    .sort((a, b) => a.offset - b.offset);
}

/** paired [o/b, i/b, k k, b(i), b(o)] -> [i/b, o/b, k k, b(o) b(i)]: the weight of the transposed convolution. */
function swappedWeight(e: BlockedEmission, weight: Tensor): string {
  const { g, block } = e;
  const [outerO, outerI, taps] = pairedShape(weight.shape, block) as Dims;
  // ReorderOutput transposes the small blocks much faster than Transpose does
  const blocks = g.reshape(e.value(weight, "paired"), [outerO * outerI * taps, block, block, 1]);
  const turned = g.nchwc("ReorderOutput", [blocks], { channels: block });
  return g.node("Transpose", [g.reshape(turned, [outerO, outerI, taps, block * block])], { perm: [1, 0, 2, 3] });
}

const conv2dWeightGradient: BlockedRule<"conv2dWeightGradient"> = (e, dWeight) => {
  if (!takesWeight(dWeight.shape, e.block) || e.layout(dWeight) !== "paired") return undefined;
  const { g, block } = e;
  const { kernel, stride, padding } = dWeight.attributes;
  const [x, dy] = dWeight.inputs as [Tensor, Tensor];
  const [n, cIn, h, w] = x.shape as Dims;
  const [, cOut, oh, ow] = dy.shape as Dims;
  const paired = pairedShape(dWeight.shape, block);
  if (cIn % block !== 0) {
    const pixels = g.reshape(e.value(dy, "blocked"), [n, cOut / block, oh * ow, block]);
    const windows = g.reshape(patches(g, e.value(x, "plain"), x.shape, dy.shape, dWeight.attributes), [
      n,
      1,
      -1,
      oh * ow,
    ]);
    const perImage = g.node("MatMul", [windows, pixels]); // [n, cOut/b, cIn k k, b]
    return g.reshape(g.node("ReduceSum", [perImage, g.ints([0])], { keepdims: 0 }), paired);
  }
  const dySwapped = g.node("Transpose", [e.value(dy, "plain")], { perm: [1, 0, 2, 3] });
  let product: string; // [cOut, cIn/b, k, k, b]
  if (kernel === 1 && padding === 0) {
    let pixels = g.reshape(e.value(x, "blocked"), [n, cIn / block, h, w, block]);
    if (stride > 1) {
      pixels = g.node("Slice", [pixels, g.ints([0, 0]), g.ints([h, w]), g.ints([2, 3]), g.ints([stride, stride])]);
    }
    const rows = g.reshape(g.node("Transpose", [pixels], { perm: [0, 2, 3, 1, 4] }), [n * oh * ow, cIn]);
    product = g.node("MatMul", [g.reshape(dySwapped, [cOut, n * oh * ow]), rows]);
  } else {
    // One convolution with the batch as channels and dy as a dilated kernel; the block rides along in the width.
    const [rows, columns] = [gradientTaps(h, oh, dWeight.attributes), gradientTaps(w, ow, dWeight.attributes)];
    const volume = g.reshape(e.value(x, "blocked"), [1, n, cIn / block, h, w * block]);
    product = g.node("Conv", [volume, g.reshape(dySwapped, [cOut, n, 1, oh, ow])], {
      kernel_shape: [1, oh, ow],
      pads: [0, padding, padding * block, 0, rows.after, columns.after * block],
      dilations: [1, stride, stride * block],
    });
    if (rows.taps > kernel || columns.taps > kernel) {
      product = g.node("Slice", [product, g.ints([0, 0]), g.ints([kernel, kernel * block]), g.ints([3, 4])]);
    }
  }
  // the blocks of cOut go last: what ReorderInput does
  const asImage = g.reshape(product, [cOut / block, block, cIn * kernel * kernel, 1]);
  return g.reshape(g.nchwc("ReorderInput", [asImage]), paired);
};

const activated: BlockedRule<"relu" | "leakyRelu"> = (e, y) => {
  if (!e.absorbed(y.inputs[0]!)) return undefined;
  const activation: Activation =
    y.op === "relu"
      ? { activation: "Relu" }
      : { activation: "LeakyRelu", activation_params: { floats: [y.attributes.slope] } };
  return e.fused(y.inputs[0]!, activation);
};

/** Rules for tensors in blocked or paired layout; each result is in its tensor's own layout. */
const BLOCKED: { readonly [Op in OpName]?: BlockedRule<Op> } = {
  conv2d: (e, y) => (takesWeight(y.inputs[1]!.shape, e.block) && e.isBlocked(y) ? e.convolution(y) : undefined),
  conv2dInputGradient,
  conv2dWeightGradient,
  relu: activated,
  leakyRelu: activated,
  add: (e, y) => (y.inputs.some((x) => x.op === "channelAffine" && e.absorbed(x)) ? e.fused(y) : undefined),

  sum: (e, y) => {
    // a sum over everything needs no particular order
    const x = y.inputs[0]!;
    if (y.shape.length > 0 || e.layout(x) === "plain") return undefined;
    return e.g.node("ReduceSum", [e.value(x)], { keepdims: 0 });
  },
  mixKernels: (e, y) => {
    if (e.layout(y) !== "paired") return undefined;
    const { g } = e;
    const [bank, taps] = y.inputs as [Tensor, Tensor];
    const [o, i, p, inner, b] = pairedShape(bank.shape, e.block) as [number, number, number, number, number];
    const left = y.attributes.transposed ? e.value(taps) : g.node("Transpose", [e.value(taps)], { perm: [1, 0] });
    const product = g.node("MatMul", [left, g.reshape(e.value(bank, "paired"), [o * i, p, inner * b])]);
    return g.reshape(product, pairedShape(y.shape, e.block));
  },
  contractKernels: (e, y) => {
    const [a, b] = y.inputs as [Tensor, Tensor];
    if (e.layout(a) !== "paired" || e.layout(b) !== "paired") return undefined;
    const { g } = e;
    const matrices = (t: Tensor): string => {
      const [o, i, p, inner, outer] = pairedShape(t.shape, e.block) as [number, number, number, number, number];
      return g.reshape(e.value(t, "paired"), [o * i, p, inner * outer]);
    };
    const turned = g.node("Transpose", [matrices(b)], { perm: [0, 2, 1] });
    return g.node("ReduceSum", [g.node("MatMul", [matrices(a), turned]), g.ints([0])], { keepdims: 0 });
  },

  channelAffine: (e, y) => (e.isBlocked(y) ? e.affine(y) : undefined),
  channelSum: (e, y) => {
    const x = y.inputs[0]!;
    return e.isBlocked(x) ? e.channelSums(e.value(x), x.shape) : undefined;
  },
  channelDot: (e, y) => {
    const [a, b] = y.inputs as [Tensor, Tensor];
    if (!e.isBlocked(a) || !e.isBlocked(b)) return undefined;
    return e.channelSums(e.g.node("Mul", [e.value(a), e.value(b)]), a.shape);
  },
  channelMoments: (e, y) => {
    const x = y.inputs[0]!;
    if (!e.isBlocked(x)) return undefined;
    const c = y.shape[1]!;
    const square = e.g.node("Mul", [e.value(x), e.value(x)]);
    const rows = [e.value(x), square].map((term) =>
      e.g.reshape(e.channelSums(term, x.shape, c / sizeOf(x.shape)), [1, c]),
    );
    return e.g.node("Concat", rows, { axis: 0 });
  },

  maxPool2d: (e, y) => {
    const x = y.inputs[0]!;
    return e.isBlocked(x) && e.isBlocked(y)
      ? e.g.nchwc("MaxPool", [e.value(x)], windowAttributes(y.attributes))
      : undefined;
  },
  maxPoolIndices: (e, y) =>
    e.g.nodes("MaxPool", [e.value(y.inputs[0]!, "plain")], 2, windowAttributes(y.attributes))[1],
  upsample2d: (e, y) => {
    const x = y.inputs[0]!;
    return e.isBlocked(x) && e.isBlocked(y) ? e.upsample(e.value(x), y) : undefined;
  },
  sumPool2d: (e, y) => {
    const x = y.inputs[0]!;
    if (!e.isBlocked(x) || !e.isBlocked(y)) return undefined;
    const { factor } = y.attributes;
    const window = { kernel_shape: [factor, factor], strides: [factor, factor] };
    return e.g.node("Mul", [e.g.nchwc("AveragePool", [e.value(x)], window), e.g.scalar(factor * factor)]);
  },
  reaches: (e, y) => {
    const [x, up] = y.inputs as [Tensor, Tensor];
    if (!e.isBlocked(y) || !e.absorbed(up)) return undefined;
    // step(x - up) as one convolution that scales x by a power of two (exact), adds -scale up and clips
    const { g } = e;
    const c = y.shape[1]!;
    const pooled = g.node("Mul", [e.value(up.inputs[0]!), g.scalar(-STEP_SCALE)]);
    const scale = g.floats(new Float32Array(c).fill(STEP_SCALE), [c, 1, 1, 1]);
    const inputs = [e.value(x), scale, g.floats(new Float32Array(c), [c]), e.upsample(pooled, up)];
    const step = { activation: "HardSigmoid", activation_params: { floats: [1, 1] } };
    return g.nchwc("Conv", inputs, { kernel_shape: [1, 1], group: c, ...step });
  },
  spatialMean: (e, y) => {
    const x = y.inputs[0]!;
    return e.isBlocked(x) ? e.spatialMeans(e.value(x), x.shape) : undefined;
  },
  broadcastTo: (e, y) => {
    const x = y.inputs[0]!;
    if (!e.isBlocked(y) || x.shape.length !== 4 || x.shape[2] !== 1 || x.shape[3] !== 1 || x.shape[1] !== y.shape[1])
      return undefined;
    const { g, block } = e;
    const [n, c, h, w] = y.shape as Dims;
    const pixel = g.reshape(e.value(x, "plain"), [x.shape[0]!, c / block, 1, block]);
    return g.reshape(g.node("Expand", [pixel, g.ints([n, c / block, h * w, block])]), y.shape);
  },
};
