// Results of groups as rows of a CSV: a column an accuracy, a time or an error, empty where a group has none.

import { type CsvCell, isNumber } from "../../formats/csv.ts";
import type { GroupResult } from "../../train/evaluation/evaluator.ts";

/** "accuracy: 10-shot centroids". */
interface Column {
  readonly kind: (typeof KINDS)[number];
  readonly name: string;
}

const KINDS = ["accuracy", "seconds", "error"] as const;

const byNumber = new Intl.Collator("en", { numeric: true });

/** The columns that hold all of the groups: accuracies, then times, then errors, each kind by name, "2 epochs" before "10 epochs". */
export function columnsOf(groups: Iterable<GroupResult>): Column[] {
  const names = { accuracy: new Set<string>(), seconds: new Set<string>(), error: new Set<string>() };
  for (const group of groups)
    for (const kind of KINDS) for (const name of Object.keys(group[kind] ?? {})) names[kind].add(name);
  return KINDS.flatMap((kind) => [...names[kind]].toSorted(byNumber.compare).map((name) => ({ kind, name })));
}

export function titleOf({ kind, name }: Column): string {
  return `${kind}: ${name}`;
}

/** A group's cells under the columns; times have four digits, errors six. */
export function cellsOf(group: GroupResult, columns: readonly Column[]): CsvCell[] {
  return columns.map(({ kind, name }) => {
    const value = group[kind]?.[name];
    return value === undefined || kind === "accuracy" ? value : Number(value.toPrecision(kind === "seconds" ? 4 : 6));
  });
}

/** @param fail throws: what is wrong is told to it */
export function parseColumns(titles: readonly string[], fail: (what: string) => never): Column[] {
  if (new Set(titles).size < titles.length) fail("two of its columns have the same name");
  return titles.map((title) => {
    const [, kind, name] = /^(accuracy|seconds|error): (.+)$/s.exec(title) ?? [];
    if (name === undefined) fail(`column "${title}" is neither an accuracy nor seconds nor an error`);
    return { kind: kind as Column["kind"], name };
  });
}

/** @param cells as many as there are columns */
export function parseGroup(
  cells: readonly string[],
  columns: readonly Column[],
  fail: (what: string) => never,
): GroupResult {
  const group = { accuracy: {} as Record<string, number>, seconds: {} as Record<string, number> };
  const error: Record<string, number> = {};
  columns.forEach(({ kind, name }, c) => {
    const cell = cells[c]!;
    if (cell === "") return;
    if (!isNumber(cell)) fail(`"${cell}" is no number`);
    if (kind === "accuracy" && !(Number(cell) >= 0 && Number(cell) <= 1)) fail(`accuracy ${cell}`);
    if (kind === "error") error[name] = Number(cell);
    else group[kind][name] = Number(cell);
  });
  return Object.keys(error).length === 0 ? group : { ...group, error };
}

/** All that two results of one group say, the first where both do. */
export function bothOf(first: GroupResult, second: GroupResult): GroupResult {
  const error = { ...second.error, ...first.error };
  return {
    accuracy: { ...second.accuracy, ...first.accuracy },
    seconds: { ...second.seconds, ...first.seconds },
    ...(Object.keys(error).length === 0 ? {} : { error }),
  };
}
