// An evaluation on disk, what was measured of one recipe: a CSV with a row a group, and beside it a JSON that says what the recipe is, what
// the rows were made from, and which commits, commands and machines made them.

import { existsSync } from "node:fs";
import { z } from "zod";
import { FormatError, issueLines, UserError } from "../../errors.ts";
import { csvText, parseCsv } from "../../formats/csv.ts";
import { canonicalJson, parseJson } from "../../formats/json.ts";
import type { GroupResult } from "../../train/evaluation/evaluator.ts";
import { writeFileAtomic } from "../files/atomic-file.ts";
import { readText } from "../files/read-file.ts";
import type { Provenance } from "../provenance.ts";
import { bothOf, cellsOf, columnsOf, parseColumns, parseGroup, titleOf } from "./group-table.ts";
import { checkResult, type Materials } from "./materials.ts";

/** Who made rows, from which on. */
export interface Session extends Provenance {
  readonly fromGroup: number;
  /** What it added to rows that were there; absent: it made the rows. */
  readonly measures?: readonly string[];
}

/** What the rows of an evaluation are of. */
interface EvaluationHead {
  /** What the hash in its name stands for. */
  readonly identity: unknown;
  readonly madeFrom: Materials;
  readonly sessions: readonly Session[];
}

/** Row i is group i. */
export interface EvaluationRecord extends EvaluationHead {
  readonly groups: readonly GroupResult[];
}

const sessionSchema = z.looseObject({
  fromGroup: z.int().min(0),
  measures: z.array(z.string()).optional(),
  machine: z.looseObject({ cpu: z.string(), cores: z.number(), memoryGiB: z.number(), system: z.string() }),
  versions: z.record(z.string(), z.string()),
});

export const headSchema = z.looseObject({
  identity: z.record(z.string(), z.unknown()),
  madeFrom: z.record(z.string(), z.string()),
  sessions: z.array(sessionSchema).min(1),
});

const FORMAT = 2;
const storedSchema = headSchema.extend({ format: z.literal(FORMAT) });
const WAY_OUT = "delete the file, and its groups are evaluated again";

/**
 * Undefined where nothing is kept.
 * @param path of its files, without their endings
 * @throws FormatError for files that were damaged
 */
export async function readRecord(path: string): Promise<EvaluationRecord | undefined> {
  const csv = `${path}.csv`;
  if (!existsSync(csv)) return undefined;
  const groups = parseGroups(await readText(csv), csv);
  return { ...(await readHead(`${path}.json`)), groups };
}

async function readHead(file: string): Promise<EvaluationHead> {
  const hint = "delete the file and the CSV beside it";
  const head = parseJson(await readText(file), file, hint);
  const parsed = storedSchema.safeParse(head, { reportInput: true });
  if (!parsed.success)
    throw new FormatError(file, "not the record of an evaluation", { details: issueLines(parsed.error.issues), hint });
  const { format: _, ...rest } = head as EvaluationHead & { format: number };
  return rest;
}

/** The rows of a CSV with a row a group. @throws FormatError where they are damaged */
export function parseGroups(text: string, file: string): GroupResult[] {
  const fail = (what: string): never => {
    throw new FormatError(file, what, { hint: WAY_OUT });
  };
  const [header = [], ...rows] = parseCsv(text, file);
  if (header[0] !== "group") fail(`its first column is "${header[0] ?? ""}", expected "group"`);
  const columns = parseColumns(header.slice(1), fail);
  return rows.map(([group, ...cells], i) => {
    if (group !== String(i)) fail(`row ${i + 1} is group "${group}", expected ${i}`);
    if (cells.length !== columns.length) fail(`group ${i} has ${cells.length + 1} cells, its header ${header.length}`);
    return parseGroup(cells, columns, (what) => fail(`group ${i}: ${what}`));
  });
}

/** Replaces what is kept; the head first, as rows without one would be of nobody knows what. */
export async function writeRecord(path: string, record: EvaluationRecord): Promise<void> {
  const { json, csv } = recordTexts(record);
  await writeFileAtomic(`${path}.json`, json);
  await writeFileAtomic(`${path}.csv`, csv);
}

/** What the two files of a record hold. */
export function recordTexts({ identity, madeFrom, sessions, groups }: EvaluationRecord): { json: string; csv: string } {
  const head = { format: FORMAT, identity, madeFrom, sessions };
  const columns = columnsOf(groups);
  const rows = groups.map((group, i) => [i, ...cellsOf(group, columns)]);
  return {
    json: `${JSON.stringify(head, undefined, 1)}\n`,
    csv: csvText([["group", ...columns.map(titleOf)], ...rows]),
  };
}

/** A record and the file that it stands in. */
export interface Placed {
  readonly place: string;
  readonly record: EvaluationRecord;
}

/**
 * Two records of one recipe as one: all rows of both, the first's times where both have some.
 * @throws UserError where they were made from different things, or disagree in an accuracy
 */
export function united(a: Placed, b: Placed): EvaluationRecord {
  checkResult(a.place, a.record.madeFrom, b.record.madeFrom);
  const [first, second] = [a.record.groups, b.record.groups];
  const groups = Array.from({ length: Math.max(first.length, second.length) }, (_, i): GroupResult => {
    const [x, y] = [first[i], second[i]];
    if (!x || !y) return (x ?? y)!;
    const odd = Object.keys(x.accuracy).find((name) => (y.accuracy[name] ?? x.accuracy[name]) !== x.accuracy[name]);
    if (odd !== undefined) {
      const what = `"${a.place}" and "${b.place}" disagree: ${odd} of group ${i} is ${x.accuracy[odd]} and ${y.accuracy[odd]}`;
      throw new UserError(what, { hint: "delete the one that is wrong, or give --out another folder" });
    }
    return bothOf(x, y);
  });
  const sessions = new Map([...b.record.sessions, ...a.record.sessions].map((one) => [canonicalJson(one), one]));
  return { ...a.record, sessions: [...sessions.values()], groups };
}
