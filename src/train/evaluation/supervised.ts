// Training from scratch on each group's generation images, judged after given numbers of epochs.

import { gatherImages } from "../../data/dataset.ts";
import type { OptimizerRecipe } from "../optimizer.ts";
import { type ImageSource, imageSource } from "../../predict/image-source.ts";
import { type Network, NetworkRunner, type RunnerTarget } from "../../predict/network-runner.ts";
import { classifyWithHead } from "../classify-with-head.ts";
import { trainSupervised } from "../supervised.ts";
import { topAccuracy } from "../../heads/top-accuracy.ts";
import { type GroupEvaluator, type Groups, groupOf } from "./evaluator.ts";

export interface SupervisedEvaluation {
  /** Ascending; training stops at the last. */
  readonly epochs: readonly number[];
  readonly batch: number;
  readonly optimizer: OptimizerRecipe;
  readonly seed: number;
  /** Fine-tuning: what a group's training starts from (for PudNet predicted from its images), and the body's share of the rate. */
  readonly start?: (generation: ImageSource) => Promise<Network>;
  readonly bodyRate?: number;
  /** Stops within a group, whose training is then lost. */
  readonly signal?: AbortSignal;
}

/** @example epochTitle(30) // "30 epochs" */
export function epochTitle(epochs: number): string {
  return `${epochs} epoch${epochs === 1 ? "" : "s"}`;
}

/** Accuracy and training seconds (compilation and judging not included) by epochs. */
export async function supervisedEvaluator(
  target: RunnerTarget,
  groups: Groups,
  { epochs, batch, optimizer, seed, start, bodyRate = 1, signal }: SupervisedEvaluation,
): Promise<GroupEvaluator> {
  const runner = await NetworkRunner.create(target, groups);
  const { dataset } = groups.data;
  const { ways, generation, test, top } = groups.shape;
  return {
    async evaluate(group) {
      const pair = groupOf(groups, group);
      const judged = imageSource(gatherImages(dataset, pair.test), 3 * dataset.side ** 2);
      const images = gatherImages(dataset, pair.generation);
      const accuracy: Record<string, number> = {};
      const seconds: Record<string, number> = {};
      let total = 0;
      const input = {
        arch: target.arch,
        normalization: target.normalization,
        classes: ways,
        images,
        labels: Array.from(pair.generation, (_, i) => Math.floor(i / generation)),
        ...(start ? { start: await start(imageSource(images, 3 * dataset.side ** 2)) } : {}),
      };
      const last = epochs.at(-1)!;
      await trainSupervised(input, {
        ...groups,
        epochs: last,
        seed: seed + group * 2 ** 32, // a seed has 64 bits: the upper half tells the groups apart
        batch,
        optimizer,
        bodyRate,
        ...(signal ? { signal } : {}),
        onEpoch: async ({ epoch, seconds: ofEpoch, trained }) => {
          total += ofEpoch;
          if (!epochs.includes(epoch)) return;
          const scores = await classifyWithHead(runner, await trained(), judged);
          accuracy[epochTitle(epoch)] = topAccuracy(scores, ways, test, top);
          seconds[epochTitle(epoch)] = total;
        },
      });
      return { accuracy, seconds };
    },
    release: () => runner.release(),
  };
}
