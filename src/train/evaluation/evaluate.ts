// Evaluation over groups (SPEC: 500 of them): for each, a generation set and a test set of the same unseen classes; weights
// from the generation set, class centroids from its labelled images, accuracy on the test set, 95 % confidence intervals.

import { secondsSince } from "../../clock.ts";
import { type ImageDataset, gatherImages } from "../../data/dataset.ts";
import { sampleTestGroup, type TaskPool, type TestGroup, type TestGroupShape } from "../../data/tasks.ts";
import { fold, key, type Key } from "../../tensor/random.ts";
import { featureSize } from "../../models/architectures.ts";
import type { CompileOptions } from "../../tensor/program.ts";
import { type HeadName, Heads, labelledNeeded } from "../../heads/heads.ts";
import { type ImageSource, imageSource } from "../../predict/image-source.ts";
import { type Predictor } from "../../predict/predictor.ts";
import { type Estimate, estimate } from "../../statistics.ts";

export interface EvaluationShape extends TestGroupShape {
  readonly groups: number;
  /** Labelled images a class for the centroids, the first of the generation images. */
  readonly shots: number;
  /** An answer is right if the class is among so many best; 1 by default. */
  readonly top?: number;
}

/** Batch norm: running statistics of meta-training (the paper) or fitted to the generation set. */
export type NormMode = "running" | "generation";

export interface GroupResult {
  readonly group: number;
  /** By "NORM MODE/HEAD". */
  readonly accuracy: Readonly<Record<string, number>>;
  /** Of the prediction: sketch, AHRU and weight generators. */
  readonly predictSeconds: number;
}

export interface EvaluationData {
  readonly dataset: ImageDataset;
  readonly pool: TaskPool;
  readonly part?: Uint8Array | undefined;
}

/** What groups are drawn by. */
export function evaluationKey(seed: number): Key {
  return fold(key(seed), "evaluation");
}

/** Group i is drawn by fold(key, i), so any subset of groups can be evaluated anywhere. */
export function evaluationGroup(
  { dataset, pool, part }: EvaluationData,
  shape: TestGroupShape,
  source: Key,
  group: number,
): TestGroup {
  return sampleTestGroup(pool.positions, pool.classes, shape, fold(source, group), { part, names: dataset.classes });
}

export interface GroupOptions extends CompileOptions {
  readonly norms?: readonly NormMode[];
  readonly heads?: readonly HeadName[];
  /** Where to go on: groups firstGroup to shape.groups - 1 are evaluated; 0 by default. */
  readonly firstGroup?: number;
}

/**
 * Evaluates groups one by one: group i is drawn by (source, i), whatever was drawn before. Accuracies are shares from 0 to 1 by
 * "norm/head".
 * @throws UserError where a class has too few images for a group
 */
export async function* evaluateGroups(
  predictor: Predictor,
  data: EvaluationData,
  shape: EvaluationShape,
  source: Key,
  options: GroupOptions = {},
): AsyncGenerator<GroupResult> {
  const { norms = ["running"], heads: names = ["few", "all"], firstGroup = 0 } = options;
  const heads = await Heads.create(names, featureSize(predictor.model.arch), options);
  try {
    for (let group = firstGroup; group < shape.groups; group++) {
      const pair = evaluationGroup(data, shape, source, group);
      const { byNorm, predictSeconds } = await judgePrediction(predictor, data, shape, { pair, norms, heads });
      const named = byNorm.flatMap(([norm, found]) =>
        Object.entries(found).map(([head, value]) => [`${norm}/${head}`, value] as const),
      );
      yield { group, accuracy: Object.fromEntries(named), predictSeconds };
    }
  } finally {
    await heads.release();
  }
}

interface PredictionToJudge {
  readonly pair: TestGroup;
  readonly norms: readonly NormMode[];
  readonly heads: Heads;
  /** What the weights are predicted from, where it is not the group's generation set. */
  readonly sketched?: ImageSource;
}

/** Predicts a network for one group and judges it with each norm mode; accuracies by head. */
async function judgePrediction(
  predictor: Predictor,
  data: EvaluationData,
  shape: EvaluationShape,
  { pair, norms, heads, sketched }: PredictionToJudge,
) {
  const { generation, labelled, test } = groupImages(data, pair, labelledNeeded(heads.names, shape));
  const start = performance.now();
  const network = await predictor.predict(sketched ?? generation);
  const predictSeconds = secondsSince(start);
  const byNorm: (readonly [NormMode, Record<string, number>])[] = [];
  for (const norm of norms) {
    const fitted = norm === "running" ? network : await predictor.fitStats(network, generation);
    const support = await predictor.features(fitted, labelled);
    byNorm.push([norm, await heads.accuracies(support, await predictor.features(fitted, test), shape)]);
  }
  return { byNorm, predictSeconds };
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

/** Mean and interval of each figure over groups. */
export function summarise(results: readonly GroupResult[]): Record<string, Estimate> {
  const names = Object.keys(results[0]?.accuracy ?? {});
  return Object.fromEntries(names.map((name) => [name, estimate(results.map((result) => result.accuracy[name]!))]));
}
