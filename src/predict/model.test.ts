import { expect, it } from "vitest";
import { colouredImages, tinyPudNet } from "../../test/tiny-pudnet.ts";
import { FormatError } from "../errors.ts";
import { featureSize } from "../models/architectures.ts";
import type { HostTensor } from "../tensor/tree.ts";
import type { ImageSource } from "./image-source.ts";
import { atSide, describeModel, modelTensors, type PudNetModel, readModel, readOutByStages } from "./model.ts";
import { Predictor } from "./predictor.ts";

const model = tinyPudNet();

const fixed = tinyPudNet({ predict: "none" });

const named = tinyPudNet({ sketch: "domain", domains: ["food-101", "signs"] });

it.each([model, fixed, named])("reads what describes itself rightly: $config.predict, $config.sketch", (one) => {
  expect(readModel(modelTensors(one), describeModel(one), "a.safetensors")).toEqual(one);
});

it("refuses a static network of more features than the file holds", () => {
  const large = describeModel({ ...fixed, arch: { ...fixed.arch, side: 2 ** 31 } });
  expect(() => readModel(modelTensors(fixed), large, "a.safetensors")).toThrow(/promises more than/);
});

it.each([
  ["hiddenSize", { config: { ...model.config, hiddenSize: 2 ** 30 } }],
  ["gruLayers", { config: { ...model.config, gruLayers: 2 ** 40 } }],
  ["generatorWidth", { config: { ...model.config, generatorWidth: 2 ** 31 } }],
  ["width", { arch: { ...model.arch, width: 2 ** 31 } }],
  ["side", { arch: { ...model.arch, side: 2 ** 31 } }],
])("refuses a %s beyond what the file holds before it sets anything aside", (_, changes) => {
  const read = (): unknown => readModel(modelTensors(model), describeModel({ ...model, ...changes }), "a.safetensors");
  expect(read).toThrow(FormatError);
  expect(read).toThrow(/a\.safetensors: \d+ numbers, but its description promises more than/);
});

it.each([
  [["signs"], /"params\.domainSketches" has shape \[2, 8\], expected \[1, 8\]/],
  [undefined, /has sketches of domains, but not their names/],
  [Array<string>(50_000).fill("signs"), /promises more than/],
])("refuses other names of domains than there are sketches %#", (domains, message) => {
  const { domains: _, ...rest } = named;
  const description = describeModel({ ...rest, ...(domains ? { domains } : {}) });
  expect(() => readModel(modelTensors(named), description, "a.safetensors")).toThrow(message);
});

it("refuses names of domains that have no sketches", () => {
  const description = describeModel({ ...model, domains: ["signs"] });
  expect(() => readModel(modelTensors(model), description, "a.safetensors")).toThrow(/but has no sketches of them/);
});

it.each(["", "{", "null", "[]", "[".repeat(100_000) + "]".repeat(100_000)])(
  "refuses the description %#",
  (description) => {
    expect(() => readModel(modelTensors(model), description, "a.safetensors")).toThrow(FormatError);
  },
);

it("reads the same network out by two stages: more features, the same first ones, the same full classification", async () => {
  const trained = tinyPudNet({ arch: "resnet-8", side: 16, predict: "none" });
  const wide = readOutByStages(trained);
  expect(readModel(modelTensors(wide), describeModel(wide), "a.safetensors")).toEqual(wide);
  const { images } = colouredImages(3, 4, 16);
  const [features, more] = await Promise.all([trained, wide].map((one) => featuresOf(one, images)));
  const [few, many] = [trained, wide].map(({ arch }) => featureSize(arch)) as [number, number];
  expect(many).toBe(3 * few);
  const weights = wide.params.head.weight.data as Float32Array;
  for (let i = 0; i < images.count; i++)
    expect(more!.subarray(i * many, i * many + few)).toEqual(features!.subarray(i * few, (i + 1) * few));
  expect(weights.subarray(0, few)).toEqual((trained.params.head.weight.data as Float32Array).subarray(0, few));
  expect(weights.subarray(few, many).every((value) => value === 0)).toBe(true);
});

it("has a ResNet see larger squares: as many features, and nearly the same ones of enlarged pictures", async () => {
  const trained = tinyPudNet({ arch: "resnet-8", side: 16, readout: "stages", predict: "none" });
  const large = atSide(trained, 24);
  expect(readModel(modelTensors(large), describeModel(large), "a.safetensors")).toEqual(large);
  expect(large.arch).toEqual({ ...trained.arch, side: 24 });
  expect(large.params).toBe(trained.params);
  const [small, wide] = [16, 24].map((side) => colouredImages(3, 4, side).images) as [ImageSource, ImageSource];
  const [features, others] = [await featuresOf(trained, small), await featuresOf(large, wide)];
  expect(others.length).toBe(features.length);
  const dot = (a: Float32Array, b: Float32Array) => a.reduce((sum, value, i) => sum + value * b[i]!, 0);
  expect(dot(features, others) / Math.sqrt(dot(features, features) * dot(others, others))).toBeGreaterThan(0.95);
  expect(atSide(trained, 16).arch).toEqual(trained.arch);
});

it("refuses another side where features are as many as maps are large, and one that no network has", () => {
  expect(() => atSide(fixed, 16)).toThrow(
    "the features of convnet-3 of width 4 with stem 3x3 at 8 px are as many as its maps are large",
  );
  const trained = tinyPudNet({ arch: "resnet-8", side: 16, predict: "none" });
  expect(() => atSide(trained, 4)).toThrow("images of 4 px are too small");
  expect(() => atSide(trained, NaN)).toThrow("a side of NaN px");
  expect(() => atSide(trained, 24.5)).toThrow("a side of 24.5 px");
  const predicting = tinyPudNet({ arch: "resnet-8", side: 16 });
  expect(() => atSide(predicting, 24)).toThrow("predicts weights from squares of 16 px");
});

it("refuses to read a plain network out by stages", () => {
  expect(() => readOutByStages(fixed)).toThrow("convnet-3 has no stages to read out");
});

async function featuresOf(one: PudNetModel, images: ImageSource): Promise<Float32Array> {
  const predictor = await Predictor.create(one);
  const features = await predictor.features(await predictor.predict(images), images);
  await predictor.release();
  return features;
}

it("refuses numbers of another type", () => {
  const tensors = new Map<string, HostTensor>(modelTensors(model));
  tensors.set("params.tau", { shape: [], data: BigInt64Array.of(10n) });
  expect(() => readModel(tensors, describeModel(model), "a.safetensors")).toThrow(
    /"params\.tau" is no tensor of 32-bit numbers/,
  );
});
