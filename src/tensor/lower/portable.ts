// The portable lowering: each operation as standard ONNX nodes, plain row-major layout. Runs on any execution provider.
// Which formulations are fast was measured; see "Formulations" in docs/engine.md.

import { type OpName, type Tensor, type TensorOf, type Window } from "../tensor.ts";
import { type Shape, sizeOf } from "../tree.ts";
import type { Attributes, OnnxGraph } from "./onnx-graph.ts";

/** Emits y = op(inputs) given the names of the inputs' values; returns the name of y's value. */
export type PortableRule<Op extends OpName = OpName> = (g: OnnxGraph, y: TensorOf<Op>, ...inputs: string[]) => string;

const node =
  (opType: string): PortableRule =>
  (g, _, ...inputs) =>
    g.node(opType, inputs);

/** 1 where x > threshold: a clipped line of enormous slope is one pass, comparisons and casts are three. */
const STEP = { alpha: { float: 1e30 }, beta: { float: 0 } } as const;
/** 1 where x >= 0. */
const STEP_FROM_ZERO = { alpha: { float: 1e30 }, beta: { float: 1 } } as const;

const LOWEST = -3.4e38;
/** ONNX's numbers of element types. */
const [FLOAT, INT64] = [1, 7];

export const windowAttributes = ({ kernel, stride, padding }: Window) => ({
  kernel_shape: [kernel, kernel],
  strides: [stride, stride],
  pads: [padding, padding, padding, padding],
});

const reversed = (count: number): number[] => Array.from({ length: count }, (_, i) => count - 1 - i);

/**
 * How the weight gradient becomes a convolution of x with dy as a dilated kernel: the zeros to add after x so that all
 * k taps fit, and how many taps come out (more than k where the windows do not reach the end of x).
 */
export function gradientTaps(size: number, outSize: number, { kernel, stride, padding }: Window) {
  const reach = stride * (outSize - 1) + kernel;
  const after = Math.max(0, reach - (size + padding));
  return { after, taps: size + padding + after - reach + kernel };
}

/** The patch of x under each window position: x [n, c, h, w] (plain) -> [n, c k k, oh ow]. */
export function patches(g: OnnxGraph, xName: string, x: Shape, y: Shape, window: Window): string {
  const [n, c] = x as [number, number];
  const [oh, ow] = [y[2]!, y[3]!];
  const { kernel, stride, padding } = window;
  const rows = c * kernel * kernel;
  if (kernel === 1 && padding === 0) {
    const picked = stride === 1 ? xName : g.node("Slice", [xName, ...strided(g, [oh, ow], stride)]);
    return g.reshape(picked, [n, rows, oh * ow]);
  }
  // a convolution with one-hot kernels gathers patches in one pass
  const oneHot = new Float32Array(rows * rows);
  for (let row = 0; row < rows; row++) oneHot[row * rows + row] = 1;
  const kernels = g.floats(oneHot, [rows, c, kernel, kernel]);
  return g.reshape(g.node("Conv", [xName, kernels], windowAttributes(window)), [n, rows, oh * ow]);
}

/** Starts, ends, axes and steps of a Slice that takes every `stride`-th row and column. */
const strided = (g: OnnxGraph, [oh, ow]: readonly [number, number], stride: number): string[] => [
  g.ints([0, 0]),
  g.ints([stride * (oh - 1) + 1, stride * (ow - 1) + 1]),
  g.ints([2, 3]),
  g.ints([stride, stride]),
];

/**
 * Convolution over `channels` input channels. Zeros fill up counts that onnxruntime 1.30's WebGPU provider gets wrong:
 * those divisible by 3 but not by 4, beyond 3 itself (its vec3 path; see onnxruntime issue 29651).
 */
