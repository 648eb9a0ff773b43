// One function per operation: checks the shapes and makes the tensor. Dims: n batch, c channels, h w space, k classes.

import { ShapeError } from "../errors.ts";
import { makeTensor, type OpName, type Tensor, type Window } from "./tensor.ts";
import { type DType, type Shape, sizeOf } from "./tree.ts";

/** A tensor, or a number that stands for a scalar constant. */
export type Operand = Tensor | number;

const show = (shape: Shape): string => `[${shape.join(", ")}]`;

function check(condition: boolean, op: string, detail: () => string): void {
  if (!condition) throw new ShapeError(op, detail());
}

function sameShape(a: Shape, b: Shape): boolean {
  return a.length === b.length && a.every((d, i) => d === b[i]);
}

function dims4(op: string, x: Tensor): readonly [number, number, number, number] {
  check(x.shape.length === 4, op, () => `expected [n, c, h, w], got ${show(x.shape)}`);
  return x.shape as readonly [number, number, number, number];
}

// ---- sources

/** A named input of the graph. */
export function input(name: string, shape: Shape, dtype: DType = "float32"): Tensor {
  return makeTensor("input", [], { name }, shape, dtype);
}

/** A tensor known while tracing. @example constant([1, 2, 3], [3]) */
export function constant(data: ArrayLike<number>, shape: Shape): Tensor {
  check(data.length === sizeOf(shape), "constant", () => `${data.length} numbers do not fill ${show(shape)}`);
  return makeTensor("constant", [], { data: Float32Array.from(data) }, shape);
}

export function fill(value: number, shape: Shape): Tensor {
  return constant(new Float32Array(sizeOf(shape)).fill(value), shape);
}

const asTensor = (x: Operand): Tensor => (typeof x === "number" ? constant([x], []) : x);

/** The same value, with no gradient through it. */
export function stopGradient(x: Tensor): Tensor {
  return makeTensor("stopGradient", [x], {}, x.shape, x.dtype);
}

/** uint8 or int64 to float32. */
export function toFloat(x: Tensor): Tensor {
  return x.dtype === "float32" ? x : makeTensor("cast", [x], {}, x.shape);
}

// ---- elementwise

function broadcastShape(op: string, a: Shape, b: Shape): Shape {
  const rank = Math.max(a.length, b.length);
  return Array.from({ length: rank }, (_, i) => {
    const p = a[i - rank + a.length] ?? 1;
    const q = b[i - rank + b.length] ?? 1;
    check(p === q || p === 1 || q === 1, op, () => `${show(a)} and ${show(b)} do not broadcast`);
    return p === 1 ? q : p;
  });
}

function binary(op: "add" | "sub" | "mul" | "div" | "reaches"): (a: Operand, b: Operand) => Tensor {
  return (a, b) => {
    const [x, y] = [asTensor(a), asTensor(b)];
    return makeTensor(op, [x, y], {}, broadcastShape(op, x.shape, y.shape));
  };
}

type Unary = "neg" | "exp" | "log" | "sqrt" | "tanh" | "sigmoid" | "erf" | "relu" | "positive";

function unary(op: Unary): (x: Tensor) => Tensor {
  return (x) => makeTensor(op, [x], {}, x.shape);
}

export const add = binary("add");
export const sub = binary("sub");
export const mul = binary("mul");
export const div = binary("div");
/** 1 where a >= b, else 0; no gradient. */
export const reaches = binary("reaches");
export const neg = unary("neg");
export const exp = unary("exp");
export const log = unary("log");
export const sqrt = unary("sqrt");
export const tanh = unary("tanh");
export const sigmoid = unary("sigmoid");
export const erf = unary("erf");
export const relu = unary("relu");
/** 1 where x > 0, else 0; no gradient. */
export const positive = unary("positive");

export function leakyRelu(x: Tensor, slope: number): Tensor {
  return makeTensor("leakyRelu", [x], { slope }, x.shape);
}

/** min(a, b) as b - relu(b - a): exactly b where a >= b; give the bound as b. */
export function minimum(a: Operand, b: Operand): Tensor {
  return sub(b, relu(sub(b, a)));
}

/** max(a, b) as a + relu(b - a). */
export function maximum(a: Operand, b: Operand): Tensor {
  return add(a, relu(sub(b, a)));
}

// ---- shape

export function reshape(x: Tensor, shape: Shape): Tensor {
  check(sizeOf(shape) === sizeOf(x.shape), "reshape", () => `${show(x.shape)} does not fill ${show(shape)}`);
  return sameShape(shape, x.shape) ? x : makeTensor("reshape", [x], {}, shape, x.dtype);
}

