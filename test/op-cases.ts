// One list of cases per operation: how its inputs are drawn, what it computes, and what a plain loop computes instead.
// The table is typed by the operations, so one without a case does not compile (and gradients.test.ts fails).

import * as ops from "../src/tensor/ops.ts";
import type { OpName, Tensor, Window } from "../src/tensor/tensor.ts";
import { type Shape, sizeOf } from "../src/tensor/tree.ts";
import {
  broadcastEntry,
  build,
  erf,
  flatIndex,
  type NdArray,
  poolWinners,
  sumOver,
  visitConvolution,
} from "./reference-ops.ts";

export interface Draw {
  readonly shape: Shape;
  /** `apart`: 0.2 away from zero, where relu has its kink; `distinct`: entries of a plane differ by at least 0.1. */
  readonly from: "normal" | "positive" | "apart" | "distinct" | "bytes";
}

export interface OpCase {
  readonly name: string;
  readonly inputs: readonly Draw[];
  readonly compute: (...inputs: Tensor[]) => Tensor;
  /** The same by hand; left out where another case of the operation has it. */
  readonly byHand?: ((...inputs: NdArray[]) => number[]) | undefined;
  /** false: no gradient flows, it must come out as zero. */
  readonly differentiable?: boolean;
}

type Shaped = (...shape: number[]) => Draw;
const normal: Shaped = (...shape) => ({ shape, from: "normal" });
const positive: Shaped = (...shape) => ({ shape, from: "positive" });
const apart: Shaped = (...shape) => ({ shape, from: "apart" });
const distinct: Shaped = (...shape) => ({ shape, from: "distinct" });
const bytes: Shaped = (...shape) => ({ shape, from: "bytes" });

