// What a symbolic tensor is: an operation on other tensors, with the shape and type of its result. Tensors are values:
// a network traced into tensors is the graph that is differentiated (gradients.ts) and lowered to ONNX (lower/).

import type { DType, Shape, Shaped } from "./tree.ts";

/** The operations and their attributes. Each has a shape rule (ops.ts), a gradient (gradients.ts) and a lowering. */
export interface OpAttributes {
  input: { readonly name: string };
  constant: { readonly data: Float32Array };
  stopGradient: None;
  cast: None;
  // elementwise, numpy broadcasting
  add: None;
  sub: None;
  mul: None;
  div: None;
  // elementwise, one input
  neg: None;
  exp: None;
  log: None;
  sqrt: None;
  tanh: None;
  sigmoid: None;
  erf: None;
  relu: None;
  leakyRelu: { readonly slope: number };
  /** 1 where x > 0, else 0; no gradient. */
  positive: None;
  /** 1 where a >= b, else 0; no gradient. */
  reaches: None;
  // shape
  reshape: None;
  transpose: { readonly permutation: readonly number[] };
  broadcastTo: None;
  slice: { readonly axis: number; readonly start: number };
  concat: { readonly axis: number };
  /** Zeros before and after along one axis. */
  padAxis: { readonly axis: number; readonly before: number };
  // reductions
  sum: { readonly axes: readonly number[]; readonly keepAxes: boolean };
  /** 1 where x equals the largest entry of its last axis, else 0; no gradient. */
  isMax: None;
  logSoftmax: None;
  // products
  matmul: { readonly transposeA: boolean; readonly transposeB: boolean };
  mixKernels: { readonly transposed: boolean };
  contractKernels: None;
  // convolution
  conv2d: Window;
  conv2dInputGradient: Window;
  conv2dWeightGradient: Window;
  // per channel
  channelAffine: None;
  channelSum: None;
  channelDot: None;
  channelMoments: None;
  // space
  maxPool2d: Window;
  maxPoolIndices: Window;
  scatterFlat: None;
  gatherFlat: None;
  upsample2d: { readonly factor: number };
  sumPool2d: { readonly factor: number };
  spatialMean: None;
}

// oxlint-disable-next-line typescript/no-generated-empty-object-type -- an operation without attributes has just that
type None = Readonly<Record<never, never>>;

/** A square sliding window. */
export interface Window {
  readonly kernel: number;
  readonly stride: number;
  readonly padding: number;
}

export type OpName = keyof OpAttributes;

/** The result of one operation; `Tensor` without argument is the union over all of them. */
export interface TensorOf<Op extends OpName> extends Shaped {
  readonly op: Op;
  readonly inputs: readonly Tensor[];
  readonly attributes: OpAttributes[Op];
  readonly dtype: DType;
}

export type Tensor = { [Op in OpName]: TensorOf<Op> }[OpName];

/** Makes the node; shape rules live in ops.ts. */
export function makeTensor<Op extends OpName>(
  op: Op,
  inputs: readonly Tensor[],
  attributes: OpAttributes[Op],
  shape: Shape,
  dtype: DType = "float32",
): Tensor {
  return { op, inputs, attributes, shape, dtype } as TensorOf<Op> as Tensor;
}

/** All tensors that the roots depend on, inputs before their users, each once, following the roots' order. */
export function topologicalOrder(roots: Iterable<Tensor>): Tensor[] {
  const done = new Set<Tensor>();
  const order: Tensor[] = [];
  for (const root of roots) {
    const stack: { readonly tensor: Tensor; next: number }[] = [{ tensor: root, next: 0 }];
    while (stack.length > 0) {
      const top = stack.at(-1)!;
      const input = done.has(top.tensor) ? undefined : top.tensor.inputs[top.next++];
      if (input !== undefined) {
        if (!done.has(input)) stack.push({ tensor: input, next: 0 });
        continue;
      }
      stack.pop();
      if (!done.has(top.tensor)) {
        done.add(top.tensor);
        order.push(top.tensor);
      }
    }
  }
  return order;
}
