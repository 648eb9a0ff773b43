// The parameter-free heads that a network's features are judged with, on images that lie class after class.

import type { CompileOptions } from "../tensor/program.ts";
import { classCentroids, cosines } from "./centroid-head.ts";
import { ridgeScores } from "./ridge/head.ts";
import { COMPARED_LAMBDA } from "./ridge/lambda.ts";
import { RidgeSolver } from "./ridge/solver.ts";
import { topAccuracy } from "./top-accuracy.ts";

/**
 * few: centroids of `shots` labelled images a class (the paper); all: centroids of every labelled generation image;
 * closed-form: ridge regression on all of them (ours), with `COMPARED_LAMBDA` and images counting alike; `pudnet predict` chooses its
 * lambda, and weights images by `classWeights`.
 */
export const HEADS = ["few", "all", "closed-form"] as const;
export type HeadName = (typeof HEADS)[number];

/** How many images of each kind a group has per class. */
export interface HeadShape {
  readonly ways: number;
  readonly shots: number;
  /** Labelled images a class. */
  readonly generation: number;
  readonly test: number;
  /** An answer is right if the class is among so many best; 1 by default. */
  readonly top?: number;
}

/** @example headTitle("few", 10) // "10-shot centroids" */
export function headTitle(head: HeadName, shots: number): string {
  return { few: `${shots}-shot centroids`, all: "centroids of all", "closed-form": "closed form on all" }[head];
}

/** The few-shot figure of a method that classifies by a rule of its own. @example ruleTitle(10) // "10-shot rule" */
export function ruleTitle(shots: number): string {
  return `${shots}-shot rule`;
}

/** Labelled images a class that these heads look at. */
export function labelledNeeded(heads: readonly HeadName[], { shots, generation }: HeadShape): number {
  return heads.every((head) => head === "few") ? shots : generation;
}

/** Fits heads and counts right answers. Compiled where a head needs it; call `release` when done. */
export class Heads {
  readonly #names: readonly HeadName[];
  readonly #d: number;
  readonly #solver: RidgeSolver | undefined;

  /** Heads for features of length d. */
  constructor(names: readonly HeadName[], d: number, options: CompileOptions = {}) {
    this.#names = names;
    this.#d = d;
    this.#solver = names.includes("closed-form") ? new RidgeSolver(d, options) : undefined;
  }

  get names(): readonly HeadName[] {
    return this.#names;
  }

  /**
   * Accuracy of each head by its title. support [ways labelled, d] with `labelledNeeded` images a class, query [ways test, d],
   * both class after class.
   * @throws RangeError where the support has another size: how many of its images a class heads look at decides which they are
   */
  async accuracies(support: Float32Array, query: Float32Array, shape: HeadShape): Promise<Record<string, number>> {
    const { ways, test, top, shots } = shape;
    const labelled = labelledNeeded(this.#names, shape);
    const size = ways * labelled * this.#d;
    if (support.length !== size) {
      throw new RangeError(
        `${support.length} numbers of labelled features: expected ${size} (${labelled} images of each of ${ways} classes)`,
      );
    }
    const results: Record<string, number> = {};
    for (const head of this.#names) {
      const scores = await this.#scores(head, support, query, shape);
      results[headTitle(head, shots)] = topAccuracy(scores, ways, test, top);
    }
    return results;
  }

  async #scores(head: HeadName, support: Float32Array, query: Float32Array, shape: HeadShape): Promise<Float32Array> {
    const { ways, shots } = shape;
    const perClass = labelledNeeded(this.#names, shape);
    if (head !== "closed-form") {
      const use = head === "few" ? shots : perClass;
      return cosines(query, classCentroids(support, { ways, perClass, use }), ways);
    }
    const labels = Uint16Array.from({ length: ways * perClass }, (_, i) => Math.floor(i / perClass));
    return ridgeScores(await this.#solver!.fit({ features: support, labels, ways }, COMPARED_LAMBDA), query);
  }

  async release(): Promise<void> {
    await this.#solver?.release();
  }
}
