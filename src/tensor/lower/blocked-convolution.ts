// Gradients of convolutions through onnxruntime's blocked NCHWc operations. Formulations: docs/engine.md.

import type { Tensor } from "../tensor.ts";
import { sizeOf } from "../tree.ts";
import type { BlockedEmission, BlockedRule, Dims } from "./blocked-emission.ts";
import { pairedShape, takesInputGradient, takesWeight } from "./layout.ts";
import { gradientTaps, patches } from "./portable.ts";

export const conv2dInputGradient: BlockedRule<"conv2dInputGradient"> = (e, dx) => {
  if (!takesInputGradient(dx, e.block) || !e.isBlocked(dx)) return undefined;
  const { g, block } = e;
  const { kernel, stride, padding } = dx.attributes;
  const [dy, weight] = dx.inputs as [Tensor, Tensor];
  const [cOut, cIn] = weight.shape as Dims;
  const turned = turnedBlocks(e, weight);
  const taps = (indices: readonly number[], rows: number, columns: number): string => {
    const picked = e.once.node("Gather", [turned, e.once.ints(swappedBlocks(weight, block, indices))], { axis: 0 });
    return e.once.reshape(picked, [cIn, cOut, rows, columns]);
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

/** The blocks of a paired weight [o/b, i/b, k k, b(i), b(o)], each transposed: [o/b i/b k k, b(o) b(i)]. */
function turnedBlocks(e: BlockedEmission, weight: Tensor): string {
  const { once: g, block } = e;
  const blocks = sizeOf(weight.shape) / block ** 2;
  // ReorderOutput transposes the small blocks much faster than Transpose does
  const images = g.reshape(e.value(weight, "paired"), [blocks, block, block, 1]);
  return g.reshape(g.nchwc("ReorderOutput", [images], { channels: block }), [blocks, block * block]);
}

/** Which of its blocks make the weight of the transposed convolution [i/b, o/b, taps], in its order. */
function swappedBlocks(weight: Tensor, block: number, taps: readonly number[]): number[] {
  const [outerO, outerI, all] = pairedShape(weight.shape, block) as Dims;
  const range = (count: number): number[] => Array.from({ length: count }, (_, i) => i);
  return range(outerI).flatMap((i) => range(outerO).flatMap((o) => taps.map((tap) => (o * outerI + i) * all + tap)));
}

/** Larger kernels have more taps than it pays to lay out for every pixel. */
const MOST_PATCHES = 3;

export const conv2dWeightGradient: BlockedRule<"conv2dWeightGradient"> = (e, dWeight) => {
  if (!takesWeight(dWeight.shape, e.block) || e.layout(dWeight) !== "paired") return undefined;
  const { g, block } = e;
  const { kernel, stride, padding } = dWeight.attributes;
  const [x, dy] = dWeight.inputs as [Tensor, Tensor];
  const [n, cIn, h, w] = x.shape as Dims;
  const [, cOut, oh, ow] = dy.shape as Dims;
  const paired = pairedShape(dWeight.shape, block);
  const inner = cIn % block === 0 ? block : 1;
  if (inner === 1 && kernel <= MOST_PATCHES) {
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
  let product: string; // [cOut, cIn/inner, k, k, inner]
  if (kernel === 1 && padding === 0 && inner === block) {
    let pixels = g.reshape(e.value(x, "blocked"), [n, cIn / block, h, w, block]);
    if (stride > 1) {
      pixels = g.node("Slice", [pixels, g.ints([0, 0]), g.ints([h, w]), g.ints([2, 3]), g.ints([stride, stride])]);
    }
    const rows = g.reshape(g.node("Transpose", [pixels], { perm: [0, 2, 3, 1, 4] }), [n * oh * ow, cIn]);
    product = g.node("MatMul", [g.reshape(dySwapped, [cOut, n * oh * ow]), rows]);
  } else {
    // One convolution with the batch as channels and dy as a dilated kernel; the block, where there is one, rides along in the width.
    const [rows, columns] = [gradientTaps(h, oh, dWeight.attributes), gradientTaps(w, ow, dWeight.attributes)];
    const volume = g.reshape(e.value(x, inner === 1 ? "plain" : "blocked"), [1, n, cIn / inner, h, w * inner]);
    product = g.node("Conv", [volume, g.reshape(dySwapped, [cOut, n, 1, oh, ow])], {
      kernel_shape: [1, oh, ow],
      pads: [0, padding, padding * inner, 0, rows.after, columns.after * inner],
      dilations: [1, stride, stride * inner],
    });
    if (rows.taps > kernel || columns.taps > kernel) {
      product = g.node("Slice", [product, g.ints([0, 0]), g.ints([kernel, kernel * inner]), g.ints([3, 4])]);
    }
  }
  // the blocks of cOut go last: what ReorderInput does
  const asImage = g.reshape(product, [cOut / block, block, cIn * kernel * kernel, 1]);
  return g.reshape(g.nchwc("ReorderInput", [asImage]), paired);
};
