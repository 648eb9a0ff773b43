// What is published of all evaluations: groups.csv, a row a group, and recipes.jsonl, a line an evaluation. On a clean clone they
// are all that is known; a store's own records are added to them when pages are made.

import { existsSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { FormatError, issueLines, UserError } from "pudnet/engine";
import type { GroupResult } from "pudnet/evaluation";
import {
  canonicalJson,
  cellsOf,
  columnsOf,
  csvText,
  type EvaluationRecord,
  headSchema,
  identityHash,
  makeFolder,
  parseColumns,
  parseCsv,
  parseGroup,
  parseJson,
  readText,
  titleOf,
  writeFileAtomic,
} from "pudnet/files";

export const GROUPS = "groups.csv";
export const RECIPES = "recipes.jsonl";
const WAY_OUT = `bring both ${GROUPS} and ${RECIPES} back as they were published`;

export interface PublishedRecord extends EvaluationRecord {
  /** "pudnet-...-on-cifar-100-5-way-0123456789". */
  readonly name: string;
}

/** By the hash of what they are of. */
export type Published = ReadonlyMap<string, PublishedRecord>;

const lineSchema = headSchema.extend({ evaluation: z.string(), name: z.string(), groups: z.int().min(1) });

/**
 * The evaluations that are published in a folder; none where the files are missing. Rows that no line of recipes.jsonl speaks of
 * are left out: a process was killed between the two files.
 * @throws FormatError where a file is damaged, or rows are missing
 */
export async function readPublished(out: string): Promise<Published> {
  const file = join(out, RECIPES);
  if (!existsSync(file)) return new Map();
  const rows = await readRows(join(out, GROUPS));
  const lines = (await readText(file)).split("\n").filter((line) => line.trim() !== "");
  const records = lines.map((line, i) => {
    const { groups: count, evaluation, ...head } = parseLine(line, `${file}, line ${i + 1}`);
    const groups = (rows.get(evaluation) ?? []).slice(0, count);
    if (groups.length < count) {
      const what = `it has ${groups.length} groups of ${head.name}, of which ${RECIPES} says that there are ${count}`;
      throw new FormatError(join(out, GROUPS), what, { hint: WAY_OUT });
    }
    return [evaluation, { ...head, groups }] as const;
  });
  return new Map(records);
}

function parseLine(text: string, place: string) {
  const line = parseJson(text, place, WAY_OUT);
  const parsed = lineSchema.safeParse(line, { reportInput: true });
  if (!parsed.success)
    throw new FormatError(place, "not an evaluation", { details: issueLines(parsed.error.issues), hint: WAY_OUT });
  const found = line as Omit<PublishedRecord, "groups"> & { readonly evaluation: string; readonly groups: number };
  if (identityHash(found.identity) !== found.evaluation)
    throw new FormatError(place, `"${found.evaluation}" is not the hash of its identity`, { hint: WAY_OUT });
  return found;
}

/** The groups of each evaluation. */
async function readRows(file: string): Promise<Map<string, GroupResult[]>> {
  const fail = (what: string): never => {
    throw new FormatError(file, what, { hint: WAY_OUT });
  };
  if (!existsSync(file)) return fail(`it is missing beside ${RECIPES}`);
  const [[evaluation, group, ...titles] = [], ...rows] = parseCsv(await readText(file), file);
  if (evaluation !== "evaluation" || group !== "group")
    fail(`its first columns are "${evaluation}" and "${group}", expected "evaluation" and "group"`);
  const columns = parseColumns(titles, fail);
  const found = new Map<string, GroupResult[]>();
  for (const [hash = "", i, ...cells] of rows) {
    const groups = found.get(hash) ?? [];
    found.set(hash, groups);
    if (i !== String(groups.length)) fail(`evaluation ${hash}: group "${i}", expected ${groups.length}`);
    if (cells.length !== columns.length)
      fail(`evaluation ${hash}, group ${i}: ${cells.length + 2} cells, its header has ${columns.length + 2}`);
    groups.push(parseGroup(cells, columns, (what) => fail(`evaluation ${hash}, group ${i}: ${what}`)));
  }
  return found;
}

/**
 * Publishes records, sorted by their hashes. The rows come first: a process that is killed in between leaves more of them than
 * recipes.jsonl says, never fewer.
 * @throws UserError where rows would be lost that are there now
 */
export async function writePublished(out: string, records: Published): Promise<string[]> {
  const sorted = [...records].toSorted(([a], [b]) => (a < b ? -1 : 1));
  await requireAllKept(out, records);
  const columns = columnsOf(sorted.flatMap(([, { groups }]) => groups));
  const rows = sorted.flatMap(([hash, { groups }]) => groups.map((group, i) => [hash, i, ...cellsOf(group, columns)]));
  const lines = sorted.map(([evaluation, { groups, ...head }]) =>
    canonicalJson({ ...head, evaluation, groups: groups.length }),
  );
  await makeFolder(out);
  await writeFileAtomic(join(out, GROUPS), csvText([["evaluation", "group", ...columns.map(titleOf)], ...rows]));
  await writeFileAtomic(join(out, RECIPES), lines.map((line) => `${line}\n`).join(""));
  return [join(out, GROUPS), join(out, RECIPES)];
}

async function requireAllKept(out: string, records: Published): Promise<void> {
  const file = join(out, GROUPS);
  if (!existsSync(file)) return;
  for (const [hash, { length }] of await readRows(file)) {
    const kept = records.get(hash)?.groups.length ?? 0;
    if (kept >= length) continue;
    throw new UserError(
      `"${file}" has ${length} groups of evaluation ${hash}, and ${kept} of them would be published again`,
      { hint: WAY_OUT },
    );
  }
}
