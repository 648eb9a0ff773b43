import { describe, expect, it } from "vitest";
import { maxRelativeError } from "../../../test/close.ts";
import { LOWERINGS } from "../../../test/golden.ts";
import { batchNorm, batchStats } from "../../nn/batch-norm.ts";
import { gradients } from "../gradients.ts";
import { constant, conv2d, input, maxPool2d, mul, relu, sum } from "../ops.ts";
import { compile } from "../program.ts";
import { key, normal } from "../random.ts";
import { blockSize } from "../runtime.ts";
import { type Tensor, topologicalOrder } from "../tensor.ts";
import { hostTensor, sizeOf } from "../tree.ts";
import { findBatchClusters } from "./batch-pieces.ts";
import { emission } from "./lower.ts";
import { OnnxGraph } from "./onnx-graph.ts";

const IMAGES = 6;
const SHAPES = {
  x: [IMAGES, 3, 128, 128],
  first: [16, 3, 3, 3],
  second: [16, 16, 3, 3],
  scale: [16],
  shift: [16],
} as const;
type Inputs = { readonly [name in keyof typeof SHAPES]: Tensor };

/** Two layers of a ConvNet, both of whose maps are wide (6 and 1.5 MB before and after pooling), and their gradients. */
function twoLayers({ x, first, second, scale, shift }: Inputs) {
  const layer = (maps: Tensor, kernel: Tensor): Tensor => {
    const y = conv2d(maps, kernel, undefined, { padding: 1 });
    return relu(batchNorm({ weight: scale, bias: shift }, batchStats(y), maxPool2d(y, 2)));
  };
  const loss = sum(mul(layer(layer(x, first), second), 1e-3));
  const [byFirst, bySecond, byScale, byShift] = gradients(loss, [first, second, scale, shift]);
  return { loss, byFirst: byFirst!, bySecond: bySecond!, byScale: byScale!, byShift: byShift! };
}

const traced = (): ReturnType<typeof twoLayers> =>
  twoLayers(Object.fromEntries(Object.entries(SHAPES).map(([name, shape]) => [name, input(name, shape)])) as Inputs);

describe("wide maps", async () => {
  const block = await blockSize();

  it.runIf(block !== undefined)("are computed in pieces of the batch", () => {
    const g = new OnnxGraph();
    emission(g, Object.values(traced()), { block: block!, isOneThread: true }).emit();
    const scans = g.toProto().node.filter(({ opType }) => opType === "Scan");
    expect(scans.length).toBeGreaterThanOrEqual(2);
    const inside = scans.flatMap(({ attribute }) => attribute.flatMap(({ g: body }) => body?.node ?? []));
    expect(inside.map(({ opType }) => opType)).toContain("MaxPool");
  });

  it.runIf(block !== undefined)("give what the portable lowering gives", async () => {
    const entries = Object.entries(SHAPES).map(
      ([name, shape], i) => [name, hostTensor(shape, normal(key(i), sizeOf(shape)))] as const,
    );
    const inputs = Object.fromEntries(entries) as Record<keyof typeof SHAPES, ReturnType<typeof hostTensor>>;
    const results = [];
    for (const lowering of ["blocked", "portable"] as const) {
      const program = await compile(twoLayers, inputs, { lowering, threads: 1 });
      results.push(await program.run(inputs));
      await program.release();
    }
    const [blocked, portable] = results as [(typeof results)[number], (typeof results)[number]];
    for (const name of ["loss", "byFirst", "bySecond", "byScale", "byShift"] as const) {
      expect(maxRelativeError(blocked[name], portable[name]), name).toBeLessThan(1e-4);
    }
  });
});

it("may have kernels that are known while tracing", async () => {
  const [shape, kernel] = [SHAPES.x, normal(key(7), sizeOf(SHAPES.first))];
  const x = hostTensor(shape, normal(key(8), sizeOf(shape)));
  const moments = ({ x: images }: { x: Tensor }) =>
    batchStats(conv2d(images, constant(kernel, SHAPES.first), undefined, { padding: 1 }));
  const results = [];
  for (const lowering of LOWERINGS) {
    const program = await compile(moments, { x }, { lowering, threads: 1 });
    results.push((await program.run({ x })).variance);
    await program.release();
  }
  expect(maxRelativeError(results.at(-1)!, results[0]!)).toBeLessThan(1e-4);
});

it("no path leads out of a cluster and back", () => {
  const roots = Object.values(traced());
  const order = topologicalOrder(roots);
  const layout = (t: Tensor) =>
    t.shape.length === 4 && t.shape[1] === 16 && t.shape[0] === IMAGES ? ("blocked" as const) : ("plain" as const);
  const clusters = findBatchClusters(order, roots, { layout, isOneThread: true });
  expect(clusters.length).toBeGreaterThanOrEqual(2);
  for (const { members } of clusters) {
    const inside = new Set(members);
    const behind = new Set<Tensor>(); // what depends on a member and is none
    for (const t of order) {
      const depends = t.inputs.some((x) => inside.has(x) || behind.has(x));
      if (depends && !inside.has(t)) behind.add(t);
      if (inside.has(t))
        expect(
          t.inputs.filter((x) => behind.has(x)),
          t.op,
        ).toEqual([]);
    }
  }
});
