import { expect, test } from "vitest";
import { cellOf, madeUpGraph, madeUpTable, pudnetOn, unmeasured } from "../../test/made-up-results.ts";
import { tablePage } from "./page.ts";
import { summaryPage } from "./summary.ts";

const table = () => tablePage(madeUpTable, "cpu");
const graph = () => tablePage(madeUpGraph, "cpu");

/** The cells of the row that starts with `name`, in the section of a column. */
function row(page: string, section: string, name: string): string[] | undefined {
  const lines = page.slice(page.indexOf(`## ${section}\n`)).split("\n");
  const line = lines.find((one) => one.startsWith(`| ${name} |`));
  return line
    ?.split(/(?<!\\)\|/)
    .slice(1, -1)
    .map((cell) => cell.trim());
}

test("a row has the paper's numbers, ours with their interval, times, groups and the recipe's number", () => {
  // 3.1824 (Student's t, 3 degrees) * sqrt(variance / n): groups 68, 70, 66, 72 have mean 69 and variance 20 / 3
  expect(row(table(), "CIFAR-100-set", "pudnet")).toEqual([
    "pudnet",
    "64.09 ± 0.40",
    "30 ms",
    "69.00 ± 4.11",
    "20 ms",
    "4",
    "20,000",
    "1",
  ]);
  expect(row(table(), "CIFAR-100-set", "adam-30")).toEqual([
    "adam-30",
    "64.54",
    "28.4 s",
    "65.00 ± 2.48",
    "12.5 s",
    "3 of 4",
    "",
    "2",
  ]);
  expect(row(table(), "CIFAR-100-set", "adam-50")!.at(-1)).toBe("2"); // the same recipe has the same number
  expect(table()).toContain(
    "1. 20000 groups of Adam 1e-3, rising over 500 steps, gradients clipped at 10; beta 0.1\n2. Adam 1e-3, 64 images a step, on each test group\n",
  );
  expect(table()).toContain(
    "\n\nconvnet-3, width 64, stem 3x3; groups of 5 ways, 500 generation images (10 shots labelled) and 100 test images a class, 32 px, seed 7.\n",
  );
});

test("only the best of a column is bold; rows stand by kind; a bar in a name does not break the table", () => {
  const page = table();
  expect(page.match(/\*\*[\d.]+ ± [\d.]+\*\*/g)).toEqual(["**85.00 ± 1.30**"]);
  const order = [
    "*methods of the paper*",
    "| adam-50",
    "*stronger recipe*",
    "| protonet",
    "*ours",
    "PudNet, ridge \\| all",
  ];
  const places = order.map((text) => page.indexOf(text));
  expect(places).toEqual(places.toSorted((a, b) => a - b));
  expect(places).not.toContain(-1);
});

test("cells without a result say so, with the command that would run them or the reason", () => {
  const page = table();
  expect(page).toContain("4 of 7 cells run, 1 cannot be run here.");
  expect(row(page, "CIFAR-100-set", "protonet")).toContain("not run");
  expect(row(page, "DTD", "dtd/full")).toContain("not run: no data");
  const [made, open] = page.split("Commands for what is not run") as [string, string];
  expect(made).toContain("npm run -s reproduce -- table-x --cell adam-50 --budget cpu\n");
  expect(made).not.toContain("--cell protonet");
  expect(open).toContain("npm run -s reproduce -- table-x --cell protonet --budget cpu\n");
  expect(page).toContain("npm run -s reproduce -- table-x --cell dtd/pudnet --budget cpu\n");
  expect(page).not.toContain("--cell dtd/full"); // it cannot be run
});

test("where a column mixes networks or groups, each recipe says its own", () => {
  const cells = [cellOf("a"), cellOf("b", { evaluation: pudnetOn({ ways: 4 }) })];
  const page = tablePage({ ...madeUpTable, cells }, "cpu");
  expect(page).toMatch(/1\. 20000 groups.*; groups of 5 ways.*\n2\. 20000 groups.*; groups of 4 ways/);
});

test("columns that nothing is in are left out", () => {
  expect(table().slice(table().indexOf("## DTD"))).toContain("| method | here, % | trained on | recipe |");
});

