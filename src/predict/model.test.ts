import { expect, it } from "vitest";
import { tinyPudNet } from "../../test/tiny-pudnet.ts";
import { FormatError } from "../errors.ts";
import type { HostTensor } from "../tensor/tree.ts";
import { describeModel, modelTensors, readModel } from "./model.ts";

const model = tinyPudNet();

it("reads what describes itself rightly", () => {
  expect(readModel(modelTensors(model), describeModel(model), "a.safetensors")).toEqual(model);
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