/** All cases; `block` channels make a block of the blocked lowering. */
export function opCases(block: number): { readonly [Op in OpName]: readonly OpCase[] } {
  const { inLayouts, binary, unary } = elementwise(block);
  const { conv2d, conv2dInputGradient, conv2dWeightGradient } = convolutions(block);
  const flat = (x: NdArray): number[] => Array.from(x.data);
  const step = (value: number): number => (value > 0 ? 1 : 0);
  const none = { differentiable: false } as const;
  return {
    input: [{ name: "", inputs: [normal(2, 3)], compute: (x) => x, byHand: flat }],
    constant: [
      {
        name: "",
        inputs: [normal(3)],
        compute: (x) => ops.mul(x, ops.constant([1, -2, 3], [3])),
        byHand: (x) => [1, -2, 3].map((c, i) => c * x.data[i]!),
      },
    ],
    stopGradient: inLayouts("", [normal], (x) => ops.stopGradient(x), flat, none),
    cast: [{ name: "uint8", inputs: [bytes(2, 3)], compute: ops.toFloat, byHand: flat, ...none }],

    add: binary(ops.add, (a, b) => a + b),
    sub: binary(ops.sub, (a, b) => a - b),
    mul: binary(ops.mul, (a, b) => a * b),
    div: binary(ops.div, (a, b) => a / b),
    reaches: binary(ops.reaches, (a, b) => (a >= b ? 1 : 0), none),

    neg: unary(normal, ops.neg, (x) => -x),
    exp: unary(normal, ops.exp, Math.exp),
    log: unary(positive, ops.log, Math.log),
    sqrt: unary(positive, ops.sqrt, Math.sqrt),
    tanh: unary(normal, ops.tanh, Math.tanh),
    sigmoid: unary(normal, ops.sigmoid, (x) => 1 / (1 + Math.exp(-x))),
    erf: unary(normal, ops.erf, erf),
    relu: unary(apart, ops.relu, (x) => Math.max(0, x)),
    leakyRelu: unary(
      apart,
      (x) => ops.leakyRelu(x, 0.1),
      (x) => (x > 0 ? x : 0.1 * x),
    ),
    positive: unary(apart, ops.positive, step, none),

    reshape: [
      { name: "3-d to 2-d", inputs: [normal(2, 3, 4)], compute: (x) => ops.reshape(x, [4, 6]), byHand: flat },
      ...reshapesOfBlocks(block),
    ],
    transpose: [
      {
        name: "3-d, a cycle", // not its own inverse
        inputs: [normal(2, 3, 4)],
        compute: (x) => ops.transpose(x, [1, 2, 0]),
        byHand: (x) => build([3, 4, 2], (b, c, a) => x.data[flatIndex(x.shape, [a, b, c])]!),
      },
    ],
    broadcastTo: [
      broadcast([3, 1], [2, 3, 4]),
      broadcast([], [2, 3]),
      broadcast([2, block, 1, 1], [2, block, 3, 5], block),
      broadcast([1, block, 1, 1], [2, block, 3, 5], block),
    ],
    slice: [
      {
        name: "middle",
        inputs: [normal(2, 5, 3)],
        compute: (x) => ops.slice(x, 1, 1, 4),
        byHand: (x) => build([2, 3, 3], (a, b, c) => x.data[flatIndex(x.shape, [a, b + 1, c])]!),
      },
      { name: "of a blocked batch", inputs: [normal(3, block, 2, 2)], compute: (x) => blocked(ops.slice(x, 0, 1, 3)) },
    ],
    concat: [
      {
        name: "three parts, one used twice",
        inputs: [normal(2, 3), normal(2, 1)],
        compute: (a, b) => ops.concat([a, b, a], 1),
        byHand: (a, b) => build([2, 7], (i, j) => (j % 4 === 3 ? b.data[i]! : a.data[i * 3 + (j % 4)]!)),
      },
    ],
    padAxis: [
      {
        name: "both sides",
        inputs: [normal(2, 3)],
        compute: (x) => ops.padAxis(x, 1, 2, 6),
        byHand: (x) => build([2, 6], (i, j) => (j < 2 || j > 4 ? 0 : x.data[i * 3 + j - 2]!)),
      },
    ],

    sum: [
      ...[[0], [1, 2], [0, 1, 2]].flatMap((axes) =>
        [false, true].map((keepAxes) => ({
          name: `over ${axes.join()}${keepAxes ? ", axes kept" : ""}`,
          inputs: [normal(2, 3, 4)],
          compute: (x: Tensor) => ops.sum(x, axes, keepAxes),
          byHand: (x: NdArray) => sumOver(x, axes),
        })),
      ),
      { name: "of a blocked tensor", inputs: [normal(2, block, 2, 3)], compute: (x) => ops.sum(blocked(x), [0, 1, 2]) },
    ],
    isMax: [
      {
        name: "",
        inputs: [normal(3, 5)],
        compute: ops.isMax,
        byHand: (x) => rows(x).flatMap((row) => row.map((value) => (value === Math.max(...row) ? 1 : 0))),
        ...none,
      },
    ],
    logSoftmax: [
      {
        name: "",
        inputs: [normal(3, 5)],
        compute: ops.logSoftmax,
        byHand: (x) => {
          const total = (row: number[]): number => row.reduce((sum, value) => sum + Math.exp(value), 0);
          return rows(x).flatMap((row) => row.map((value) => value - Math.log(total(row))));
        },
      },
    ],

    matmul: matmuls(),
    mixKernels: mixes(block),
    contractKernels: [
      [block, 3],
      [2 * block, block],
      [5, 6],
    ].map(([o, i]) => ({
      name: `${o} x ${i}`,
      inputs: [normal(o!, i!, 4), normal(o!, i!, 3)],
      compute: (a, b) => ops.contractKernels(a, b),
      byHand: (a, b) =>
        build([4, 3], (p, q) => {
          let total = 0;
          for (let k = 0; k < o! * i!; k++) total += a.data[k * 4 + p]! * b.data[k * 3 + q]!;
          return total;
        }),
    })),

    conv2d,
    conv2dInputGradient,
    conv2dWeightGradient,
    ...channelCases(block),
    ...poolCases(block),
  };
}

const rows = ({ shape: [n, k], data }: NdArray): number[][] =>
  Array.from({ length: n! }, (_, i) => Array.from(data).slice(i * k!, (i + 1) * k!));

