import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { UserError } from "../../errors.ts";
import { type Arch, architecture } from "../../models/architectures.ts";
import { forward, initWeights, type Weights } from "../../models/network.ts";
import { input } from "../../tensor/ops.ts";
import { key } from "../../tensor/random.ts";
import { type Tensor, topologicalOrder } from "../../tensor/tensor.ts";
import { type HostTensor, leaves, mapTree, sizeOf } from "../../tensor/tree.ts";
import type { BaseConfig } from "../../train/config-schema.ts";
import { readTrainConfig } from "./train-config.ts";

let folder: string;
let file: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "pudnet-config-"));
  file = join(folder, "config.yaml");
  await writeFile(file, "name: tiny\ndata: { dataset: a, split: b }\n");
});
afterAll(() => rm(folder, { recursive: true }));

it("settings override the file, key by key", async () => {
  const config = await readTrainConfig(file, [
    "steps=3000",
    "optimizer.learningRate=1e-4",
    "data.split=c=d",
    "target={width: 8}",
  ]);
  expect(config).toMatchObject({
    steps: 3000,
    optimizer: { learningRate: 1e-4 },
    data: { split: "c=d" },
    target: { width: 8 },
  });
});

it.each([
  ["steps", /is not key=value/],
  ["steps=[1", /--set "steps=\[1": the value is not YAML: /],
  ["name=%", /the value is not YAML: /],
  ["name=!!x y", /the value is not YAML: Unresolved tag/],
  ["name=*a", /the value is not YAML: Unresolved alias/],
  [`name=${"[".repeat(5000)}`, /the value is nested more than 50 deep/],
  ["__proto__.steps=5", /__proto__/],
  ["data.__proto__.augment=true", /__proto__/],
  ["constructor.prototype.steps=5", /constructor/],
  ["name.a=1", /name is "tiny", not a section/],
] as const)("refuses --set %s, and changes no object of ours", async (setting, message) => {
  const error: unknown = await readTrainConfig(file, [setting]).catch((e: unknown) => e);
  expect(error).toBeInstanceOf(UserError);
  expect((error as UserError).exitCode).toBe(2);
  expect((error as UserError).message).toMatch(message);
  expect("steps" in {} || "augment" in {}).toBe(false);
});

describe("the small network's config", async () => {
  const [tiny, base] = (await Promise.all(
    ["tiny", "base"].map((name) => readTrainConfig(`configs/${name}-resnet-8.yaml`)),
  )) as [BaseConfig, BaseConfig];

  it("has the sources of its teacher's, and a network that it says the size of", async () => {
    expect(tiny.data).toEqual(base.data);
    expect(tiny.variation).toEqual(base.variation);
    expect(tiny.teacher?.checkpoint).toBe(`checkpoints/${base.name}.safetensors`);
    const { products, numbers } = sizesOf(architecture(tiny.target.arch, tiny.data.side, tiny.target));
    expect(products).toBeLessThan(20e6);
    expect(numbers).toBeLessThan(100e3);
    const [said] = (await readFile("configs/tiny-resnet-8.yaml", "utf8")).match(/^# A picture takes.*$/m)!;
    expect(said).toContain(` ${(products / 1e6).toFixed(1)} M multiply-adds;`);
    expect(said).toContain(` ${(numbers / 1e3).toFixed(1)} k numbers,`);
  });
});

/** Multiplications of the convolutions for an image, and numbers of a network without its head. */
function sizesOf(arch: Arch): { products: number; numbers: number } {
  const { weights } = initWeights(key(0), arch);
  const traced = mapTree<HostTensor, Tensor>(weights, ({ shape }, path) => input(path, shape)) as Weights;
  const { features } = forward(arch, traced, input("x", [1, 3, arch.side, arch.side]));
  const products = topologicalOrder([features]).map(({ op, shape, inputs }) =>
    op === "conv2d" ? sizeOf(shape) * sizeOf(inputs[1]!.shape.slice(1)) : 0,
  );
  const numbers = leaves<HostTensor>(weights).map(([, { shape }]) => sizeOf(shape));
  const total = (all: readonly number[]): number => all.reduce((sum, x) => sum + x, 0);
  return { products: total(products), numbers: total(numbers) };
}
