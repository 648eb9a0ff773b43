// Compares the published numbers of two checkouts: node scripts/compare-published.mjs BEFORE AFTER
// Cells of results.csv and of tables are found by name, text by the numbers in it; exit code 1 where anything differs that is
// not in LET_THROUGH. --all prints that, too.

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
    /^results\/(cifar-100|fashion)-set-[\w-]+\.(csv|txt)$/, // rows of reproduce/shipped, checked equal; two were of files that are gone
    /^reproduce\/conclusions\.md$/, // goes to paper/text; filled, it is a part of reproduce/README.md, which is compared
  ],
  /** Other differences, as they are told in one line: "page: place: before -> after". */
  differences: [
    /^reproduce\/README\.md: "- Pages made on /, // names the machine that wrote the page, afterwards those that measured
    /^reproduce\/README\.md: "- (Measured on|node \d).*: no such text -> /, // that of the rows of checkpoints/
    /^reproduce\/(results\.csv: shipped,|README\.md: The hypernetworks in checkpoints\/ ).*: no such row -> there$/, // checkpoints/ judged
    // README's results are a block filled from cells, with other rows and sentences: paper/pages/prose.test.ts compares it
    /^README\.md: (PudNet|What it reaches) \/ /,
    /^README\.md: "(Commands, protocol and|\[`reproduce\/`\]|- |\*Pictures that|The network is|The hypernetwork that|Node 20|About twelve)/,
    // so are the verdicts, in a table with shorter cells and at the top of each page
    /^reproduce\/README\.md: (What we conclude|Does the paper hold\?) \/ /,
    /^reproduce\/[\w-]+\/README\.md: "(?!Budget|- ).*: no such text -> /,
    /^reproduce\/README\.md: "(ConvNet-3 on five|Accuracy here in %|- \[The hypernetworks|All of it took|Measured on two).*(no such text -> |-> no such text)/,
    // recipes say more: what a variant changes, the first of two stages; so other numbers stand beside the rows
    /^reproduce\/[\w-]+\/README\.md: "\d+\. /,
    /^reproduce\/[\w-]+\/README\.md: .*, recipe: \d+ -> \d+$/,
    /^results\/README\.md: (Fashion|CIFAR-100)-set, .*no such/, // in reproduce/shipped
    /^results\/README\.md: "/,
    /^results\/README\.md: Whole commands \//, // medians of start-up.csv: they stand in docs/LOG.md
    /^checkpoints\/README\.md: Hypernetworks that come .*no such row/, // files without their sizes
    // Notes that stood in every "Budget" and over every table of differences are items of their own at the end
    /^reproduce\/[\w-]+\/README\.md: "(Budget|Accuracy of A|Means over trainings).*: (\d )?95 -> (no such text)?$/,
    /^reproduce\/[\w-]+\/README\.md: "(Budget|- Accuracies are|- ± is|- Over classes|- Means over).*: no such text -> (\d|95)( 95)*$/,
    // Heads are no part of an identity any more, so that four cells of Table VI, not run before, have records: those of Table I
    /^reproduce\/results\.csv: table-6, resnet-18\/(fashion|cifar-100)-set\/(pudnet|static), (accuracy|ci95|seconds|test_groups): {2}-> /,
    /^reproduce\/table-6\/README\.md: (Fashion|CIFAR-100)-set, ResNet-18 \(7x7 stem\) \/ .*, (here, %|time|test groups): {2}-> /,
    /^reproduce\/table-6\/README\.md: Paired differences \/ {2}\/ .*, ResNet-18 .*, Static-PudNet .*: no such row -> there$/,
    /^reproduce\/README\.md: Table VI: .*, (Fashion|CIFAR-100)-set, ResNet-18 \(7x7 stem\): {2}-> /,
    /^reproduce\/README\.md: "- \[Table VI: .*: 20 -> 24$/,
    /^reproduce\/table-6\/README\.md: "Budget `cpu`: 20 of .*: 20 126 18 6 95 -> no such text$/,
    /^reproduce\/table-6\/README\.md: "Not run yet: .*: 79 -> 77$/,
    // Typed figures were rounded twice, from what the tables have: -0.25, 1.95, 0.65, 72.35 and 52.35
    /^reproduce\/README\.md: "- \*Static-PudNet\*.*: -0\.3 -> -0\.2$/,
    /^reproduce\/README\.md: "- \*The same PudNet with a wrong sketch\*.*: 2\.0 -> 1\.9$/,
    /^reproduce\/README\.md: "- \*Accuracy like that.*: 0\.7 -> 0\.6$/,
    /^reproduce\/README\.md: "- \*ResNet-18\*.*: 72\.4 -> 72\.3$/,
    /^reproduce\/README\.md: "- \*beta above 0.*: 0\.9 52\.4 0\.9 -> 52\.3$/, // "for 0.9" is said in words
    // Reworded: differences of levels are given as levels; figures of a script that nobody kept are gone
    /^reproduce\/README\.md: "- \*Labels and a closed form.*: 20\.7 23\.7 17 59\.7 -> 73\.5 76\.5$/,
    /^reproduce\/README\.md: "\*\*Why conditioning.*: 30 0\.014 0\.27 0\.091 -> $/,
    /^reproduce\/README\.md: "\*\*How far to trust.*: 0\.0001 -> $/,
  ],
  /** Columns of CSVs that are compared cell by cell but for these. */
  columns: {
    "reproduce/figure-7/curves.csv": ["network"], // named by identities, which change once
  },
};

