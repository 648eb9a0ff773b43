import { describe, expect, test } from "vitest";
import { UserError } from "../errors.ts";
import { architecture, ARCHITECTURES, featureSize, layerSpecs } from "./architectures.ts";

const kernelEntries = (specs: ReturnType<typeof layerSpecs>): number =>
  specs.reduce((total, { cOut, cIn, kernel }) => total + cOut * cIn * kernel ** 2, 0);

test.each([
  ["convnet-3", 32, "3x3", 3, 75_456, 1024],
  ["convnet-3", 28, "3x3", 3, 75_456, 576],
  ["convnet-4", 32, "3x3", 4, 112_320, 256],
  ["resnet-8", 32, "3x3", 9, 1_222_336, 256],
  ["resnet-18", 32, "3x3", 20, 11_159_232, 512],
  ["resnet-34", 32, "3x3", 36, 21_259_968, 512],
  ["resnet-18", 80, "7x7+pool", 20, 11_166_912, 512],
  ["resnet-34", 84, "7x7+pool", 36, 21_267_648, 512],
] as const)("%s for %i px: stem %s, %i convolutions, %i parameters, %i features", (name, side, stem, ...counts) => {
  const arch = architecture(name, side);
  const specs = layerSpecs(arch);
  expect(arch).toEqual({ name, side, stem, width: 64 });
  expect([specs.length, kernelEntries(specs), featureSize(arch)]).toEqual(counts);
  expect(new Set(specs.map(({ name: layer }) => layer)).size).toBe(specs.length);
});

test("layers come in torchvision's order and under its names", () => {
  const specs = layerSpecs(architecture("resnet-18", 32));
  expect(specs.slice(0, 8).map(({ name, norm, cIn, cOut, kernel, stride, padding }) =>
    `${name} ${norm} ${cIn}-${cOut} ${kernel}x${kernel}/${stride}+${padding}`,
  )).toEqual([
    "conv1 bn1 3-64 3x3/1+1",
    "layer1.0.conv1 layer1.0.bn1 64-64 3x3/1+1",
    "layer1.0.conv2 layer1.0.bn2 64-64 3x3/1+1",
    "layer1.1.conv1 layer1.1.bn1 64-64 3x3/1+1",
    "layer1.1.conv2 layer1.1.bn2 64-64 3x3/1+1",
    "layer2.0.conv1 layer2.0.bn1 64-128 3x3/2+1",
    "layer2.0.conv2 layer2.0.bn2 128-128 3x3/1+1",
    "layer2.0.downsample.0 layer2.0.downsample.1 64-128 1x1/2+0",
  ]); // prettier-ignore
  expect(specs.filter(({ role }) => role === "shortcut").length).toBe(3);
  expect(specs.filter(({ role }) => role === "stem").map(({ name }) => name)).toEqual(["conv1"]);
});

describe("what cannot be built says so", () => {
  test.each([
    [() => architecture("resnet18", 32), 'unknown architecture "resnet18"', 'did you mean "resnet-18"?'],
    [
      () => architecture("constructor", 32), // as every object has one
      'unknown architecture "constructor"',
      `use one of: ${Object.keys(ARCHITECTURES).join(", ")}`,
    ],
    [
      () => architecture("vit", 32),
      'unknown architecture "vit"',
      `use one of: ${Object.keys(ARCHITECTURES).join(", ")}`,
    ],
    [
      () => architecture("convnet-3", 32, { stem: "7x7+pool" }),
      'convnet-3 has no stem "7x7+pool"',
      'set the stem to "3x3"',
    ],
    [
      () => architecture("convnet-3", 32, { readout: "stages" }),
      "convnet-3 has no stages to read out",
      "leave the readout out",
    ],
    [
      () => architecture("resnet-8", 12, { stem: "7x7+pool", readout: "stages" }),
      "images of 12 px leave resnet-8 with stem 7x7+pool no quarters to read out",
      "use at least 16 px, or leave the readout out",
    ],
    [() => architecture("resnet-18", 7), "images of 7 px are too small for resnet-18", "use at least 8 px"],
  ])("%#", (build, message, hint) => {
    expect(build).toThrow(UserError);
    expect(build).toThrow(expect.objectContaining({ message, hint, exitCode: 2 }));
  });
});
