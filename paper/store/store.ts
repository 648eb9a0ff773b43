// Where results are kept. <out>/ is published; <out>/store/ is worked in: everything there lies under a name made of the hash of what
// it is a function of, so that a changed config makes new results and leaves the others alone. One process works on one result at a time.

import { existsSync } from "node:fs";
import { join } from "node:path";
import {
  type ClassSplit,
  datasetFolder,
  type ImageDataset,
  loadClassSplit,
  loadDataset,
  nativeSide,
  positionsByClass,
  type ClassPool,
  type TrainingData,
  trainingData,
} from "pudnet/datasets";
import type { Device } from "pudnet/engine";
import type { Protocol, SourceRecipe } from "pudnet/evaluation";
import { canonicalJson, lockFolder, makeFolder } from "pudnet/files";
import { type Published, readPublished } from "./published.ts";

export interface StoreOptions {
  /** Folder of the results. */
  readonly out: string;
  /** Folder of the data sets. */
  readonly root: string;
  readonly threads?: number | undefined;
  /** Where trainings and evaluations compute; by default the CPU. */
  readonly device?: Device | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly print: (line: string) => void;
}

/** Folders, data sets and locks of one process. */
export class Store {
  readonly options: StoreOptions;
  readonly #datasets = new Map<string, Promise<ImageDataset>>();
  readonly #sources = new Map<string, Promise<TrainingData>>();
  #published: Promise<Published> | undefined;

  constructor(options: StoreOptions) {
    this.options = options;
  }

  /** A path among what is published. */
  path(...parts: readonly string[]): string {
    return join(this.options.out, ...parts);
  }

  /** A path among what is worked in. */
  workPath(...parts: readonly string[]): string {
    return join(this.options.out, "store", ...parts);
  }

  /** The evaluations that were published when this process first asked. */
  get published(): Promise<Published> {
    return (this.#published ??= readPublished(this.options.out));
  }

  /** What onnxruntime is to use. */
  get compileOptions() {
    const { threads, device = "cpu" } = this.options;
    return { threads, device };
  }

  /** Runs `work` while no other process does the same. @throws BusyError where one does */
  async claim<T>(name: string, work: () => Promise<T>): Promise<T> {
    const folder = this.workPath("claims", name);
    await makeFolder(folder);
    const lock = await lockFolder(folder);
    try {
      return await work();
    } finally {
      await lock.release();
    }
  }

  /** Whether the data sets that a recipe names are in the folder of the data sets. */
  hasData(recipe: object): boolean {
    const names = Array.from(canonicalJson(recipe).matchAll(/"dataset":"([^"]+)"/g), ([, name]) => name!);
    return names.every((name) => existsSync(datasetFolder(name, this.options.root)));
  }

  /** A data set at a side (by default its own), loaded once. */
  dataset(name: string, wanted?: number): Promise<ImageDataset> {
    const side = wanted ?? nativeSide(name);
    const key = `${name}@${side ?? ""}`;
    const known = this.#datasets.get(key);
    if (known) return known;
    const loading = loadDataset(name, {
      root: this.options.root,
      ...(side === undefined ? {} : { side }),
      signal: this.options.signal,
    }).then(({ dataset, skipped, notes }) => {
      if (skipped.length > 0)
        this.options.print(
          `${name}: ${skipped.length} files are left out, such as ${skipped[0]!.path}: ${skipped[0]!.reason}`,
        );
      for (const note of notes) this.options.print(`${name}: ${note}`);
      return dataset;
    });
    this.#datasets.set(key, loading);
    return loading;
  }

  /** The training classes of a source, loaded and measured once. */
  source(recipe: SourceRecipe): Promise<TrainingData> {
    const key = canonicalJson(recipe);
    const known = this.#sources.get(key);
    if (known) return known;
    const loading = this.dataset(recipe.dataset, recipe.side).then(async (dataset) =>
      trainingData(dataset, await this.split(recipe.split, dataset), recipe),
    );
    this.#sources.set(key, loading);
    return loading;
  }

  /** The classes and images that a protocol's groups are drawn from. */
  async pool({ dataset: name, side, classes }: Protocol): Promise<{ dataset: ImageDataset; pool: ClassPool }> {
    const dataset = await this.dataset(name, side);
    const used =
      classes === "all" ? dataset.classes.map((_, i) => i) : (await this.split(classes.testOf, dataset)).test;
    return { dataset, pool: { positions: positionsByClass(dataset), classes: used } };
  }

  /** A class split by name, or by the name of a JSON file in the folder of the data sets. */
  split(name: string, { classes }: ImageDataset): Promise<ClassSplit> {
    return loadClassSplit(name.endsWith(".json") ? join(this.options.root, name) : name, classes);
  }
}
