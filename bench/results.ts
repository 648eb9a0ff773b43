// Where rows go: a table on the terminal, and bench/results/DATE-MACHINE.csv with versions in every row.

import { mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { csvText, parseCsv } from "../src/formats/csv.ts";
import { writeFileAtomic } from "../src/node/files/atomic-file.ts";
import { type Column, tableHead, tableLine, tableRow } from "../src/report/progress-table.ts";
import { type Machine, machineName } from "./machine.ts";
import type { Row } from "./rows.ts";

const COLUMNS: readonly Column[] = [
  { name: "name", kind: "text", width: 32 },
  { name: "ours, ms", kind: "text" },
  { name: "peer, ms", kind: "text" },
  { name: "peer", kind: "text", width: 13 },
  { name: "ratio", kind: "text", width: 6 },
  { name: "quartiles", kind: "text", width: 12 },
  { name: "n", kind: "text", width: 3 },
  { name: "target", kind: "text", width: 22 },
  { name: "met", kind: "text", width: 3 },
];

export function table(rows: readonly Row[]): string {
  const lines = rows.map((row) =>
    tableRow(COLUMNS, {
      name: row.name,
      "ours, ms": row.value === null ? text(row.median_ms) : `${row.value} ${row.unit}`,
      "peer, ms": text(row.peer_median_ms),
      peer: row.peer ?? "",
      ratio: text(row.ratio),
      quartiles: quartiles(row),
      n: String(row.n),
      target: row.target,
      met: row.met === null ? "" : row.met ? "yes" : "NO",
    }),
  );
  const notes = rows.filter(({ note }) => note !== "").map(({ name, note }) => `${name}: ${note}`);
  return [...tableHead(COLUMNS), ...lines, tableLine(COLUMNS), ...notes].join("\n");
}

const text = (value: number | null): string => (value === null ? "" : String(value));

/** Of the ratio where there is one, else of our time. */
function quartiles({ ratio_low: low, ratio_high: high, low_ms: fast, high_ms: slow }: Row): string {
  if (low !== null) return `${low}-${high}`;
  return fast === null ? "" : `${fast}-${slow}`;
}

/** Puts rows into the file of the day, instead of earlier ones of the same names; returns its path. */
export async function store(rows: readonly Row[], machine: Machine, folder: string): Promise<string> {
  await mkdir(folder, { recursive: true });
  const path = join(folder, `${machine.date}-${machineName(machine)}.csv`);
  const flat = rows.map((row): Record<string, Cell> => ({ ...row, ...machine }));
  const header = Object.keys(flat[0]!);
  const names = new Set(rows.map(({ name }) => name));
  const kept = (await earlier(path, header)).filter((cells) => !names.has(cells[0]!));
  const fresh = flat.map((record) => header.map((column) => cell(record[column])));
  await writeFileAtomic(path, csvText([header, ...kept, ...fresh]));
  return path;
}

type Cell = string | number | boolean | null;
const cell = (value: Cell | undefined): string => String(value ?? "");

/** Rows of an earlier file; one with other columns (an older version's) is replaced as a whole. */
async function earlier(path: string, header: readonly string[]): Promise<string[][]> {
  const found = await readFile(path, "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return "";
    throw error;
  });
  const [first, ...rest] = parseCsv(found, path);
  return first?.join() === header.join() ? rest : [];
}
