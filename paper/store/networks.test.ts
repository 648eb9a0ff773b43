// A PudNet that starts from a trained network.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { HostTensor } from "pudnet/engine";
import { parseSingleConfig } from "pudnet/methods";
import { loadRuntime, supportedDevices } from "../../src/tensor/runtime.ts";
import { writeFashionStandIn } from "../../test/fashion-stand-in.ts";
import { pretrainedRecipe } from "../recipes/networks.ts";
import { BUDGETS } from "../recipes/budgets.ts";
import type { PudNetRecipe } from "../recipes/recipe.ts";
import { networkName, trainedNetwork } from "./networks.ts";
import { Store } from "./store.ts";

const STEPS = 3;
const RATE = 1e-4;

let folder: string;
let store: Store;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "pudnet-networks-"));
  writeFashionStandIn(folder, { train: 20, test: 10 });
  store = new Store({ out: folder, root: folder, threads: 1, print: () => undefined });
});
afterAll(() => rmSync(folder, { recursive: true }));

const base = {
  ...pretrainedRecipe({ source: "fashion-set", arch: "convnet-3", budget: BUDGETS.quick }, "strong"),
  batch: 32,
};

function pudnet(start?: PudNetRecipe["start"]): PudNetRecipe {
  const config = parseSingleConfig(
    {
      name: "change",
      data: { dataset: base.source.dataset, split: base.source.split },
      target: { arch: base.target.arch, width: base.target.width },
      pudnet: { predict: "change", fullLoss: 0, klLoss: 0, hiddenSize: 8, gruLayers: 1, generatorWidth: 2 },
      group: { ways: 3, shots: 3, queries: 3, extra: 0 },
      steps: STEPS,
      optimizer: { learningRate: RATE, warmUp: 1 },
      validation: { every: STEPS, groups: 1, generation: 4, test: 4 },
    },
    "a test",
  );
  return { method: "pudnet", config, ...(start ? { start } : {}) };
}

function largestDifference(a: HostTensor, b: HostTensor): number {
  const [first, second] = [a.data as Float32Array, b.data as Float32Array];
  return Math.max(...first.map((value, i) => Math.abs(value - second[i]!)));
}

it("learns its kernels and norms on from those of the network, by another name", async () => {
  const loaded = await trainedNetwork(store, base);
  const changed = await trainedNetwork(store, pudnet(base));
  if (loaded.method !== "fixed" || changed.method !== "pudnet") throw new Error("of other methods");
  const { kernels, norms } = loaded.fixed.network.weights;
  const { params } = changed.model;
  expect(Object.keys(params.learned).toSorted()).toEqual(Object.keys(kernels).toSorted());
  for (const [layer, kernel] of Object.entries(params.learned)) {
    const moved = largestDifference(kernel, kernels[layer]!);
    expect(moved).toBeGreaterThan(0);
    expect(moved).toBeLessThan(2 * STEPS * RATE); // Adam's steps are at most about as long as its rate
  }
  for (const [norm, { weight }] of Object.entries(params.norms))
    expect(largestDifference(weight, norms[norm]!.weight)).toBeLessThan(2 * STEPS * RATE);
  for (const [norm, { bias }] of Object.entries(params.norms))
    expect(largestDifference(bias, norms[norm]!.bias)).toBeLessThan(2 * STEPS * RATE);
  const moved = Object.entries(changed.model.stats.target).map(([norm, { mean }]) => largestDifference(mean, loaded.fixed.network.stats[norm]!.mean)); // prettier-ignore
  const size = (of: typeof loaded.fixed.network.stats): number => Math.max(...Object.values(of).flatMap(({ mean }) => Array.from(mean.data as Float32Array, Math.abs))); // prettier-ignore
  expect(Math.max(...moved)).toBeLessThan(size(loaded.fixed.network.stats)); // a tenth of the way to the groups' own a step
  expect(changed.model.normalization).toEqual(loaded.fixed.normalization);
  expect(networkName(pudnet(base))).not.toBe(networkName(pudnet()));
});

it("from random weights it learns others", async () => {
  const [loaded, alone] = [await trainedNetwork(store, base), await trainedNetwork(store, pudnet())];
  if (loaded.method !== "fixed" || alone.method !== "pudnet") throw new Error("of other methods");
  const { kernels } = loaded.fixed.network.weights;
  for (const [layer, kernel] of Object.entries(alone.model.params.learned))
    expect(largestDifference(kernel, kernels[layer]!)).toBeGreaterThan(10 * STEPS * RATE);
});

const offered = await supportedDevices(await loadRuntime());

it.skipIf(offered.includes("cuda"))(
  "is trained on the device that the store is told of, and nowhere else",
  async () => {
    const elsewhere = new Store({ ...store.options, out: join(folder, "elsewhere"), device: "cuda" });
    await expect(trainedNetwork(elsewhere, pudnet())).rejects.toThrow(/device "cuda" is not offered/);
  },
);