/** [n, ...] -> [n, everything else]. */
export function flatten(x: Tensor): Tensor {
  return reshape(x, [x.shape[0]!, sizeOf(x.shape.slice(1))]);
}

export function transpose(x: Tensor, permutation: readonly number[]): Tensor {
  const valid = permutation.length === x.shape.length && new Set(permutation).size === permutation.length;
  check(valid, "transpose", () => `permutation ${show(permutation)} does not fit ${show(x.shape)}`);
  return makeTensor(
    "transpose",
    [x],
    { permutation },
    permutation.map((axis) => x.shape[axis]!),
    x.dtype,
  );
}

export function broadcastTo(x: Tensor, shape: Shape): Tensor {
  const result = broadcastShape("broadcastTo", x.shape, shape);
  check(sameShape(result, shape), "broadcastTo", () => `${show(x.shape)} does not broadcast to ${show(shape)}`);
  return sameShape(x.shape, shape) ? x : makeTensor("broadcastTo", [x], {}, shape);
}

/** Entries [start, end) along one axis. */
export function slice(x: Tensor, axis: number, start: number, end: number): Tensor {
  const size = x.shape[axis] ?? 0;
  check(
    start >= 0 && start < end && end <= size,
    "slice",
    () => `[${start}, ${end}) of axis ${axis} in ${show(x.shape)}`,
  );
  if (start === 0 && end === size) return x;
  return makeTensor("slice", [x], { axis, start }, x.shape.with(axis, end - start), x.dtype);
}

export function concat(parts: readonly Tensor[], axis: number): Tensor {
  const [first, ...rest] = parts;
  check(first !== undefined, "concat", () => "nothing to concatenate");
  for (const part of rest) {
    const fits = sameShape(part.shape.with(axis, 0), first!.shape.with(axis, 0));
    check(fits, "concat", () => `${show(first!.shape)} and ${show(part.shape)} differ beside axis ${axis}`);
  }
  if (rest.length === 0) return first!;
  const size = parts.reduce((total, part) => total + part.shape[axis]!, 0);
  return makeTensor("concat", parts, { axis }, first!.shape.with(axis, size), first!.dtype);
}

/** Zeros before and after along one axis, to a total of `size`: the adjoint of slice. */
export function padAxis(x: Tensor, axis: number, before: number, size: number): Tensor {
  check(before >= 0 && before + x.shape[axis]! <= size, "padAxis", () => `${show(x.shape)} at ${before} of ${size}`);
  return makeTensor("padAxis", [x], { axis, before }, x.shape.with(axis, size));
}

// ---- reductions

/** Sum over axes (all by default). */
export function sum(x: Tensor, axes: readonly number[] = x.shape.map((_, i) => i), keepAxes = false): Tensor {
  if (axes.length === 0) return x;
  check(
    axes.every((axis) => axis >= 0 && axis < x.shape.length),
    "sum",
    () => `axes ${show(axes)} of ${show(x.shape)}`,
  );
  const shape = keepAxes
    ? x.shape.map((d, i) => (axes.includes(i) ? 1 : d))
    : x.shape.filter((_, i) => !axes.includes(i));
  return makeTensor("sum", [x], { axes, keepAxes }, shape);
}

/** Mean over axes (all by default). */
export function mean(x: Tensor, axes: readonly number[] = x.shape.map((_, i) => i), keepAxes = false): Tensor {
  return mul(sum(x, axes, keepAxes), 1 / axes.reduce((product, axis) => product * x.shape[axis]!, 1));
}

/** 1 where x [.., k] equals the largest entry of its last axis, else 0; no gradient. */
export function isMax(x: Tensor): Tensor {
  return makeTensor("isMax", [x], {}, x.shape);
}

/** log softmax over the last axis: x [.., k] -> [.., k]. */
export function logSoftmax(x: Tensor): Tensor {
  return makeTensor("logSoftmax", [x], {}, x.shape);
}

// ---- products

export interface MatmulOptions {
  readonly transposeA?: boolean;
  readonly transposeB?: boolean;
}

