import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { parseCsv } from "pudnet/files";
import { TABLES } from "../tables/tables.ts";
import { BUDGETS } from "./budgets.ts";

it("the words of all cells are those that are published", () => {
  const file = join(import.meta.dirname, "../../reproduce/results.csv");
  const [header, ...rows] = parseCsv(readFileSync(file, "utf8"), file) as [string[], ...string[][]];
  const [table, cell, recipe] = ["experiment", "cell", "recipe"].map((name) => header.indexOf(name)) as [
    number,
    number,
    number,
  ];
  const published = new Map(rows.map((row) => [`${row[table]}, ${row[cell]}`, row[recipe]]));
  const tables = Object.values(TABLES).map((make) => make(BUDGETS.cpu));
  const words = tables.flatMap(({ id, cells }) => cells.map((one) => [`${id}, ${one.id}`, one.recipe] as const));
  expect(published.size).toBeGreaterThan(1700);
  expect(new Map(words)).toEqual(published);
});
