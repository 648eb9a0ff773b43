import { join } from "node:path";
import { expect, it } from "vitest";
import { fileHash, PACKAGE_ROOT } from "pudnet/files";
import { loadCheckpoint } from "../../src/node/checkpoints/checkpoint.ts";
import { readTrainConfig } from "../../src/node/runs/train-config.ts";
import { BUDGETS } from "../recipes/budgets.ts";
import { SHIPPED, type ShippedName } from "../recipes/shipped.ts";
import { comparisons } from "./table.ts";
import { shipped } from "./shipped.ts";

it.each(Object.keys(SHIPPED) as ShippedName[])("what is said of the file for %s is what it holds", async (name) => {
  const { file, sha256, steps, of, config, target } = SHIPPED[name];
  const path = join(PACKAGE_ROOT, file);
  expect(await fileHash(path)).toBe(sha256);
  const { metadata } = await loadCheckpoint(path);
  expect(metadata["step"]).toBe(String(steps));
  const { arch } = JSON.parse(metadata["model"]!) as { arch: { name: string; width: number; stem: string } };
  expect(target).toEqual({ arch: arch.name, width: arch.width, stem: arch.stem });
  expect((await readTrainConfig(join(PACKAGE_ROOT, config))).steps).toBe(of);
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
