// What a PudNet's accuracy stands beside: the same heads on features of a randomly initialised target network, and on the
// pixels themselves.

import type { GroupEvaluator, Groups } from "./evaluator.ts";
import { randomNetworkEvaluator, rawPixelEvaluator } from "./random-network.ts";
import type { HeadName } from "../../heads/heads.ts";
import type { RunnerTarget } from "../../predict/network-runner.ts";

const HEADS: readonly HeadName[] = ["few", "all"];

/** Evaluates the baselines on the groups of an evaluation. Call `release` when done. */
export class UntrainedBaselines {
  readonly #byName: Readonly<Record<string, GroupEvaluator>>;

  private constructor(byName: Readonly<Record<string, GroupEvaluator>>) {
    this.#byName = byName;
  }

  static async create(target: RunnerTarget, groups: Groups): Promise<UntrainedBaselines> {
    return new UntrainedBaselines({
      "random network": await randomNetworkEvaluator(target, groups, HEADS),
      "raw pixels": await rawPixelEvaluator(target, groups, HEADS),
    });
  }

  /** Accuracy on one group by "BASELINE/HEAD"; a fresh random network each group. */
  async accuracies(group: number): Promise<Record<string, number>> {
    const found: Record<string, number> = {};
    for (const [name, evaluator] of Object.entries(this.#byName)) {
      const { accuracy } = await evaluator.evaluate(group);
      for (const [head, value] of Object.entries(accuracy)) found[`${name}/${head}`] = value;
    }
    return found;
  }

  async release(): Promise<void> {
    for (const evaluator of Object.values(this.#byName)) await evaluator.release();
  }
}
