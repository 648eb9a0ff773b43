import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { ImageDataset } from "pudnet/datasets";
import { fold, key, normal, uniform, UserError } from "pudnet/engine";
import { parseCsv } from "pudnet/files";
import { type Budget, BUDGETS } from "../../recipes/budgets.ts";
import { figure1 } from "./figure-1.ts";
import { completeSamples, knownSamples, type SampleRow, sampleSets, samplesName, writeSamples } from "./samples.ts";
import { Store, type StoreOptions } from "../../store/store.ts";

let out: string;
beforeEach(() => {
  out = mkdtempSync(join(tmpdir(), "pudnet-figure-1-"));
});
afterEach(() => rmSync(out, { recursive: true, force: true }));

/** Six classes of eight noisy pictures of 8 px; only CIFAR-100 is there. */
class TinyStore extends Store {
  override async dataset(name: string): Promise<ImageDataset> {
    if (name !== "cifar-100") throw new UserError(`the dataset ${name} is not there`);
    const labels = Uint16Array.from({ length: 48 }, (_, i) => i % 6);
    const images = Uint8Array.from(uniform(key(1), 48 * 192, 0, 60), (v, at) => v + 30 * labels[Math.floor(at / 192)]!);
    return { name, side: 8, images, labels, classes: ["a", "b", "c", "d", "e", "f"] };
  }
}

const storeIn = (folder: string, options: Partial<StoreOptions> = {}) =>
  new TinyStore({ out: folder, root: folder, threads: 1, print: () => undefined, ...options });

function budgetOf(samples: number, trainRows: number): Budget {
  return { ...BUDGETS.quick, figure1: { samples, trainRows, epochs: 1, perClass: 4 } };
}

function setOf(budget: Budget, dataset: string, init = "shared") {
  return sampleSets(budget).find(({ recipe }) => recipe.dataset === dataset && recipe.init === init)!.recipe;
}

/** Kernels of conv1 follow the data; those of conv2 are noise. */
function plantedRows(count: number): SampleRow[] {
  const noise = (name: string, i: number, n: number) => normal(fold(fold(key(2), name), i), n);
  const mixing = noise("mixing", 0, 3 * 40);
  return Array.from({ length: count }, (_, i) => {
    const latent = noise("latent", i, 3);
    const follows = noise("own", i, 40).map(
      (z, j) => 0.1 * z + latent.reduce((sum, l, k) => sum + l * mixing[k * 40 + j]!, 0),
    );
    return {
      x: Float32Array.from(noise("x", i, 12), (z, j) => 0.1 * z + latent[j % 3]!),
      y: { conv1: Float32Array.from(follows), conv2: Float32Array.from(noise("conv2", i, 30)) },
      loss: 0.5,
      images: 20,
    };
  });
}

function readCsv(name: string): Record<string, string>[] {
  const [columns = [], ...rows] = parseCsv(readFileSync(join(out, "figure-1", name), "utf8"));
  return rows.map((row) => Object.fromEntries(columns.map((column, i) => [column, row[i]!])));
}

test("a planted dependence is seen on held-out runs, noise and shuffled pairs are not; the page has the CSV's numbers", async () => {
  const budget = budgetOf(140, 90);
  const store = storeIn(out);
  expect(await figure1.page(store, budget)).toBeUndefined();
  await writeSamples(store, setOf(budget, "cifar-100"), plantedRows(140));
  await figure1.run(store, budget);
  const rows = readCsv("correlations.csv");
  expect(rows.map(({ layer, statistic }) => `${layer}/${statistic}`)).toEqual(
    ["conv1", "conv2", "all layers"].flatMap((layer) => [`${layer}/first`, `${layer}/topFive`]),
  );
  const found = (layer: string) => rows.find((row) => row["layer"] === layer && row["statistic"] === "first")!;
  for (const layer of ["conv1", "all layers"]) expect(Number(found(layer)["heldOut"])).toBeGreaterThan(0.8);
  expect(Number(found("conv1")["p"])).toBeLessThan(0.02);
  expect(Math.abs(Number(found("conv1")["heldOutShuffled"]))).toBeLessThan(0.2);
  expect(Math.abs(Number(found("conv2")["heldOut"]))).toBeLessThan(0.5);
  expect(Number(found("conv2")["inSampleShuffled"])).toBeGreaterThan(0.4);
  expect(found("conv1")).toMatchObject({ dataset: "CIFAR-100", init: "shared", trainRows: "90", heldOutRows: "50" });

  const page = (await figure1.page(store, budget))!;
  const readme = page.files["README.md"]!;
  const known = new Set(
    rows.flatMap((row) => Object.values(row).flatMap((v) => [2, 3].map((d) => Number(v).toFixed(d)))),
  );
  const shown = readme
    .split("\n")
    .filter((line) => line.startsWith("| CIFAR-100"))
    .flatMap((line) => line.match(/-?\d+\.\d+/g)!);
  expect(shown).toHaveLength(3 * 10);
  for (const number of shown) expect(known).toContain(number);
  expect(page.headline).toContain(`${Number(found("all layers")["heldOut"]).toFixed(2)} (shuffled`);
  expect(readme).toContain("held out as runs");
  expect(readme).toContain("Mini-ImageNet, first weights the same in all runs: the dataset mini-imagenet is not there");
  expect(page.files["figure.svg"]!.match(/<circle/g)).toHaveLength(3 * 2 * 3);
});

