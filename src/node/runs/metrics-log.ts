// The metrics of a run in three forms (CSV for spreadsheets, JSON lines for scripts, events for TensorBoard), appended
// row by row. A row is one write, so a killed process leaves at most one unfinished last line, which is dropped on resume.

import { appendFileSync, readdirSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { csvLine, parseCsv } from "../../formats/csv.ts";
import { fileVersionEvent, restartEvent, scalarEvent } from "../../formats/tfevents.ts";
import type { Series } from "../../runs/figures.ts";
import { panelOf } from "../../runs/panels.ts";
import { explainWriteError, writeFileAtomic } from "../atomic-file.ts";
import { readText } from "../read-file.ts";

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

/** Drops the rows after `step` and those that are not whole; the files are untouched where nothing is to be dropped. */
export async function truncateMetrics(folder: string, columns: readonly string[], step: number): Promise<void> {
  const cellCount = columns.length + 1;
  await keepLines(join(folder, CSV), (line, i) => {
    const cells = line.split(",");
    return i === 0 || (cells.length === cellCount && cells[0] !== "" && Number(cells[0]) <= step);
  });
  await keepLines(join(folder, JSONL), (line) => stepOfJson(line) <= step);
}

/** Every column that has numbers, as a curve over the steps. */
export async function metricSeries(folder: string): Promise<Series[]> {
  const [header = [], ...rows] = parseCsv(await readText(join(folder, CSV)), join(folder, CSV));
  return header.slice(1).map((name, i) => ({
    name,
    panel: panelOf(name),
    points: rows
      .filter((row) => (row[i + 1] ?? "") !== "")
      .map((row) => ({ x: Number(row[0]), y: Number(row[i + 1]) })),
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

async function keepLines(path: string, isKept: (line: string, i: number) => boolean): Promise<void> {
  const text = await readText(path);
  const lines = text.split("\n").slice(0, -1); // what follows the last line end was never finished
  const kept = lines
    .filter(isKept)
    .map((line) => `${line}\n`)
    .join("");
  if (kept !== text) await writeFileAtomic(path, kept);
}

/** Infinity for a line that is not a row. */
function stepOfJson(line: string): number {
  try {
    const { step } = JSON.parse(line) as { step?: unknown };
    return typeof step === "number" ? step : Number.POSITIVE_INFINITY;
  } catch (error) {
    if (error instanceof SyntaxError) return Number.POSITIVE_INFINITY;
    throw error;
  }
}
