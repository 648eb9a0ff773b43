// The blocked lowering's rows: operations that onnxruntime's NCHWc operations do better than the portable ones.

import type { Tensor } from "../tensor.ts";
import { conv2dInputGradient, conv2dWeightGradient } from "./blocked-convolution.ts";
import type { Activation, BlockedRule, BlockedRules, Dims } from "./blocked-emission.ts";
import { pairedShape, takesWeight } from "./layout.ts";
import { windowAttributes } from "./portable.ts";

/** Large enough to saturate a clipped line, small enough not to overflow; a power of two, so that products are exact. */
const STEP_SCALE = 2 ** 96;

const activated: BlockedRule<"relu" | "leakyRelu"> = (e, y) => {
  if (!e.absorbed(y.inputs[0]!)) return undefined;
  const activation: Activation =
    y.op === "relu"
      ? { activation: "Relu" }
      : { activation: "LeakyRelu", activation_params: { floats: [y.attributes.slope] } };
  return e.fused(y.inputs[0]!, activation);
};

/** Rules for tensors in blocked or paired layout; each result is in its tensor's own layout. */
export const BLOCKED: BlockedRules = {
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
    const square = e.g.node("Mul", [e.value(x), e.value(x)]);
    return e.momentsOfMeans([e.spatialMeans(e.value(x), x.shape), e.spatialMeans(square, x.shape)], x.shape);
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
    const step = { activation: "HardSigmoid", activation_params: { floats: [1, 1] } };
    return e.scaled(e.value(x), y.shape, [scale, g.floats(new Float32Array(c), [c])], step, e.upsample(pooled, up));
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
