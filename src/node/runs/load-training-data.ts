// The data of a training: one data set under a class split, or the sources of a mixture, joined. What they are made from is
// noted for each.

import type { ResizeRule } from "../../data/square.ts";
import { type ClassSplit, leftOut, wholeSplit } from "../../data/splits.ts";
import { UserError } from "../../errors.ts";
import type { SourceConfig, TrainConfig } from "../../train/config-schema.ts";
import { mixedTrainingData, type MixtureSource, type TrainingData, trainingData } from "../../train/training-data.ts";
import type { ReadOptions } from "../datasets/decoded.ts";
import type { LoadedDataset } from "../datasets/image-folder.ts";
import { datasetName, loadClassSplit, loadDataset } from "../datasets/load-dataset.ts";
import { imageMaterials, type Materials, splitMaterials } from "../records/materials.ts";

export interface LoadDataOptions extends Pick<ReadOptions, "onProgress"> {
  readonly signal?: AbortSignal;
  /** Told of each data set once all are read: what was left out of it. */
  readonly onData?: (loaded: LoadedDataset) => void;
}

/** What is trained on, and what that is made from. */
export interface LoadedTrainingData {
  readonly data: TrainingData;
  readonly madeFrom: Materials;
}

/**
 * Reads all that a config trains and validates on.
 * @throws UserError where a data set, a split or a class is not there, or two sources have one name; the signal's reason
 */
export async function loadTrainingData(
  { data: config }: Pick<TrainConfig, "data">,
  resize: ResizeRule,
  options: LoadDataOptions = {},
): Promise<LoadedTrainingData> {
  if ("sources" in config) return loadMixture(config, resize, options);
  const { root, side, split } = config;
  const loaded = await load(config.dataset, { root, side, resize }, options);
  options.onData?.(loaded);
  const { dataset } = loaded;
  const classes = await loadClassSplit(split, dataset.classes);
  const madeFrom = { ...imageMaterials(dataset), ...splitMaterials(split, classes) };
  return { data: trainingData(dataset, classes, config), madeFrom };
}

async function load(
  dataset: string,
  { side, ...where }: { readonly root: string; readonly side: number | undefined; readonly resize: ResizeRule },
  { onProgress, signal }: LoadDataOptions,
): Promise<LoadedDataset> {
  const loaded = await loadDataset(dataset, {
    ...where,
    ...(side ? { side } : {}),
    ...(onProgress ? { onProgress } : {}),
    ...(signal ? { signal } : {}),
  });
  signal?.throwIfAborted(); // what is read as a whole cannot be stopped
  return loaded;
}

export type MixtureConfig = Extract<TrainConfig["data"], { readonly sources: unknown }>;

/** One of several data sets, as it was read. */
export interface LoadedSource extends MixtureSource {
  readonly loaded: LoadedDataset;
  /** As it is named. */
  readonly source: SourceConfig;
}

async function loadMixture(
  config: MixtureConfig,
  resize: ResizeRule,
  options: LoadDataOptions,
): Promise<LoadedTrainingData> {
  const read = await loadSources(config, resize, options);
  const madeFrom = read.map(sourceMaterials);
  return { data: mixedTrainingData(read, config), madeFrom: Object.assign({}, ...madeFrom) as Materials };
}

/** Of a source's images and its classes. */
export function sourceMaterials({ name, dataset, split }: MixtureSource): Materials {
  return { ...imageMaterials(dataset), ...splitMaterials(`of ${name}`, split) };
}

/**
 * Reads the sources of a mixture, each by itself.
 * @throws UserError where a data set, a split or a class is not there, or two sources have one name; the signal's reason
 */
export async function loadSources(
  config: Pick<MixtureConfig, "sources" | "root" | "side">,
  resize: ResizeRule,
  options: LoadDataOptions,
): Promise<LoadedSource[]> {
  requireNames(config.sources);
  const read: LoadedSource[] = [];
  for (const source of config.sources) {
    const { dataset, role, weight, turnedClasses } = source;
    const loaded = await load(dataset, { ...config, resize }, options);
    const split = await splitOf(source, loaded.dataset.classes);
    const name = datasetName(dataset);
    read.push({ name, dataset: loaded.dataset, split, role, weight, turnedClasses, loaded, source });
  }
  for (const { name, loaded } of read)
    options.onData?.({ ...loaded, notes: loaded.notes.map((note) => `${name}: ${note}`) });
  return read;
}

/** Classes are named by their source. */
function requireNames(sources: readonly SourceConfig[]): void {
  const names = sources.map(({ dataset }) => datasetName(dataset));
  const twice = names.findIndex((name, i) => names.indexOf(name) < i);
  if (twice < 0) return;
  const [one, other] = [sources[names.indexOf(names[twice]!)]!.dataset, sources[twice]!.dataset];
  throw new UserError(
    one === other ? `data.sources has "${one}" twice` : `data.sources has "${one}" and "${other}", which have one name`,
    {
      hint: one === other ? "name all that is wanted of it in one split" : "give one of the folders another name",
      exitCode: 2,
    },
  );
}

async function splitOf(
  { dataset, split, role, leaveOut }: SourceConfig,
  classes: readonly string[],
): Promise<ClassSplit> {
  const whole = split === undefined ? wholeSplit(role === "train" ? "train" : "val", classes) : undefined;
  const known = whole ?? (await loadClassSplit(split!, classes));
  return leaveOut ? leftOut(known, leaveOut, classes, `leaveOut of "${dataset}"`) : known;
}
