// Evaluates the groups that a record lacks. An interrupted one goes on behind its last row; more groups are added behind those that
// are there.

import { basename, dirname } from "node:path";
import type { GroupEvaluator, GroupResult } from "../../train/evaluation/evaluator.ts";
import type { EvaluationRecipe } from "../../train/evaluation/recipe.ts";
import { makeFolder } from "../files/make-folder.ts";
import { evaluationIdentity, type TrainedNetwork } from "./identity.ts";
import type { Materials } from "./materials.ts";
import { checkRecord, noteSession, readGroups, writeGroups } from "./record.ts";

/** Rows are written at least this often. */
const WRITE_SECONDS = 5;

/** An evaluation that is kept. */
export interface RecordPlan {
  /** Of the record's files, without their endings. */
  readonly path: string;
  readonly recipe: EvaluationRecipe<TrainedNetwork>;
  /** Asked for where groups are missing, and released afterwards. */
  readonly evaluator: () => Promise<GroupEvaluator>;
  /** Asked for when the evaluator is there. */
  readonly madeFrom: () => Promise<Materials>;
  /** For lines about progress. */
  readonly print: (line: string) => void;
  readonly signal?: AbortSignal | undefined;
}

/**
 * The groups of a record that are on disk, at most as many as the recipe asks for.
 * @throws FormatError for a file that was damaged
 */
export async function knownGroups({ path, recipe }: Pick<RecordPlan, "path" | "recipe">): Promise<GroupResult[]> {
  return (await readGroups(`${path}.csv`)).slice(0, recipe.protocol.groups);
}

/**
 * Evaluates the groups that are missing.
 * @throws UserError where the rows on disk were made from other images or weights; the signal's reason
 */
export async function completeRecord(plan: RecordPlan): Promise<void> {
  const done = await knownGroups(plan);
  if (done.length >= plan.recipe.protocol.groups) return;
  const evaluator = await plan.evaluator();
  try {
    const keep = await keeperOf(plan, done.length);
    try {
      await evaluateGroups(plan, { evaluator, done, keep });
    } finally {
      await keep(done); // also what was done before a stop or a failure
    }
  } finally {
    await evaluator.release();
  }
}

interface Progress {
  readonly evaluator: GroupEvaluator;
  /** Figures of the groups so far: what is evaluated is added. */
  readonly done: GroupResult[];
  readonly keep: (done: readonly GroupResult[]) => Promise<void>;
}

/** Evaluates the groups behind those that are done, keeping them now and then. @throws the signal's reason */
async function evaluateGroups({ path, recipe, print, signal }: RecordPlan, progress: Progress): Promise<void> {
  const { evaluator, done, keep } = progress;
  const { groups: wanted } = recipe.protocol;
  const name = basename(path);
  const first = done.length;
  const start = performance.now();
  let [written, printed] = [start, start];
  print(`${name}: group ${first} of ${wanted}`);
  while (done.length < wanted) {
    signal?.throwIfAborted();
    done.push(await evaluator.evaluate(done.length));
    const now = performance.now();
    if (now - written > 1000 * WRITE_SECONDS) {
      await keep(done);
      written = now;
    }
    if (now - printed > 30_000) {
      const perGroup = (now - start) / 1000 / (done.length - first);
      print(`${name}: group ${done.length} of ${wanted}, ${Math.round(perGroup * (wanted - done.length))} s left`);
      printed = now;
    }
    await new Promise((resolve) => setImmediate(resolve)); // lets signals in: a call to onnxruntime blocks
  }
}

/** Writes the rows once there are more than on disk, and beforehand who makes them. @throws UserError for other images or weights */
async function keeperOf(plan: RecordPlan, fromGroup: number) {
  const { path, recipe } = plan;
  const record = `${path}.json`;
  const madeFrom = await plan.madeFrom();
  await checkRecord(record, madeFrom);
  let kept = fromGroup;
  return async (done: readonly GroupResult[]): Promise<void> => {
    if (done.length === kept) return;
    await makeFolder(dirname(path));
    if (kept === fromGroup) await noteSession(record, { recipe: evaluationIdentity(recipe), madeFrom, fromGroup });
    await writeGroups(`${path}.csv`, done);
    kept = done.length;
  };
}
