// Target networks: beside PyTorch, with negative scales, and what holds for every architecture.

import { beforeAll, describe, test } from "vitest";
import { expect, largest } from "../../test/close.ts";
import { golden, LOWERINGS, oneHot } from "../../test/golden.ts";
import { cropped, padded, statsFrom, weightsFrom } from "../../test/golden-network.ts";
import { trainingStep, trainOn } from "../../test/training-step.ts";
import { batchNorm, batchStats } from "../nn/batch-norm.ts";
import { adam } from "../optim/adam.ts";
import { gradients, gradientTree } from "../tensor/gradients.ts";
import { conv2d, flatten, maxPool2d, mul, relu, sum } from "../tensor/ops.ts";
import { compile } from "../tensor/program.ts";
import { fold, key, normal } from "../tensor/random.ts";
import { blockSize } from "../tensor/runtime.ts";
import type { Tensor } from "../tensor/tensor.ts";
import {
  asTree,
  type Host,
  type HostTensor,
  hostTensor,
  leaves,
  type Shape,
  type Shaped,
  sizeOf,
} from "../tensor/tree.ts";
import {
  type Arch,
  type ArchName,
  architecture,
  ARCHITECTURES,
  featureSize,
  layerSpecs,
  type Readout,
  type Stem,
} from "./architectures.ts";
import {
  type ConvNorm,
  forward,
  forwardWith,
  freshStats,
  initWeights,
  networkShapes,
  stateDict,
  type Stats,
  updateRunningStats,
  type Weights,
} from "./network.ts";

const models = golden("models");
const seed = key(3);

async function run<I extends object>(
  build: (inputs: I) => object,
  inputs: NoInfer<Host<I>>,
  lowering: "portable" | "blocked",
): Promise<ReadonlyMap<string, HostTensor>> {
  const program = await compile(build, inputs, { lowering });
  const results = await program.run(inputs);
  await program.release();
  return new Map(leaves(results));
}

describe.each(LOWERINGS)("beside PyTorch, %s", (lowering) => {
  const stems: readonly (readonly [string, Stem])[] = [
    ["convnet-3", "3x3"],
    ["resnet-18-3x3", "3x3"],
    ["resnet-18-7x7+pool", "7x7+pool"],
  ];

  describe.each(stems)("%s", (name, stem) => {
    const { side, arch: archName } = models.cases.get(name) as { side: number; arch: string };
    const arch = architecture(archName, side, { stem, width: 16 });
    const width = featureSize(arch);
    let results: ReadonlyMap<string, HostTensor>;

    beforeAll(async () => {
      const gradFeatures = models.tensor(`${name}/gradFeatures`);
      const [rows] = gradFeatures.shape as [number];
      const inputs = {
        x: models.tensor(`${name}/input`),
        weights: weightsFrom(arch, padded(models.under(`${name}/params/`))),
        stats: statsFrom(arch, padded(models.under(`${name}/stats/`))),
        fresh: freshStats(layerSpecs(arch)),
        gradFeatures: padded(new Map([["it", gradFeatures]]))("it", [rows, width]),
      };
      const build = (traced: { x: Tensor; weights: Weights; stats: Stats; fresh: Stats; gradFeatures: Tensor }) => {
        const trained = forward(arch, traced.weights, traced.x);
        return {
          features: trained.features,
          featuresEval: forward(arch, traced.weights, traced.x, traced.stats).features,
          stats: updateRunningStats(traced.fresh, trained),
          grads: gradientTree(sum(mul(trained.features, traced.gradFeatures)), traced.weights),
        };
      };
      results = await run(build, inputs, lowering);
    }, 60_000);

    const expectCropped = (path: string, expected: HostTensor, rtol: number): void => {
      expect(cropped(results.get(path)!, expected.shape), path).toBeAllClose(expected, { rtol });
    };

    test.each(["features", "featuresEval"])("%s", (path) => {
      expectCropped(path, models.tensor(`${name}/${path}`), 1e-4);
    });

    test("running statistics", () => {
      for (const { norm } of layerSpecs(arch)) {
        expectCropped(`stats.${norm}.mean`, models.tensor(`${name}/stats/${norm}.running_mean`), 1e-5);
        expectCropped(`stats.${norm}.variance`, models.tensor(`${name}/stats/${norm}.running_var`), 1e-5);
      }
    });

    test("gradients of all parameters", () => {
      for (const { name: layer, norm } of layerSpecs(arch)) {
        expectCropped(`grads.kernels.${layer}`, models.tensor(`${name}/grads/${layer}.weight`), 1e-4);
        for (const part of ["weight", "bias"])
          expectCropped(`grads.norms.${norm}.${part}`, models.tensor(`${name}/grads/${norm}.${part}`), 1e-4);
      }
    });
  });

  test("convnet-3: losses of 20 steps of Adam", async () => {
    const arch = architecture("convnet-3", 16, { width: 16 });
    const optimizer = adam({ learningRate: 1e-3 });
    const tensor = (name: string): HostTensor => models.tensor(`convnet-3/${name}`);
    const params = {
      weights: weightsFrom(arch, padded(models.under("convnet-3/params/"))),
      head: { weight: tensor("params/head.weight"), bias: tensor("params/head.bias") },
    };
    const start = { params, stats: freshStats(layerSpecs(arch)), optimizer: optimizer.init(params) };
    const batch = { images: tensor("input"), targets: oneHot(tensor("labels"), 5) };
    const batches = Array.from({ length: 20 }, () => batch);
    const { metrics } = await trainOn(trainingStep(arch, optimizer), start, batches, { lowering, stepsPerCall: 20 });
    const losses = metrics.map(({ loss }) => loss!);
    // per loss, not per largest: they fall by two orders of magnitude
    losses.forEach((loss, i) => expect(loss).toBeAllClose(Number(tensor("losses").data[i]), { rtol: 1e-3 }));
  });
});

