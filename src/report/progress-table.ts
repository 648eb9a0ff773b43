// The table a run prints row by row. Whether a row is a new line or replaces the last one (a live line on a terminal) is
// the caller's choice: these are functions of columns and values to strings.

import { printable } from "../names.ts";

/** How the values of a column are written; a new kind is a new row. */
const FORMATS = {
  count: { width: 8, format: (value: number) => value.toLocaleString("en-US", { maximumFractionDigits: 0 }) },
  loss: { width: 8, format: (value: number) => value.toPrecision(4) },
  percent: { width: 8, format: (value: number) => `${(100 * value).toFixed(2)} %` },
  rate: { width: 9, format: (value: number) => significant(value, 3) },
  bytes: { width: 9, format: (value: number) => `${significant(value / 1e6, 3)} MB` },
  duration: { width: 12, format: formatDuration },
} as const;

export interface Column {
  readonly name: string;
  readonly kind: keyof typeof FORMATS | "text";
  /** Characters reserved for the values; by default what the kind needs. Never narrower than the name. */
  readonly width?: number;
}

/** A missing value is an empty cell. */
export type RowValues = Readonly<Record<string, number | string | undefined>>;

/**
 * The head of the table, three lines.
 * @example
 * const columns = [{ name: "step", kind: "count" }, { name: "loss", kind: "loss" }] as const;
 * [...tableHead(columns), tableRow(columns, { step: 100, loss: 0.6931 })].join("\n");
 */
export function tableHead(columns: readonly Column[]): string[] {
  const line = tableLine(columns);
  return [line, frame(columns.map((column) => column.name.padStart(widthOf(column)))), line];
}

/** One row, aligned with the head; values wider than their column push the row, nothing is cut. */
export function tableRow(columns: readonly Column[], values: RowValues): string {
  return frame(columns.map((column) => cellText(column, values[column.name]).padStart(widthOf(column))));
}

/** The line below the head and at the end. */
export function tableLine(columns: readonly Column[]): string {
  return "-".repeat(frame(columns.map((column) => " ".repeat(widthOf(column)))).length);
}

function frame(cells: readonly string[]): string {
  return `| ${cells.join(" | ")} |`;
}

function widthOf({ name, kind, width }: Column): number {
  return Math.max(name.length, width ?? (kind === "text" ? 10 : FORMATS[kind].width));
}

function cellText({ kind }: Column, value: number | string | undefined): string {
  if (value === undefined) return "";
  if (typeof value === "string" || kind === "text") return printable(String(value)); // before it is filled up
  if (Number.isFinite(value)) return FORMATS[kind].format(value);
  return kind === "rate" || kind === "duration" ? "?" : String(value); // a loss that is NaN must be seen
}

/**
 * A duration for people, two units at most.
 * @example
 * [0.0042, 0.35, 12.34].map(formatDuration) // ["4.2 ms", "350 ms", "12.3 s"]
 * [125, 7380, 93600].map(formatDuration) // ["2 min 5 s", "2 h 3 min", "1 d 2 h"]
 */
export function formatDuration(seconds: number): string {
  if (!Number.isFinite(seconds)) return "?";
  if (seconds < 0) return `-${formatDuration(-seconds)}`;
  if (seconds < 0.00995) return `${(1000 * seconds).toFixed(seconds === 0 ? 0 : 1)} ms`;
  if (seconds < 0.9995) return `${(1000 * seconds).toFixed(0)} ms`;
  if (seconds < 59.95) return `${seconds.toFixed(1)} s`;
  if (seconds < 3599.5) return twoUnits(Math.round(seconds), 60, "min", "s");
  if (seconds < 86370) return twoUnits(Math.round(seconds / 60), 60, "h", "min");
  return twoUnits(Math.round(seconds / 3600), 24, "d", "h");
}

function twoUnits(small: number, perLarge: number, largeUnit: string, smallUnit: string): string {
  const rest = small % perLarge;
  return `${Math.floor(small / perLarge)} ${largeUnit}${rest > 0 ? ` ${rest} ${smallUnit}` : ""}`;
}

/** How long the rest takes at the pace so far; "?" before the first step is done. */
export function formatTimeLeft(done: number, total: number, elapsedSeconds: number): string {
  return done > 0 ? formatDuration((elapsedSeconds / done) * Math.max(0, total - done)) : "?";
}

/** @example [12.34, 0.667].map((rate) => formatThroughput(rate, "groups")) // ["12.3 groups/s", "40 groups/min"] */
export function formatThroughput(perSecond: number, unit: string): string {
  if (!Number.isFinite(perSecond)) return `? ${unit}/s`;
  const [value, per] = perSecond >= 1 || perSecond === 0 ? [perSecond, "s"] : [60 * perSecond, "min"];
  return `${significant(value, 3)} ${unit}/${per}`;
}

/** At least `digits` significant digits, without an exponent and without zeros at the end. */
function significant(value: number, digits: number): string {
  return value.toLocaleString("en-US", {
    maximumSignificantDigits: Math.max(digits, Math.ceil(Math.log10(Math.abs(value) + 1))),
  });
}
