// What the WebGPU provider computes better otherwise: these rows replace those of the portable lowering on such a device.

import type { OpName } from "../tensor.ts";
import type { Shape } from "../tree.ts";
import { PORTABLE, type PortableRule, portableRule } from "./portable.ts";

/** Rows that are added up in one piece: a product with so few results keeps a single group of the device's cores busy. */
const ROWS_IN_PIECE = 512;

/** Pieces of equal length into which `rows` can be cut, none much shorter than ROWS_IN_PIECE. */
export function evenPieces(rows: number): number {
  for (let count = Math.floor(rows / ROWS_IN_PIECE); count > 1; count--) if (rows % count === 0) return count;
  return 1;
}

/** a^T b of two tall matrices [rows, p] and [rows, q]: pieces of their rows at the same time, then the sum over the pieces. */
const contractKernels: PortableRule<"contractKernels"> = (g, y, a, b) => {
  const [[o, i, p], [, , q]] = y.inputs.map((x) => x.shape) as [Shape, Shape];
  const rows = o! * i!;
  const count = evenPieces(rows);
  if (count === 1) return PORTABLE.contractKernels(g, y, a, b);
  const piece = (name: string, columns: number): string => g.reshape(name, [count, rows / count, columns]);
  const transposed = g.node("Transpose", [piece(a, p!)], { perm: [0, 2, 1] });
  const products = g.node("MatMul", [transposed, piece(b, q!)]); // [count, p, q]
  return g.node("ReduceSum", [products, g.ints([0])], { keepdims: 0 });
};

/** There is no LogSoftmax on the device: one on the CPU would wait for all that was computed before. */
const logSoftmax: PortableRule<"logSoftmax"> = (g, _, x) => {
  const shifted = g.node("Sub", [x, g.node("ReduceMax", [x], { axes: [-1] })]);
  const total = g.node("ReduceSum", [g.node("Exp", [shifted]), g.ints([-1])]);
  return g.node("Sub", [shifted, g.node("Log", [total])]);
};

const WEBGPU: { readonly [Op in OpName]?: PortableRule<Op> } = { contractKernels, logSoftmax };

export function webgpuRule(op: OpName): PortableRule {
  return (WEBGPU[op] as PortableRule | undefined) ?? portableRule(op);
}
