// Compares the published numbers of two checkouts: node scripts/compare-published.mjs BEFORE AFTER
// Cells of results.csv and of tables are found by name, text by the numbers in it; exit code 1 where anything differs that is not in LET_THROUGH.

import { existsSync, readdirSync, readFileSync } from "node:fs";
import { basename, join, relative } from "node:path";

/** What may differ, each with its reason. */
const LET_THROUGH = {
  /** Names that change: [before, after], in ids of cells and in titles. */
  renamed: [
    ["pudnet-swapped", "pudnet-wrong-sketch"], // one word for it
    ["PudNet, weights predicted from other classes' images", "PudNet with a wrong sketch"], // the same
  ],
  /** Files that are in one checkout only. */
  files: [
    /^reproduce\/evaluations\//, // a store of records, not a page: groups.csv and recipes.jsonl take its place
    /^reproduce\/(groups\.csv|recipes\.jsonl|shipped\/README\.md)$/,
    /^reproduce\/conclusions\.md$/, // goes to paper/text; filled, it is a part of reproduce/README.md, which is compared
  ],
  /** Rows, as "page: heading / group / row" or "page: experiment, cell", and paragraphs and list items, as "page: text". */
  units: [
    /^reproduce\/README\.md: - Pages made on /, // names the machine that wrote the page, afterwards those that measured
    /^README\.md: ((PudNet|What it reaches) \/|Commands, protocol|\[`reproduce|- )/, // its results are a block filled from cells, with other rows and
    /^README\.md: (\*Pictures that|The network is|The hypernetwork that|Node 20|About twelve)/, // sentences: paper/pages/prose.test.ts compares them
    /^reproduce\/README\.md: (What we conclude|Does the paper hold\?) \//, // the verdicts in shorter cells, filled likewise
    /^reproduce\/README\.md: - \*(Static-PudNet|The same PudNet|Accuracy like|ResNet-18|beta above 0)/, // typed figures that were rounded twice
    /^reproduce\/README\.md: (\*\*How far|- \*Labels and|\*\*Why conditioning|Measured on two|All of it took|ConvNet-3)/, // reworded; 0.014 and 0.091 had no source
    /^reproduce\/[\w-]+\/README\.md: (Budget|- Accuracies are|Accuracy of A|- ± is|- Over classes|Means over trainings)/, // notes, now at the end
    /^reproduce\/[\w-]+\/README\.md: (\d+ of \d+ cells|Two choices|Training from scratch is|Which classes|On CIFAR-100|A beta above)/, // and verdicts,
    /^reproduce\/[\w-]+\/README\.md: (All methods|Only PudNet|Taking the|PudNet has|After 5 epochs|Four trainings)/, // filled from cells, at the top
    /^reproduce\/(results\.csv: shipped,|README\.md: (The hypernetworks in|- \[The hypernetworks|Accuracy here in %))/, // added: checkpoints/ judged
  ],
  /** Columns of CSVs that are compared cell by cell but for these. */
  columns: {
    "reproduce/figure-7/curves.csv": ["network"], // named by identities, which change once
  },
};

const MEASURED = ["accuracy", "ci95", "seconds", "test_groups", "train_groups", "paper"];
const NUMBER = /(?<![\w.])[+−-]?\d+(?:,\d{3})*(?:\.\d+)?(?:e[+-]?\d+)?/g;

const [before, after] = process.argv.slice(2);
if (before === undefined || after === undefined || !existsSync(before) || !existsSync(after)) {
  console.error("usage: node scripts/compare-published.mjs BEFORE AFTER\n(two checkouts, pages made in each)");
  process.exit(2);
}
const files = [publishedFiles(before), publishedFiles(after)];
const all = [...new Set(files.flat())].toSorted();
const found = all.flatMap((file) => differences(file, files[0].includes(file), files[1].includes(file)));
for (const { page, place, was, is } of found) console.log(`${page}: ${place}\n  before: ${was}\n  after:  ${is}`);
console.log(`${all.length} files, ${found.length} differences`);
process.exitCode = found.length > 0 ? 1 : 0;

/** Pages and their CSVs and figures; PNGs are drawn from the SVGs. */
function publishedFiles(root) {
  const reproduced = readdirSync(join(root, "reproduce"), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.(md|csv|svg|jsonl)$/.test(entry.name))
    .map((entry) => relative(root, join(entry.parentPath, entry.name)).replaceAll("\\", "/"))
    .filter((file) => !file.startsWith("reproduce/networks/") && !file.startsWith("reproduce/store/"));
  return [
    ...reproduced,
    ...["README.md", "checkpoints/README.md", "results/README.md"].filter((f) => existsSync(join(root, f))),
  ];
}

function differences(page, inBefore, inAfter) {
  if (!inBefore || !inAfter) {
    if (LET_THROUGH.files.some((pattern) => pattern.test(page))) return [];
    return [{ page, place: "the file", was: inBefore ? "there" : "missing", is: inAfter ? "there" : "missing" }];
  }
  const [was, is] = [before, after].map((root) => renamed(readFileSync(join(root, page), "utf8")));
  if (was === is) return [];
  if (page.endsWith(".md")) {
    const [a, b] = [unitsOf(was), unitsOf(is)];
    return [...keyed(page, a.rows, b.rows), ...bags(page, a.texts, b.texts)];
  }
  if (basename(page) === "results.csv") return keyed(page, resultRows(was), resultRows(is));
  if (page.endsWith(".svg")) return sequences(page, was.match(NUMBER) ?? [], is.match(NUMBER) ?? []);
  return sequences(page, linesWithout(page, was), linesWithout(page, is));
}

function renamed(text) {
  return LET_THROUGH.renamed.reduce((changed, [was, is]) => changed.replaceAll(was, is), text);
}

/** "experiment, cell" -> the measured columns of its row. */
function resultRows(text) {
  const [header, ...rows] = text.trimEnd().split("\n").map(csvCells);
  const column = (row, name) => row[header.indexOf(name)];
  return new Map(
    rows.map((row) => [
      `${column(row, "experiment")}, ${column(row, "cell")}`,
      Object.fromEntries(MEASURED.map((name) => [name, column(row, name)])),
    ]),
  );
}

function csvCells(line) {
  return [...line.matchAll(/(?:^|,)("(?:[^"]|"")*"|[^,]*)/g)].map(([, cell]) => cell);
}

function linesWithout(page, text) {
  const lines = text.split("\n");
  const dropped = LET_THROUGH.columns[page]?.map((name) => csvCells(lines[0]).indexOf(name));
  return dropped
    ? lines.map((line) =>
        csvCells(line)
          .filter((_, i) => !dropped.includes(i))
          .join(),
      )
    : lines;
}

/**
 * A page as rows of tables, "heading / group / row" -> the numbers of its columns, and as texts: paragraphs, list items, lines of code.
 */
function unitsOf(markdown) {
  const rows = new Map();
  const texts = [];
  let [heading, code, continues] = ["", false, false];
  let table;
  for (const line of markdown.split("\n")) {
    if (!code && line.startsWith("|")) {
      table ??= { heading, header: rowOf(line), group: "" };
      addRow(rows, table, rowOf(line));
      continues = false;
      continue;
    }
    table = undefined;
    if (line.startsWith("```")) code = !code;
    else if (!code && line.startsWith("#")) heading = line.replace(/^#+ /, "");
    const begins = code || /^(#|```|\s*[-*]\s|\s*\d+\.\s)/.test(line);
    if (continues && !begins && line.trim() !== "") texts.push(`${texts.pop()} ${line.trim()}`);
    else if (line.trim() !== "") texts.push(line.trim());
    continues = line.trim() !== "" && !/^(#|```)/.test(line);
  }
  return { rows, texts };
}

function rowOf(line) {
  return line
    .split("|")
    .slice(1, -1)
    .map((cell) => cell.replaceAll("*", "").trim());
}

/** A row is named by its cells up to the first number, and by the row of one cell above it that heads a group of rows. */
function addRow(rows, table, row) {
  if (row.slice(1).every((cell) => cell === "")) table.group = row[0];
  const values = row.findIndex((cell, i) => i > 0 && /^([\d+−<-]|$)/.test(cell));
  const numbers = Object.fromEntries(row.map((cell, i) => [table.header[i], numbersOf(cell)]));
  if (Object.values(numbers).every((cell) => cell === "")) return;
  let place = [table.heading, table.group, row.slice(0, values < 0 ? 1 : values).join(", ")].join(" / ");
  while (rows.has(place)) place += "'"; // two rows of one name
  rows.set(place, numbers);
}

/** The numbers in a text, but for those in the targets of links. */
function numbersOf(text) {
  return (text.replaceAll(/\]\([^)]*\)/g, "]").match(NUMBER) ?? []).join(" ");
}

function isLetThrough(page, text) {
  return LET_THROUGH.units.some((pattern) => pattern.test(`${page}: ${text}`));
}

function keyed(page, was, is) {
  const places = [...new Set([...was.keys(), ...is.keys()])].filter((place) => !isLetThrough(page, place));
  return places.flatMap((place) => {
    const [a, b] = [was.get(place), is.get(place)];
    if (!a || !b) return [{ page, place, was: a ? "there" : "no such row", is: b ? "there" : "no such row" }];
    const columns = Object.keys({ ...a, ...b }).filter((name) => a[name] !== b[name]);
    return columns.map((name) => ({ page, place: `${place}, ${name}`, was: a[name] ?? "", is: b[name] ?? "" }));
  });
}

/** Texts may move and be worded otherwise, so those with the same numbers are taken for the same; the rest is paired in order. */
function bags(page, was, is) {
  const left = is.filter((text) => numbersOf(text) !== "");
  const gone = was.filter((text) => {
    const i = left.findIndex((other) => numbersOf(other) === numbersOf(text));
    if (i >= 0) left.splice(i, 1);
    return i < 0 && numbersOf(text) !== "";
  });
  const [a, b] = [gone, left].map((texts) => texts.filter((text) => !isLetThrough(page, text)));
  return Array.from({ length: Math.max(a.length, b.length) }, (_, i) => ({
    page,
    place: `"${(a[i] ?? b[i]).slice(0, 60)}"`,
    was: a[i] === undefined ? "no such text" : numbersOf(a[i]),
    is: b[i] === undefined ? "no such text" : numbersOf(b[i]),
  }));
}

/** The first place where two lists differ. */
function sequences(page, was, is) {
  const at = Array.from({ length: Math.max(was.length, is.length) }, (_, i) => i).find((i) => was[i] !== is[i]);
  if (at === undefined) return [];
  const place = `${page.endsWith(".svg") ? "number" : "line"} ${at + 1}`;
  return [{ page, place, was: was[at] ?? "its end", is: is[at] ?? "its end" }];
}
