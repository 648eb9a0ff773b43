// The groups of an evaluation (the paper has 500 of them): for each, a generation set and a test set of the same unseen classes.

import { type ImageDataset, gatherImages } from "../../data/dataset.ts";
import { sampleTestGroup, type ClassPool, type TestGroup, type TestGroupShape } from "../../data/groups.ts";
import { fold, key, type Key } from "../../tensor/random.ts";
import { type ImageSource, imageSource } from "../../predict/image-source.ts";

export interface EvaluationShape extends TestGroupShape {
  readonly groups: number;
  /** Labelled images a class for the centroids, the first of the generation images. */
  readonly shots: number;
  /** An answer is right if the class is among so many best; 1 by default. */
  readonly top?: number;
}

/** Batch norm: running statistics of meta-training (the paper) or fitted to the generation set. */
export type NormMode = "running" | "generation";

/** What groups of one domain are drawn from. */
export interface NamedPool {
  /** As training calls it. */
  readonly name: string;
  readonly pool: ClassPool;
}

export interface EvaluationData {
  readonly dataset: ImageDataset;
  readonly pool: ClassPool;
  /** Parts of the pool, where a group has classes of one of them alone: they take turns. */
  readonly domains?: readonly NamedPool[];
  readonly part?: Uint8Array | undefined;
}

/** What groups are drawn by. */
export function evaluationKey(seed: number): Key {
  return fold(key(seed), "evaluation");
}

/** Group i is drawn by fold(key, i), so any subset of groups can be evaluated anywhere. */
export function evaluationGroup(data: EvaluationData, shape: TestGroupShape, source: Key, group: number): TestGroup {
  const { dataset, part } = data;
  const { positions, classes } = domainOf(data, group).pool;
  return sampleTestGroup(positions, classes, shape, fold(source, group), { part, names: dataset.classes });
}

/** What a group is drawn from: of a data set alone, all of it. */
export function domainOf({ dataset, pool, domains }: EvaluationData, group: number): NamedPool {
  return domains?.[group % domains.length] ?? { name: dataset.name, pool };
}

/** The images of a group: all generation images, the first `labelled` of each class, and the test images. */
export function groupImages({ dataset }: EvaluationData, { classes, generation, test }: TestGroup, labelled: number) {
  const pixels = 3 * dataset.side ** 2;
  const perClass = generation.length / classes.length;
  const images = (positions: ArrayLike<number>): ImageSource => imageSource(gatherImages(dataset, positions), pixels);
  return {
    generation: images(generation),
    labelled: images(generation.filter((_, i) => i % perClass < labelled)),
    test: images(test),
  };
}
