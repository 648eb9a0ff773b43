// Memory layouts of the CPU lowering, and which tensor gets which.
//   plain    row-major
//   blocked  activations [n, c, h, w] stored as [n, c/b, h, w, b]
//   paired   weights [o, i, ...] stored as [o/b, i/bi, rest, bi, b], with bi = b, or 1 where b does not divide i
// An elementwise operation runs in any layout as long as all of its tensors share it, so the choice is made once per
// connected set of elementwise operations.

import { isElementwise } from "../ops.ts";
import type { Tensor } from "../tensor.ts";
import { type Shape, sizeOf } from "../tree.ts";

export type Layout = "plain" | "blocked" | "paired";

/** Stored shape of a paired weight [o, i, ...rest]. */
export function pairedShape(shape: Shape, block: number): Shape {
  const [o, i, ...rest] = shape as [number, number, ...number[]];
  const inner = i % block === 0 ? block : 1;
  return [o / block, i / inner, sizeOf(rest), inner, block];
}

/** Host data of a weight [o, i, ...rest] to (or from) the paired layout. */
export function repack(data: Float32Array, shape: Shape, block: number, direction: "pack" | "unpack"): Float32Array {
  const [outerO, outerI, rest, innerI, innerO] = pairedShape(shape, block) as [number, number, number, number, number];
  const cIn = outerI * innerI;
  const out = new Float32Array(data.length);
  let paired = 0;
  for (let ob = 0; ob < outerO; ob++)
    for (let ib = 0; ib < outerI; ib++)
      for (let r = 0; r < rest; r++)
        for (let i = 0; i < innerI; i++)
          for (let o = 0; o < innerO; o++, paired++) {
            const plain = ((ob * block + o) * cIn + ib * innerI + i) * rest + r;
            if (direction === "pack") out[paired] = data[plain]!;
            else out[plain] = data[paired]!;
          }
  return out;
}

/** Whether blocked convolution takes these channel counts: the first layer's few input channels may stay plain. */
export const takesWeight = ([o, i]: Shape, block: number): boolean =>
  o! % block === 0 && (i! % block === 0 || i! < block);
const takesChannels = (x: Tensor, block: number): boolean => x.shape.length === 4 && x.shape[1]! % block === 0;

/** The layouts an operation wants for its tensors; operations not listed work on plain ones. */
function wishes(t: Tensor, block: number): [Tensor, Layout][] {
  const activations = (...tensors: Tensor[]): [Tensor, Layout][] =>
    tensors.filter((x) => takesChannels(x, block)).map((x) => [x, "blocked"]);
  switch (t.op) {
    case "conv2d": {
      const [x, weight] = t.inputs as [Tensor, Tensor];
      return takesWeight(weight.shape, block) ? [...activations(t, x), [weight, "paired"]] : [];
    }
    case "conv2dInputGradient": {
      const [dy, weight] = t.inputs as [Tensor, Tensor];
      return takesInputGradient(t, block) ? [...activations(t, dy), [weight, "paired"]] : [];
    }
    case "conv2dWeightGradient":
      return takesWeight(t.shape, block) ? [[t, "paired"], ...activations(...t.inputs)] : [];
    case "mixKernels":
      return takesWeight(t.shape, block)
        ? [
            [t, "paired"],
            [t.inputs[0]!, "paired"],
          ]
        : [];
    case "contractKernels":
      return takesWeight(t.inputs[0]!.shape, block) ? t.inputs.map((x) => [x, "paired"]) : [];
    case "channelAffine":
    case "maxPool2d":
    case "upsample2d":
    case "sumPool2d":
      return activations(t, t.inputs[0]!);
    case "channelSum":
    case "channelDot":
    case "channelMoments":
    case "spatialMean":
      return activations(...t.inputs);
    default:
      return [];
  }
}

/**
 * Blocked input gradients need whole blocks on both sides and, where strided, the phases of stride 2. More padding than
 * a window can reach over would need negative padding in the gradient.
 */
export function takesInputGradient(t: Tensor, block: number): boolean {
  const [o, i] = t.inputs[1]!.shape as [number, number];
  const { stride, kernel, padding } = t.attributes as { stride: number; kernel: number; padding: number };
  const fits = stride === 1 ? padding < kernel : stride === 2 && padding < Math.max(1, kernel - 1);
  return o % block === 0 && i % block === 0 && fits;
}

/** Whether t and its non-scalar inputs have the same shape, so that they can share any layout. */
export function isAligned(t: Tensor): boolean {
  return isElementwise(t.op) && t.inputs.every((x) => isScalar(x) || x.shape.join() === t.shape.join());
}

export const isScalar = (x: Tensor): boolean => x.shape.length === 0;

/** [o, i, q] and [o, i, kh, kw] are stored alike when paired. */
function keepsKernels(t: Tensor): boolean {
  const x = t.inputs[0]?.shape;
  return (
    t.op === "reshape" &&
    x !== undefined &&
    x.length >= 3 &&
    t.shape.length >= 3 &&
    x[0] === t.shape[0] &&
    x[1] === t.shape[1]
  );
}

export const sharesLayout = (t: Tensor): boolean => isAligned(t) || keepsKernels(t);

/** Decides the layout of every tensor. */
export function assignLayouts(order: readonly Tensor[], block: number): ReadonlyMap<Tensor, Layout> {
  const parent = new Map<Tensor, Tensor>();
  const find = (t: Tensor): Tensor => {
    let root = t;
    for (let up = parent.get(root); up !== undefined; up = parent.get(root)) root = up;
    if (root !== t) parent.set(t, root);
    return root;
  };
  for (const t of order) {
    if (!sharesLayout(t) || t.shape.length < 3) continue;
    for (const x of t.inputs) {
      if (!isScalar(x) && find(x) !== find(t)) parent.set(find(x), find(t));
    }
  }
  const chosen = new Map<Tensor, Layout>();
  for (const t of order) {
    for (const [x, layout] of wishes(t, block)) if (!chosen.has(find(x))) chosen.set(find(x), layout);
  }
  // kernels may be seen as rows of taps; maps may not be seen as other maps, since blocked operations read the shape
  for (const t of order) if (keepsKernels(t) && chosen.get(find(t)) === "blocked") chosen.set(find(t), "plain");
  return new Map(order.map((t) => [t, chosen.get(find(t)) ?? "plain"]));
}
