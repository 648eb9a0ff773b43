// What needs no training: a randomly initialised target network (batch norm fitted to the generation images), and the
// pixels themselves.

import { gatherImages } from "../../data/dataset.ts";
import { featureSize } from "../../models/architectures.ts";
import { initWeights } from "../../models/network.ts";
import { fold } from "../../tensor/random.ts";
import { groupImages } from "./groups.ts";
import { type HeadName, Heads, labelledNeeded } from "../../heads/heads.ts";
import type { Normalization } from "../../predict/normalize.ts";
import { NetworkRunner, type RunnerTarget } from "../../predict/network-runner.ts";
import { type GroupEvaluator, type Groups, groupOf } from "./evaluator.ts";

/** A fresh random network each group. */
export async function randomNetworkEvaluator(
  target: RunnerTarget,
  groups: Groups,
  names: readonly HeadName[],
): Promise<GroupEvaluator> {
  const runner = await NetworkRunner.create(target, groups);
  const heads = new Heads(names, featureSize(target.arch), groups);
  const { data, shape, key } = groups;
  return {
    async evaluate(group) {
      const { generation, labelled, test } = groupImages(data, groupOf(groups, group), labelledNeeded(names, shape));
      const random = initWeights(fold(fold(key, "random network"), group), target.arch);
      const network = await runner.fitStats(random, generation);
      const support = await runner.features(network, labelled);
      return { accuracy: await heads.accuracies(support, await runner.features(network, test), shape), seconds: {} };
    },
    async release() {
      await runner.release();
      await heads.release();
    },
  };
}

/** Heads on normalised pixels. */
export async function rawPixelEvaluator(
  { arch, normalization }: RunnerTarget,
  groups: Groups,
  names: readonly HeadName[],
): Promise<GroupEvaluator> {
  const { data, shape } = groups;
  const plane = arch.side ** 2;
  const heads = new Heads(names, 3 * plane, groups);
  return {
    async evaluate(group) {
      const pair = groupOf(groups, group);
      const labelled = labelledNeeded(names, shape);
      const used = pair.generation.filter((_, i) => i % shape.generation < labelled);
      const pixels = (positions: ArrayLike<number>): Float32Array =>
        normalizedPixels(gatherImages(data.dataset, positions), plane, normalization);
      return { accuracy: await heads.accuracies(pixels(used), pixels(pair.test), shape), seconds: {} };
    },
    release: () => heads.release(),
  };
}

/** uint8 planes of `plane` pixels, three an image -> (x / 255 - mean) / deviation of each colour. */
export function normalizedPixels(images: Uint8Array, plane: number, { mean, deviation }: Normalization): Float32Array {
  const out = new Float32Array(images.length);
  for (let i = 0; i < images.length; i++) {
    const colour = Math.floor(i / plane) % 3;
    out[i] = (images[i]! / 255 - mean[colour]!) / deviation[colour]!;
  }
  return out;
}