/** Matrix product: a [m, k] (or [k, m] transposed), b [k, n] (or [n, k] transposed) -> [m, n]. */
export function matmul(a: Tensor, b: Tensor, { transposeA = false, transposeB = false }: MatmulOptions = {}): Tensor {
  check(
    a.shape.length === 2 && b.shape.length === 2,
    "matmul",
    () => `expected matrices, got ${show(a.shape)}, ${show(b.shape)}`,
  );
  const [m, kA] = transposeA ? [a.shape[1]!, a.shape[0]!] : [a.shape[0]!, a.shape[1]!];
  const [kB, n] = transposeB ? [b.shape[1]!, b.shape[0]!] : [b.shape[0]!, b.shape[1]!];
  check(kA === kB, "matmul", () => `inner sizes ${kA} and ${kB} differ: ${show(a.shape)}, ${show(b.shape)}`);
  return makeTensor("matmul", [a, b], { transposeA, transposeB }, [m, n]);
}

/**
 * Mixes a bank of kernels: bank [cOut, cIn, p], taps [p, q] (or [q, p] transposed) -> [cOut, cIn, q],
 * out[o, i, q] = sum over p of bank[o, i, p] taps[p, q]. A matrix product that keeps the kernel axes in sight.
 */
export function mixKernels(bank: Tensor, taps: Tensor, transposed = false): Tensor {
  check(
    bank.shape.length === 3 && taps.shape.length === 2,
    "mixKernels",
    () => `got ${show(bank.shape)}, ${show(taps.shape)}`,
  );
  const [p, q] = transposed ? [taps.shape[1]!, taps.shape[0]!] : [taps.shape[0]!, taps.shape[1]!];
  check(bank.shape[2] === p, "mixKernels", () => `bank ${show(bank.shape)} and taps ${show(taps.shape)} do not fit`);
  return makeTensor("mixKernels", [bank, taps], { transposed }, [bank.shape[0]!, bank.shape[1]!, q]);
}

/** The adjoint of mixKernels: a [cOut, cIn, p], b [cOut, cIn, q] -> [p, q], sums of products over both kernel axes. */
export function contractKernels(a: Tensor, b: Tensor): Tensor {
  const fits = a.shape.length === 3 && b.shape.length === 3 && sameShape(a.shape.slice(0, 2), b.shape.slice(0, 2));
  check(fits, "contractKernels", () => `${show(a.shape)} and ${show(b.shape)} do not fit`);
  return makeTensor("contractKernels", [a, b], {}, [a.shape[2]!, b.shape[2]!]);
}

// ---- convolution

export interface Conv2dOptions {
  readonly stride?: number;
  readonly padding?: number;
}

const outSize = (size: number, { kernel, stride, padding }: Window): number =>
  Math.floor((size + 2 * padding - kernel) / stride) + 1;

/** 2-d convolution: x [n, cIn, h, w], weight [cOut, cIn, k, k], bias [cOut]? -> [n, cOut, h', w']. */
export function conv2d(
  x: Tensor,
  weight: Tensor,
  bias?: Tensor,
  { stride = 1, padding = 0 }: Conv2dOptions = {},
): Tensor {
  const [n, cIn, h, w] = dims4("conv2d", x);
  const [cOut, cWeight, kernel, kernelW] = dims4("conv2d", weight);
  check(
    cIn === cWeight && kernel === kernelW,
    "conv2d",
    () => `x ${show(x.shape)} and weight ${show(weight.shape)} do not fit`,
  );
  if (bias) check(sameShape(bias.shape, [cOut]), "conv2d", () => `bias ${show(bias.shape)} is not [${cOut}]`);
  const window = { kernel, stride, padding };
  const [oh, ow] = [outSize(h, window), outSize(w, window)];
  check(oh > 0 && ow > 0, "conv2d", () => `a ${kernel}x${kernel} window does not fit ${show(x.shape)}`);
  return makeTensor("conv2d", bias ? [x, weight, bias] : [x, weight], window, [n, cOut, oh, ow]);
}

/** Gradient of conv2d with respect to its input of shape `inputShape`: dy [n, cOut, h', w'], weight -> [n, cIn, h, w]. */
export function conv2dInputGradient(dy: Tensor, weight: Tensor, window: Window, inputShape: Shape): Tensor {
  return makeTensor("conv2dInputGradient", [dy, weight], window, inputShape);
}

/** Gradient of conv2d with respect to its weight: x [n, cIn, h, w], dy [n, cOut, h', w'] -> [cOut, cIn, k, k]. */
export function conv2dWeightGradient(x: Tensor, dy: Tensor, window: Window): Tensor {
  const shape = [
    dims4("conv2dWeightGradient", dy)[1],
    dims4("conv2dWeightGradient", x)[1],
    window.kernel,
    window.kernel,
  ];
  return makeTensor("conv2dWeightGradient", [x, dy], window, shape);
}

