// Evaluates what a record lacks. An interrupted one goes on behind its last row; more groups are added behind those that are there,
// and measures that older versions did not take are added to their groups.

import { existsSync } from "node:fs";
import { basename, dirname } from "node:path";
import { UserError } from "../../errors.ts";
import type { GroupEvaluator, GroupResult } from "../../train/evaluation/evaluator.ts";
import { breathe } from "../../train/breathe.ts";
import type { EvaluationRecipe } from "../../train/evaluation/recipe.ts";
import { makeFolder } from "../files/make-folder.ts";
import { type Provenance, provenance } from "../provenance.ts";
import { evaluationIdentity, type TrainedNetwork } from "./identity.ts";
import { checkResult, type Materials } from "./materials.ts";
import { bothOf } from "./group-table.ts";
import { type EvaluationRecord, type Placed, readRecord, type Session, united, writeRecord } from "./record.ts";

/** Rows are written at least this often. */
const WRITE_SECONDS = 5;

/** Numbers of groups by accuracies. */
export type Measures = Readonly<Record<string, number>>;

/** An evaluation that is kept. */
export interface RecordPlan {
  /** Of the record's files, without their endings; without it nothing is kept. */
  readonly path?: string;
  readonly recipe: EvaluationRecipe<TrainedNetwork, unknown>;
  /** What is known of the recipe from elsewhere; copied into the record when groups are added. */
  readonly published?: Placed | undefined;
  /** Of how many groups, from the first, these accuracies are asked for. */
  readonly measures?: Measures | undefined;
  /** Asked for where something is missing, with what is known, and released afterwards. */
  readonly evaluator: (known: EvaluationRecord | undefined) => Promise<GroupEvaluator>;
  /** Asked for when the evaluator is there. */
  readonly madeFrom: () => Promise<Materials>;
}

/**
 * What is known of a recipe: what its record on disk says, and what is published of it.
 * @throws FormatError for a file that was damaged, UserError where the two disagree
 */
export async function knownRecord({
  path,
  published,
}: Pick<RecordPlan, "path" | "published">): Promise<EvaluationRecord | undefined> {
  const own = path === undefined ? undefined : await readRecord(path);
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
export async function completeRecord(plan: RecordPlan, options: CompleteOptions = {}): Promise<void> {
  await completeRecords([plan], options);
}

export interface CompleteOptions {
  /** For lines about progress. */
  readonly print?: (line: string) => void;
  /** Told after each group what is known of each plan. */
  readonly onGroup?: ((known: readonly (readonly GroupResult[])[]) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** As `completeRecord`, of several group by group, so that their evaluators can share work. Gives the groups that each asks for. */
export async function completeRecords(
  plans: readonly RecordPlan[],
  options: CompleteOptions = {},
): Promise<(readonly GroupResult[])[]> {
  const records: OpenRecord[] = [];
  try {
    for (const plan of plans) records.push(await openRecord(plan));
    await evaluateGroups(records, options);
    return records.map(wantedGroups);
  } finally {
    for (const record of records) await record.close();
  }
}

/** A record that is worked on. */
interface OpenRecord {
  readonly plan: RecordPlan;
  /** Results so far: what is evaluated is added. */
  readonly groups: GroupResult[];
  readonly todo: readonly number[];
  evaluate(group: number): Promise<void>;
  keep(): Promise<void>;
  /** Keeps, also what was done before a stop or a failure, and releases the evaluator. */
  close(): Promise<void>;
}

const wantedGroups = ({ plan, groups }: OpenRecord): readonly GroupResult[] =>
  groups.slice(0, plan.recipe.protocol.groups);

async function openRecord(plan: RecordPlan): Promise<OpenRecord> {
  const known = await knownRecord(plan);
  const groups = known?.groups.slice() ?? [];
  const lacking = lackingGroups(groups, plan.measures ?? {});
  const missing = Array.from({ length: plan.recipe.protocol.groups }, (_, i) => i).slice(groups.length);
  const todo = [...lacking, ...missing];
  const nothing = async (): Promise<void> => {};
  if (todo.length === 0) return { plan, groups, todo, evaluate: nothing, keep: nothing, close: nothing };
  const evaluator = await plan.evaluator(known);
  try {
    const keep = await keeperOf(plan, known);
    return {
      plan,
      groups,
      todo,
      async evaluate(group) {
        const found = await evaluator.evaluate(group);
        const before = groups[group];
        groups[group] = before ? supplemented(plan, group, before, found) : found;
      },
      keep: () => keep(groups),
      async close() {
        try {
          await keep(groups);
        } finally {
          await evaluator.release();
        }
      },
    };
  } catch (error) {
    await evaluator.release();
    throw error;
  }
}

/** Evaluates groups in their order, keeping them now and then. @throws the signal's reason */
async function evaluateGroups(records: readonly OpenRecord[], options: CompleteOptions): Promise<void> {
  const { print = () => {}, onGroup, signal } = options;
  const todo = [...new Set(records.flatMap((record) => record.todo))].toSorted((a, b) => a - b);
  const open = records.find((record) => record.todo.length > 0);
  if (!open) return;
  const { groups, plan } = open;
  const name = plan.path === undefined ? "" : `${basename(plan.path)}: `;
  const start = performance.now();
  let [written, printed] = [start, start];
  const wanted = plan.recipe.protocol.groups;
  const again = todo[0]! < groups.length ? ", for what it lacks" : "";
  print(`${name}group ${todo[0]} of ${wanted}${again}`);
  for (const [done, group] of todo.entries()) {
    signal?.throwIfAborted();
    for (const record of records) if (record.todo.includes(group)) await record.evaluate(group);
    onGroup?.(records.map(wantedGroups));
    const now = performance.now();
    if (now - written > 1000 * WRITE_SECONDS) {
      for (const record of records) await record.keep();
      written = now;
    }
    if (now - printed > 30_000) {
      const left = ((now - start) / 1000 / (done + 1)) * (todo.length - done - 1);
      print(`${name}group ${group + 1} of ${wanted}, ${Math.round(left)} s left`);
      printed = now;
    }
    await breathe();
  }
}

/** A group with what it lacked. What it had stays: another machine may round one answer otherwise. */
function supplemented(
  { path = "", recipe }: RecordPlan,
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
  return bothOf(before, found);
}

/** Writes all rows once there is more than known, with who makes it. @throws UserError for other images or weights */
async function keeperOf({ path, recipe, published, ...plan }: RecordPlan, known: EvaluationRecord | undefined) {
  if (path === undefined) return async () => {};
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
