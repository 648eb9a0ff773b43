// How a training is judged on the way: groups of classes, or pictures, that it holds out, as many of each domain.

import type { TestGroupShape } from "../data/groups.ts";
import { UserError } from "../errors.ts";
import type { HeadName } from "../heads/heads.ts";
import type { PudNetModel } from "../predict/model.ts";
import { estimate, meanOf } from "../statistics.ts";
import type { CompileOptions } from "../tensor/program.ts";
import { fold, key } from "../tensor/random.ts";
import type { EvaluationShape, NamedPool, NormMode } from "./evaluation/groups.ts";
import { pudnetEvaluator } from "./evaluation/pudnet.ts";
import type { Judged } from "./loop.ts";
import type { Domain, TrainingData } from "./training-data.ts";

/** The domains of which something is held out, with their classes of enough images. */
export function validatedDomains(domains: readonly Domain[], { ways, generation, test }: TestGroupShape): NamedPool[] {
  const heldOut = domains.filter(({ val }) => val.classes.length > 0);
  if (heldOut.length === 0) {
    throw new UserError("nothing is held out for validation", {
      hint: "give a source a split with validation classes, or add one with role: validation",
      exitCode: 2,
    });
  }
  return heldOut.map(({ name, val }) => {
    const enough = val.classes.filter((c) => val.positions[c]!.length >= generation + test);
    if (enough.length >= ways) return { name, pool: { ...val, classes: enough } };
    const most = Math.max(...val.classes.map((c) => val.positions[c]!.length));
    throw new UserError(
      `validation groups of "${name}" cannot be drawn: they have ${ways} classes of ${generation} + ${test} pictures, and of its ${val.classes.length} held-out classes ${enough.length} have so many (the largest has ${most})`,
      { hint: "lower validation.generation and validation.test, or hold out more classes; without a split none are" },
    );
  });
}

export interface ValidationOptions extends CompileOptions {
  /** Its `groups` are spread over the domains, as many in each (rounded up). */
  readonly shape: EvaluationShape;
  readonly seed: number;
  /** One, by whose accuracy a state is judged. */
  readonly heads: readonly [HeadName];
  readonly norm: NormMode;
}

/** Accuracy of a model on the validation groups of a seed, which take turns with the domains. */
export async function judged(
  model: PudNetModel,
  { data, validated }: { readonly data: TrainingData; readonly validated: readonly NamedPool[] },
  { shape, seed, heads, norm, ...options }: ValidationOptions,
): Promise<Judged> {
  const groups = {
    ...options,
    data: { dataset: data.dataset, pool: data.val, domains: validated },
    shape,
    key: fold(key(seed), "validation"),
  };
  const evaluator = await pudnetEvaluator(model, groups, { heads, norm });
  try {
    const accuracies: number[][] = validated.map(() => []);
    const count = Math.ceil(shape.groups / validated.length) * validated.length;
    for (let i = 0; i < count; i++)
      accuracies[i % validated.length]!.push(...Object.values((await evaluator.evaluate(i)).accuracy));
    const estimates = accuracies.map(estimate);
    const domains = validated.map(({ name }, i) => ({ name, accuracy: estimates[i]! }));
    return { accuracy: meanOf(estimates), domains: domains.length > 1 ? domains : [] };
  } finally {
    await evaluator.release();
  }
}
