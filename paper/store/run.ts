// Works through evaluations, one at a time; several processes may do so side by side, each taking what no other works on.

import { setTimeout as sleep } from "node:timers/promises";
import { BusyError } from "pudnet/files";
import type { EvaluationRecipe } from "../recipes/recipe.ts";
import { completeEvaluation, evaluationName, knownGroups } from "./evaluations.ts";
import type { Store } from "./store.ts";

const WAIT_SECONDS = 5;

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
  recipes: readonly EvaluationRecipe[],
  { waitSeconds = WAIT_SECONDS }: { readonly waitSeconds?: number } = {},
): Promise<Failure[]> {
  const { signal, print } = store.options;
  const failures: Failure[] = [];
  const told = new Set<string>();
  let waiting = distinct(recipes);
  while (waiting.length > 0) {
    const busy: EvaluationRecipe[] = [];
    let hasWorked = false;
    for (const recipe of waiting) {
      signal?.throwIfAborted();
      try {
        if ((await knownGroups(store, recipe)).length >= recipe.protocol.groups) continue;
        await completeEvaluation(store, recipe);
        hasWorked = true;
      } catch (error) {
        if (error instanceof BusyError) {
          busy.push(recipe);
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

/** Each evaluation once, with the most groups that any of its cells asks for. */
function distinct(recipes: readonly EvaluationRecipe[]): EvaluationRecipe[] {
  const byName = new Map<string, EvaluationRecipe>();
  for (const recipe of recipes) {
    const name = evaluationName(recipe);
    const known = byName.get(name);
    if (!known || known.protocol.groups < recipe.protocol.groups) byName.set(name, recipe);
  }
  return [...byName.values()];
}