test("samples go on where they stopped, and are the same as made in one go", async () => {
  const recipe = setOf(budgetOf(4, 3), "cifar-100");
  let steps = 0;
  const stopping = {
    throwIfAborted: () => {
      if (++steps > 4) throw new Error("stopped");
    },
  }; // two a sample
  const first = storeIn(join(out, "a"), { signal: stopping as AbortSignal });
  await expect(completeSamples(first, recipe, 4)).rejects.toThrow("stopped");
  expect(await knownSamples(first, recipe)).toHaveLength(2);
  const again = storeIn(join(out, "a"));
  await completeSamples(again, recipe, 4);
  const whole = storeIn(join(out, "b"));
  await completeSamples(whole, recipe, 4);
  const rows = await knownSamples(whole, recipe);
  expect(rows).toHaveLength(4);
  expect(rows[0]!.x).not.toEqual(rows[1]!.x);
  expect(rows[0]!.y["conv1"]).toHaveLength(16 * 3 * 9);
  expect(await knownSamples(again, recipe)).toEqual(rows);
  expect(readdirSync(join(out, "b/store/networks")).filter((name) => !name.startsWith("."))).toEqual([
    `${samplesName(recipe)}.safetensors`,
  ]);
});

test("samples of other images are not gone on with", async () => {
  const recipe = setOf(budgetOf(4, 3), "cifar-100");
  await completeSamples(storeIn(out), recipe, 1);
  class OtherStore extends TinyStore {
    override async dataset(name: string): Promise<ImageDataset> {
      const dataset = await super.dataset(name);
      return { ...dataset, images: dataset.images.map((value) => 255 - value) };
    }
  }
  const other = new OtherStore({ out, root: out, threads: 1, print: () => undefined });
  await expect(completeSamples(other, recipe, 2)).rejects.toThrow(
    /begun with another cifar-100@8 than the one at hand/,
  );
  expect(await knownSamples(other, recipe)).toHaveLength(1);
  await completeSamples(storeIn(out), recipe, 2);
  expect(await knownSamples(other, recipe)).toHaveLength(2);
});

test("what another process makes is left to it", async () => {
  const budget = budgetOf(8, 4);
  const lines: string[] = [];
  const store = storeIn(out, { print: (line) => lines.push(line) });
  const recipe = setOf(budget, "cifar-100");
  await store.claim(samplesName(recipe), () => figure1.run(store, budget));
  expect(lines.find((line) => line.startsWith(samplesName(recipe)))).toContain("in use");
  expect(readCsv("correlations.csv")).toEqual([]);
  const page = (await figure1.page(store, budget))!;
  expect(page.files["README.md"]).toContain("CIFAR-100, first weights the same in all runs: 0 of 8 runs are made");
  expect(Object.keys(page.files)).toEqual(["README.md"]);
});

test("each set and kind of start has a name of its own, which follows what the samples depend on", () => {
  const budget = budgetOf(8, 4);
  const names = sampleSets(budget).map(({ recipe }) => samplesName(recipe));
  expect(new Set(names).size).toBe(4);
  expect(
    sampleSets({ ...budget, figure1: { ...budget.figure1, samples: 99 } }).map(({ recipe }) => samplesName(recipe)),
  ).toEqual(names);
  const longer = sampleSets({ ...budget, figure1: { ...budget.figure1, epochs: 2 } });
  for (const { recipe } of longer) expect(names).not.toContain(samplesName(recipe));
});
