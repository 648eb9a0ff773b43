// Evaluates the groups that a record lacks. An interrupted one goes on behind its last row; more groups are added behind those that
// are there.

import { existsSync } from "node:fs";
import { basename, dirname } from "node:path";
import type { GroupEvaluator, GroupResult } from "../../train/evaluation/evaluator.ts";
import type { EvaluationRecipe } from "../../train/evaluation/recipe.ts";
import { makeFolder } from "../files/make-folder.ts";
import { provenance } from "../provenance.ts";
import { evaluationIdentity, type TrainedNetwork } from "./identity.ts";
import { checkResult, type Materials } from "./materials.ts";
import { type EvaluationRecord, type Placed, readRecord, united, writeRecord, writeRows } from "./record.ts";

/** Rows are written at least this often. */
const WRITE_SECONDS = 5;

/** An evaluation that is kept. */
export interface RecordPlan {
  /** Of the record's files, without their endings. */
  readonly path: string;
  readonly recipe: EvaluationRecipe<TrainedNetwork>;
  /** What is known of the recipe from elsewhere; copied into the record when groups are added. */
  readonly published?: Placed | undefined;
  /** Asked for where groups are missing, and released afterwards. */
  readonly evaluator: () => Promise<GroupEvaluator>;
  /** Asked for when the evaluator is there. */
  readonly madeFrom: () => Promise<Materials>;
  /** For lines about progress. */
  readonly print: (line: string) => void;
  readonly signal?: AbortSignal | undefined;
}

/**
 * What is known of a recipe: what its record on disk says, and what is published of it.
 * @throws FormatError for a file that was damaged, UserError where the two disagree
 */
export async function knownRecord({
  path,
  published,
}: Pick<RecordPlan, "path" | "published">): Promise<EvaluationRecord | undefined> {
  const own = await readRecord(path);
  return own && published ? united({ place: `${path}.csv`, record: own }, published) : (own ?? published?.record);
}

/**
 * Evaluates the groups that are missing.
 * @throws UserError where the known rows were made from other images or weights; the signal's reason
 */
export async function completeRecord(plan: RecordPlan): Promise<void> {
  const known = await knownRecord(plan);
  const done = known?.groups.slice() ?? [];
  if (done.length >= plan.recipe.protocol.groups) return;
  const evaluator = await plan.evaluator();
  try {
    const keep = await keeperOf(plan, known);
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

/** Writes all rows once there are more than known, with who makes them. @throws UserError for other images or weights */
async function keeperOf({ path, recipe, published, ...plan }: RecordPlan, known: EvaluationRecord | undefined) {
  const madeFrom = await plan.madeFrom();
  checkResult(existsSync(`${path}.csv`) || !published ? `${path}.csv` : published.place, known?.madeFrom, madeFrom);
  const fromGroup = known?.groups.length ?? 0;
  const before = known ?? { identity: evaluationIdentity(recipe), madeFrom, sessions: [] };
  const record = { ...before, sessions: [...before.sessions, { fromGroup, ...(await provenance()) }] };
  let kept = fromGroup;
  return async (done: readonly GroupResult[]): Promise<void> => {
    if (done.length === kept) return;
    await makeFolder(dirname(path));
    if (kept === fromGroup) await writeRecord(path, { ...record, groups: done });
    else await writeRows(path, done);
    kept = done.length;
  };
}
