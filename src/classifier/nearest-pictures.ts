// Why a classifier answers as it does: which of the pictures that it was made from are most like a given one.

import { featureSize } from "../models/architectures.ts";
import type { ImageSource } from "../predict/image-source.ts";
import { NetworkRunner } from "../predict/network-runner.ts";
import type { CompileOptions } from "../tensor/program.ts";
import type { Classifier } from "./classifier.ts";
import type { KeptPictures } from "./kept-pictures.ts";
import { nearestRows, type Neighbours, neighboursOf } from "./nearest.ts";

export interface NearPicture {
  readonly path: string;
  readonly label: string;
  /** Cosine of features less their mean. */
  readonly similarity: number;
}

/** Compares pictures with those that a classifier keeps. Call `release` when done. */
export class NearestPictures {
  readonly #classifier: Classifier;
  readonly #pictures: KeptPictures["pictures"];
  readonly #neighbours: Neighbours;
  readonly #runner: NetworkRunner;

  private constructor(classifier: Classifier, { pictures, features }: KeptPictures, runner: NetworkRunner) {
    this.#classifier = classifier;
    this.#pictures = pictures;
    this.#neighbours = neighboursOf(features, featureSize(classifier.arch));
    this.#runner = runner;
  }

  static async create(
    classifier: Classifier,
    kept: KeptPictures,
    options: CompileOptions = {},
  ): Promise<NearestPictures> {
    const { arch, normalization } = classifier;
    return new NearestPictures(classifier, kept, await NetworkRunner.create({ arch, normalization }, options));
  }

  /** Of each image the `count` kept pictures that are most like it, the nearest first. */
  async of(images: ImageSource, count: number): Promise<NearPicture[][]> {
    const { arch, classes, network } = this.#classifier;
    const d = featureSize(arch);
    const rows = await this.#runner.features(network, images);
    return Array.from({ length: images.count }, (_, i) =>
      nearestRows(this.#neighbours, rows.subarray(i * d, (i + 1) * d), count).map(({ row, similarity }) => {
        const { path, label } = this.#pictures[row]!;
        return { path, label: classes[label]!, similarity };
      }),
    );
  }

  release(): Promise<void> {
    return this.#runner.release();
  }
}