/** x through an operation that wants blocks, so that everything elementwise around it is in blocks too. */
function blocked(x: Tensor): Tensor {
  const c = x.shape[1]!;
  const ramp = Array.from({ length: c }, (_, i) => 0.5 + i / c);
  return ops.channelAffine(x, ops.constant(ramp, [c]), ops.constant(ramp.toReversed(), [c]));
}

/** w through an operation that wants pairs: what elementwise operations do to convolution weights and their gradients. */
const paired = (w: Tensor): Tensor => {
  const q = w.shape[2]!;
  const taps = Array.from({ length: q * 2 }, (_, i) => Math.cos(i));
  return ops.mixKernels(w, ops.constant(taps, [q, 2]));
};

/** Cases of elementwise operations: plain with a value by hand; in blocks and in pairs compared with plain. */
function elementwise(block: number) {
  type Options = { readonly differentiable?: boolean };
  const inLayouts = (
    name: string,
    draws: readonly Shaped[],
    compute: OpCase["compute"],
    byHand: OpCase["byHand"],
    options: Options = {},
  ): OpCase[] => {
    const inputs = (...shape: number[]): Draw[] => draws.map((shaped) => shaped(...shape));
    return [
      { name: `plain ${name}`, inputs: inputs(3, 4), compute, byHand, ...options },
      {
        name: `blocked ${name}`,
        inputs: inputs(2, block, 3, 2),
        compute: (...x) => blocked(compute(...x)),
        ...options,
      },
      { name: `paired ${name}`, inputs: inputs(block, block, 3), compute: (...x) => paired(compute(...x)), ...options },
      {
        name: `paired, few inputs ${name}`,
        inputs: inputs(block, 3, 2),
        compute: (...x) => paired(compute(...x)),
        ...options,
      },
    ];
  };
  const unary = (from: Shaped, compute: (x: Tensor) => Tensor, byHand: (x: number) => number, options: Options = {}) =>
    inLayouts("", [from], compute, ({ data }) => Array.from(data, byHand), options);
  const binary = (
    op: (a: ops.Operand, b: ops.Operand) => Tensor,
    byHand: (a: number, b: number) => number,
    options: Options = {},
  ): OpCase[] => [
    ...inLayouts("", [normal, positive], op, (a, b) => Array.from(a.data, (x, i) => byHand(x, b.data[i]!)), options),
    ...inLayouts(
      "with a number",
      [positive],
      (x) => op(1.5, x),
      ({ data }) => Array.from(data, (x) => byHand(1.5, x)),
      options,
    ),
    {
      name: "broadcasting both ways",
      inputs: [normal(3, 1, 4), positive(2, 1)],
      compute: op,
      byHand: (a, b) => build([3, 2, 4], (...at) => byHand(broadcastEntry(a, at), broadcastEntry(b, at))),
      ...options,
    },
    {
      name: "a blocked tensor and a scalar tensor",
      inputs: [normal(2, block, 2, 2), positive()],
      compute: (a, b) => blocked(op(blocked(a), b)),
      ...options,
    },
    {
      name: "a blocked tensor and rows that broadcast",
      inputs: [normal(2, block, 2, 2), positive(block, 1, 1)],
      compute: (a, b) => blocked(op(blocked(a), b)),
      ...options,
    },
  ];
  return { inLayouts, binary, unary };
}

/** Blocks have a shape: views of a blocked tensor must not be taken for the tensor. */
function reshapesOfBlocks(block: number): OpCase[] {
  const inputs = [normal(2, block, 4, 4)];
  return [
    {
      name: "maps to rows",
      inputs,
      compute: (x) => ops.logSoftmax(ops.reshape(blocked(x), [2, block, 16])),
    },
    {
      name: "maps to other maps",
      inputs: [distinct(2, block, 4, 4)],
      compute: (x) => ops.maxPool2d(ops.neg(ops.reshape(blocked(x), [2, block, 2, 8])), 2),
    },
    {
      name: "kernels to rows of taps",
      inputs: [normal(block, block, 3, 3)],
      compute: (w) => paired(ops.reshape(w, [block, block, 9])),
    },
  ];
}

