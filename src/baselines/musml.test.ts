import { describe, test } from "vitest";
import { dot, gradientErrors } from "../../test/central-differences.ts";
import { expect } from "../../test/close.ts";
import { describeGolden, type GoldenCompute } from "../../test/golden.ts";
import { classMeans, classRows } from "../nn/class-rows.ts";
import { centroids, cosineLogits } from "../nn/cosine.ts";
import { architecture, layerSpecs } from "../models/architectures.ts";
import { forward, type Weights } from "../models/network.ts";
import { crossEntropy } from "../nn/losses.ts";
import { gradients } from "../tensor/gradients.ts";
import { concat, constant, reshape, slice } from "../tensor/ops.ts";
import { compile } from "../tensor/program.ts";
import { key, normal } from "../tensor/random.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { type HostTensor, hostTensor, leaves } from "../tensor/tree.ts";
import { initMusml, musmlAdapt, musmlLoss, type MusmlOptions, type MusmlParams, musmlTemperature } from "./musml.ts";

const arch = architecture("convnet-3", 8, { width: 4 });

/** Kernel, scale and shift of each layer. */
const basisOf = (parts: readonly Tensor[]): Weights => {
  const specs = layerSpecs(arch);
  const norms = specs.map(({ norm }, i) => [norm, { weight: parts[3 * i + 1]!, bias: parts[3 * i + 2]! }] as const);
  return {
    kernels: Object.fromEntries(specs.map(({ name }, i) => [name, parts[3 * i]!])),
    norms: Object.fromEntries(norms),
  };
};

const lossAndSupportLosses: GoldenCompute = ([start, temperature, images, ...parts], parameters) => {
  const { ways, shots, queries } = parameters as { ways: number; shots: number; queries: number };
  const params = { start: start!, bases: [basisOf(parts.slice(0, 9)), basisOf(parts.slice(9))] };
  const options = { subspaces: 2, dimension: 2, ...parameters } as MusmlOptions;
  const { loss, supportLosses } = musmlLoss(arch, params, images!, { ways, shots, queries }, options, temperature!);
  return concat([reshape(loss, [1]), supportLosses], 0);
};
describeGolden(
  "baselines",
  { musml: lossAndSupportLosses, "musml-first-order": lossAndSupportLosses },
  () => ({ rtol: 1e-3 }), // two steps through batch norms of a few values each
);

describe("one task", () => {
  const size = { ways: 2, shots: 3, queries: 2 };
  const options: MusmlOptions = { subspaces: 3, dimension: 4, innerSteps: 2, innerRate: 0.02 };
  const params = initMusml(key(1), arch, options);
  const images = hostTensor([10, 3, 8, 8], normal(key(2), 10 * 3 * 64));

  type Inputs = { readonly params: MusmlParams; readonly images: Tensor };
  async function valuesOf<O extends object>(f: (inputs: Inputs) => O, from = params) {
    const program = await compile(f, { params: from, images });
    const result = await program.run({ params: from, images });
    await program.release();
    return result;
  }
  /** The support loss of each subspace, and that of the network that was chosen, from its own features. */
  const adapted = (changes: Partial<MusmlOptions>, from = params) =>
    valuesOf((inputs) => {
      const support = slice(inputs.images, 0, 0, 6);
      const chosen = musmlAdapt(arch, inputs.params, support, size, { ...options, ...changes });
      const { features } = forward(arch, chosen.weights, support, chosen.stats);
      const logits = cosineLogits(features, centroids(features, classMeans(2, 3)), constant([10], []));
      const { conv2 } = chosen.weights.kernels;
      return { losses: chosen.supportLosses, loss: crossEntropy(logits, classRows(2, 3)), conv2: conv2! };
    }, from);

  test("starts as a network that He et al. would start with", async () => {
    const { conv2 } = await adapted({ innerSteps: 0 });
    expect(conv2.shape).toEqual([4, 4, 3, 3]);
    const variance = dot(conv2, conv2.data as Float32Array) / conv2.data.length;
    expect(Math.abs(variance / (2 / (4 * 9)) - 1)).toBeLessThan(0.3); // 144 numbers: 12 % is one deviation
    const norms = leaves(params.bases[0]!.norms).filter(([path]) => path.endsWith("weight"));
    for (const [, { data }] of norms) expect(data).toBeAllClose(new Float32Array(16).fill(0.5)); // 4 times 0.5 of 0.5
  });

  test("inner steps lower the support loss, and the subspace where it is lowest is chosen", async () => {
    const before = await adapted({ innerSteps: 0 });
    const after = await adapted({});
    const [first, last] = [before, after].map(({ losses }) => Array.from(losses.data, Number));
    last!.forEach((loss, k) => expect(loss).toBeLessThan(first![k]!));
    expect(new Set(last).size).toBe(3);
    expect(after.loss).toBeAllClose(Math.min(...last!), { rtol: 1e-4 });
  });

  test("equal subspaces give the network of either", async () => {
    const basis = params.bases[0]!;
    const once = await adapted({}, { ...params, bases: [basis] });
    const twice = await adapted({}, { ...params, bases: [basis, basis] });
    expect(twice.conv2).toBeAllClose(once.conv2);
  });

  // By anything that the inner steps depend on the loss is no continuous function: gradients of a network of relus jump.
  // There the gradient is compared with PyTorch's alone (above).
  test("the gradient by the softmin's temperature agrees with central differences", async () => {
    const at = hostTensor([], [0.3]);
    const build = ({ temperature, ...traced }: Inputs & { readonly temperature: Tensor }) => {
      const { loss, accuracy } = musmlLoss(arch, traced.params, traced.images, size, options, temperature);
      return { loss, accuracy, gradient: gradients(loss, [temperature])[0]! };
    };
    const inputs = { params, images, temperature: at };
    const program = await compile(build, inputs);
    const run = (temperature: HostTensor) => program.run({ params, images, temperature });
    const { gradient, accuracy } = await run(at);
    const losses = async ([temperature]: readonly HostTensor[]) => [Number((await run(temperature!)).loss.data[0])];
    const [error] = await gradientErrors(losses, [at], [[gradient]], { key: key(3) });
    await program.release();
    expect(error).toBeLessThan(1e-2);
    expect([0, 0.25, 0.5, 0.75, 1]).toContain(Number(accuracy.data[0]));
  });
});

test("the softmin sharpens until the best subspace is alone", () => {
  expect(musmlTemperature(0, 100)).toBe(0.5);
  expect(musmlTemperature(50, 100)).toBeCloseTo(0.25);
  expect(musmlTemperature(100, 100)).toBe(1e-3);
});
