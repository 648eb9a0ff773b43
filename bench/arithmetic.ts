// What a computation needs at least: multiplications and additions of its graph, at the rate of this machine's fastest large
// product or convolution.

import { sketchRows } from "../src/hypernet/sketch.ts";
import { predictWeights, type PudNet, type PudNetStats } from "../src/hypernet/pudnet.ts";
import { forward, networkShapes, type Weights } from "../src/models/network.ts";
import { featureSize } from "../src/models/architectures.ts";
import type { PudNetModel } from "../src/predict/model.ts";
import { conv2d, input, matmul } from "../src/tensor/ops.ts";
import { compile, traceInputs } from "../src/tensor/program.ts";
import type { SessionOptions } from "../src/tensor/runtime.ts";
import { type Tensor, topologicalOrder, type Window } from "../src/tensor/tensor.ts";
import { asTree, hostTensor, leaves, type Shape, sizeOf } from "../src/tensor/tree.ts";

/** Multiplications and additions of convolutions, without those by padding, and of products; all else counts none. */
function flopOf(t: Tensor): number {
  const [a, b] = t.inputs;
  if (t.op === "conv2d") {
    const [n, out] = t.shape;
    const taps = [2, 3].map((axis) => tapsWithin(a!.shape[axis]!, t.shape[axis]!, t.attributes));
    return 2 * n! * out! * b!.shape[1]! * taps[0]! * taps[1]!;
  }
  if (t.op === "mixKernels") return 2 * sizeOf(t.shape) * a!.shape[2]!;
  if (t.op !== "matmul") return 0;
  return 2 * sizeOf(t.shape) * a!.shape[t.attributes.transposeA ? 0 : 1]!;
}

/**
 * Along one axis, over all places of a window, how many of its taps lie in the map.
 * @example tapsWithin(2, 2, { kernel: 3, stride: 1, padding: 1 }) // 4, of 6
 */
export function tapsWithin(size: number, places: number, { kernel, stride, padding }: Window): number {
  return Array.from({ length: places }, (_, place) => {
    const from = place * stride - padding;
    return Math.min(size, from + kernel) - Math.max(0, from);
  }).reduce((sum, taps) => sum + taps, 0);
}

interface Traced {
  readonly params: PudNet;
  readonly stats: PudNetStats;
  readonly weights: Weights;
}

/** Of all that some results are made of. */
function graphFlop(results: object): number {
  const roots = leaves<Tensor>(asTree<Tensor>(results)).map(([, tensor]) => tensor);
  return topologicalOrder(roots).reduce((sum, t) => sum + flopOf(t), 0);
}

/**
 * From images to a closed-form head on all their labels: sketches, kernels, one forward pass of the predicted network over all
 * images (batch norm's statistics come on the way), half a Gram matrix, which is symmetric, and the solution of its system
 * for each class. What is computed in float64, the solution, counts twice: so many fewer numbers fit into a register.
 */
export function closedFormFlop({ config, arch, params, stats }: PudNetModel, images: number, ways: number): number {
  const { weights } = networkShapes(arch);
  const traced = traceInputs(asTree({ params, stats, weights }), "in") as object as Traced;
  const x = input("x", [images, 3, arch.side, arch.side]);
  const { rows } = sketchRows(config, traced.params.sketch!, x, traced.stats.sketch);
  const kernels = predictWeights(config, arch, traced.params, input("sketch", [config.gruLayers, config.hiddenSize]));
  const { features } = forward(arch, traced.weights, x);
  const d = featureSize(arch);
  const solution = d ** 3 / 3 + 2 * ways * d ** 2;
  return graphFlop({ rows, kernels, features }) + images * d * (d + 1) + 2 * solution;
}

const PEAK_SIDE = 1536;
const PEAK_TRIES = 5;
/** Of the convolution: several in a row, so that bringing pictures into the layout of convolutions counts little. */
const PEAK_MAPS = [16, 128, 32, 32] as const;
const PEAK_LAYERS = 4;

/** Of a product of matrices of 1,536 rows and columns and of 3x3 convolutions of 128 channels, the faster; each the best of five. */
export async function peakGflops(options: SessionOptions): Promise<number> {
  const side = [PEAK_SIDE, PEAK_SIDE];
  const [, channels] = PEAK_MAPS;
  const kernels = [channels, channels, 3, 3];
  const product = await rateOf(({ x, y }) => matmul(x, y), { x: side, y: side }, options);
  const convolutions = await rateOf(
    ({ x, y }) => Array.from({ length: PEAK_LAYERS }).reduce((maps: Tensor) => conv2d(maps, y, undefined, { padding: 1 }), x), // prettier-ignore
    { x: PEAK_MAPS, y: kernels },
    options,
  );
  return Math.max(product, convolutions);
}

type Factors<T> = Readonly<Record<"x" | "y", T>>;

/** GFLOP a second. */
async function rateOf(
  f: (factors: Factors<Tensor>) => Tensor,
  { x, y }: Factors<Shape>,
  options: SessionOptions,
): Promise<number> {
  const small = (shape: Shape) => hostTensor(shape, new Float32Array(sizeOf(shape)).fill(2 ** -11)); // products stay finite
  const program = await compile(
    (factors: Factors<Tensor>) => ({ z: f(factors) }),
    { x: { shape: x }, y: { shape: y } },
    options,
  );
  program.bind({ x: small(x), y: small(y) });
  let best = Number.POSITIVE_INFINITY;
  for (let i = 0; i < PEAK_TRIES; i++) {
    const start = performance.now();
    await program.run({});
    best = Math.min(best, performance.now() - start);
  }
  await program.release();
  return graphFlop({ z: f({ x: input("x", x), y: input("y", y) }) }) / best / 1e6;
}