function broadcast(from: Shape, to: Shape, blockedBy?: number): OpCase {
  return {
    name: `[${from.join()}] to [${to.join()}]`,
    inputs: [normal(...from)],
    compute: (x) => (blockedBy ? blocked(ops.broadcastTo(x, to)) : ops.broadcastTo(x, to)),
    byHand: blockedBy ? undefined : (x) => build(to, (...at) => broadcastEntry(x, at)),
  };
}

function matmuls(): OpCase[] {
  const [m, k, n] = [3, 5, 2];
  return [false, true].flatMap((transposeA) =>
    [false, true].map((transposeB) => ({
      name: `${transposeA ? "aT" : "a"} ${transposeB ? "bT" : "b"}`,
      inputs: [transposeA ? normal(k, m) : normal(m, k), transposeB ? normal(n, k) : normal(k, n)],
      compute: (a: Tensor, b: Tensor) => ops.matmul(a, b, { transposeA, transposeB }),
      byHand: (a: NdArray, b: NdArray) =>
        build([m, n], (row, column) => {
          let total = 0;
          for (let i = 0; i < k; i++) {
            const left = a.data[transposeA ? i * m + row : row * k + i]!;
            total += left * b.data[transposeB ? column * k + i : i * n + column]!;
          }
          return total;
        }),
    })),
  );
}

function mixes(block: number): OpCase[] {
  const [p, q] = [5, 4];
  const kernels = [
    [block, 3],
    [2 * block, block],
    [block, block + 2], // more input channels than a block, but not whole blocks
    [6, 5],
  ] as const;
  return kernels.flatMap(([o, i]) =>
    [false, true].map((transposed) => ({
      name: `${o} x ${i}${transposed ? ", taps transposed" : ""}`,
      inputs: [normal(o, i, p), transposed ? normal(q, p) : normal(p, q)],
      compute: (bank: Tensor, taps: Tensor) => ops.mixKernels(bank, taps, transposed),
      byHand: (bank: NdArray, taps: NdArray) =>
        build([o, i, q], (a, b, column) => {
          let total = 0;
          for (let r = 0; r < p; r++) {
            total += bank.data[(a * i + b) * p + r]! * taps.data[transposed ? column * p + r : r * q + column]!;
          }
          return total;
        }),
    })),
  );
}

interface Convolution {
  readonly n: number;
  readonly cIn: number;
  readonly cOut: number;
  readonly h: number;
  readonly w: number;
  readonly window: Window;
  readonly bias?: boolean;
}

/** What the networks use, on even and odd maps, with whole blocks of channels and without. */
function convolutionList(block: number): Convolution[] {
  const window = (kernel: number, stride: number, padding: number): Window => ({ kernel, stride, padding });
  const map = (h: number, w: number) => ({ n: 2, h, w });
  const whole = { cIn: block, cOut: 2 * block };
  const broken = { cIn: 9, cOut: 10 };
  const image = { cIn: 3, cOut: block };
  return [
    ...[whole, broken, image].flatMap((channels) => [
      { ...channels, ...map(5, 6), window: window(3, 1, 1), bias: true },
      { ...channels, ...map(6, 5), window: window(3, 2, 1) },
      { ...channels, ...map(5, 7), window: window(1, 2, 0) },
      { ...channels, ...map(7, 6), window: window(5, 2, 2), bias: true },
    ]),
    { ...image, ...map(9, 8), window: window(7, 2, 3) },
    { ...broken, cIn: 3, ...map(9, 8), window: window(7, 2, 3) },
    { ...whole, ...map(4, 3), window: window(1, 1, 0) },
    { ...whole, ...map(5, 4), window: window(3, 1, 0) },
    { ...whole, ...map(5, 4), window: window(3, 2, 0) },
    { ...whole, ...map(5, 4), window: window(2, 2, 0) }, // windows that leave a row out
    { ...whole, ...map(5, 4), window: window(3, 2, 2) }, // more padding than usual
    { ...whole, ...map(3, 4), window: window(1, 1, 1) },
    { ...whole, ...map(7, 8), window: window(2, 3, 0) },
    { ...broken, ...map(7, 8), window: window(2, 3, 0) },
    { ...whole, cIn: block + 2, ...map(4, 4), window: window(3, 1, 1) },
    { ...whole, cOut: block + 2, ...map(4, 4), window: window(3, 1, 1) },
    { ...whole, n: 1, h: 1, w: 1, window: window(3, 1, 1) },
    { n: 6, cIn: 9, cOut: 12, h: 4, w: 4, window: window(3, 1, 1) }, // multiples of 3: see portable.ts
  ];
}

