// The repository's own prose: paper/text/*.md with its numbers filled in, and where it goes.

import { readdir } from "node:fs/promises";
import { basename, join, resolve } from "node:path";
import { FormatError } from "pudnet/engine";
import { PACKAGE_ROOT, parseCsv, readText } from "pudnet/files";
import type { StudyPage, StudyValue } from "../studies/study.ts";
import type { Table } from "../tables/table.ts";
import { benchmarksIn, benchmarkValues, newestBenchmarks } from "./benchmarks.ts";
import { filled, type Numbers } from "./fill.ts";
import { numbersOf } from "./values.ts";

const FOLDER = "paper/text";
const BENCHMARKS = "bench/results";
/** In texts: the name of the file in bench/results that their benchmarks are of. */
const BENCHMARKS_FILE = "{{benchmarks}}";
const [BEGIN, END] = ["<!-- results -->", "<!-- /results -->"];

/** Prose is about the results that the repository publishes, those of the budget `cpu`, and about no others. */
export function isPublished(out: string): boolean {
  return resolve(out) === join(PACKAGE_ROOT, "reproduce");
}

export interface Prose {
  /** Markdown of paper/text/NAME.md by name. */
  readonly texts: Readonly<Record<string, string>>;
  /** Where the other files lie, and these: written by hand but for what lies between two comments. */
  readonly root: string;
  readonly files: Readonly<Record<string, string>>;
}

/** A page of a study, and which. */
type NamedPage = StudyPage & { readonly id: string };

/** Files with a block of results, and the text that fills it. */
const BLOCKS = {
  "README.md": "readme",
  "docs/engine.md": "engine",
  "checkpoints/base-resnet-8/README.md": "base",
  "checkpoints/tiny-resnet-8/README.md": "tiny",
};

/** @throws FormatError for a placeholder that cannot be filled, and for a file without the two comments */
export async function filledProse(tables: readonly Table[], studies: readonly NamedPage[]): Promise<Prose> {
  const numbers = await proseNumbers(tables, studies);
  const sources = await readTexts();
  const { file: measuredIn } = await benchmarks(sources);
  const texts: Record<string, string> = {};
  for (const [path, text] of sources)
    texts[basename(path, ".md")] = filled(text.replaceAll(BENCHMARKS_FILE, measuredIn), path, numbers).trim();
  const files: Record<string, string> = {};
  for (const [file, name] of Object.entries(BLOCKS))
    files[file] = withResults(file, await readText(join(PACKAGE_ROOT, file)), texts[name] ?? "");
  return { texts, root: PACKAGE_ROOT, files };
}

/** All that prose may name. */
export async function proseNumbers(tables: readonly Table[], studies: readonly NamedPage[]): Promise<Numbers> {
  const ofStudies = studies.flatMap(({ id, values = {} }) =>
    Object.entries(values).map(([name, value]) => [`${id}/${name}`, value] as const),
  );
  const { rows } = await benchmarks(await readTexts());
  return numbersOf(tables, new Map([...ofStudies, ...benchmarkValues(rows), ...(await quickstart())]));
}

/** The text of a file with its block of results replaced. */
export function withResults(file: string, text: string, results: string): string {
  const [before, rest, ...more] = text.split(BEGIN);
  const [, after, ...evenMore] = rest?.split(END) ?? [];
  if (after === undefined || more.length > 0 || evenMore.length > 0)
    throw new FormatError(file, `expected one block from ${BEGIN} to ${END}`);
  return `${before}${BEGIN}\n\n${results}\n\n${END}${after}`;
}

/** The stored benchmarks that the texts name, and the file that they are of. */
async function benchmarks(texts: ReadonlyMap<string, string>): Promise<ReturnType<typeof newestBenchmarks>> {
  const files = (await readdir(join(PACKAGE_ROOT, BENCHMARKS))).filter((file) => file.endsWith(".csv"));
  const stored = files.map(async (file) => [file, await rowsOf(`${BENCHMARKS}/${file}`)] as const);
  return newestBenchmarks(new Map(await Promise.all(stored)), benchmarksIn(texts.values()));
}

/** Of paper/text, by their paths. */
async function readTexts(): Promise<Map<string, string>> {
  const paths = (await readdir(join(PACKAGE_ROOT, FOLDER))).map((name) => `${FOLDER}/${name}`);
  return new Map(
    await Promise.all(paths.map(async (path) => [path, await readText(join(PACKAGE_ROOT, path))] as const)),
  );
}

/** Accuracy in % by sample and method: "quickstart/clothes/raw-pixels". */
async function quickstart(): Promise<[string, StudyValue][]> {
  const values = ["clothes", "icons"].map(async (sample) => {
    const rows = await rowsOf(`results/quickstart-${sample}.csv`);
    return rows.map(({ method, accuracy }): [string, StudyValue] => {
      const name = method!.toLowerCase().replaceAll(/[^a-z0-9]+/g, "-");
      return [`quickstart/${sample}/${name}`, { value: 100 * Number(accuracy) }];
    });
  });
  return (await Promise.all(values)).flat();
}

/** A CSV file of the repository, a record a row. */
async function rowsOf(file: string): Promise<Record<string, string>[]> {
  const [header = [], ...rows] = parseCsv(await readText(join(PACKAGE_ROOT, file)), file);
  return rows.map((row) => Object.fromEntries(header.map((name, i) => [name, row[i] ?? ""])));
}
