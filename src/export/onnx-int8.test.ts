// Whole numbers in onnxruntime beside the runtime of the files, for networks of every kind.

import { fromBinary } from "@bufbuild/protobuf";
import { ModelProtoSchema } from "onnx-buf";
import { expect, it, test } from "vitest";
import { roughClassifier, type RoughOptions } from "../../test/rough-network.ts";
import { colouredImages } from "../../test/tiny-pudnet.ts";
import { loadRuntime } from "../tensor/runtime.ts";
import { exportOnnxInt8 } from "./onnx-int8.ts";
import { pack } from "./pack.ts";
import { quantised } from "./quantise.ts";
import { runPlan } from "./runtime.ts";

test.each([
  { arch: "convnet-3", head: "linear" },
  { arch: "convnet-4", head: "closed-form", side: 23 },
  { arch: "resnet-8", readout: "stages", stem: "3x3+pool" },
  { arch: "resnet-18", head: "closed-form" },
  { arch: "resnet-8", stem: "7x7+pool", side: 40, width: 6 },
] satisfies RoughOptions[])("scores of %j", async (options) => {
  const classifier = roughClassifier(options);
  const { side } = classifier.arch;
  const { images, pixels } = colouredImages(3, 4, side);
  const plan = quantised(classifier, images);
  const { packed, bytes } = pack(plan);
  const running = runPlan(packed, bytes);
  const { ort } = await loadRuntime();
  const session = await ort.InferenceSession.create(exportOnnxInt8(classifier, plan), { logSeverityLevel: 3 });
  const { probabilities, similarity } = await session.run({
    images: new ort.Tensor("uint8", pixels, [12, 3, side, side]),
  });
  await session.release();
  const expected = probabilities!.data as Float32Array;
  const actual = Array.from({ length: 12 }, (_, i) => [...running.probabilities(images.read(i, i + 1))]).flat();
  expect(new Set(expected).size).toBeGreaterThan(20); // nothing degenerate
  expect(Math.max(...actual.map((score, i) => Math.abs(score - expected[i]!)))).toBeLessThan(0.01);
  const similarities = Array.from({ length: 12 }, (_, i) => running.similarity(images.read(i, i + 1)));
  similarities.forEach((value, i) => expect(Math.abs(value - Number(similarity!.data[i]))).toBeLessThan(0.01));
});

it("has the inputs, outputs and metadata of the file in floats, and what more is to be told", () => {
  const classifier = roughClassifier({ arch: "convnet-3", classes: ["cat", 'a "quoted" é'] });
  const plan = quantised(classifier, colouredImages(2, 2, 16).images);
  const bytes = exportOnnxInt8(classifier, plan, { command: "pudnet export" });
  const { graph, metadataProps, opsetImport } = fromBinary(ModelProtoSchema, bytes);
  const metadata = Object.fromEntries(metadataProps.map(({ key, value }) => [key, value]));
  expect(JSON.parse(metadata["labels"]!)).toEqual(classifier.classes);
  expect(metadata["command"]).toBe("pudnet export");
  expect(metadata["unknown_below"]).toBe("0.125");
  expect(opsetImport.map(({ domain }) => domain)).toEqual([""]);
  expect([graph!.input, graph!.output].map((all) => all.map(({ name }) => name))).toEqual([
    ["images"],
    ["probabilities", "similarity"],
  ]);
});

it("needs pictures", () => {
  const none = { count: 0, read: () => new Uint8Array() };
  expect(() => quantised(roughClassifier({ arch: "convnet-3" }), none)).toThrow("no pictures to find the range");
});