function convolve(g: OnnxGraph, channels: number, inputs: readonly string[], attributes: Attributes): string {
  if (channels <= 3 || channels % 3 !== 0 || channels % 4 === 0) return g.node("Conv", inputs, attributes);
  const pads = g.ints([0, 0, 0, 0, 0, 4 - (channels % 4), 0, 0]);
  const [x, weight, ...bias] = inputs as [string, string, string?];
  const filled = [x, weight].map((name) => g.node("Pad", [name, pads]));
  return g.node("Conv", [...filled, ...(bias as string[])], attributes);
}

const conv2dInputGradient: PortableRule<"conv2dInputGradient"> = (g, dx, dy, weight) => {
  const window = dx.attributes;
  const { kernel, stride, padding } = window;
  const [cOut, cIn] = dx.inputs[1]!.shape as [number, number];
  const [oh, ow] = dx.inputs[0]!.shape.slice(2) as [number, number];
  if (stride === 1 && padding < kernel) {
    // the same convolution with in and out swapped and the taps reversed
    const swapped = g.node("Transpose", [weight], { perm: [1, 0, 2, 3] });
    const taps = g.reshape(swapped, [cIn, cOut, kernel * kernel]);
    const flipped = g.node("Gather", [taps, g.ints(reversed(kernel * kernel))], { axis: 2 });
    const pads = Array<number>(4).fill(kernel - 1 - padding);
    const inputs = [dy, g.reshape(flipped, [cIn, cOut, kernel, kernel])];
    return convolve(g, cOut, inputs, { kernel_shape: [kernel, kernel], pads });
  }
  const rest = (size: number, out: number): number => size - ((out - 1) * stride - 2 * padding + kernel);
  const output_padding = [rest(dx.shape[2]!, oh), rest(dx.shape[3]!, ow)];
  return g.node("ConvTranspose", [dy, weight], { ...windowAttributes(window), output_padding });
};

const conv2dWeightGradient: PortableRule<"conv2dWeightGradient"> = (g, dWeight, xName, dyName) => {
  const window = dWeight.attributes;
  const { kernel, stride, padding } = window;
  const [x, dy] = [dWeight.inputs[0]!.shape, dWeight.inputs[1]!.shape];
  const [n, cIn, h, w] = x as [number, number, number, number];
  const [, cOut, oh, ow] = dy as [number, number, number, number];
  if ((kernel === 1 && padding === 0) || cIn < 8) {
    const dyPixels = g.node("Transpose", [g.reshape(dyName, [n, cOut, oh * ow])], { perm: [0, 2, 1] });
    const perImage = g.node("MatMul", [patches(g, xName, x, dy, window), dyPixels]); // [n, cIn k k, cOut]
    const total = g.node("ReduceSum", [perImage, g.ints([0])], { keepdims: 0 });
    return g.reshape(g.node("Transpose", [total], { perm: [1, 0] }), dWeight.shape);
  }
  const dySwapped = g.node("Transpose", [dyName], { perm: [1, 0, 2, 3] });
  const xNhwc = g.node("Transpose", [xName], { perm: [0, 2, 3, 1] });
  // One convolution with the batch as channels and dy as a dilated kernel; channels ride along in the width.
  const [rows, columns] = [gradientTaps(h, oh, window), gradientTaps(w, ow, window)];
  const product = convolve(g, n, [g.reshape(xNhwc, [1, n, h, w * cIn]), dySwapped], {
    kernel_shape: [oh, ow],
    pads: [padding, padding * cIn, rows.after, columns.after * cIn],
    dilations: [stride, stride * cIn],
  });
  const taps = g.reshape(product, [cOut, rows.taps, columns.taps, cIn]);
  const kept = g.node("Slice", [taps, g.ints([0, 0]), g.ints([kernel, kernel]), g.ints([1, 2])]);
  return g.node("Transpose", [kept], { perm: [0, 3, 1, 2] });
};

