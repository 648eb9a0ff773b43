import { fromBinary } from "@bufbuild/protobuf";
import { ModelProtoSchema } from "onnx-buf";
import { describe, expect, it } from "vitest";
import { roughNetwork } from "../../test/rough-network.ts";
import { colouredImages, tinyPudNet } from "../../test/tiny-pudnet.ts";
import { loadRuntime, type RuntimeName } from "../tensor/runtime.ts";
import { key, normal, uniform } from "../tensor/random.ts";
import { hostTensor } from "../tensor/tree.ts";
import { cosines, labelledCentroids } from "../heads/centroid-head.ts";
import type { Classifier } from "./classifier.ts";
import { exportOnnx } from "./export-onnx.ts";
import { NetworkRunner } from "../predict/network-runner.ts";
import { chooseHead } from "../heads/choose-head.ts";
import { headProbabilities } from "../heads/classifier-head.ts";
import { classifyWithHead } from "../train/classify-with-head.ts";
import { probabilities } from "../heads/temperature.ts";

const SIDE = 16;

async function run(model: Uint8Array, pixels: Uint8Array, runtime: RuntimeName): Promise<Float32Array> {
  const { ort } = await loadRuntime(runtime);
  const session = await ort.InferenceSession.create(model, { logSeverityLevel: 3 });
  expect([session.inputNames, session.outputNames]).toEqual([["images"], ["probabilities"]]);
  const count = pixels.length / (3 * SIDE * SIDE);
  const { probabilities: out } = await session.run({
    images: new ort.Tensor("uint8", pixels, [count, 3, SIDE, SIDE]),
  });
  await session.release();
  expect(out!.dims).toEqual([count, 3]);
  return out!.data as Float32Array;
}

describe.each([
  { arch: "convnet-3", stem: "3x3" },
  { arch: "resnet-18", stem: "3x3" },
  { arch: "resnet-18", stem: "7x7+pool" },
  { arch: "resnet-34", stem: "3x3" },
  { arch: "resnet-8", stem: "3x3+pool", readout: "stages" },
] as const)("exportOnnx of $arch with stem $stem", ({ arch, stem, ...more }) => {
  it("agrees with the library in both builds of onnxruntime, for any batch", async () => {
    const model = tinyPudNet({ arch, stem, ...more, side: SIDE, width: 4 });
    const { images, pixels, labels, classes } = colouredImages(3, 4, SIDE);
    const network = roughNetwork(model);
    const runner = await NetworkRunner.create(model);
    const features = await runner.features(network, images);
    await runner.release();
    const centroids = labelledCentroids(features, labels, 3);
    const expected = probabilities(cosines(features, centroids, 3), 3, 7);
    const { arch: target, normalization } = model;
    const classifier: Classifier = {
      arch: target,
      normalization,
      network,
      head: { kind: "centroids", centroids: hostTensor([3, centroids.length / 3], centroids), temperature: 7 },
      classes,
      resize: "square-1",
    };
    expect(new Set(expected).size).toBe(expected.length); // nothing degenerate
    await expectInBothBuilds(classifier, pixels, expected);
  });
});

async function expectInBothBuilds(classifier: Classifier, pixels: Uint8Array, expected: Float32Array): Promise<void> {
  const bytes = exportOnnx(classifier);
  for (const runtime of ["node", "web"] as const) {
    for (const count of [1, 7]) {
      const actual = await run(bytes, pixels.subarray(0, count * 3 * SIDE * SIDE), runtime);
      const worst = Math.max(...actual.map((value, i) => Math.abs(value - expected[i]!)));
      expect(worst).toBeLessThan(1e-4);
    }
  }
}

it("exports a linear head as the library computes it", async () => {
  const model = tinyPudNet({ side: SIDE, width: 4 });
  const { images, pixels, classes } = colouredImages(3, 4, SIDE);
  const network = roughNetwork(model);
  const runner = await NetworkRunner.create(model);
  const d = (await runner.features(network, images)).length / 12;
  const weight = hostTensor([3, d], normal(key(4), 3 * d, 0.5));
  const head = { weight, bias: hostTensor([3], [0.5, -0.2, 0.1]) };
  const expected = await classifyWithHead(runner, { network, head }, images);
  await runner.release();
  expect(new Set(expected).size).toBe(expected.length);
  const { arch, normalization } = model;
  const resize = "square-1";
  const classifier: Classifier = { arch, normalization, network, head: { kind: "linear", ...head }, classes, resize };
  await expectInBothBuilds(classifier, pixels, expected);
});

it("exports a closed-form head as the library computes it", async () => {
  const model = tinyPudNet({ side: SIDE, width: 4 });
  const { images, pixels, labels, classes } = colouredImages(3, 4, SIDE);
  const network = roughNetwork(model);
  const runner = await NetworkRunner.create(model);
  const features = await runner.features(network, images);
  await runner.release();
  const options = { choice: "closed-form", temperature: 10 } as const;
  const { head } = await chooseHead({ features, labels, ways: 3 }, options, key(5));
  const expected = headProbabilities(head, features);
  expect([head.kind, new Set(expected).size]).toEqual(["closed-form", expected.length]);
  const { arch, normalization } = model;
  await expectInBothBuilds({ arch, normalization, network, head, classes, resize: "square-1" }, pixels, expected);
});

it("tells labels, preprocessing and shapes in standard fields", () => {
  const model = tinyPudNet({ side: SIDE });
  const { arch, normalization } = model;
  const network = roughNetwork(model);
  const centroids = hostTensor([3, 16], uniform(key(3), 48));
  const classes = ["cat", "dog", 'a "quoted" é'];
  const head = { kind: "centroids", centroids, temperature: 5 } as const;
  const bytes = exportOnnx({ arch, normalization, network, head, classes, resize: "square-1" });
  const { graph, metadataProps, opsetImport } = fromBinary(ModelProtoSchema, bytes);
  const metadata = Object.fromEntries(metadataProps.map(({ key: name, value }) => [name, value]));
  expect(JSON.parse(metadata["labels"]!)).toEqual(classes);
  expect(JSON.parse(metadata["arch"]!)).toEqual(arch);
  expect(JSON.parse(metadata["preprocessing"]!)).toMatchObject({
    side: SIDE,
    colours: "RGB",
    resize: expect.stringMatching(/^square-1: /),
    normalization,
  });
  expect(opsetImport.map(({ domain }) => domain)).toEqual([""]); // standard operations only
  const dims = (info: { type?: unknown }): unknown =>
    (info.type as { value: { value: { shape: { dim: { value: { value: unknown } }[] } } } }).value.value.shape.dim.map(
      ({ value }) => (typeof value.value === "bigint" ? Number(value.value) : value.value),
    );
  expect(graph!.input.map((info) => [info.name, dims(info)])).toEqual([["images", ["batch", 3, SIDE, SIDE]]]);
  expect(graph!.output.map((info) => [info.name, dims(info)])).toEqual([["probabilities", ["batch", 3]]]);
});