// ---- per channel (axis 1)

function checkChannels(op: string, x: Tensor, ...vectors: Tensor[]): number {
  const c = dims4(op, x)[1];
  for (const v of vectors)
    check(sameShape(v.shape, [c]), op, () => `${show(v.shape)} is not [${c}] for x ${show(x.shape)}`);
  return c;
}

/** x [n, c, h, w], scale [c], shift [c] -> scale x + shift. */
export function channelAffine(x: Tensor, scale: Tensor, shift: Tensor): Tensor {
  checkChannels("channelAffine", x, scale, shift);
  return makeTensor("channelAffine", [x, scale, shift], {}, x.shape);
}

/** x [n, c, h, w] -> [c]: sums over batch and space. */
export function channelSum(x: Tensor): Tensor {
  return makeTensor("channelSum", [x], {}, [checkChannels("channelSum", x)]);
}

/** x, y [n, c, h, w] -> [c]: sums of x y over batch and space. */
export function channelDot(x: Tensor, y: Tensor): Tensor {
  const c = checkChannels("channelDot", x);
  check(sameShape(x.shape, y.shape), "channelDot", () => `${show(x.shape)} and ${show(y.shape)} differ`);
  return makeTensor("channelDot", [x, y], {}, [c]);
}

/** x [n, c, h, w] -> [2, c]: mean and mean square over batch and space. */
export function channelMoments(x: Tensor): Tensor {
  return makeTensor("channelMoments", [x], {}, [2, checkChannels("channelMoments", x)]);
}

// ---- space

/** Max pooling: x [n, c, h, w] -> [n, c, h', w']. Equal maxima share the gradient where windows do not overlap. */
export function maxPool2d(x: Tensor, kernel: number, { stride = kernel, padding = 0 }: Conv2dOptions = {}): Tensor {
  const [n, c, h, w] = dims4("maxPool2d", x);
  const window = { kernel, stride, padding };
  const [oh, ow] = [outSize(h, window), outSize(w, window)];
  check(oh > 0 && ow > 0, "maxPool2d", () => `a ${kernel}x${kernel} window does not fit ${show(x.shape)}`);
  return makeTensor("maxPool2d", [x], window, [n, c, oh, ow]);
}

/** Flat positions of the maxima that maxPool2d picks: x [n, c, h, w] -> int64 [n, c, h', w']. */
export function maxPoolIndices(x: Tensor, window: Window, pooled: Shape): Tensor {
  return makeTensor("maxPoolIndices", [x], window, pooled, "int64");
}

/** Adds values at flat positions of a zero tensor of the given shape. */
export function scatterFlat(indices: Tensor, values: Tensor, shape: Shape): Tensor {
  return makeTensor("scatterFlat", [indices, values], {}, shape);
}

/** Values of x at flat positions. */
export function gatherFlat(x: Tensor, indices: Tensor): Tensor {
  return makeTensor("gatherFlat", [x, indices], {}, indices.shape);
}

/** Nearest-neighbour upsampling to `shape`; rows and columns beyond factor * size are zero. */
export function upsample2d(x: Tensor, factor: number, shape: Shape): Tensor {
  return makeTensor("upsample2d", [x], { factor }, shape);
}

/** Sums over factor x factor windows, leftover rows and columns dropped: the adjoint of upsample2d. */
export function sumPool2d(x: Tensor, factor: number): Tensor {
  const [n, c, h, w] = dims4("sumPool2d", x);
  return makeTensor("sumPool2d", [x], { factor }, [n, c, Math.floor(h / factor), Math.floor(w / factor)]);
}

/** Global average pooling: x [n, c, h, w] -> [n, c]. */
export function spatialMean(x: Tensor): Tensor {
  const [n, c] = dims4("spatialMean", x);
  return makeTensor("spatialMean", [x], {}, [n, c]);
}

/** Whether an operation maps each entry to an entry at the same place, so that any memory layout will do. */
export function isElementwise(op: OpName): boolean {
  return ELEMENTWISE.has(op);
}

const ELEMENTWISE: ReadonlySet<OpName> = new Set<OpName>([
  "stopGradient",
  "add",
  "sub",
  "mul",
  "div",
  "neg",
  "exp",
  "log",
  "sqrt",
  "tanh",
  "sigmoid",
  "erf",
  "relu",
  "leakyRelu",
  "positive",
  "reaches",
]);
