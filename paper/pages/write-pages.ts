// All that is published, from what is known: evaluations, a summary, a page a table and a study, figures and CSVs.

import { join } from "node:path";
import { makeFolder, type Provenance, rasterise, writeFileAtomic } from "pudnet/files";
import type { Budget } from "../recipes/budgets.ts";
import { allRecords } from "../store/evaluations.ts";
import { writePublished } from "../store/published.ts";
import type { Store } from "../store/store.ts";
import { STUDIES } from "../studies/studies.ts";
import type { Table } from "../tables/table.ts";
import { TABLES } from "../tables/tables.ts";
import { measuredTable } from "./cell-results.ts";
import { figureSvg } from "./graph.ts";
import { tablePage } from "./page.ts";
import { filledProse, isPublished } from "./prose.ts";
import { pointsCsv, resultsCsv } from "./results-csv.ts";
import { type Summary, summaryPage } from "./summary.ts";

/**
 * Publishes every evaluation and writes every page, or nothing where prose names a number that is not known; returns the paths.
 */
export async function writeAllPages(store: Store, budget: Budget): Promise<string[]> {
  const { out } = store.options;
  const records = await allRecords(store);
  const { tables, studies } = await allResults(store, budget);
  const prose = budget.name === "cpu" && isPublished(out) ? await filledProse(tables, studies) : undefined;
  const published = records.size > 0 ? await writePublished(out, records) : [];
  const machine = machineLines([...records.values()].flatMap(({ sessions }) => sessions));
  const summary = { tables, studies, budget: budget.name, machine, ...(prose ? { texts: prose.texts } : {}) };
  const written = await writePages(out, summary);
  for (const { id, files } of studies) written.push(...(await writeFiles(join(out, id), files)));
  if (prose) written.push(...(await writeFiles(prose.root, prose.files)));
  return [...published, ...written];
}

/** All tables and graphs with what is measured of them, and the pages of the studies that have measured something. */
export async function allResults(store: Store, budget: Budget) {
  const studies = [];
  for (const [id, study] of Object.entries(STUDIES)) {
    const page = await study.page(store, budget);
    if (page) studies.push({ id, title: study.title, ...page });
  }
  const tables: Table[] = [];
  for (const make of Object.values(TABLES)) tables.push(await measuredTable(store, make(budget)));
  return { tables, studies };
}

/**
 * Writes <out>/README.md, <out>/results.csv and, for every table, <out>/<id>/README.md; graphs have figure.svg and
 * figure.png (once a point is measured) and points.csv beside it. Takes all tables, not only those just run: what
 * is not among them is not in the summary either. Returns the paths written.
 * @throws UserError where a folder or file cannot be written
 */
export async function writePages(out: string, summary: Summary): Promise<string[]> {
  const { tables, budget, texts = {} } = summary;
  const written: string[] = [];
  for (const table of tables) {
    const svg = figureSvg(table);
    const files = {
      ...(svg === undefined ? {} : { "figure.svg": svg }),
      ...(table.form === "table" ? {} : { "points.csv": pointsCsv(table) }),
      "README.md": tablePage(table, budget, texts[table.id]),
    };
    written.push(...(await writeFiles(join(out, table.id), files)));
  }
  const files = { "results.csv": resultsCsv(tables, budget), "README.md": summaryPage(summary) };
  return [...written, ...(await writeFiles(out, files))];
}

/** Files of a folder by name; figures as PNG too. */
async function writeFiles(folder: string, files: Readonly<Record<string, string>>): Promise<string[]> {
  const written: string[] = [];
  const write = async (name: string, bytes: string | Uint8Array): Promise<void> => {
    await writeFileAtomic(join(folder, name), bytes);
    written.push(join(folder, name));
  };
  await makeFolder(folder);
  for (const [name, text] of Object.entries(files)) {
    await write(name, text);
    if (name.endsWith(".svg")) await write(name.replace(/\.svg$/, ".png"), rasterise(text));
  }
  return written;
}

/** Of each machine and set of versions that measured, two lines: the same wherever the pages are made. */
function machineLines(sessions: readonly Provenance[]): string[] {
  const lines = sessions.map(({ machine: { cpu, cores, memoryGiB, system }, versions }) => {
    const libraries = Object.entries(versions).map(([name, version]) => `${name} ${version}`);
    return [`Judged on ${cpu}, ${cores} cores, ${memoryGiB} GiB, ${system}`, libraries.join(", ")];
  });
  const distinct = new Map(lines.map((pair) => [pair.join("\n"), pair]));
  return [...distinct].toSorted(([a], [b]) => (a < b ? -1 : 1)).flatMap(([, pair]) => pair);
}
