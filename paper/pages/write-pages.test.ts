import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import sharp from "sharp";
import { afterEach, beforeEach, expect, test } from "vitest";
import { parseCsv } from "pudnet/files";
import { cellOf, madeUpGraph, madeUpTable, measured, unmeasured } from "../../test/made-up-results.ts";
import { graphFigure } from "./graph.ts";
import { pointsCsv, resultsCsv } from "./results-csv.ts";
import { writePages } from "./write-pages.ts";

const summary = { tables: [madeUpTable], studies: [], budget: "cpu", machine: ["A"] };

let out: string;
beforeEach(() => {
  out = mkdtempSync(join(tmpdir(), "pudnet-pages-"));
});
afterEach(() => rmSync(out, { recursive: true, force: true }));

/** Rows as records, and the columns. */
function read(text: string): { columns: string[]; rows: Record<string, string>[] } {
  const [columns, ...rows] = parseCsv(text) as [string[], ...string[][]];
  return { columns, rows: rows.map((row) => Object.fromEntries(columns.map((name, i) => [name, row[i]!]))) };
}

test("results.csv has a row a cell with exactly these columns", () => {
  const { columns, rows } = read(resultsCsv([madeUpTable, madeUpGraph], "cpu"));
  expect(columns.join(",")).toBe(
    "experiment,cell,method,dataset,target,ways,shots,accuracy,ci95,seconds,test_groups,train_groups,recipe,seed,budget,paper,command",
  );
  expect(rows.map(({ cell }) => cell)).toEqual([...madeUpTable.cells, ...madeUpGraph.cells].map(({ id }) => id));
  expect(rows[0]).toEqual({
    experiment: "table-x",
    cell: "pudnet",
    method: "pudnet",
    dataset: "CIFAR-100-set",
    target: "convnet-3, width 64, stem 3x3",
    ways: "5",
    shots: "10",
    accuracy: "69.00",
    ci95: "4.11",
    seconds: "0.02",
    test_groups: "4",
    train_groups: "20000",
    recipe: "20000 groups of Adam 1e-3, rising over 500 steps, gradients clipped at 10; beta 0.1",
    seed: "3", // of the training
    budget: "cpu",
    paper: "64.09",
    command: "npm run -s reproduce -- table-x --cell pudnet --budget cpu",
  });
  expect(rows[1]).toMatchObject({ cell: "adam-30", seed: "7", test_groups: "3", train_groups: "" });
});

test("cells that are not run have empty numbers; other data sets are named after an arrow", () => {
  const { rows } = read(resultsCsv([madeUpTable], "full"));
  const row = rows.find(({ cell }) => cell === "dtd/full")!;
  expect(row).toMatchObject({ dataset: "CIFAR-100-set -> dtd", ways: "47", accuracy: "", ci95: "", seconds: "" });
  expect(row).toMatchObject({
    test_groups: "",
    paper: "",
    command: expect.stringContaining("--budget full") as string,
  });
});

test("commas, quotes and unusual ids survive", () => {
  const cell = cellOf("it's 1", { method: 'a, "b"' });
  const { rows } = read(resultsCsv([{ ...madeUpTable, cells: [cell] }], "cpu"));
  expect(rows[0]).toMatchObject({ cell: "it's 1", method: 'a, "b"', dataset: "CIFAR-100-set" });
  expect(rows[0]!.command).toBe(`npm run -s reproduce -- table-x --cell 'it'\\''s 1' --budget cpu`);
});

test("one group has no interval", () => {
  const cells = [measured(cellOf("one"), [0.5])];
  expect(read(resultsCsv([{ ...madeUpTable, cells }], "cpu")).rows[0]).toMatchObject({ accuracy: "50.00", ci95: "" });
});

test("the points of a graph", () => {
  const { rows } = read(pointsCsv(madeUpGraph));
  expect(rows).toHaveLength(4);
  expect(rows[1]).toMatchObject({ series: "Fashion-set", x: "1000", accuracy: "96.50", ci95: "2.05", paper: "96.24" });
  expect(rows[3]).toMatchObject({ series: "CIFAR-100-set", x: "1000", accuracy: "", paper: "58.00" });
});

test("a figure has measured points in %, one printed number as a line, several as a series", () => {
  const figure = graphFigure(madeUpGraph)!;
  expect(figure).toMatchObject({ xLabel: "training groups", isLog: true });
  expect(figure.series.map(({ name }) => name)).toEqual(["Fashion-set", "CIFAR-100-set", "CIFAR-100-set, paper"]);
  expect(figure.series[0]!.points.map(({ x }) => x)).toEqual([100, 1000]);
  expect(figure.series[0]!.points[0]!.y).toBeCloseTo(91, 8);
  expect(figure.series[2]!.points).toEqual([
    { x: 100, y: 51, ci95: 2 },
    { x: 1000, y: 58 },
  ]);
  expect(figure.references).toEqual([{ name: "Fashion-set, paper", y: 96.24 }]);
  expect(graphFigure(madeUpTable)).toBeUndefined();
  expect(graphFigure(unmeasured(madeUpGraph))).toBeUndefined();
});

test("all files are written, and every link of every page leads to one", async () => {
  const texts = { conclusions: "It holds.", "table-x": "Table X says so." };
  const written = await writePages(out, { ...summary, tables: [madeUpTable, madeUpGraph], texts });
  const onDisk = readdirSync(out, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
  expect(written.toSorted()).toEqual(onDisk.toSorted());
  expect(written).toHaveLength(7); // two pages, a summary, results.csv, points.csv, figure.svg and .png
  for (const page of written.filter((path) => path.endsWith(".md"))) {
    for (const [, link] of readFileSync(page, "utf8").matchAll(/\]\(([^)]+)\)/g))
      if (!link!.startsWith("#")) expect(written).toContain(join(page, "..", link!));
  }
  expect(readFileSync(join(out, "README.md"), "utf8")).toContain(texts.conclusions);
  expect(readFileSync(join(out, "table-x/README.md"), "utf8")).toContain(texts["table-x"]);
  const { format, width } = await sharp(join(out, "figure-x/figure.png")).metadata();
  expect(format).toBe("png");
  expect(width).toBe(1520);
});

test("a folder that cannot be made is explained", async () => {
  await writePages(out, summary);
  const file = join(out, "results.csv");
  await expect(writePages(file, summary)).rejects.toThrow("cannot write");
});
