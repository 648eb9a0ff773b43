// Evaluation over groups (SPEC: 500 of them): for each, a generation set and a test set of the same unseen classes; weights
// from the generation set, class centroids from its labelled images, accuracy on the test set, 95 % confidence intervals.

import { type ImageDataset, gatherImages } from "../data/dataset.ts";
import { sampleTestPair, type TaskPool, type TestPair, type TestPairShape } from "../data/tasks.ts";
import { fold, type Key } from "../tensor/random.ts";
import { classCentroids, nearestCentroids } from "./centroid-head.ts";
import { type ImageSource, imageSource, type Network, type Predictor } from "./predictor.ts";
import { type Estimate, estimate } from "./statistics.ts";

export interface EvaluationShape extends TestPairShape {
  readonly groups: number;
  /** Labelled images a class for the centroids, the first of the generation images. */
  readonly shots: number;
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

/** Group i is drawn by fold(key, i), so any subset of groups can be evaluated anywhere. */
export function evaluationPair(
  { dataset, pool, part }: EvaluationData,
  shape: TestPairShape,
  key: Key,
  group: number,
): TestPair {
  return sampleTestPair(pool.positions, pool.classes, shape, fold(key, group), { part, names: dataset.classes });
}

/** Evaluates groups one by one. */
export async function* evaluateGroups(
  predictor: Predictor,
  data: EvaluationData,
  shape: EvaluationShape,
  key: Key,
  { norms = ["running"], firstGroup = 0 }: { norms?: readonly NormMode[]; firstGroup?: number } = {},
): AsyncGenerator<GroupResult> {
  const pixels = 3 * data.dataset.side ** 2;
  for (let group = firstGroup; group < shape.groups; group++) {
    const pair = evaluationPair(data, shape, key, group);
    const generation = imageSource(gatherImages(data.dataset, pair.generation), pixels);
    const test = imageSource(gatherImages(data.dataset, pair.test), pixels);
    const start = performance.now();
    const network = await predictor.predict(generation);
    const predictSeconds = (performance.now() - start) / 1000;
    const accuracy: Record<string, number> = {};
    for (const norm of norms) {
      const fitted = norm === "running" ? network : await predictor.fitStats(network, generation);
      Object.assign(accuracy, await centroidAccuracies(predictor, fitted, generation, test, shape, norm));
    }
    yield { group, accuracy, predictSeconds };
  }
}

async function centroidAccuracies(
  predictor: Predictor,
  network: Network,
  generation: ImageSource,
  test: ImageSource,
  shape: EvaluationShape,
  norm: NormMode,
): Promise<Record<string, number>> {
  const support = await predictor.features(network, generation);
  return headAccuracies(norm, support, await predictor.features(network, test), shape);
}

/** Accuracy of each head, named "METHOD/HEAD", from features of the generation and the test images, class after class. */
export function headAccuracies(
  method: string,
  support: Float32Array,
  query: Float32Array,
  { ways, shots, generation, test }: EvaluationShape,
): Record<string, number> {
  const heads = { [`${shots}-shot centroids`]: shots, "centroids of all": generation };
  const results = Object.entries(heads).map(([head, use]) => {
    const centroids = classCentroids(support, { ways, perClass: generation, use });
    return [`${method}/${head}`, accuracyOf(nearestCentroids(query, centroids, ways), test)] as const;
  });
  return Object.fromEntries(results);
}

/** Share of right answers where the images lie class after class. */
function accuracyOf(predicted: readonly number[], perClass: number): number {
  return predicted.filter((label, i) => label === Math.floor(i / perClass)).length / predicted.length;
}

/** Mean and interval of each figure over groups. */
export function summarise(results: readonly GroupResult[]): Record<string, Estimate> {
  const names = Object.keys(results[0]?.accuracy ?? {});
  return Object.fromEntries(names.map((name) => [name, estimate(results.map((result) => result.accuracy[name]!))]));
}
