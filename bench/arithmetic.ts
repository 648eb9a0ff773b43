// What a computation needs at least: multiplications and additions of its graph, at the rate of this machine's largest products.

import { sketchRows } from "../src/hypernet/sketch.ts";
import { predictWeights, type PudNet, type PudNetStats } from "../src/hypernet/pudnet.ts";
import { forward, initWeights, type Weights } from "../src/models/network.ts";
import { featureSize } from "../src/models/architectures.ts";
import type { PudNetModel } from "../src/predict/model.ts";
import { input, matmul } from "../src/tensor/ops.ts";
import { compile, traceInputs } from "../src/tensor/program.ts";
import { key } from "../src/tensor/random.ts";
import type { SessionOptions } from "../src/tensor/runtime.ts";
import { type Tensor, topologicalOrder } from "../src/tensor/tensor.ts";
import { asTree, hostTensor, leaves, sizeOf } from "../src/tensor/tree.ts";

/** Multiplications and additions of convolutions and products; all else counts none. */
function flopOf(t: Tensor): number {
  const [a, b] = t.inputs;
  if (t.op === "conv2d") return 2 * sizeOf(t.shape) * sizeOf(b!.shape.slice(1));
  if (t.op === "mixKernels") return 2 * sizeOf(t.shape) * a!.shape[2]!;
  if (t.op !== "matmul") return 0;
  return 2 * sizeOf(t.shape) * a!.shape[t.attributes.transposeA ? 0 : 1]!;
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
  const { weights } = initWeights(key(0), arch);
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

/** Of a product of matrices of 1,536 rows and columns, the best of five. */
export async function peakGflops(options: SessionOptions): Promise<number> {
  const side = [PEAK_SIDE, PEAK_SIDE];
  const square = hostTensor(side, new Float32Array(PEAK_SIDE ** 2).fill(0.5));
  type Factors = { readonly x: Tensor; readonly y: Tensor };
  const program = await compile(
    ({ x, y }: Factors) => ({ z: matmul(x, y) }),
    { x: { shape: side }, y: { shape: side } },
    options,
  );
  program.bind({ x: square, y: square });
  let best = Number.POSITIVE_INFINITY;
  for (let i = 0; i < PEAK_TRIES; i++) {
    const start = performance.now();
    await program.run({});
    best = Math.min(best, performance.now() - start);
  }
  await program.release();
  return (2 * PEAK_SIDE ** 3) / best / 1e6;
}
