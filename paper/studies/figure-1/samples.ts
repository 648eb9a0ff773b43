// The samples behind Figure 1 (data and the weights trained on them), kept as one safetensors file a data set and kind of
// start: sample i is row i of every tensor. An interrupted collection goes on behind its last row.

import { existsSync } from "node:fs";
import type { ImageDataset } from "pudnet/datasets";
import { FormatError, hostTensor, type HostTensor } from "pudnet/engine";
import {
  canonicalJson,
  checkResult,
  identityHash,
  imageMaterials,
  makeFolder,
  type Materials,
  readSafetensors,
  readWhole,
  writeFileAtomic,
  writeSafetensors,
} from "pudnet/files";
import type { Budget } from "../../recipes/budgets.ts";
import { SOURCES, type SourceName } from "../../recipes/datasets.ts";
import { type WeightSample, type WeightSampleOptions, weightSamples } from "./weight-samples.ts";
import { presentDataset } from "../present-dataset.ts";
import type { Store } from "../../store/store.ts";

const WRITE_SECONDS = 30;

/** All that a sample is a function of, besides its index. */
export interface SampleRecipe extends Required<
  Pick<WeightSampleOptions, "seed" | "init" | "ways" | "perClass" | "epochs" | "width" | "batch">
> {
  readonly dataset: string;
  readonly side: number;
}

/** Samples of one data set with one kind of first weights. */
export interface SampleSet {
  readonly title: string;
  readonly recipe: SampleRecipe;
}

/** A sample as it is kept. */
export type SampleRow = Pick<WeightSample, "x" | "y" | "loss" | "images">;

const TITLES = [
  ["fashion-set", "Fashion-MNIST"],
  ["cifar-100-set", "CIFAR-100"],
  ["imagenet-100-set", "Mini-ImageNet"],
] as const satisfies readonly (readonly [SourceName, string])[];

/** All classes of each set, trained on from the same first weights; Fashion-MNIST from weights of its own, too. */
export function sampleSets({ figure1: { epochs, perClass } }: Budget): SampleSet[] {
  const common = { seed: 0, ways: 5, perClass, epochs, width: 16, batch: 60 };
  const setOf = ([source, title]: (typeof TITLES)[number], init: SampleRecipe["init"]): SampleSet => {
    const { dataset, side } = SOURCES[source];
    return { title, recipe: { dataset, side, init, ...common } };
  };
  return [...TITLES.map((one) => setOf(one, "shared")), setOf(TITLES[0], "own")];
}

/** "weights-fashion-mnist-shared-0123456789". */
export function samplesName(recipe: SampleRecipe): string {
  const where = recipe.dataset.replaceAll(/[^\w-]+/g, "-");
  return `weights-${where}-${recipe.init}-${identityHash({ kind: "weight samples", ...recipe })}`;
}

function samplesPath(store: Store, recipe: SampleRecipe): string {
  return store.workPath("networks", `${samplesName(recipe)}.safetensors`);
}

/** The samples on disk, by index. @throws FormatError where the file is damaged */
export async function knownSamples(store: Store, recipe: SampleRecipe): Promise<SampleRow[]> {
  const file = samplesPath(store, recipe);
  if (!existsSync(file)) return [];
  const { tensors } = readSafetensors(await readWhole(file), file);
  const tensor = (name: string): HostTensor => {
    const found = tensors.get(name);
    if (found?.data instanceof Float32Array && found.data.every(Number.isFinite)) return found;
    throw new FormatError(file, `there is no tensor "${name}" of finite 32-bit numbers`, { hint: "delete the file" });
  };
  const row = ({ data, shape }: HostTensor, i: number) =>
    (data as Float32Array).subarray(i * shape[1]!, (i + 1) * shape[1]!);
  const [x, loss, images] = [tensor("x"), tensor("loss"), tensor("images")];
  const layers = [...tensors.keys()].filter((name) => name.startsWith("y.")).toSorted();
  const odd = ["x", "loss", "images", ...layers].find((name) => {
    const { shape } = tensor(name);
    const isColumn = name === "loss" || name === "images";
    return shape.length !== 2 || shape[0] !== x.shape[0] || (isColumn && shape[1] !== 1);
  });
  if (odd !== undefined) {
    const what = `"${odd}" has shape [${tensor(odd).shape.join(", ")}], expected [${x.shape[0]}, ...]: a row a sample`;
    throw new FormatError(file, what, { hint: "delete the file" });
  }
  return Array.from({ length: x.shape[0]! }, (_, i) => ({
    x: row(x, i),
    y: Object.fromEntries(layers.map((name) => [name.slice(2), row(tensor(name), i)])),
    loss: Number(loss.data[i]),
    images: Number(images.data[i]),
  }));
}

