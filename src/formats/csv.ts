// Comma-separated values after RFC 4180, with "\n" line ends: what spreadsheets, pandas and R open. Not
// d3-dsv: it takes a quote that is never closed for one long cell and drops what follows a closed one, without a word.

import { FormatError } from "../errors.ts";

/** A missing value is an empty cell. */
export type CsvCell = string | number | undefined;

/** One line, with its line end. @example csvLine(["a,b", 1.5, undefined]) // '"a,b",1.5,\n' */
export function csvLine(cells: readonly CsvCell[]): string {
  // A lone empty cell is quoted: an empty line would be no row at all.
  if (cells.length === 1 && (cells[0] ?? "") === "") return '""\n';
  return `${cells.map(quoted).join(",")}\n`;
}

/** All rows, the header (if any) being the first of them. */
export function csvText(rows: readonly (readonly CsvCell[])[]): string {
  return rows.map(csvLine).join("");
}

function quoted(cell: CsvCell): string {
  const text = cell === undefined ? "" : String(cell);
  // a byte order mark at the front of a file would be taken for one
  return /[",\r\n\uFEFF]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/**
 * The rows of a CSV text as strings. Takes "\n" and "\r\n" line ends, a missing last line end and a byte order mark;
 * empty lines are no rows.
 * @param fileName names the file in errors
 * @throws FormatError for a quoted cell that never ends
 * @example parseCsv('name,score\n"a,b",1\n') // [["name", "score"], ["a,b", "1"]]
 */
export function parseCsv(text: string, fileName = "csv"): string[][] {
  const rows: string[][] = [];
  let row: string[] = [];
  let at = text.startsWith("\uFEFF") ? 1 : 0;
  while (at < text.length) {
    const isQuoted = text[at] === '"';
    const { cell, end } = isQuoted ? readQuoted(text, at, fileName) : readPlain(text, at);
    row.push(cell);
    if (text[end] === ",") {
      at = end + 1;
      if (at === text.length) row.push(""); // "a," without line end: the last cell is empty
      continue;
    }
    if (row.length > 1 || cell !== "" || isQuoted) rows.push(row);
    row = [];
    at = end + (text.startsWith("\r\n", end) ? 2 : 1);
  }
  if (row.length > 0) rows.push(row);
  return rows;
}

/** What the cells of a column are; `digits` are numbers kept as they are written, a list names all that there are. */
export type CellKind = "text" | "number" | "number or empty" | "digits" | "digits or empty" | readonly string[];
/** A row by the names of its columns. */
export type TableRow<C extends Readonly<Record<string, CellKind>>> = {
  readonly [K in keyof C]: C[K] extends "number"
    ? number
    : C[K] extends "number or empty"
      ? number | undefined
      : string;
};

/**
 * The rows of a CSV text with known columns, in their order.
 * @throws FormatError for other columns, rows of another length, and cells that are no finite numbers where they should be
 * @example parseTable("name,score\na,1\n", "t.csv", { name: "text", score: "number" }) // [{ name: "a", score: 1 }]
 */
export function parseTable<C extends Readonly<Record<string, CellKind>>>(
  text: string,
  fileName: string,
  columns: C,
  hint?: string,
): TableRow<C>[] {
  const fail = (what: string): never => {
    throw new FormatError(fileName, what, hint === undefined ? {} : { hint });
  };
  const [header = [], ...rows] = parseCsv(text, fileName);
  const names = Object.keys(columns);
  if (header.join("\n") !== names.join("\n")) fail(`its columns are ${header.join()}, expected ${names.join()}`);
  return rows.map((row, i) => {
    if (row.length !== names.length) fail(`row ${i + 1} has ${row.length} cells, expected ${names.length}`);
    const cells = names.map((name, c): [string, string | number | undefined] => {
      const [kind, cell] = [columns[name]!, row[c]!];
      if (kind === "text" || (kind === "digits or empty" && cell === "")) return [name, cell];
      if (kind === "number or empty" && cell === "") return [name, undefined];
      const isChoice = typeof kind === "object";
      const isRight = isChoice ? kind.includes(cell) : isNumber(cell);
      if (!isRight) fail(`row ${i + 1}: "${name}" is "${cell}", expected ${isChoice ? kind.join(" or ") : "a number"}`);
      return [name, isChoice || kind.startsWith("digits") ? cell : Number(cell)];
    });
    return Object.fromEntries(cells) as TableRow<C>;
  });
}

/** Whether a cell holds a finite number as we write them: Number also takes "", " 1", "0x1f" and "Infinity". */
export function isNumber(cell: string): boolean {
  return /^-?\d+(?:\.\d+)?(?:e[+-]?\d+)?$/.test(cell) && Number.isFinite(Number(cell));
}

function readPlain(text: string, from: number): { cell: string; end: number } {
  let end = from;
  while (end < text.length && !",\r\n".includes(text[end]!)) end++;
  return { cell: text.slice(from, end), end };
}

/** A cell in quotes, where two quotes mean one; what follows the closing quote up to the comma is kept as it is. */
function readQuoted(text: string, from: number, fileName: string): { cell: string; end: number } {
  let close = text.indexOf('"', from + 1);
  while (close >= 0 && text[close + 1] === '"') close = text.indexOf('"', close + 2);
  if (close < 0) {
    const line = text.slice(0, from).split("\n").length;
    throw new FormatError(fileName, `the quote opened in line ${line} is never closed`, {
      hint: "the file was cut short, or a cell holds a quote that is not doubled",
    });
  }
  const rest = readPlain(text, close + 1);
  return { cell: text.slice(from + 1, close).replaceAll('""', '"') + rest.cell, end: rest.end };
}
