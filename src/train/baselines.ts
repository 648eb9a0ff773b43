// What a PudNet's accuracy stands beside: the same heads on features of a randomly initialised target network, and on the
// pixels themselves.

import { gatherImages } from "../data/dataset.ts";
import { initWeights } from "../models/network.ts";
import type { CompileOptions } from "../tensor/program.ts";
import { fold, type Key } from "../tensor/random.ts";
import { type EvaluationData, evaluationPair, type EvaluationShape, headAccuracies } from "./evaluate.ts";
import type { PudNetModel } from "./model.ts";
import type { Normalization } from "./normalize.ts";
import { imageSource, NetworkRunner } from "./predictor.ts";

type Target = Pick<PudNetModel, "arch" | "normalization">;

/** Evaluates the baselines on the groups of an evaluation. Call `release` when done. */
export class Baselines {
  readonly #target: Target;
  readonly #runner: NetworkRunner;

  private constructor(target: Target, runner: NetworkRunner) {
    this.#target = target;
    this.#runner = runner;
  }

  static async create(target: Target, options: CompileOptions = {}): Promise<Baselines> {
    return new Baselines(target, await NetworkRunner.create(target, options));
  }

  /** Accuracy on group `group` of the evaluation with this key, by "BASELINE/HEAD"; a fresh random network each group. */
  async accuracies(
    data: EvaluationData,
    shape: EvaluationShape,
    key: Key,
    group: number,
  ): Promise<Record<string, number>> {
    const { arch, normalization } = this.#target;
    const stride = 3 * data.dataset.side ** 2;
    const pair = evaluationPair(data, shape, key, group);
    const [support, query] = [gatherImages(data.dataset, pair.generation), gatherImages(data.dataset, pair.test)];
    const generation = imageSource(support, stride);
    const random = await this.#runner.fitStats(initWeights(fold(fold(key, "random network"), group), arch), generation);
    const features = (pixels: Uint8Array): Promise<Float32Array> =>
      this.#runner.features(random, imageSource(pixels, stride));
    const pixels = (images: Uint8Array): Float32Array => normalizedPixels(images, stride / 3, normalization);
    return {
      ...headAccuracies("random network", await features(support), await features(query), shape),
      ...headAccuracies("raw pixels", pixels(support), pixels(query), shape),
    };
  }

  async release(): Promise<void> {
    await this.#runner.release();
  }
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