function convolutions(block: number) {
  const list = convolutionList(block).map((each) => {
    const { n, cIn, cOut, h, w, window } = each;
    const { kernel, stride, padding } = window;
    const out = (size: number): number => Math.floor((size + 2 * padding - kernel) / stride) + 1;
    const [x, weight, y] = [
      [n, cIn, h, w],
      [cOut, cIn, kernel, kernel],
      [n, cOut, out(h), out(w)],
    ] as const;
    const name = `${cIn} to ${cOut} channels, ${kernel}x${kernel}, stride ${stride}, padding ${padding}, ${h} x ${w}`;
    const accumulate = (shape: Shape, add: (to: number[], y: number, x: number, weight: number) => void): number[] => {
      const total = Array<number>(sizeOf(shape)).fill(0);
      visitConvolution(x, weight, y, window, (...at) => add(total, ...at));
      return total;
    };
    return { name, window, x, weight, y, bias: each.bias ?? false, accumulate };
  });
  return {
    conv2d: list.map(({ name, window, x, weight, y, bias, accumulate }): OpCase => ({
      name: bias ? `${name}, bias` : name,
      inputs: [normal(...x), normal(...weight), ...(bias ? [normal(y[1])] : [])],
      compute: (a, b, c) => ops.conv2d(a, b, c, window),
      byHand: (a, b, c) => {
        const products = accumulate(y, (to, at, i, j) => (to[at]! += a.data[i]! * b.data[j]!));
        const perMap = y[2] * y[3];
        return c ? products.map((value, at) => value + c.data[Math.floor(at / perMap) % y[1]]!) : products;
      },
    })),
    conv2dInputGradient: list.map(({ name, window, x, weight, y, accumulate }): OpCase => ({
      name,
      inputs: [normal(...y), normal(...weight)],
      compute: (dy, b) => ops.conv2dInputGradient(dy, b, window, x),
      byHand: (dy, b) => accumulate(x, (to, at, i, j) => (to[i]! += dy.data[at]! * b.data[j]!)),
    })),
    conv2dWeightGradient: list.map(({ name, window, x, weight, y, accumulate }): OpCase => ({
      name,
      inputs: [normal(...x), normal(...y)],
      compute: (a, dy) => ops.conv2dWeightGradient(a, dy, window),
      byHand: (a, dy) => accumulate(weight, (to, at, i, j) => (to[j]! += a.data[i]! * dy.data[at]!)),
    })),
  };
}

function channelCases(block: number) {
  const shapes = [
    [2, block, 3, 4],
    [3, 2 * block, 1, 1],
    [2, 5, 3, 2],
  ] as const;
  const cases = (make: (shape: readonly [number, number, number, number]) => Omit<OpCase, "name">): OpCase[] =>
    shapes.map((shape) => ({ name: `[${shape.join()}]`, ...make(shape) }));
  const products = (x: NdArray, y: NdArray): NdArray => ({
    shape: x.shape,
    data: Array.from(x.data, (value, i) => value * y.data[i]!),
  });
  return {
    channelAffine: cases((shape) => ({
      inputs: [normal(...shape), normal(shape[1]), normal(shape[1])],
      compute: (x, scale, shift) => ops.channelAffine(x, scale, shift),
      byHand: (x, scale, shift) =>
        build(shape, (...at) => x.data[flatIndex(shape, at)]! * scale.data[at[1]!]! + shift.data[at[1]!]!),
    })),
    channelSum: cases((shape) => ({
      inputs: [normal(...shape)],
      compute: ops.channelSum,
      byHand: (x) => sumOver(x, [0, 2, 3]),
    })),
    channelDot: cases((shape) => ({
      inputs: [normal(...shape), normal(...shape)],
      compute: (x, y) => ops.channelDot(x, y),
      byHand: (x, y) => sumOver(products(x, y), [0, 2, 3]),
    })),
    channelMoments: cases((shape) => ({
      inputs: [normal(...shape)],
      compute: ops.channelMoments,
      byHand: (x) =>
        [x, products(x, x)].flatMap((terms) =>
          sumOver(terms, [0, 2, 3]).map((total) => (total * shape[1]) / sizeOf(shape)),
        ),
    })),
  };
}

