// The repository's prose against what is measured: no number in it is typed, and each is made of what it names.

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { estimate } from "pudnet/evaluation";
import { PACKAGE_ROOT } from "pudnet/files";
import { unmeasured } from "../../test/made-up-results.ts";
import { BUDGETS } from "../recipes/budgets.ts";
import { Store } from "../store/store.ts";
import type { Table } from "../tables/table.ts";
import { filled } from "./fill.ts";
import { filledProse, type Prose, proseNumbers, withResults } from "./prose.ts";
import { allResults } from "./write-pages.ts";

const read = (...path: string[]): string => readFileSync(join(PACKAGE_ROOT, ...path), "utf8");
const PLACEHOLDER = /\{\{.*?\}\}/g;
const texts = readdirSync(join(PACKAGE_ROOT, "paper/text")).map((name) => [name, read("paper/text", name)] as const);
const numbersIn = (text: string): string[] => text.match(/\d+(\.\d+)+/g) ?? [];

let tables: Table[];
let studies: Awaited<ReturnType<typeof allResults>>["studies"];
let prose: Prose;
beforeAll(async () => {
  const store = new Store({ out: join(PACKAGE_ROOT, "reproduce"), root: "data", threads: 1, print: () => undefined });
  ({ tables, studies } = await allResults(store, BUDGETS.cpu));
  prose = await filledProse(tables, studies);
});

test.each(texts)("no decimal is typed in paper/text/%s", (_, text) => {
  expect(numbersIn(text.replaceAll(PLACEHOLDER, ""))).toEqual([]);
});

test("no decimal is typed in README.md, but versions and the number of the paper", () => {
  const { version, engines, devDependencies } = JSON.parse(read("package.json"));
  const known = new Set([version, engines.node.replace(">=", ""), devDependencies["onnxruntime-node"], "2310.11862"]);
  const typed = withResults("README.md", read("README.md"), "");
  expect(numbersIn(typed).filter((number) => !known.has(number))).toEqual([]);
});

test("what is committed is what the texts say, filled", () => {
  for (const [name, text] of Object.entries(prose.files)) expect(read(name), name).toBe(text);
  const { readme: _readme, engine: _engine, base: _base, tiny: _tiny, verdict, conclusions, ...ofTables } = prose.texts;
  expect(read("reproduce/README.md")).toContain(verdict);
  expect(read("reproduce/README.md")).toContain(conclusions);
  for (const [id, text] of Object.entries(ofTables)) expect(read("reproduce", id, "README.md")).toContain(text);
});

test("a text that names what is not measured is refused with its place, before any page is written", async () => {
  await expect(filledProse(tables.map(unmeasured), studies)).rejects.toThrow(
    /^paper\/text\/[\w-]+\.md: line \d+: \{\{.*\}\}: it is not measured$/,
  );
});

test("a file without exactly one block for results is refused", () => {
  expect(withResults("README.md", "a\n<!-- results --> old <!-- /results -->\nb", "new")).toBe(
    "a\n<!-- results -->\n\nnew\n\n<!-- /results -->\nb",
  );
  for (const readme of [
    "a",
    "<!-- results -->",
    "<!-- /results --> <!-- results -->",
    "<!-- results --><!-- /results -->".repeat(2),
  ])
    expect(() => withResults("README.md", readme, "new")).toThrow(
      "README.md: expected one block from <!-- results --> to",
    );
});

test("no cell of a table is longer than 200 characters", () => {
  const pages = readdirSync(join(PACKAGE_ROOT, "reproduce"), { recursive: true, encoding: "utf8" });
  for (const page of [
    "README.md",
    ...pages.filter((name) => name.endsWith(".md")).map((name) => `reproduce/${name}`),
  ]) {
    const cells = read(page)
      .split("\n")
      .filter((line) => line.startsWith("|"))
      .flatMap((line) => line.split(/ (?<!\\)\| /));
    expect(
      cells.filter((cell) => cell.length > 200),
      page,
    ).toEqual([]);
  }
});

describe("each number", () => {
  /** The tables with other accuracies in the cells that are named so. */
  const moved = (isMoved: (name: string) => boolean): Table[] =>
    tables.map((table) => ({
      ...table,
      cells: table.cells.map((cell) => {
        const name = `${table.id}/${cell.id}`;
        if (!cell.measured || !isMoved(name)) return cell;
        const own = Buffer.from(name).reduce((sum, byte) => sum + byte, 0);
        const groups = cell.measured.groups.map(
          (accuracy, i) => accuracy + 0.002 * (50 + (own ** 2 % 97)) * ((i * 7) % 5),
        );
        return { ...cell, measured: { groups, accuracy: estimate(groups) } };
      }),
    }));
  const placeholders = (pattern: RegExp): string[] => [
    ...new Set(texts.flatMap(([, text]) => text.match(pattern) ?? [])),
  ];
  const fill = async (placeholder: string, from: Table[]): Promise<string> =>
    filled(placeholder, "prose.test.ts", await proseNumbers(from, studies));

  test("is made of the cells that its placeholder names, and of no others", async () => {
    const ofCells = placeholders(/\{\{(?:table-|figure-[56]|choices|fashion-splits|trainings|epochs)[^}]*\}\}/g);
    expect(ofCells.length).toBeGreaterThan(150);
    for (const placeholder of ofCells.filter((one) => !one.includes(" paper"))) {
      const [, a, other] = /^\{\{(\S+?)(?: - (\S+?))?[ }]/.exec(placeholder)!;
      const b = other?.includes("/") ? other : a!.replace(/[^/]*$/, other ?? "");
      const now = await fill(placeholder, tables);
      expect(
        await fill(
          placeholder,
          moved((name) => name === a),
        ),
        placeholder,
      ).not.toBe(now);
      expect(
        await fill(
          placeholder,
          moved((name) => name !== a && name !== b),
        ),
        placeholder,
      ).toBe(now);
    }
  });

  test("that is made of several cells moves with them", async () => {
    const values = placeholders(/\{\{values\/(?!beta-)[^}]*\}\}/g);
    expect(values.length).toBeGreaterThan(4);
    const other = moved(() => true);
    for (const placeholder of values) expect(await fill(placeholder, other)).not.toBe(await fill(placeholder, tables));
  });
});
