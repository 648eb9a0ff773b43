// An evaluation on disk: a CSV with a row a group, and beside it a JSON with the recipe that the name's hash stands for, what it was
// made from, and which commits, commands and machines made the rows.

import { existsSync } from "node:fs";
import { z } from "zod";
import { FormatError, issueLines } from "../../errors.ts";
import { csvText, isNumber, parseCsv } from "../../formats/csv.ts";
import { parseJson } from "../../formats/json.ts";
import type { GroupResult } from "../../train/evaluation/evaluator.ts";
import { writeFileAtomic } from "../files/atomic-file.ts";
import { readText } from "../files/read-file.ts";
import { type Provenance, provenance } from "../provenance.ts";
import { checkResult, type Materials } from "./materials.ts";

interface EvaluationRecord extends Provenance {
  readonly recipe: unknown;
  readonly madeFrom: Materials;
  /** Who added rows later. */
  readonly continued?: readonly (Provenance & { readonly fromGroup: number })[];
}

/** @throws UserError where the rows on disk were made from other images or weights than those at hand */
export async function checkRecord(file: string, madeFrom: Materials): Promise<void> {
  if (existsSync(file)) checkResult(file, (await readRecord(file)).madeFrom, madeFrom);
}

interface Session {
  readonly recipe: unknown;
  readonly madeFrom: Materials;
  readonly fromGroup: number;
}

/** Notes who makes the rows from `fromGroup` on. */
export async function noteSession(file: string, { recipe, madeFrom, fromGroup }: Session): Promise<void> {
  const own = await provenance();
  const known = existsSync(file) ? await readRecord(file) : undefined;
  const record: EvaluationRecord = known
    ? { ...known, continued: [...(known.continued ?? []), { fromGroup, ...own }] }
    : { recipe, madeFrom, ...own };
  await writeFileAtomic(file, `${JSON.stringify(record, undefined, 1)}\n`);
}

const recordSchema = z.looseObject({
  madeFrom: z.record(z.string(), z.string()),
  continued: z.array(z.looseObject({ fromGroup: z.number() })).optional(),
});

async function readRecord(file: string): Promise<EvaluationRecord> {
  const hint = "delete the file and the CSV beside it";
  const record = parseJson(await readText(file), file, hint);
  const parsed = recordSchema.safeParse(record, { reportInput: true });
  if (parsed.success) return record as EvaluationRecord;
  throw new FormatError(file, "not the record of an evaluation", { details: issueLines(parsed.error.issues), hint });
}

/**
 * The groups of a record that are on disk; none where there is no such file.
 * @throws FormatError for a file that was damaged
 */
export async function readGroups(file: string): Promise<GroupResult[]> {
  return existsSync(file) ? parseGroups(await readText(file), file) : [];
}

function parseGroups(text: string, file: string): GroupResult[] {
  const damaged = (what: string): FormatError =>
    new FormatError(file, what, { hint: "delete the file, and its groups are evaluated again" });
  const [header = [], ...rows] = parseCsv(text, file);
  if (header[0] !== "group") throw damaged(`its first column is "${header[0] ?? ""}", expected "group"`);
  const columns = header.slice(1).map((column) => {
    const [, kind, name] = /^(accuracy|seconds): (.+)$/s.exec(column) ?? [];
    if (name === undefined) throw damaged(`column "${column}" is neither an accuracy nor seconds`);
    return { kind: kind as "accuracy" | "seconds", name };
  });
  if (new Set(header).size < header.length) throw damaged("two of its columns have the same name");
  return rows.map((row, i) => {
    if (row[0] !== String(i)) throw damaged(`row ${i + 1} is group "${row[0]}", expected ${i}`);
    if (row.length !== header.length) throw damaged(`group ${i} has ${row.length} cells, its header ${header.length}`);
    const figures = { accuracy: {} as Record<string, number>, seconds: {} as Record<string, number> };
    columns.forEach(({ kind, name }, c) => {
      const cell = row[c + 1]!;
      if (cell === "") return;
      if (!isNumber(cell)) throw damaged(`group ${i}: "${cell}" is no number`);
      if (kind === "accuracy" && !(Number(cell) >= 0 && Number(cell) <= 1))
        throw damaged(`group ${i}: accuracy ${cell}`);
      figures[kind][name] = Number(cell);
    });
    return figures;
  });
}

/** Writes the groups as a CSV. */
export async function writeGroups(file: string, groups: readonly GroupResult[]): Promise<void> {
  await writeFileAtomic(file, groupsCsv(groups));
}

function groupsCsv(groups: readonly GroupResult[]): string {
  const accuracies = Object.keys(groups[0]!.accuracy);
  const timings = Object.keys(groups[0]!.seconds);
  const header = [
    "group",
    ...accuracies.map((name) => `accuracy: ${name}`),
    ...timings.map((name) => `seconds: ${name}`),
  ];
  const rows = groups.map(({ accuracy, seconds }, i) => [
    i,
    ...accuracies.map((name) => accuracy[name]),
    ...timings.map((name) => Number(seconds[name]?.toPrecision(4))),
  ]);
  return csvText([header, ...rows]);
}
