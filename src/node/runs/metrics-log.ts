// The metrics of a run in three forms (CSV for spreadsheets, JSON lines for scripts, events for TensorBoard), appended
// row by row. A row is one write, so a killed process leaves at most one unfinished last line, which is dropped on resume.

import { appendFileSync, readdirSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { FormatError } from "../../errors.ts";
import { csvLine, isNumber, parseCsv } from "../../formats/csv.ts";
import { fileVersionEvent, restartEvent, scalarEvent } from "../../formats/tfevents.ts";
import type { Series } from "../../report/curves-figure.ts";
import { panelOf } from "../../report/panels.ts";
import { explainWriteError, writeFileAtomic } from "../files/atomic-file.ts";
import { readText } from "../files/read-file.ts";

const CSV = "metrics.csv";
const JSONL = "metrics.jsonl";

/** Makes the empty files. `columns` are without "step", which always comes first. */
export async function createMetrics(folder: string, columns: readonly string[]): Promise<void> {
  await writeFileAtomic(join(folder, CSV), csvLine(["step", ...columns]));
  await writeFileAtomic(join(folder, JSONL), "");
}

/** One row in all three forms, handed to the system before it returns. Values that are not finite are null in JSON. */
export function appendMetrics(
  folder: string,
  events: string,
  columns: readonly string[],
  step: number,
  values: Readonly<Record<string, number>>,
): void {
  append(join(folder, CSV), csvLine([step, ...columns.map((name) => values[name])]));
  append(join(folder, JSONL), `${JSON.stringify({ step, ...values })}\n`);
  append(join(folder, events), scalarEvent({ wallTime: Date.now() / 1000, step, values }));
}

/**
 * Drops the rows after `step` and the one that a killed process left unfinished at the end; the files are untouched where
 * nothing is to be dropped.
 * @throws FormatError where another row is damaged: dropping it would lose what was measured
 */
export async function truncateMetrics(folder: string, columns: readonly string[], step: number): Promise<void> {
  const header = csvLine(["step", ...columns]).trimEnd();
  await keepLines(join(folder, CSV), (line, i) => {
    if (i === 0) return line === header || undefined;
    const cells = line.split(",");
    const isRow = cells.length === columns.length + 1 && isStep(cells[0]!) && cells.every(isMetric);
    return isRow ? Number(cells[0]) <= step : undefined;
  });
  await keepLines(join(folder, JSONL), (line) => {
    const found = stepOfJson(line);
    return found === undefined ? undefined : found <= step;
  });
}

const isStep = (cell: string): boolean => /^\d{1,15}$/.test(cell);

const isMetric = (cell: string): boolean => cell === "" || isNumber(cell) || /^(NaN|-?Infinity)$/.test(cell);

/** Every column that has numbers, as a curve over the steps. */
export async function metricSeries(folder: string): Promise<Series[]> {
  const [header = [], ...rows] = parseCsv(await readText(join(folder, CSV)), join(folder, CSV));
  return header.slice(1).map((name, i) => ({
    name,
    panel: panelOf(name),
    points: rows
      .filter((row) => (row[i + 1] ?? "") !== "")
      .map((row) => ({ x: Number(row[0]), y: Number(row[i + 1]) }))
      .filter(({ x, y }) => Number.isFinite(x) && Number.isFinite(y)),
  }));
}

/**
 * Starts an event file and returns its name; `fromStep` tells TensorBoard to forget what older files say from there on.
 */
export function startEventFile(folder: string, fromStep?: number): string {
  const older = readdirSync(folder).flatMap((name) => /^events\.out\.tfevents\.(\d+)\./.exec(name)?.[1] ?? []);
  // TensorBoard reads the files in the order of their names: later than all others even within one second.
  const second = Math.max(Math.floor(Date.now() / 1000), ...older.map((time) => Number(time) + 1));
  const name = `events.out.tfevents.${String(second).padStart(10, "0")}.${hostname()}.${process.pid}`;
  const wallTime = Date.now() / 1000;
  append(join(folder, name), fileVersionEvent(wallTime));
  if (fromStep !== undefined) append(join(folder, name), restartEvent({ wallTime, step: fromStep }));
  return name;
}

function append(path: string, row: string | Uint8Array): void {
  try {
    appendFileSync(path, row);
  } catch (error) {
    throw explainWriteError(error, path);
  }
}

/** Keeps lines; `isKept` is undefined for a line that is none of ours. */
async function keepLines(path: string, isKept: (line: string, i: number) => boolean | undefined): Promise<void> {
  const text = await readText(path);
  const lines = text.split("\n").slice(0, -1); // what follows the last line end was never finished
  const kept = lines
    .filter((line, i) => isKept(line, i) ?? damaged(path, i))
    .map((line) => `${line}\n`)
    .join("");
  if (kept !== text) await writeFileAtomic(path, kept);
}

function damaged(path: string, i: number): never {
  throw new FormatError(path, `line ${i + 1} is damaged`, {
    hint: "mend or delete that line; the training itself is in the checkpoints",
  });
}

/** Undefined for a line that is not a row. */
function stepOfJson(line: string): number | undefined {
  try {
    const { step } = (JSON.parse(line) ?? {}) as { step?: unknown };
    return Number.isSafeInteger(step) ? (step as number) : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