test.each(Object.keys(ARCHITECTURES) as ArchName[])("programs of a %s are compiled for what is drawn", (name) => {
  const arch = architecture(name, 32, { width: 8 });
  const shapes = (of: object) => leaves<Shaped>(asTree<Shaped>(of)).map(([path, { shape }]) => [path, shape]);
  const more = layerSpecs(arch)
    .slice(-1)
    .map((spec) => ({ ...spec, name: "neck", norm: "neck norm" }));
  expect(shapes(networkShapes(arch, more))).toEqual(shapes(initWeights(seed, arch, more)));
});

describe.each(LOWERINGS)("norms before pooling, computed after it, %s", (lowering) => {
  const random = (name: string, shape: Shape): HostTensor => hostTensor(shape, normal(fold(seed, name), sizeOf(shape)));

  // Scales of either sign and zero: what pooling picks depends on the sign.
  test.each(["batch statistics", "given statistics"])("%s", async (which) => {
    const arch = architecture("convnet-3", 16, { width: 16 });
    const { weights } = initWeights(seed, arch);
    const norms = Object.fromEntries(
      layerSpecs(arch).map(({ norm }) => {
        const weight = random(norm, [16]);
        weight.data[5] = 0;
        return [norm, { weight, bias: random(`${norm} bias`, [16]) }];
      }),
    );
    const stats = Object.fromEntries(
      layerSpecs(arch).map(({ norm }) => [
        norm,
        { mean: random(`${norm} mean`, [16]), variance: hostTensor([16], Array<number>(16).fill(2)) },
      ]),
    );
    const inputs = { x: random("x", [4, 3, 16, 16]), weights: { ...weights, norms }, stats };
    const build = (traced: { x: Tensor; weights: Weights; stats: Stats }) => {
      const given = which === "given statistics" ? traced.stats : undefined;
      const ours = forward(arch, traced.weights, traced.x, given);
      const plain = layerSpecs(arch).reduce((h, spec) => {
        const y = conv2d(h, traced.weights.kernels[spec.name]!, undefined, spec);
        return relu(maxPool2d(batchNorm(traced.weights.norms[spec.norm]!, given?.[spec.norm] ?? batchStats(y), y), 2));
      }, traced.x);
      const both = [ours.features, flatten(plain)].map((features) => {
        const loss = sum(mul(features, features));
        return { features, grads: gradientTree(loss, traced.weights), dx: gradients(loss, [traced.x])[0]! };
      });
      return { ours: both[0]!, plain: both[1]! };
    };
    const results = await run(build, inputs, lowering);
    for (const [path, value] of results) {
      // a channel of scale 0 is the same everywhere: what pooling picks there is anyone's choice
      if (path.startsWith("ours.") && !path.endsWith(".weight"))
        expect(value, path).toBeAllClose(results.get(path.replace("ours", "plain"))!, { rtol: 1e-4 });
    }
  });
});

