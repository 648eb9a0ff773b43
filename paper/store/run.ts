// Works through evaluations, one at a time; several processes may do so side by side, each taking what no other works on.

import { setTimeout as sleep } from "node:timers/promises";
import { BusyError, groupedBy, lackingGroups, type Measures } from "pudnet/files";
import type { EvaluationRecipe } from "../recipes/recipe.ts";
import { completeEvaluation, evaluationName, knownGroups } from "./evaluations.ts";
import type { Store } from "./store.ts";

const WAIT_SECONDS = 5;

/** What a cell asks for. */
export interface Asked {
  readonly evaluation: EvaluationRecipe;
  readonly measure?: string;
}

export interface Failure {
  readonly name: string;
  readonly error: Error;
}

/**
 * Completes the evaluations in the order given, going on after a failure. What another process works on is taken up once
 * that process is done with it. @throws the signal's reason when stopped, or what failed while it stopped
 */
export async function runEvaluations(
  store: Store,
  asked: readonly Asked[],
  { waitSeconds = WAIT_SECONDS }: { readonly waitSeconds?: number } = {},
): Promise<Failure[]> {
  const { signal, print } = store.options;
  const failures: Failure[] = [];
  const told = new Set<string>();
  let waiting = distinct(asked);
  while (waiting.length > 0) {
    const busy: Wanted[] = [];
    let hasWorked = false;
    for (const wanted of waiting) {
      const { recipe, measures } = wanted;
      signal?.throwIfAborted();
      try {
        if (await isKnown(store, wanted)) continue;
        await completeEvaluation(store, recipe, measures);
        hasWorked = true;
      } catch (error) {
        if (error instanceof BusyError) {
          busy.push(wanted);
          const name = evaluationName(recipe);
          if (!told.has(name)) print(`${name}: left for now to ${error.owner}; ${error.hint}`);
          told.add(name);
        } else if (signal?.aborted) throw error;
        else {
          failures.push({ name: evaluationName(recipe), error: error as Error });
          print(`${evaluationName(recipe)}: ${(error as Error).message}`);
        }
      }
    }
    waiting = busy;
    if (waiting.length > 0 && !hasWorked) {
      await sleep(1000 * waitSeconds, undefined, { signal }).catch(() => signal?.throwIfAborted());
    }
  }
  return failures;
}

/** What is asked for of one evaluation. */
export interface Wanted {
  /** With the most groups that any cell asks for. */
  readonly recipe: EvaluationRecipe;
  readonly measures: Measures;
}

/** Whether there is nothing to be done for it. @throws as `knownGroups` */
export async function isKnown(store: Store, { recipe, measures }: Wanted): Promise<boolean> {
  const known = await knownGroups(store, recipe);
  return known.length >= recipe.protocol.groups && lackingGroups(known, measures).length === 0;
}

/** Each evaluation once. */
export function distinct(asked: readonly Asked[]): Wanted[] {
  const byName = groupedBy(asked, ({ evaluation }) => evaluationName(evaluation));
  return Array.from(byName.values(), (cells) => {
    const sorted = cells.toSorted((a, b) => a.evaluation.protocol.groups - b.evaluation.protocol.groups);
    const measures = sorted.flatMap(({ evaluation, measure }) =>
      measure === undefined ? [] : [[measure, evaluation.protocol.groups] as const],
    );
    return { recipe: sorted.at(-1)!.evaluation, measures: Object.fromEntries(measures) };
  });
}
