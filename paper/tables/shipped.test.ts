import { existsSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { fileHash, PACKAGE_ROOT } from "pudnet/files";
import { archSchema } from "../../src/models/arch-schema.ts";
import { loadCheckpoint } from "../../src/node/checkpoints/checkpoint.ts";
import { readTrainConfig } from "../../src/node/runs/train-config.ts";
import { BUDGETS } from "../recipes/budgets.ts";
import { GENERAL, isMade, SHIPPED, type ShippedFile } from "../recipes/shipped.ts";
import { comparisons } from "./table.ts";
import { shipped } from "./shipped.ts";

const FILES: readonly ShippedFile[] = [...Object.values(SHIPPED), ...Object.values(GENERAL)];

it.each(FILES.filter(isMade))("what is said of $file is what it holds", async (said) => {
  const { file, sha256, steps, of, config, target, side } = said;
  const path = join(PACKAGE_ROOT, file);
  expect(await fileHash(path)).toBe(sha256);
  const { metadata } = await loadCheckpoint(path);
  expect(metadata["step"] ?? String(of)).toBe(String(steps)); // one that does not say it is the end of its training
  const model = JSON.parse(metadata["model"]!) as { arch: object };
  const { name: arch, width, stem, side: ofImages, readout } = archSchema.parse(model.arch);
  expect({ target, side }).toEqual({ target: { arch, width, stem, ...(readout ? { readout } : {}) }, side: ofImages });
  expect((await readTrainConfig(join(PACKAGE_ROOT, config))).steps).toBe(of);
});

it("a file that is there is said to be made", () => {
  const made = (one: ShippedFile): [string, boolean] => [one.file, isMade(one)];
  expect(FILES.map(made)).toEqual(FILES.map(({ file }) => [file, existsSync(join(PACKAGE_ROOT, file))]));
});

it("each file is compared with the last state of a training like its own", () => {
  const pairs = comparisons(shipped(BUDGETS.cpu).cells);
  expect(pairs.map(([last, best]) => [last.id, best.id])).toEqual([
    ["convnet-3/fashion-set/pudnet-turned", "convnet-3/fashion-set/shipped-generation"],
    ["convnet-3/fashion-set/pudnet-turned-all", "convnet-3/fashion-set/shipped-generation-all"],
    ["convnet-3/fashion-set/pudnet-turned-closed-form", "convnet-3/fashion-set/shipped-generation-closed-form"],
    ["convnet-3/cifar-100-set/pudnet", "convnet-3/cifar-100-set/shipped"],
    ["convnet-3/cifar-100-set/pudnet-all", "convnet-3/cifar-100-set/shipped-all"],
    ["convnet-3/cifar-100-set/pudnet-closed-form", "convnet-3/cifar-100-set/shipped-closed-form"],
    ["convnet-3/cifar-100-set/pudnet-generation", "convnet-3/cifar-100-set/shipped-generation"],
  ]);
  const config = (id: string) => {
    const { evaluation } = shipped(BUDGETS.cpu).cells.find((cell) => cell.id === id)!;
    if (evaluation.kind !== "pudnet" || evaluation.network.method === "file") throw new Error(id);
    return evaluation.network.config.steps;
  };
  expect(config("convnet-3/fashion-set/pudnet-turned")).toBe(SHIPPED["fashion-set"].of);
  expect(config("convnet-3/cifar-100-set/pudnet")).toBe(SHIPPED["cifar-100-set"].of);
});