describe.each(LOWERINGS)("every architecture, %s", (lowering) => {
  const rows: readonly { readonly name: string; readonly stem: Stem; readonly readout?: Readout }[] = [
    ...Object.keys(ARCHITECTURES).map((name) => ({ name, stem: "3x3" as const })),
    { name: "resnet-8", stem: "3x3+pool" },
    { name: "resnet-8", stem: "7x7" },
    { name: "resnet-18", stem: "7x7+pool" },
    { name: "resnet-8", stem: "3x3+pool", readout: "stages" },
  ];

  test.each(rows)(
    "$name, stem $stem: features, no NaN, a gradient for every parameter",
    async ({ name, stem, readout }) => {
      const block = (await blockSize()) ?? 8;
      const side = name === "convnet-3" ? 18 : 34; // not a power of two: windows leave rows out
      const arch: Arch = architecture(name, side, { stem, width: name === "convnet-3" ? block : 4, readout });
      const { weights, stats } = initWeights(seed, arch);
      const x = hostTensor([3, 3, side, side], normal(seed, 9 * side * side));
      const build = (traced: { x: Tensor; weights: Weights }) => {
        const { features } = forward(arch, traced.weights, traced.x);
        return { features, grads: gradientTree(sum(mul(features, features)), traced.weights) };
      };
      const results = await run(build, { x, weights }, lowering);
      expect(results.get("features")!.shape).toEqual([3, featureSize(arch)]);
      for (const [path, { data }] of results) {
        expect((data as Float32Array).every(Number.isFinite), `${path} is finite`).toBe(true);
        expect(largest(data as Float32Array), `${path} is not zero`).toBeGreaterThan(0);
      }
      const specs = layerSpecs(arch);
      const names = [...stateDict(weights, stats).keys()];
      expect(names.length).toBe(specs.length * 5);
      expect(names).toContain(`${specs.at(-1)!.name}.weight`);
      expect(names).toContain(`${specs.at(-1)!.norm}.running_var`);
    },
  );

  test.each(["resnet-8", "resnet-18"])(
    "%s read out by stages: means, and quarters of the stage before",
    async (name) => {
      const [plain, stages] = [undefined, "stages" as const].map((readout) =>
        architecture(name, 36, { width: 4, readout }),
      );
      const { weights } = initWeights(seed, plain!);
      const x = hostTensor([2, 3, 36, 36], normal(seed, 2 * 3 * 36 * 36));
      const build = (traced: { x: Tensor; weights: Weights }) => {
        let before: Tensor | undefined;
        const lastStage = layerSpecs(plain!).at(-1)!.name.split(".")[0]!;
        const convNorm: ConvNorm = (spec, input, pool = (y) => y) => {
          if (spec.name === `${lastStage}.0.conv1`) before = input;
          const y = conv2d(input, traced.weights.kernels[spec.name]!, undefined, spec);
          return pool(batchNorm(traced.weights.norms[spec.norm]!, batchStats(y), y));
        };
        const means = forwardWith(plain!, convNorm, traced.x);
        return { means, before: before!, features: forward(stages!, traced.weights, traced.x).features };
      };
      const results = await run(build, { x, weights }, lowering);
      const [means, before, features] = ["means", "before", "features"].map((path) => results.get(path)!);
      const [n, c, h, w] = before!.shape as [number, number, number, number];
      const half = Math.floor(h / 2);
      const expected = Array.from({ length: n }, (_, image) => {
        const quarters = Array.from({ length: 4 * c }, (_q, i) => {
          const [channel, top, left] = [Math.floor(i / 4), Math.floor((i % 4) / 2) * half, (i % 2) * half];
          let total = 0;
          for (let y = top; y < top + half; y++)
            for (let at = left; at < left + half; at++)
              total += before!.data[((image * c + channel) * h + y) * w + at] as number;
          return total / half ** 2 / 2;
        });
        return [...(means!.data as Float32Array).subarray(image * 2 * c, (image + 1) * 2 * c), ...quarters];
      });
      expect(features!).toBeAllClose(hostTensor(features!.shape, expected.flat()), { rtol: 1e-4, atol: 1e-5 });
    },
  );
});