test("training from scratch is told as a multiple of one prediction, and which one reaches its accuracy", () => {
  const page = table();
  expect(page).toContain("beside one prediction of pudnet (69.00 ± 4.11 %, 20 ms)");
  expect(page).toContain("| adam-30 | 65.00 ± 2.48 | 12.5 s | 625 × |");
  expect(page).toContain("| adam-50 | 71.00 ± 4.11 | 20.9 s | 1,050 × |"); // three digits of 1045
  expect(page).toContain(
    "the quickest training that is at least as accurate is adam-50 (1,050 × its time), judged on 4 groups; the next quicker, adam-30 (625 × its time), is less accurate.",
  );
  const slow = madeUpTable.cells.filter(({ id }) => id !== "adam-50");
  expect(tablePage({ ...madeUpTable, cells: slow }, "cpu")).toContain("none of these trainings is as accurate");
});

test("every number of a page comes from the table and its cells", () => {
  const known = new Set(
    [
      "95", // the confidence level
      "100 3 30 50 10", // names
      "4 7 1", // cells run
      "64.09 0.40 64.54 28.4", // the paper
      "69.00 4.11 65.00 2.48 71.00 85.00 1.30 20 12.5 20.9 4 20,000", // results
      "625 1,050", // ratios
      "5 47 500 10 100 32 7", // groups
      "1 2", // recipes
      "20000 1 3 500 10 0.1 64", // what they say
    ].flatMap((text) => text.split(" ")),
  );
  const text = table().replaceAll(/```sh.*?```/gs, "");
  const numbers = text.match(/\d[\d,]*(?:\.\d+)?/g)!.map((number) => number.replace(/,$/, ""));
  expect(numbers.filter((number) => !known.has(number))).toEqual([]);
  expect(`${table()}${graph()}`).not.toMatch(/NaN|undefined|Infinity/);
});

test("the page of a graph shows the figure and a table of points a series", () => {
  const page = graph();
  expect(page).toContain("![Figure X: an invented figure](figure.svg)");
  expect(page).toContain("[PNG](figure.png)");
  expect(page).toContain("[CSV](points.csv)");
  expect(row(page, "Fashion-set", "1000")!.slice(0, 3)).toEqual(["1000", "96.24", "**96.50 ± 2.05**"]);
  expect(row(page, "CIFAR-100-set", "1000")).toContain("not run");
  expect(tablePage(unmeasured(madeUpGraph), "cpu")).not.toContain("figure.svg");
});

test("a page has its verdict and numbers first, what is not run behind them, notes last", () => {
  const cells = [cellOf("open", { column: "Fashion-set" }), ...madeUpTable.cells];
  const page = tablePage({ ...madeUpTable, cells }, "cpu", "It holds.");
  const order = ["It holds.", "## CIFAR-100-set", "## Fashion-set", "## Notes", "Invented."].map((text) =>
    page.indexOf(text),
  );
  expect(order).toEqual(order.toSorted((a, b) => a - b));
  expect(order).not.toContain(-1);
});

test("the summary has a verdict at the top, conclusions at the end, progress, main numbers beside the paper's, figures and links", () => {
  const study = { id: "figure-1", title: "Figure 1", headline: "r = 0.123" };
  const machine = ["Invented CPU, 2 cores"];
  const rest = { budget: "cpu", machine, studies: [study] };
  const texts = { verdict: "## What holds\n\nNothing.", conclusions: "## What we conclude\n\nThat." };
  const page = summaryPage({ ...rest, tables: [madeUpTable, madeUpGraph], texts });
  expect(page.indexOf(texts.verdict)).toBeLessThan(page.indexOf("## Contents"));
  expect(page.indexOf(texts.conclusions)).toBeGreaterThan(page.indexOf("## Figure 1"));
  expect(page).toContain("- [Table X: an invented table](table-x/README.md): 4 of 7 cells run, 1 cannot be run here\n");
  expect(page).toContain("- Invented CPU, 2 cores");
  expect(page).toContain("| method | CIFAR-100-set |\n"); // nothing of DTD is run
  expect(page).toContain("| pudnet | 69.00 ± 4.11 (64.09) |");
  expect(page).toContain("| adam-30 | 65.00 ± 2.48 (64.54) [3 of 4 groups] |");
  expect(page).toContain("| PudNet, ridge \\| all | **85.00 ± 1.30** |");
  expect(page).not.toContain("protonet");
  expect(page).toContain("![Figure X: an invented figure](figure-x/figure.svg)");
  expect(page).toContain("r = 0.123\n\n[More](figure-1/README.md)");
  const empty = summaryPage({ ...rest, tables: [unmeasured(madeUpGraph)] });
  expect(empty).toContain("0 of 4 cells run");
  expect(empty).toContain("Nothing is run yet.");
});