const MEASURED = ["accuracy", "ci95", "seconds", "test_groups", "train_groups", "paper"];
const NUMBER = /(?<![\w.])[+−-]?\d+(?:,\d{3})*(?:\.\d+)?(?:e[+-]?\d+)?/g;

const isAll = process.argv.includes("--all");
const [before, after] = process.argv.slice(2).filter((word) => word !== "--all");
if (before === undefined || after === undefined || !existsSync(before) || !existsSync(after)) {
  console.error("usage: node scripts/compare-published.mjs [--all] BEFORE AFTER\n(two checkouts, pages made in each)");
  process.exit(2);
}
const files = [publishedFiles(before), publishedFiles(after)];
const all = [...new Set(files.flat())].toSorted();
const found = all.flatMap((file) => differences(file, files[0].includes(file), files[1].includes(file)));
const unlisted = found.filter((one) => !isListed(one));
for (const { page, place, was, is } of isAll ? found : unlisted)
  console.log(`${page}: ${place}\n  before: ${was}\n  after:  ${is}`);
console.log(
  `${all.length} files, ${unlisted.length} differences, and ${found.length - unlisted.length} that are listed with a reason`,
);
process.exitCode = unlisted.length > 0 ? 1 : 0;

function isListed({ page, place, was, is }) {
  return LET_THROUGH.differences.some((one) => one.test(`${page}: ${place}: ${was} -> ${is}`));
}

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

function keyed(page, was, is) {
  return [...new Set([...was.keys(), ...is.keys()])].flatMap((place) => {
    const [a, b] = [was.get(place), is.get(place)];
    if (!a || !b) return [{ page, place, was: a ? "there" : "no such row", is: b ? "there" : "no such row" }];
    const columns = Object.keys({ ...a, ...b }).filter((name) => (a[name] ?? "") !== (b[name] ?? "")); // a column of empty cells says nothing
    return columns.map((name) => ({ page, place: `${place}, ${name}`, was: a[name] ?? "", is: b[name] ?? "" }));
  });
}

/**
 * Texts may move and be worded otherwise, so those with the same numbers are taken for the same. Each of the rest is compared
 * with the one that has most of its numbers, and told by the numbers that differ.
 */
function bags(page, was, is) {
  const left = is.filter((text) => numbersOf(text) !== "");
  const gone = was.filter((text) => {
    const i = left.findIndex((other) => numbersOf(other) === numbersOf(text));
    if (i >= 0) left.splice(i, 1);
    return i < 0 && numbersOf(text) !== "";
  });
  const pairs = gone.map((text) => {
    const numbers = numbersOf(text).split(" ");
    const likely = left.map((other) => common(numbers, numbersOf(other).split(" ")).length);
    const best = likely.indexOf(Math.max(...likely));
    return likely[best] >= numbers.length / 2 ? [text, ...left.splice(best, 1)] : [text, ""];
  });
  return [...pairs, ...left.map((text) => ["", text])].flatMap(([a, b]) => {
    const place = `"${(a || b).slice(0, 60)}"`;
    const [x, y] = [numbersOf(a), numbersOf(b)].map((numbers) => numbers.split(" "));
    const same = common(x, y);
    const [lost, gained] = [x, y].map((numbers) => without(numbers, same));
    return [
      {
        page,
        place,
        was: a === "" ? "no such text" : lost.join(" "),
        is: b === "" ? "no such text" : gained.join(" "),
      },
    ];
  });
}

/** The longest list that stands in both, in order. */
function common(x, y) {
  const best = Array.from({ length: x.length + 1 }, () => Array.from({ length: y.length + 1 }, () => []));
  x.forEach((one, i) =>
    y.forEach((other, j) => {
      const [skipped, either] = [best[i][j + 1], best[i + 1][j]];
      best[i + 1][j + 1] = one === other ? [...best[i][j], one] : skipped.length > either.length ? skipped : either;
    }),
  );
  return best[x.length][y.length];
}

function without(numbers, dropped) {
  let at = 0;
  return numbers.filter((number) => number !== dropped[at] || (at++, false));
}

/** The first place where two lists differ. */
function sequences(page, was, is) {
  const at = Array.from({ length: Math.max(was.length, is.length) }, (_, i) => i).find((i) => was[i] !== is[i]);
  if (at === undefined) return [];
  const place = `${page.endsWith(".svg") ? "number" : "line"} ${at + 1}`;
  return [{ page, place, was: was[at] ?? "its end", is: is[at] ?? "its end" }];
}
