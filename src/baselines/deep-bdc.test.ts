import { describe, test } from "vitest";
import { expect } from "../../test/close.ts";
import { describeGolden, type GoldenCompute } from "../../test/golden.ts";
import { architecture, type LayerSpec } from "../models/architectures.ts";
import { forward, initWeights, type Weights } from "../models/network.ts";
import { gradients } from "../tensor/gradients.ts";
import { constant, sum } from "../tensor/ops.ts";
import { compile } from "../tensor/program.ts";
import { key, normal } from "../tensor/random.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { hostTensor, leaves, type Tree } from "../tensor/tree.ts";
import { bdcVectors, deepBdc } from "./deep-bdc.ts";

const logits: GoldenCompute = ([support, query, temperature], { ways, shots }) => {
  const [ours, theirs] = [support!, query!].map((maps) => bdcVectors(maps, temperature!));
  return deepBdc.logits({}, ours!, theirs!, { ways: ways as number, shots: shots as number });
};
describeGolden("baselines", { "deep-bdc": logits, "deep-bdc-1-shot": logits });

describe("channels", () => {
  const arch = architecture("resnet-18", 16, { width: 40 }); // 320 channels

  test("more than 256 are reduced by a convolution, a norm and a relu", async () => {
    const reduced: { spec?: LayerSpec } = {};
    const embed = deepBdc.embedding!({ temperature: constant([0], []) }, arch);
    const vectors = embed(constant(new Float32Array(2 * 320), [2, 320, 1, 1]), (spec) => {
      reduced.spec = spec;
      // after the relu all channels are alike: all distances are the smallest possible
      return constant(
        normal(key(1), 2 * 256).map((value) => -Math.abs(value)),
        [2, 256, 1, 1],
      );
    });
    expect(reduced.spec).toEqual(deepBdc.layers(arch)[0]);
    expect(reduced.spec).toMatchObject({ cIn: 320, cOut: 256, kernel: 1 });
    expect(vectors.shape).toEqual([2, deepBdc.embeddingSize(arch)]);
    const program = await compile(() => ({ vectors }), {});
    const values = (await program.run({})).vectors;
    await program.release();
    expect(values).toBeAllClose(new Float32Array(2 * 256 ** 2), { atol: 1e-8 });
  });

  test("up to 256 stay as they are", () => {
    const small = architecture("convnet-3", 32, { width: 256 });
    expect(deepBdc.layers(small)).toEqual([]);
    expect(deepBdc.embeddingSize(small)).toBe(256 ** 2);
  });

  test("the reduction is part of the network and gets gradients", async () => {
    const { weights } = initWeights(key(2), arch, deepBdc.layers(arch));
    const images = hostTensor([2, 3, 16, 16], normal(key(3), 2 * 3 * 16 ** 2));
    const params = deepBdc.init(key(4), arch);
    const build = (inputs: { weights: Weights; images: Tensor; params: Tree<Tensor> }) => {
      const { features } = forward(
        arch,
        inputs.weights,
        inputs.images,
        undefined,
        deepBdc.embedding!(inputs.params, arch),
      );
      const wrt = [
        inputs.weights.kernels["reduction.0"]!,
        inputs.weights.kernels["conv1"]!,
        ...leaves(inputs.params).map(([, x]) => x),
      ];
      return { features, gradients: gradients(sum(features), wrt) };
    };
    const program = await compile(build, { weights, images, params });
    const result = await program.run({ weights, images, params });
    await program.release();
    expect(result.features.shape).toEqual([2, 256 ** 2]);
    for (const gradient of result.gradients) {
      const values = Array.from(gradient.data as Float32Array);
      expect(values.every(Number.isFinite) && values.some((value) => value !== 0)).toBe(true);
    }
  });
});
