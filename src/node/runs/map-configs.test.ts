// The trainings of the map (configs/map): each method that its README lists is trained, with the settings that stand there, on small pictures
// made up for the purpose; the cells differ in their domains alone.

import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { writePictures } from "../../../test/pictures.ts";
import { CLASS_SPLITS } from "../../data/splits.ts";
import { loadPudNet } from "../checkpoints/pudnet.ts";
import { startBaseTraining } from "./base-run.ts";
import { startTraining } from "./meta-training.ts";
import { readTrainConfig } from "./train-config.ts";

const LIMIT = 900_000;
const CONFIGS = fileURLToPath(new URL("../../../configs/map/", import.meta.url));
const FOLDERS = ["gtsrb-43", "hwdb-100", "food-101", "plankton-109", "grocery-81", "scene-chars-36", "glyphs-train"];
/** Of which `drawn-60-20` leaves five for validation. */
const CLASSES = 25;
const PER_CLASS = 3;

let root: string;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "pudnet-map-"));
  vi.stubEnv("PUDNET_CACHE", join(root, "cache"));
  for (const [i, folder] of FOLDERS.entries()) {
    const classes = Array.from({ length: CLASSES }, (_, c) => [`class-${c}`, [9 * c, 200 - 7 * c, 30 * i]] as const);
    await writePictures(join(root, folder), Object.fromEntries(classes), PER_CLASS);
  }
  await writeCifar(join(root, "cifar-100-binary"));
}, LIMIT);
afterAll(async () => {
  vi.unstubAllEnvs();
  await rm(root, { recursive: true });
});

/** As its publisher packs it: two bytes of labels and three planes a picture. */
async function writeCifar(folder: string): Promise<void> {
  const { val, test } = CLASS_SPLITS["cifar-100-set"];
  const others = Array.from({ length: 100 - val.length - test.length }, (_, i) => `other-${i}`);
  const records = Array.from({ length: 100 * PER_CLASS }, (_, i) => {
    const label = i % 100;
    return [0, label, ...Array.from({ length: 3072 }, (_pixel, at) => (2 * label + 7 * i + at) % 256)];
  });
  await mkdir(folder);
  await writeFile(join(folder, "fine_label_names.txt"), [...val, ...test, ...others].join("\n"));
  await writeFile(join(folder, "train.bin"), Uint8Array.from(records.slice(100).flat()));
  await writeFile(join(folder, "test.bin"), Uint8Array.from(records.slice(0, 100).flat()));
}

const SMALL = [
  "steps=4",
  "logEvery=2",
  "validation.every=4",
  "validation.groups=8",
  "optimizer.warmUp=1",
  "data.side=8",
];
const FEW = ["validation.generation=2", "validation.test=1"];
const SHORT = {
  base: ["batch=8"],
  groups: ["group.shots=1", "group.queries=1", "pudnet.hiddenSize=8", "pudnet.generatorWidth=2"],
};

async function train(file: string, settings: readonly string[]): Promise<string> {
  const kind = file.startsWith("base") ? "base" : "groups";
  const all = [...SMALL, ...FEW, ...SHORT[kind], `data.root=${root}`, ...settings];
  const config = await readTrainConfig(join(CONFIGS, file), all);
  const runs = join(root, "runs");
  const { path, isComplete } =
    "method" in config ? await startBaseTraining(config, runs) : await startTraining(config, runs);
  expect(isComplete).toBe(true);
  return join(path, kind === "base" ? "checkpoints/best.safetensors" : "checkpoints/last.safetensors");
}

/** Of the README's table: letter, config, settings. */
async function methods(): Promise<{ letter: string; file: string; settings: string[] }[]> {
  const text = await readFile(join(CONFIGS, "README.md"), "utf8");
  return Array.from(text.matchAll(/^\| (\w): .* \| `(\S+)` \| (.*)\|$/gm), ([, letter, file, cell]) => ({
    letter: letter!,
    file: file!,
    settings: Array.from(cell!.matchAll(/--set (?:"([^"]+)"|([^\s`]+))/g), ([, quoted, plain]) => (quoted ?? plain)!),
  }));
}

it("every method of the README trains, and has what it is told to have", { timeout: LIMIT }, async () => {
  const all = await methods();
  expect(all.map(({ letter }) => letter).join("")).toBe("abekndcsl");
  const made = new Map<string, Awaited<ReturnType<typeof loadPudNet>>>();
  let base = "";
  for (const { letter, file, settings } of all) {
    const given = settings.map((setting) => setting.replace("start=BASE", `start=${base}`));
    const checkpoint = await train(file, given);
    if (letter === "a") base = checkpoint;
    made.set(letter, await loadPudNet(checkpoint));
  }
  const of = (letter: string) => made.get(letter)!;
  for (const [letter, { config, arch, normalization, params }] of made) {
    expect(arch).toEqual(of("a").arch);
    const isFresh = letter === "b" || letter === "c";
    if (!isFresh) expect(normalization).toEqual(of("a").normalization);
    expect(config.predict).toBe(
      { a: "none", b: "none", e: "none", s: "none", l: "none", c: "no-stem" }[letter] ?? "change",
    );
    expect(Object.keys(params.learned)).toEqual(letter === "c" ? ["conv1"] : ["conv1", "conv2", "conv3"]);
    if (letter !== "a") expect(config).toMatchObject({ fullLoss: 0, klLoss: 0, detachPrototypes: false });
  }
  expect(of("k").params.constantSketch.rows!.shape).toEqual([2, 8]);
  expect(of("n").domains).toEqual(["cifar-100", ...FOLDERS]);
  expect(of("d").config).toMatchObject({ sketch: "dataset", sketchNorm: "layer" });
  expect(of("c").config).toMatchObject({ sketch: "dataset", sketchNorm: "batch" });
});

describe.each(["base", "groups"] as const)("%s-N.yaml", (kind) => {
  it.each([1, 4])("of %i has the first domains of 8, and is otherwise alike", async (count) => {
    const [few, all] = await Promise.all([count, 8].map((n) => readTrainConfig(join(CONFIGS, `${kind}-${n}.yaml`))));
    expect(few!.name).toBe(`map-${kind}-${count}`);
    expect(few!.data).toEqual({ ...all!.data, sources: sourcesOf(all!).slice(0, count) });
    const rest = { name: "", data: {}, ...("variation" in few! ? { variation: {} } : {}) };
    expect({ ...few, ...rest }).toEqual({ ...all, ...rest });
    if ("variation" in few! && "variation" in all!) {
      const known = few.data.sources.map(({ dataset }) => dataset);
      const mirrored = all.variation.mirrored.filter((name) => known.includes(name));
      expect(few.variation).toEqual({ ...all.variation, mirrored });
    }
  });
});

function sourcesOf({ data }: Awaited<ReturnType<typeof readTrainConfig>>) {
  return "sources" in data ? data.sources : expect.fail("is of one data set");
}
