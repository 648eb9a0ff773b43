import { describe, test } from "vitest";
import { expect, maxRelativeError } from "../../test/close.ts";
import { describeGolden, golden, type GoldenCompute, LOWERINGS } from "../../test/golden.ts";
import { reshape } from "../tensor/ops.ts";
import { compile } from "../tensor/program.ts";
import { key, normal } from "../tensor/random.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { type HostTensor, hostTensor, sizeOf } from "../tensor/tree.ts";
import { batchNorm, batchStats, initBatchNorm, initStats, updateRunning, valuesPerChannel } from "./batch-norm.ts";

/** [n, c] as [n, c, 1, 1]: what one-dimensional batch norm is. */
const asMaps = (x: Tensor): Tensor => (x.shape.length === 2 ? reshape(x, [...x.shape, 1, 1]) : x);

const training: GoldenCompute = ([x, weight, bias]) => {
  const maps = asMaps(x!);
  return reshape(batchNorm({ weight: weight!, bias: bias! }, batchStats(maps), maps), x!.shape);
};
const evaluation: GoldenCompute = ([x, weight, bias, mean, variance]) =>
  reshape(batchNorm({ weight: weight!, bias: bias! }, { mean: mean!, variance: variance! }, asMaps(x!)), x!.shape);

/** Mean 30 deviations: see "batch statistics" below. */
const LARGE_MEAN = { rtol: 1e-3 };
const tolerance = (name: string) => (name === "batch-norm-large-mean" ? LARGE_MEAN : {});

describeGolden(
  "norm",
  {
    "batch-norm-16": training,
    "batch-norm-5": training,
    "batch-norm-large-mean": training,
    "batch-norm-1d": training,
    "batch-norm-eval": evaluation,
    "batch-norm-1d-eval": evaluation,
  },
  tolerance,
);

describe.each(LOWERINGS)("running statistics beside PyTorch, %s", (lowering) => {
  test.each(["batch-norm-16", "batch-norm-5", "batch-norm-large-mean", "batch-norm-1d"])("%s", async (name) => {
    const { tensor } = golden("norm");
    const x = tensor(`${name}/input0`);
    const stats = initStats(x.shape[1]!);
    const build = (traced: { x: Tensor; stats: { mean: Tensor; variance: Tensor } }) => {
      const maps = asMaps(traced.x);
      return updateRunning(traced.stats, batchStats(maps), valuesPerChannel(maps));
    };
    const program = await compile(build, { x, stats }, { lowering });
    const { mean, variance } = await program.run({ x, stats });
    await program.release();
    expect(mean).toBeAllClose(tensor(`${name}/runningMean`), tolerance(name));
    expect(variance).toBeAllClose(tensor(`${name}/runningVar`), tolerance(name));
  });
});

// The variance is E[x x] - E[x]^2, one pass over x. Its error grows with the square of mean / deviation: float32 has
// seven digits, 30 deviations take three of them, 1000 leave one, 5000 none: then the variance may come out as zero and
// the norm divides by sqrt(epsilon). Networks stay far from that: inputs are normalised, and what a convolution adds to
// its mean, the norm before it took away.
describe.each(LOWERINGS)("batch statistics of a large mean, %s", (lowering) => {
  const shape = [32, 16, 8, 8];
  const noise = normal(key(1), sizeOf(shape));

  test.each([
    [0, 2e-6],
    [30, LARGE_MEAN.rtol],
    [300, 0.1],
  ])("mean %i deviations: variance to %f", async (mean, rtol) => {
    const error = await varianceError(mean);
    expect(error).toBeLessThan(rtol);
  });

  test("mean 10000 deviations: wrong, but finite", async () => {
    const { variance, y } = await normalise(10_000);
    for (const data of [variance.data, y.data]) expect((data as Float32Array).every(Number.isFinite)).toBe(true);
    expect((variance.data as Float32Array).every((value) => value >= 0)).toBe(true);
  });

  async function normalise(mean: number): Promise<{ x: HostTensor; variance: HostTensor; y: HostTensor }> {
    const x = hostTensor(
      shape,
      noise.map((value) => value + mean),
    );
    const inputs = { x, norm: initBatchNorm(16) };
    const build = (traced: { x: Tensor; norm: { weight: Tensor; bias: Tensor } }) => {
      const stats = batchStats(traced.x);
      return { variance: stats.variance, y: batchNorm(traced.norm, stats, traced.x) };
    };
    const program = await compile(build, inputs, { lowering });
    const results = await program.run(inputs);
    await program.release();
    return { x, ...results };
  }

  async function varianceError(mean: number): Promise<number> {
    const { x, variance } = await normalise(mean);
    return maxRelativeError(variance, channelVariances(x));
  }
});

/** In float64, by deviations from the mean. */
function channelVariances({ shape, data }: HostTensor): number[] {
  const [n, c, h, w] = shape as [number, number, number, number];
  return Array.from({ length: c }, (_, channel) => {
    const values = Array.from({ length: n }, (_n, image) =>
      Array.from((data as Float32Array).subarray((image * c + channel) * h * w, (image * c + channel + 1) * h * w)),
    ).flat();
    const mean = values.reduce((total, value) => total + value, 0) / values.length;
    return values.reduce((total, value) => total + (value - mean) ** 2, 0) / values.length;
  });
}
