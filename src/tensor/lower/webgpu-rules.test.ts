// The rows for WebGPU are standard ONNX as well, so the CPU can tell whether they compute the same.

import { test } from "vitest";
import { expect } from "../../../test/close.ts";
import { contractKernels, input, logSoftmax } from "../ops.ts";
import { compile } from "../program.ts";
import { key, normal } from "../random.ts";
import { openSession } from "../runtime.ts";
import type { Tensor } from "../tensor.ts";
import { type HostTensor, hostTensor, sizeOf } from "../tree.ts";
import { emission } from "./lower.ts";
import { OnnxGraph } from "./onnx-graph.ts";
import { evenPieces } from "./webgpu-rules.ts";

const random = (name: string, ...shape: number[]): HostTensor =>
  hostTensor(shape, normal(key(name.length), sizeOf(shape)));

/** f(a, b) with the rows for WebGPU, on the CPU; with the kinds of the graph's nodes. */
async function withWebGpuRows(f: (a: Tensor, b: Tensor) => Tensor, a: HostTensor, b: HostTensor) {
  const [x, y] = [input("a", a.shape), input("b", b.shape)];
  const result = f(x, y);
  const g = new OnnxGraph();
  const e = emission(g, [result], "webgpu");
  e.provide(x, "plain", g.input("a", a.shape));
  e.provide(y, "plain", g.input("b", b.shape));
  e.emit();
  const kinds = g.toProto().node.map(({ opType }) => opType);
  g.output("result", e.value(result), result.shape);
  const { session, ort } = await openSession(g.toModel());
  const feeds = Object.entries({ a, b }).map(([name, { data, shape }]) => [
    name,
    new ort.Tensor("float32", data as Float32Array, [...shape]),
  ]);
  const outputs = await session.run(Object.fromEntries(feeds));
  const data = Float32Array.from(outputs["result"]!.data as Float32Array);
  await session.release();
  return { data, kinds };
}

async function portable(f: (a: Tensor, b: Tensor) => Tensor, a: HostTensor, b: HostTensor): Promise<Float32Array> {
  const program = await compile(
    (inputs: { a: Tensor; b: Tensor }) => ({ y: f(inputs.a, inputs.b) }),
    { a, b },
    {
      lowering: "portable",
    },
  );
  const { y } = await program.run({ a, b });
  await program.release();
  return y.data as Float32Array;
}

test("a product of tall matrices is computed in pieces, a small one at once", async () => {
  for (const [o, i, kinds] of [
    [64, 48, ["Reshape", "Transpose", "Reshape", "MatMul", "ReduceSum"]],
    [5, 6, ["Reshape", "Reshape", "Gemm"]],
  ] as const) {
    const [a, b] = [random("a", o, i, 9), random("bb", o, i, 16)];
    const found = await withWebGpuRows(contractKernels, a, b);
    expect(found.kinds).toEqual(kinds);
    expect(found.data).toBeAllClose(await portable(contractKernels, a, b));
  }
});

test("pieces are even and none is much shorter than the others would be", () => {
  expect([512 * 512, 64 * 64, 64 * 48, 64 * 3, 1, 8191].map(evenPieces)).toEqual([512, 8, 6, 1, 1, 1]);
});

test("log softmax of large entries", async () => {
  const rows = random("rows", 3, 5);
  const large = hostTensor(
    [3, 5],
    Array.from(rows.data as Float32Array, (value) => 300 * value),
  );
  for (const x of [rows, large]) {
    const found = await withWebGpuRows((a) => logSoftmax(a), x, rows);
    expect(found.kinds).not.toContain("LogSoftmax");
    expect(found.data).toBeAllClose(await portable((a) => logSoftmax(a), x, rows));
  }
});
