import { expect, it } from "vitest";
import { tinyPudNet } from "../../test/tiny-pudnet.ts";
import { FormatError } from "../errors.ts";
import type { HostTensor } from "../tensor/tree.ts";
import { describeModel, modelTensors, readModel } from "./model.ts";

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

it("refuses numbers of another type", () => {
  const tensors = new Map<string, HostTensor>(modelTensors(model));
  tensors.set("params.tau", { shape: [], data: BigInt64Array.of(10n) });
  expect(() => readModel(tensors, describeModel(model), "a.safetensors")).toThrow(
    /"params\.tau" is no tensor of 32-bit numbers/,
  );
});
