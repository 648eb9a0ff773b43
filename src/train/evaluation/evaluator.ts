// One method judged on the groups of an evaluation: what every evaluator in this folder is.

import type { TestGroup } from "../../data/groups.ts";
import type { CompileOptions } from "../../tensor/program.ts";
import type { Key } from "../../tensor/random.ts";
import { type EvaluationData, evaluationGroup, type EvaluationShape } from "./groups.ts";

/** The groups of an evaluation: group i is drawn by fold(key, i), so it is the same for every method. */
export interface Groups extends CompileOptions {
  readonly data: EvaluationData;
  readonly shape: EvaluationShape;
  readonly key: Key;
}

/** By head, or by epoch for what is trained. */
export interface GroupResult {
  readonly accuracy: Readonly<Record<string, number>>;
  /** What the group's network took, where it is made for the group. */
  readonly seconds: Readonly<Record<string, number>>;
  /** What labelled images that are left out say of the group's network, where they are asked: less is better. */
  readonly error?: Readonly<Record<string, number>>;
}

/** Call `release` when done with it. */
export interface GroupEvaluator {
  evaluate(group: number): Promise<GroupResult>;
  release(): Promise<void>;
}

export function groupOf({ data, shape, key }: Groups, group: number): TestGroup {
  return evaluationGroup(data, shape, key, group);
}