function poolCases(block: number) {
  const channels = [block, 5];
  const maps = [
    [4, 6],
    [5, 7],
  ] as const;
  const grid = channels.flatMap((c) => maps.map(([h, w]) => [2, c, h, w] as const));
  const windows: readonly Window[] = [
    { kernel: 2, stride: 2, padding: 0 },
    { kernel: 3, stride: 3, padding: 0 },
    { kernel: 3, stride: 2, padding: 1 },
    { kernel: 3, stride: 1, padding: 0 },
  ];
  const pooled = ([n, c, h, w]: readonly [number, number, number, number], window: Window): Shape => {
    const { kernel, stride, padding } = window;
    return [n, c, ...[h, w].map((size) => Math.floor((size + 2 * padding - kernel) / stride) + 1)];
  };
  const pools = grid.flatMap((shape) =>
    windows.map((window) => ({
      name: `[${shape.join()}], ${window.kernel}x${window.kernel}, stride ${window.stride}, padding ${window.padding}`,
      shape,
      window,
      out: pooled(shape, window),
    })),
  );
  const overlapping = pools.filter(({ window }) => window.kernel > window.stride);
  const indices = (x: Tensor, window: Window, out: Shape): Tensor => ops.maxPoolIndices(x, window, out);
  return {
    maxPool2d: pools.map(({ name, shape, window, out }): OpCase => ({
      name,
      inputs: [distinct(...shape)],
      compute: (x) => ops.maxPool2d(x, window.kernel, window),
      byHand: (x) => poolWinners(x, out, window).map((at) => x.data[at]!),
    })),
    maxPoolIndices: overlapping.map(({ name, shape, window, out }): OpCase => ({
      name,
      inputs: [distinct(...shape)],
      compute: (x) => ops.toFloat(indices(x, window, out)),
      byHand: (x) => poolWinners(x, out, window),
      differentiable: false,
    })),
    scatterFlat: overlapping.map(({ name, shape, window, out }): OpCase => ({
      name, // overlapping windows share winners: values must add up
      inputs: [distinct(...shape), normal(...out)],
      compute: (x, values) => ops.scatterFlat(indices(ops.stopGradient(x), window, out), values, shape),
      byHand: (x, values) => {
        const total = Array<number>(sizeOf(shape)).fill(0);
        poolWinners(x, out, window).forEach((at, i) => (total[at]! += values.data[i]!));
        return total;
      },
    })),
    gatherFlat: overlapping.map(({ name, shape, window, out }): OpCase => ({
      name,
      inputs: [distinct(...shape), normal(...shape)],
      compute: (x, values) => ops.gatherFlat(values, indices(ops.stopGradient(x), window, out)),
      byHand: (x, values) => poolWinners(x, out, window).map((at) => values.data[at]!),
    })),
    upsample2d: channels.flatMap((c) =>
      [
        [2, 6, 4],
        [2, 7, 5],
        [3, 10, 8],
      ].map(([factor, h, w]): OpCase => {
        const shape = [2, c, Math.floor(h! / factor!), Math.floor(w! / factor!)] as const;
        return {
          name: `${c} channels by ${factor} to ${h} x ${w}`,
          inputs: [normal(...shape)],
          compute: (x) => ops.upsample2d(x, factor!, [2, c, h!, w!]),
          byHand: (x) =>
            build([2, c, h!, w!], (n, channel, row, column) => {
              const at = [n, channel, Math.floor(row / factor!), Math.floor(column / factor!)];
              return at[2]! < shape[2] && at[3]! < shape[3] ? x.data[flatIndex(shape, at)]! : 0;
            }),
        };
      }),
    ),
    sumPool2d: grid.map((shape): OpCase => ({
      name: `[${shape.join()}] by 2`,
      inputs: [normal(...shape)],
      compute: (x) => ops.sumPool2d(x, 2),
      byHand: (x) =>
        build(pooled(shape, windows[0]!), (n, c, row, column) => {
          const entry = (i: number, j: number): number =>
            x.data[flatIndex(shape, [n, c, 2 * row + i, 2 * column + j])]!;
          return entry(0, 0) + entry(0, 1) + entry(1, 0) + entry(1, 1);
        }),
    })),
    spatialMean: grid.map((shape): OpCase => ({
      name: `[${shape.join()}]`,
      inputs: [normal(...shape)],
      compute: ops.spatialMean,
      byHand: (x) => sumOver(x, [2, 3]).map((total) => total / (shape[2] * shape[3])),
    })),
  };
}

