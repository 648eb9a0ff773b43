// Where results go: results/fuzz.json, the table of results/fuzz.md made from it, and findings as files to open.

import { existsSync } from "node:fs";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { parseJson } from "../../src/formats/json.ts";
import { writeFileAtomic } from "../../src/node/files/atomic-file.ts";
import { provenance } from "../../src/node/provenance.ts";
import { blocks, markdownTable } from "../../src/report/markdown.ts";
import type { FoundInput, ReaderResult } from "./fuzz-reader.ts";
import { CPU_SECONDS, MEGABYTES } from "./limits.ts";
import { READERS } from "./readers.ts";

/** One row of the results: what was found, and with what. */
export interface FuzzRow {
  readonly reader: string;
  readonly inputs: number;
  readonly seed: number;
  readonly accepted: number;
  readonly refused: number;
  readonly findings: readonly { readonly index: number; readonly what: string }[];
  readonly slowest: { readonly index: number; readonly seconds: number };
  readonly peakMegabytes: number;
  readonly commit: string;
  readonly date: string;
  readonly machine: string;
  readonly versions: Readonly<Record<string, string>>;
}

export async function rowOf(
  reader: string,
  { seed, inputs }: { readonly seed: number; readonly inputs: number },
  { accepted, refused, findings, slowest, peakMegabytes }: ReaderResult,
): Promise<FuzzRow> {
  const { commit = "unknown", machine, versions } = await provenance();
  return {
    reader,
    inputs,
    seed,
    accepted,
    refused,
    findings: findings.map(({ index, what }) => ({ index, what })),
    slowest: { index: slowest.index, seconds: Number(slowest.seconds.toFixed(3)) },
    peakMegabytes: Math.round(peakMegabytes),
    commit,
    date: new Date().toISOString().slice(0, 10),
    machine: `${machine.cpu}, ${machine.cores} cores, ${machine.memoryGiB} GiB, ${machine.system}`,
    versions,
  };
}

/** Puts a row in the place of an earlier one of its reader into fuzz.json, and makes the table anew. */
export async function store(row: FuzzRow, folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  const file = join(folder, "fuzz.json");
  const known = existsSync(file) ? (parseJson(await readFile(file, "utf8"), file) as FuzzRow[]) : [];
  const byReader = new Map([...known, row].map((one) => [one.reader, one]));
  const rows = Object.keys(READERS).flatMap((name) => byReader.get(name) ?? []);
  await writeFileAtomic(file, `${JSON.stringify(rows, undefined, 1)}\n`);
  await writeFileAtomic(join(folder, "fuzz.md"), resultPage(rows));
}

/** The page of the results, Markdown. */
function resultPage(rows: readonly FuzzRow[]): string {
  const total = (of: (row: FuzzRow) => number): string =>
    rows.reduce((sum, row) => sum + of(row), 0).toLocaleString("en");
  const madeWith = new Set(
    rows.map(({ commit, date, machine, versions }) => {
      const libraries = Object.entries(versions).map(([name, version]) => `${name} ${version}`);
      return `- commit ${commit.slice(0, 10)}, ${date}; ${machine}; ${libraries.join(", ")}`;
    }),
  );
  const columns = [
    { name: "reader" },
    { name: "what it reads" },
    { name: "an accepted answer" },
    ...["inputs", "seed", "accepted", "refused", "findings", "slowest input, s", "peak, MB"].map((name) => ({
      name,
      align: "right" as const,
    })),
  ];
  return `${blocks(
    "# Damaged and hostile input",
    "`npm run fuzz` gives every reader made-up, damaged and hostile input and looks at how each ends: with an answer or with an error for " +
      `people, within ${CPU_SECONDS} s of the processor and ${MEGABYTES} MB of the process that reads (Node and libraries take 120 to 170 of them). Where it says *same*, ` +
      "an accepted answer means what the undamaged input means: nothing damaged is accepted. Where it says *sound*, the format has no checksum " +
      "of ours (or the checksum was made right again), and an accepted answer has to fit together. This page is made from [fuzz.json](fuzz.json).",
    `${total(({ inputs }) => inputs)} inputs of ${rows.length} readers, ${total(({ findings }) => findings.length)} findings. Made with:`,
    [...madeWith].join("\n"),
    markdownTable(columns, rows.map(cells)),
    "`npm run fuzz -- --reader NAME --seed N` repeats a row: an input is a function of reader, seed and its number.",
  )}\n`;
}

function cells({ reader, inputs, seed, accepted, refused, findings, slowest, peakMegabytes }: FuzzRow): string[] {
  const { reads, accepted: rule } = READERS[reader]!;
  const numbers = [inputs, seed, accepted, refused, findings.length].map(String);
  return [reader, reads, rule, ...numbers, `${slowest.seconds} (no. ${slowest.index})`, String(peakMegabytes)];
}

/** Writes the input of a finding below `folder`; returns where. */
export async function keepFinding(folder: string, reader: string, seed: number, found: FoundInput): Promise<string> {
  const place = join(folder, `${reader}-${seed}-${found.index}`);
  for (const [path, bytes] of found.files) {
    await mkdir(dirname(join(place, path)), { recursive: true });
    await writeFile(join(place, path), bytes);
  }
  return place;
}
