// Reverse-mode differentiation: one table from operation to vector-Jacobian product. The rules are written in the same
// operations, so gradients can be differentiated again. What nobody asks for is never lowered, so rules need not be lazy.

import { invariant } from "../errors.ts";
import {
  add,
  broadcastTo,
  channelAffine,
  channelDot,
  channelSum,
  contractKernels,
  conv2d,
  conv2dInputGradient,
  conv2dWeightGradient,
  div,
  exp,
  fill,
  gatherFlat,
  matmul,
  maxPoolIndices,
  mixKernels,
  mul,
  neg,
  padAxis,
  positive,
  reaches,
  reshape,
  scatterFlat,
  slice,
  sub,
  sum,
  sumPool2d,
  transpose,
  upsample2d,
} from "./ops.ts";
import { type OpName, type Tensor, type TensorOf, topologicalOrder } from "./tensor.ts";
import { type Shape, sizeOf, type Tree, leaves, mapTree } from "./tree.ts";

type Cotangents = readonly (Tensor | undefined)[];
/** Given y = op(inputs) and dL/dy, the dL/d(input) of each input; undefined where no gradient flows. */
type Rule<Op extends OpName> = (y: TensorOf<Op> & Tensor, dy: Tensor, ...inputs: Tensor[]) => Cotangents;

const NONE: Rule<OpName> = () => [];

/** Sums dy over the axes along which `shape` was broadcast. */
function sumTo(dy: Tensor, shape: Shape): Tensor {
  const lead = dy.shape.length - shape.length;
  const axes = dy.shape.flatMap((d, i) => (i < lead || (shape[i - lead] === 1 && d !== 1) ? [i] : []));
  return axes.length === 0 ? dy : reshape(sum(dy, axes), shape);
}

const zeros = (c: number): Tensor => fill(0, [c]);

const RULES: { readonly [Op in OpName]: Rule<Op> } = {
  input: NONE,
  constant: NONE,
  stopGradient: NONE,
  cast: NONE,
  positive: NONE,
  reaches: NONE,
  isMax: NONE,
  maxPoolIndices: NONE,

  add: (_, dy, a, b) => [sumTo(dy, a.shape), sumTo(dy, b.shape)],
  sub: (_, dy, a, b) => [sumTo(dy, a.shape), sumTo(neg(dy), b.shape)],
  mul: (_, dy, a, b) => [sumTo(mul(dy, b), a.shape), sumTo(mul(dy, a), b.shape)],
  div: (y, dy, a, b) => [sumTo(div(dy, b), a.shape), sumTo(neg(div(mul(dy, y), b)), b.shape)],

  neg: (_, dy) => [neg(dy)],
  exp: (y, dy) => [mul(dy, y)],
  log: (_, dy, x) => [div(dy, x)],
  sqrt: (y, dy) => [div(mul(dy, 0.5), y)],
  tanh: (y, dy) => [mul(dy, sub(1, mul(y, y)))],
  sigmoid: (y, dy) => [mul(dy, mul(y, sub(1, y)))],
  erf: (_, dy, x) => [mul(dy, mul(exp(neg(mul(x, x))), 2 / Math.sqrt(Math.PI)))],
  relu: (y, dy) => [mul(dy, positive(y))],
  leakyRelu: (y, dy) => {
    const { slope } = y.attributes;
    return [mul(dy, add(mul(positive(y), 1 - slope), slope))];
  },

  reshape: (_, dy, x) => [reshape(dy, x.shape)],
  transpose: ({ attributes }, dy) => [
    transpose(
      dy,
      attributes.permutation.map((_, i) => attributes.permutation.indexOf(i)),
    ),
  ],
  broadcastTo: (_, dy, x) => [sumTo(dy, x.shape)],
  slice: ({ attributes: { axis, start } }, dy, x) => [padAxis(dy, axis, start, x.shape[axis]!)],
  padAxis: ({ attributes: { axis, before } }, dy, x) => [slice(dy, axis, before, before + x.shape[axis]!)],
  concat: ({ attributes: { axis } }, dy, ...parts) => {
    let start = 0;
    return parts.map((part) => slice(dy, axis, start, (start += part.shape[axis]!)));
  },

  sum: ({ attributes: { axes } }, dy, x) => {
    const kept = x.shape.map((d, i) => (axes.includes(i) ? 1 : d));
    return [broadcastTo(reshape(dy, kept), x.shape)];
  },
  logSoftmax: (y, dy) => [sub(dy, mul(exp(y), sum(dy, [y.shape.length - 1], true)))],

  matmul: ({ attributes: { transposeA, transposeB } }, dy, a, b) => [
    transposeA
      ? matmul(b, dy, { transposeA: transposeB, transposeB: true })
      : matmul(dy, b, { transposeB: !transposeB }),
    transposeB
      ? matmul(dy, a, { transposeA: true, transposeB: transposeA })
      : matmul(a, dy, { transposeA: !transposeA }),
  ],
  mixKernels: ({ attributes: { transposed } }, dy, bank, taps) => [
    mixKernels(dy, taps, !transposed),
    transposed ? contractKernels(dy, bank) : contractKernels(bank, dy),
  ],
  contractKernels: (_, dy, a, b) => [mixKernels(b, dy, true), mixKernels(a, dy)],

  conv2d: ({ attributes: window }, dy, x, weight, bias) => [
    conv2dInputGradient(dy, weight, window, x.shape),
    conv2dWeightGradient(x, dy, window),
    bias && channelSum(dy),
  ],
  conv2dInputGradient: ({ attributes: window }, ddx, dy, weight) => [
    conv2d(ddx, weight, undefined, window),
    conv2dWeightGradient(ddx, dy, window),
  ],
  conv2dWeightGradient: ({ attributes: window }, dWeight, x, dy) => [
    conv2dInputGradient(dy, dWeight, window, x.shape),
    conv2d(x, dWeight, undefined, window),
  ],

  channelAffine: (_, dy, x, scale) => [
    channelAffine(dy, scale, zeros(scale.shape[0]!)),
    channelDot(dy, x),
    channelSum(dy),
  ],
  channelSum: (_, dy, x) => [broadcastTo(reshape(dy, [1, dy.shape[0]!, 1, 1]), x.shape)],
  channelDot: (_, dy, x, y) => [channelAffine(y, dy, zeros(dy.shape[0]!)), channelAffine(x, dy, zeros(dy.shape[0]!))],
  channelMoments: (_, dy, x) => {
    const [c, count] = [x.shape[1]!, sizeOf(x.shape) / x.shape[1]!];
    const row = (i: number, factor: number): Tensor => mul(reshape(slice(dy, 0, i, i + 1), [c]), factor / count);
    return [channelAffine(x, row(1, 2), row(0, 1))];
  },

  maxPool2d: (y, dy, x) => {
    const { kernel, stride, padding } = y.attributes;
    if (kernel === stride && padding === 0) {
      const winner = reaches(x, upsample2d(y, kernel, x.shape));
      const share = div(dy, sumPool2d(winner, kernel)); // equal maxima share: constant regions of an image are full of them
      return [mul(winner, upsample2d(share, kernel, x.shape))];
    }
    return [scatterFlat(maxPoolIndices(x, y.attributes, y.shape), dy, x.shape)];
  },
  scatterFlat: (_, dy, indices) => [undefined, gatherFlat(dy, indices)],
  gatherFlat: (_, dy, x, indices) => [scatterFlat(indices, dy, x.shape), undefined],
  upsample2d: ({ attributes: { factor } }, dy) => [sumPool2d(dy, factor)],
  sumPool2d: ({ attributes: { factor } }, dy, x) => [upsample2d(dy, factor, x.shape)],
  spatialMean: (_, dy, x) => {
    const [n, c, h, w] = x.shape as [number, number, number, number];
    return [broadcastTo(reshape(mul(dy, 1 / (h * w)), [n, c, 1, 1]), x.shape)];
  },
};