/** Operations that the CPU lowering runs as one, the same where a second user keeps them apart, and odd company. */
export function fusionCases(block: number): readonly OpCase[] {
  const { relu, add, conv2d, maxPool2d, mul, sub, channelAffine: affine } = ops;
  const c = block;
  const [map, vector, kernel] = [normal(2, c, 3, 4), normal(c), normal(c, c, 1, 1)];
  const image = [normal(2, 3, 5, 5), normal(c, 3, 3, 3)];
  const affineInputs = [map, vector, vector];
  const fusion = (name: string, inputs: Draw[], compute: OpCase["compute"]): OpCase => ({ name, inputs, compute });
  const activations = { relu, leakyRelu: (x: Tensor) => ops.leakyRelu(x, 0.2) };
  return [
    ...Object.entries(activations).flatMap(([name, f]) => [
      fusion(`${name}(conv2d)`, [map, normal(c, c, 3, 3), vector], (x, w, b) => f(conv2d(x, w, b, { padding: 1 }))),
      fusion(`${name}(conv2d) of an image`, image, (x, w) => f(conv2d(x, w, undefined, { stride: 2 }))),
      fusion(`${name}(affine)`, affineInputs, (x, s, t) => f(affine(x, s, t))),
      fusion(`${name}(affine + y)`, [...affineInputs, map], (x, s, t, y) => f(add(affine(x, s, t), y))),
      fusion(`${name}(y + affine)`, [...affineInputs, map], (x, s, t, y) => f(add(y, affine(x, s, t)))),
      fusion(`${name}(affine + affine)`, [...affineInputs, map], (x, s, t, y) =>
        f(add(affine(x, s, t), affine(y, t, s))),
      ),
    ]),
    fusion("affine + itself", affineInputs, (x, s, t) => {
      const y = affine(x, s, t);
      return add(y, y);
    }),
    fusion("affine used beside its relu", affineInputs, (x, s, t) => {
      const y = affine(x, s, t);
      return mul(relu(y), y);
    }),
    fusion("conv2d used beside its relu", [map, kernel], (x, w) => {
      const y = conv2d(x, w);
      return sub(relu(y), mul(y, y));
    }),
    fusion("affine + scalar", [...affineInputs, normal()], (x, s, t, y) => add(affine(x, s, t), y)),
    fusion("affine + rows", [...affineInputs, normal(c, 1, 1)], (x, s, t, y) => add(affine(x, s, t), y)),
    fusion("kernel made by a convolution", [map, kernel, kernel], (x, w, v) => conv2d(x, conv2d(w, v))),
    fusion("kernel added to a map of its shape", [kernel, kernel], (x, w) => add(conv2d(x, w), mul(w, 0.5))),
    fusion("one kernel used twice", [map, kernel], (x, w) => conv2d(relu(conv2d(x, w)), w)),
    fusion("two pools of one input", [distinct(2, c, 4, 4)], (x) => mul(maxPool2d(x, 2), maxPool2d(x, 3))),
  ];
}
