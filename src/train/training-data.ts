// What may be trained on: the pools of a class split, and what is measured on them. Test classes are never looked at.

import { type ImageDataset, positionsByClass } from "../data/dataset.ts";
import { withTurnedClasses } from "../data/rotations.ts";
import type { ClassSplit } from "../data/splits.ts";
import { type TaskPool, trainingPools } from "../data/tasks.ts";
import type { Normalization } from "../predict/normalize.ts";
import { pixelStatistics } from "./pixel-statistics.ts";

export interface TrainingDataOptions {
  /** train+val: the final run trains on the validation classes too; validation then uses held-out images. */
  readonly trainOn: "train" | "train+val";
  /** Training classes turned by 90, 180, 270 degrees are further classes. */
  readonly turnedClasses?: boolean;
}

export interface TrainingData {
  /** The data set, with turned copies where asked for. */
  readonly dataset: ImageDataset;
  readonly train: TaskPool;
  readonly val: TaskPool;
  /** Names of the training classes in the order of the full head. */
  readonly trainClasses: readonly string[];
  readonly normalization: Normalization;
}

/** The training and validation pools of a data set under a class split. */
export function trainingData(
  source: ImageDataset,
  split: ClassSplit,
  { trainOn, turnedClasses = false }: TrainingDataOptions,
): TrainingData {
  const known: ClassSplit =
    trainOn === "train" ? split : { ...split, train: [...split.train, ...split.val], val: [], valFrom: "images" };
  const { dataset, turned } = turnedClasses ? withTurnedClasses(source, known.train) : { dataset: source, turned: [] };
  const used = { ...known, train: [...known.train, ...turned] };
  const { train, val } = trainingPools(positionsByClass(dataset), used, dataset.part);
  const trainClasses = train.classes.map((c) => dataset.classes[c]!);
  return { dataset, train, val, trainClasses, normalization: pixelStatistics(dataset, train) };
}