/** dL/dx for each x in `wrt`, where L = sum of `y` (a scalar loss, usually). Zeros where y does not depend on x. */
export function gradients(y: Tensor, wrt: readonly Tensor[]): Tensor[] {
  const order = topologicalOrder([y]);
  const depends = new Set<Tensor>(wrt);
  for (const tensor of order) {
    if (RULES[tensor.op] !== NONE && tensor.inputs.some((x) => depends.has(x))) depends.add(tensor);
  }
  const cotangent = new Map<Tensor, Tensor>([[y, fill(1, y.shape)]]);
  for (const tensor of order.reverse()) {
    const dy = cotangent.get(tensor);
    if (!dy || !depends.has(tensor) || tensor.inputs.length === 0) continue;
    const rule = RULES[tensor.op] as Rule<OpName>;
    rule(tensor, dy, ...tensor.inputs).forEach((dx, i) => {
      const x = tensor.inputs[i]!;
      if (!dx || !depends.has(x)) return;
      invariant(
        dx.shape.join() === x.shape.join(),
        () => `gradient of ${tensor.op}: [${dx.shape.join(", ")}] for [${x.shape.join(", ")}]`,
      );
      const sofar = cotangent.get(x);
      cotangent.set(x, sofar ? add(sofar, dx) : dx);
    });
  }
  return wrt.map((x) => cotangent.get(x) ?? fill(0, x.shape));
}

/** The gradient of a scalar loss as a tree of the parameters' structure. */
export function gradientTree<T extends Tree<Tensor>>(loss: Tensor, params: T): T {
  const named = leaves<Tensor>(params);
  const grads = gradients(
    loss,
    named.map(([, leaf]) => leaf),
  );
  const byPath = new Map(named.map(([path], i) => [path, grads[i]!]));
  return mapTree<Tensor, Tensor>(params, (_, path) => byPath.get(path)!) as T;
}