/** @throws UserError where samples on disk were made from other images; older files do not say from which */
async function checkImages(file: string, own: Materials): Promise<void> {
  if (!existsSync(file)) return;
  const { metadata } = readSafetensors(await readWhole(file), file);
  const { recipe: _, ...madeFrom } = metadata;
  checkResult(file, Object.keys(madeFrom).length > 0 ? madeFrom : undefined, own);
}

/** Replaces the samples on disk. */
export async function writeSamples(
  store: Store,
  recipe: SampleRecipe,
  rows: readonly SampleRow[],
  madeFrom: Materials = {},
): Promise<void> {
  const stacked = (of: (row: SampleRow) => ArrayLike<number>): HostTensor => {
    const width = of(rows[0]!).length;
    const out = hostTensor([rows.length, width]);
    rows.forEach((row, i) => out.data.set(of(row), i * width));
    return out;
  };
  const layers = Object.keys(rows[0]!.y).map((layer) => [`y.${layer}`, stacked(({ y }) => y[layer]!)] as const);
  const tensors = new Map([
    ["x", stacked(({ x }) => x)],
    ["loss", stacked(({ loss }) => [loss])],
    ["images", stacked(({ images }) => [images])],
    ...layers,
  ]);
  await makeFolder(store.workPath("networks"));
  await writeFileAtomic(
    samplesPath(store, recipe),
    writeSafetensors(tensors, { recipe: canonicalJson(recipe), ...madeFrom }),
  );
}

/**
 * Makes the samples 0 to count - 1 that are missing. Stopped, it keeps those that are made.
 * @throws BusyError while another process makes them, MissingDataset, UserError where those on disk are of other images, or
 * the signal's reason
 */
export async function completeSamples(store: Store, recipe: SampleRecipe, count: number): Promise<void> {
  if ((await knownSamples(store, recipe)).length >= count) return;
  await store.claim(samplesName(recipe), async () => {
    const rows = await knownSamples(store, recipe);
    if (rows.length >= count) return;
    const dataset = await presentDataset(store, recipe.dataset, recipe.side);
    await checkImages(samplesPath(store, recipe), imageMaterials(dataset));
    await collect(store, recipe, { dataset, rows, count });
  });
}

async function collect(
  store: Store,
  recipe: SampleRecipe,
  { dataset, rows, count }: { readonly dataset: ImageDataset; readonly rows: SampleRow[]; readonly count: number },
): Promise<void> {
  const { print, signal } = store.options;
  const { dataset: _, side: __, ...options } = recipe;
  const name = samplesName(recipe);
  const [first, start] = [rows.length, performance.now()];
  let [written, writtenAt] = [first, start];
  const write = async (): Promise<void> => {
    if (rows.length > written) await writeSamples(store, recipe, rows, imageMaterials(dataset));
    [written, writtenAt] = [rows.length, performance.now()];
  };
  print(`${name}: sample ${first} of ${count}`);
  const range = { from: first, to: count, ...(signal ? { signal } : {}) };
  try {
    for await (const made of weightSamples(dataset, { ...options, ...range, ...store.compileOptions })) {
      rows.push(made);
      const now = performance.now();
      if (now - writtenAt < 1000 * WRITE_SECONDS) continue;
      await write();
      const each = (now - start) / 1000 / (rows.length - first);
      print(`${name}: sample ${rows.length} of ${count}, ${Math.round(each * (count - rows.length))} s left`);
    }
  } finally {
    await write();
  }
}