/** The first tap of each window that equals its maximum: WebGPU's MaxPool has no second result. */
const maxPoolIndices: PortableRule<"maxPoolIndices"> = (g, y, x) => {
  const { kernel, stride, padding } = y.attributes;
  const [n, c, h, w] = y.inputs[0]!.shape as [number, number, number, number];
  const [oh, ow] = y.shape.slice(2) as [number, number];
  const maxima = g.node("MaxPool", [x], windowAttributes(y.attributes));
  const ends = [gradientTaps(h, oh, y.attributes).after, gradientTaps(w, ow, y.attributes).after];
  const padded = g.node("Pad", [x, g.ints([0, 0, padding, padding, 0, 0, ...ends]), g.scalar(LOWEST)]);
  let position = g.scalar(0);
  for (let tap = kernel * kernel - 1; tap >= 0; tap--) {
    const [i, j] = [Math.floor(tap / kernel), tap % kernel];
    const stops = [i + stride * (oh - 1) + 1, j + stride * (ow - 1) + 1];
    const seen = g.node("Slice", [padded, g.ints([i, j]), g.ints(stops), g.ints([2, 3]), g.ints([stride, stride])]);
    const here = Float32Array.from({ length: oh * ow }, (_, at) => {
      const [row, column] = [Math.floor(at / ow) * stride - padding + i, (at % ow) * stride - padding + j];
      return row * w + column;
    });
    position = g.node("Where", [g.node("Equal", [seen, maxima]), g.floats(here, [oh, ow]), position]);
  }
  const planes = Array.from({ length: n * c }, (_, plane) => plane * h * w);
  return g.node("Add", [g.node("Cast", [position], { to: INT64 }), g.reshape(g.ints(planes), [n, c, 1, 1])]);
};

/** Sums over batch and space, in two steps: one ReduceSum over (0, 2, 3) is several times slower. */
function sumPerChannel(g: OnnxGraph, x: string): string {
  const perImage = g.node("ReduceSum", [x, g.ints([2, 3])], { keepdims: 0 });
  return g.node("ReduceSum", [perImage, g.ints([0])], { keepdims: 0 });
}

