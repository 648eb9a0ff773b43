// Gradients of convolutions through onnxruntime's blocked NCHWc operations. Formulations: docs/engine.md.

import type { Tensor } from "../tensor.ts";
import type { BlockedEmission, BlockedRule, Dims } from "./blocked-emission.ts";
import { pairedShape, takesInputGradient, takesWeight } from "./layout.ts";
import { gradientTaps, patches } from "./portable.ts";

export const conv2dInputGradient: BlockedRule<"conv2dInputGradient"> = (e, dx) => {
  if (!takesInputGradient(dx, e.block) || !e.isBlocked(dx)) return undefined;
  const { g, block } = e;
  const { kernel, stride, padding } = dx.attributes;
  const [dy, weight] = dx.inputs as [Tensor, Tensor];
  const [cOut, cIn] = weight.shape as Dims;
  const swapped = swappedWeight(e, weight); // [cIn/b, cOut/b, k k, b b]
  const taps = (indices: readonly number[], rows: number, columns: number): string => {
    const all = indices.length === kernel * kernel && indices.every((tap, i) => tap === i);
    const picked = all ? swapped : e.once.node("Gather", [swapped, e.once.ints(indices)], { axis: 2 });
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

/** paired [o/b, i/b, k k, b(i), b(o)] -> [i/b, o/b, k k, b(o) b(i)]: the weight of the transposed convolution. */
function swappedWeight(e: BlockedEmission, weight: Tensor): string {
  const { once: g, block } = e;
  const [outerO, outerI, taps] = pairedShape(weight.shape, block) as Dims;
  // ReorderOutput transposes the small blocks much faster than Transpose does
  const blocks = g.reshape(e.value(weight, "paired"), [outerO * outerI * taps, block, block, 1]);
  const turned = g.nchwc("ReorderOutput", [blocks], { channels: block });
  return g.node("Transpose", [g.reshape(turned, [outerO, outerI, taps, block * block])], { perm: [1, 0, 2, 3] });
}

export const conv2dWeightGradient: BlockedRule<"conv2dWeightGradient"> = (e, dWeight) => {
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
