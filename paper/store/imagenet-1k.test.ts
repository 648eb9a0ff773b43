// ImageNet-1K-set cannot be had here: a stand-in under the very names that the experiments use, as Table IV judges it.

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import sharp from "sharp";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { fold, key, uniform } from "pudnet/engine";
import { coloursOf } from "../../test/easy-data.ts";
import { BUDGETS } from "../recipes/budgets.ts";
import { SOURCES, withinProtocol } from "../recipes/datasets.ts";
import { TABLES } from "../tables/tables.ts";
import type { EvaluationRecipe } from "../recipes/recipe.ts";
import { evaluationName, knownGroups } from "./evaluations.ts";
import { runEvaluations } from "./run.ts";
import { Store } from "./store.ts";

const { dataset, split, side } = SOURCES["imagenet-1k-set"];
const TEST = 200;
const TRAIN = 4;
const PER_CLASS = 3;
const PIXELS = 6;

let folder: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "pudnet-imagenet-"));
  vi.stubEnv("PUDNET_CACHE", join(folder, "cache"));
  const names = Array.from({ length: TRAIN + TEST }, (_, c) => `n${String(c).padStart(8, "0")}`);
  await Promise.all(names.map((name, c) => writeClass(join(folder, dataset, name), c)));
  writeFileSync(join(folder, split), JSON.stringify({ train: names.slice(0, TRAIN), test: names.slice(TRAIN) }));
});
afterAll(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true });
});

async function writeClass(path: string, label: number): Promise<void> {
  mkdirSync(path, { recursive: true });
  const colours = coloursOf(label);
  for (let i = 0; i < PER_CLASS; i++) {
    const noise = uniform(fold(fold(key(2), label), i), 3 * PIXELS ** 2, -15, 15);
    const raw = Uint8Array.from(noise, (value, at) => {
      const isUpper = at < noise.length / 2;
      return colours[(isUpper ? 0 : 3) + (at % 3)]! + value;
    });
    const image = sharp(raw, { raw: { width: PIXELS, height: PIXELS, channels: 3 } });
    writeFileSync(join(path, `${i}.png`), await image.png().toBuffer());
  }
}

it("is loaded, trained on and judged with 200 ways by the five best", async () => {
  const protocol = { ...withinProtocol("imagenet-1k-set", 500), shots: 2, generation: 2, test: 1 };
  expect(protocol).toMatchObject({ ways: TEST, top: 5, groups: 1, classes: { testOf: split }, side });
  const target = { arch: "convnet-3", width: 4, stem: "3x3" } as const;
  const source = { dataset, split, side, trainOn: "train" } as const;
  const common = { target, normalization: source, protocol } as const;
  const network = {
    method: "pretrained",
    source,
    target,
    seed: 0,
    optimizer: { algorithm: "adam", learningRate: 1e-3 },
    augment: true,
    epochs: 1,
    batch: 8,
  } as const;
  const recipes: readonly EvaluationRecipe[] = [
    { kind: "pixels", ...common },
    { kind: "fixed", network, protocol },
  ];
  const lines: string[] = [];
  const store = new Store({
    out: join(folder, "out"),
    root: folder,
    threads: 1,
    print: (line) => lines.push(line),
  });
  expect(recipes.every((recipe) => store.hasData(recipe))).toBe(true);
  expect(store.hasData({ protocol: { dataset: "dtd" } })).toBe(false);
  expect(
    await runEvaluations(
      store,
      recipes.map((evaluation) => ({ evaluation })),
    ),
  ).toEqual([]);
  for (const recipe of recipes) {
    const [figures, ...more] = await knownGroups(store, recipe);
    expect(more).toEqual([]);
    for (const accuracy of Object.values(figures!.accuracy)) expect(accuracy).toBeGreaterThan(0.5); // chance: 0.025
    expect(evaluationName(recipe)).toContain("-on-imagenet-1k-200-way-");
  }
  const data = await store.source(source);
  expect(data.trainClasses).toEqual(["n00000000", "n00000001", "n00000002", "n00000003"]);
});

it("Table IV asks for just these files, and says that they are not at hand", () => {
  const { cells } = TABLES["table-4"]!(BUDGETS.cpu);
  for (const { evaluation, missing } of cells) {
    expect(evaluation.protocol).toMatchObject({ dataset, classes: { testOf: split }, ways: 200, top: 5 });
    expect(missing).toContain("no data");
  }
});