export const PORTABLE: { readonly [Op in OpName]: PortableRule<Op> } = {
  input: (_, y) => y.attributes.name,
  constant: (g, y) => g.floats(y.attributes.data, y.shape),
  stopGradient: (_, __, x) => x,
  cast: (g, _, x) => g.node("Cast", [x], { to: FLOAT }),

  add: node("Add"),
  sub: node("Sub"),
  mul: node("Mul"),
  div: node("Div"),
  neg: node("Neg"),
  exp: node("Exp"),
  log: node("Log"),
  sqrt: node("Sqrt"),
  tanh: node("Tanh"),
  sigmoid: node("Sigmoid"),
  erf: node("Erf"),
  relu: node("Relu"),
  leakyRelu: (g, y, x) => g.node("LeakyRelu", [x], { alpha: { float: y.attributes.slope } }),
  positive: (g, _, x) => g.node("HardSigmoid", [x], STEP),
  reaches: (g, _, a, b) => g.node("HardSigmoid", [g.node("Sub", [a, b])], STEP_FROM_ZERO),

  reshape: (g, y, x) => g.reshape(x, y.shape),
  transpose: (g, y, x) => g.node("Transpose", [x], { perm: y.attributes.permutation }),
  broadcastTo: (g, y, x) => g.node("Expand", [x, g.ints(y.shape)]),
  slice: (g, { attributes: { axis, start }, shape }, x) =>
    g.node("Slice", [x, g.ints([start]), g.ints([start + shape[axis]!]), g.ints([axis])]),
  concat: (g, y, ...parts) => g.node("Concat", parts, { axis: y.attributes.axis }),
  padAxis: (g, y, x) => {
    const { axis, before } = y.attributes;
    const pads = Array<number>(2 * y.shape.length).fill(0);
    pads[axis] = before;
    pads[y.shape.length + axis] = y.shape[axis]! - before - y.inputs[0]!.shape[axis]!;
    return g.node("Pad", [x, g.ints(pads)]);
  },

  sum: (g, { attributes: { axes, keepAxes } }, x) =>
    g.node("ReduceSum", [x, g.ints(axes)], { keepdims: keepAxes ? 1 : 0 }),
  isMax: (g, _, x) =>
    g.node("HardSigmoid", [g.node("Sub", [x, g.node("ReduceMax", [x], { axes: [-1] })])], STEP_FROM_ZERO),
  logSoftmax: (g, _, x) => g.node("LogSoftmax", [x], { axis: -1 }),

  matmul: (g, { attributes: { transposeA, transposeB } }, a, b) =>
    g.node("Gemm", [a, b], { transA: transposeA ? 1 : 0, transB: transposeB ? 1 : 0 }),
  mixKernels: (g, { attributes: { transposed } }, bank, taps) =>
    g.node("MatMul", [bank, transposed ? g.node("Transpose", [taps], { perm: [1, 0] }) : taps]),
  contractKernels: (g, y, a, b) => {
    const matrix = (name: string, { shape }: Tensor): string => g.reshape(name, [shape[0]! * shape[1]!, shape[2]!]);
    return g.node("Gemm", [matrix(a, y.inputs[0]!), matrix(b, y.inputs[1]!)], { transA: 1 });
  },

  conv2d: (g, y, ...inputs) => convolve(g, y.inputs[0]!.shape[1]!, inputs, windowAttributes(y.attributes)),
  conv2dInputGradient,
  conv2dWeightGradient,

  channelAffine: (g, y, x, scale, shift) => {
    const c = y.shape[1]!;
    return g.node("Add", [g.node("Mul", [x, g.reshape(scale, [c, 1, 1])]), g.reshape(shift, [c, 1, 1])]);
  },
  channelSum: (g, _, x) => sumPerChannel(g, x),
  channelDot: (g, _, x, y) => sumPerChannel(g, g.node("Mul", [x, y])),
  channelMoments: (g, y, x) => {
    const c = y.shape[1]!;
    const rows = [x, g.node("Mul", [x, x])].map((term) => g.reshape(sumPerChannel(g, term), [1, c]));
    return g.node("Mul", [g.node("Concat", rows, { axis: 0 }), g.scalar(c / sizeOf(y.inputs[0]!.shape))]);
  },

  maxPool2d: (g, y, x) => g.node("MaxPool", [x], windowAttributes(y.attributes)),
  maxPoolIndices,
  scatterFlat: (g, y, indices, values) => {
    const zeros = g.node("Expand", [g.scalar(0), g.ints([sizeOf(y.shape)])]);
    const flat = [zeros, g.reshape(indices, [-1]), g.reshape(values, [-1])];
    return g.reshape(g.node("ScatterElements", flat, { axis: 0, reduction: "add" }), y.shape);
  },
  gatherFlat: (g, y, x, indices) => {
    const picked = g.node("GatherElements", [g.reshape(x, [-1]), g.reshape(indices, [-1])], { axis: 0 });
    return g.reshape(picked, y.shape);
  },
  upsample2d: (g, y, x) => {
    const { factor } = y.attributes;
    const [n, c, h, w] = y.inputs[0]!.shape as [number, number, number, number];
    const repeated = g.node("Expand", [g.reshape(x, [n, c, h, 1, w, 1]), g.ints([n, c, h, factor, w, factor])]);
    const up = g.reshape(repeated, [n, c, h * factor, w * factor]);
    const [restH, restW] = [y.shape[2]! - h * factor, y.shape[3]! - w * factor];
    return restH + restW === 0 ? up : g.node("Pad", [up, g.ints([0, 0, 0, 0, 0, 0, restH, restW])]);
  },
  sumPool2d: (g, y, x) => {
    const { factor } = y.attributes;
    const window = { kernel_shape: [factor, factor], strides: [factor, factor] };
    return g.node("Mul", [g.node("AveragePool", [x], window), g.scalar(factor * factor)]);
  },
  spatialMean: (g, y, x) => g.reshape(g.node("GlobalAveragePool", [x]), y.shape),
};

export function portableRule(op: OpName): PortableRule {
  return PORTABLE[op] as PortableRule;
}
