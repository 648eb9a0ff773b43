// Evaluates what a record lacks. An interrupted one goes on behind its last row; more groups are added behind those that are there,
// and measures that older versions did not take are added to their groups.

import { existsSync } from "node:fs";
import { basename, dirname } from "node:path";
import { UserError } from "../../errors.ts";
import type { GroupEvaluator, GroupResult } from "../../train/evaluation/evaluator.ts";
import type { EvaluationRecipe } from "../../train/evaluation/recipe.ts";
import { makeFolder } from "../files/make-folder.ts";
import { type Provenance, provenance } from "../provenance.ts";
import { evaluationIdentity, type TrainedNetwork } from "./identity.ts";
import { checkResult, type Materials } from "./materials.ts";
import { type EvaluationRecord, type Placed, readRecord, type Session, united, writeRecord } from "./record.ts";

/** Rows are written at least this often. */
const WRITE_SECONDS = 5;

/** Numbers of groups by accuracies. */
export type Measures = Readonly<Record<string, number>>;

/** An evaluation that is kept. */
export interface RecordPlan {
  /** Of the record's files, without their endings. */
  readonly path: string;
  readonly recipe: EvaluationRecipe<TrainedNetwork>;
  /** What is known of the recipe from elsewhere; copied into the record when groups are added. */
  readonly published?: Placed | undefined;
  /** Of how many groups, from the first, these accuracies are asked for. */
  readonly measures?: Measures | undefined;
  /** Asked for where something is missing, with what is known, and released afterwards. */
  readonly evaluator: (known: EvaluationRecord | undefined) => Promise<GroupEvaluator>;
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

/** The groups that have not all accuracies that are asked for. */
export function lackingGroups(groups: readonly GroupResult[], measures: Measures): number[] {
  const wanted = Object.entries(measures);
  const lacks = ({ accuracy }: GroupResult, i: number): boolean =>
    wanted.some(([name, count]) => i < count && accuracy[name] === undefined);
  return groups.flatMap((group, i) => (lacks(group, i) ? [i] : []));
}

/**
 * Evaluates the groups that are missing, and those again that lack an accuracy that is asked for.
 * @throws UserError where the known rows were made from other images or weights, or are more than an answer away from what is found
 * now; the signal's reason
 */
export async function completeRecord(plan: RecordPlan): Promise<void> {
  const known = await knownRecord(plan);
  const groups = known?.groups.slice() ?? [];
  const lacking = lackingGroups(groups, plan.measures ?? {});
  const missing = Array.from({ length: plan.recipe.protocol.groups }, (_, i) => i).slice(groups.length);
  const todo = [...lacking, ...missing];
  if (todo.length === 0) return;
  const evaluator = await plan.evaluator(known);
  try {
    const keep = await keeperOf(plan, known);
    try {
      await evaluateGroups(plan, { evaluator, groups, todo, keep });
    } finally {
      await keep(groups); // also what was done before a stop or a failure
    }
  } finally {
    await evaluator.release();
  }
}

interface Progress {
  readonly evaluator: GroupEvaluator;
  /** Results so far: what is evaluated is added. */
  readonly groups: GroupResult[];
  readonly todo: readonly number[];
  readonly keep: (groups: readonly GroupResult[]) => Promise<void>;
}

/** Evaluates groups in their order, keeping them now and then. @throws the signal's reason */
async function evaluateGroups(plan: RecordPlan, { evaluator, groups, todo, keep }: Progress): Promise<void> {
  const { path, recipe, print, signal } = plan;
  const { groups: wanted } = recipe.protocol;
  const name = basename(path);
  const start = performance.now();
  let [written, printed] = [start, start];
  const again = todo[0]! < groups.length ? ", for what it lacks" : "";
  print(`${name}: group ${todo[0]} of ${wanted}${again}`);
  for (const [done, group] of todo.entries()) {
    signal?.throwIfAborted();
    const found = await evaluator.evaluate(group);
    const before = groups[group];
    groups[group] = before ? supplemented(plan, group, before, found) : found;
    const now = performance.now();
    if (now - written > 1000 * WRITE_SECONDS) {
      await keep(groups);
      written = now;
    }
    if (now - printed > 30_000) {
      const left = ((now - start) / 1000 / (done + 1)) * (todo.length - done - 1);
      print(`${name}: group ${group + 1} of ${wanted}, ${Math.round(left)} s left`);
      printed = now;
    }
    await new Promise((resolve) => setImmediate(resolve)); // lets signals in: a call to onnxruntime blocks
  }
}

/** A group with what it lacked. What it had stays: another machine may round one answer otherwise. */
function supplemented(
  { path, recipe }: RecordPlan,
  group: number,
  before: GroupResult,
  found: GroupResult,
): GroupResult {
  const answer = 1 / (recipe.protocol.ways * recipe.protocol.test);
  const odd = Object.keys(before.accuracy).find(
    (name) => Math.abs((found.accuracy[name] ?? before.accuracy[name]!) - before.accuracy[name]!) > 1.001 * answer,
  );
  if (odd !== undefined) {
    const what = `${basename(path)}: ${odd} of group ${group} is ${before.accuracy[odd]}, and ${found.accuracy[odd]} when it is evaluated again`;
    throw new UserError(what, { hint: "the two do not belong together: give --out another folder" });
  }
  return {
    accuracy: { ...found.accuracy, ...before.accuracy },
    seconds: { ...found.seconds, ...before.seconds },
  };
}

/** Writes all rows once there is more than known, with who makes it. @throws UserError for other images or weights */
async function keeperOf({ path, recipe, published, ...plan }: RecordPlan, known: EvaluationRecord | undefined) {
  const madeFrom = await plan.madeFrom();
  checkResult(existsSync(`${path}.csv`) || !published ? `${path}.csv` : published.place, known?.madeFrom, madeFrom);
  const own = await provenance();
  const before = known ?? { identity: evaluationIdentity(recipe), madeFrom, sessions: [], groups: [] };
  return async (groups: readonly GroupResult[]): Promise<void> => {
    const sessions = newSessions(before.groups, groups).map((session) => ({ ...session, ...own }));
    if (sessions.length === 0) return;
    await makeFolder(dirname(path));
    await writeRecord(path, { ...before, sessions: [...before.sessions, ...sessions], groups });
  };
}

/** From which group on measures were added to what was known, and from which on groups were. */
function newSessions(
  before: readonly GroupResult[],
  groups: readonly GroupResult[],
): Omit<Session, keyof Provenance>[] {
  const addedTo = ({ accuracy }: GroupResult, i: number): string[] =>
    Object.keys(groups[i]!.accuracy).filter((name) => accuracy[name] === undefined);
  const added = before.map(addedTo);
  const measures = [...new Set(added.flat())];
  return [
    ...(measures.length > 0 ? [{ fromGroup: added.findIndex((names) => names.length > 0), measures }] : []),
    ...(groups.length > before.length ? [{ fromGroup: before.length }] : []),
  ];
}
