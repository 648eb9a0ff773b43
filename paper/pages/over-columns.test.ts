import { expect, it } from "vitest";
import { cellOf, measured } from "../../test/made-up-results.ts";
import { overColumnsSection } from "./over-columns.ts";

const result = (column: string, row: string, groups: readonly number[]) =>
  measured(cellOf(`${column}/${row}`, { row, column }), groups);
const mean = { title: "Together", columns: ["a", "b"], against: "pixels" };
const rows = (cells: Parameters<typeof overColumnsSection>[0]["cells"]): string[] =>
  overColumnsSection({ mean, cells })
    .split("\n")
    .filter((line) => line.startsWith("|"))
    .slice(2);

const PIXELS = [result("a", "pixels", [0.4, 0.4]), result("b", "pixels", [0.6, 0.6])];

it("has the mean of columns, its interval over columns and over groups, and the error beside that of a row", () => {
  const base = [result("a", "base", [0.75, 0.85]), result("b", "base", [0.7, 0.7])];
  // Student's t with 1 degree of freedom: 12.706; of a: 12.706 * 0.05 = 0.6353, half of it for two columns
  // over columns: 0.8 and 0.7, 12.706 * 0.05; errors 0.25 and 0.5
  expect(rows([...PIXELS, ...base, result("c", "base", [0.1])])).toEqual([
    "| pixels | 50.00 ± 127.06 | 0.00 | 40.00 to 60.00 | 1.00 |",
    "| base | 75.00 ± 63.53 | 31.77 | 70.00 to 80.00 | 0.50 |",
  ]);
});

it("leaves out what is not measured everywhere, and errors where there is nothing to set them against", () => {
  const base = [result("a", "base", [0.8, 0.8]), result("b", "base", [0.7, 0.7])];
  expect(rows([PIXELS[0]!, ...base, cellOf("b/pixels", { row: "pixels", column: "b" })])).toEqual([
    "| base | 75.00 ± 63.53 | 0.00 | 70.00 to 80.00 |  |",
  ]);
  expect(rows([PIXELS[0]!])).toEqual([]);
  expect(overColumnsSection({ cells: base })).toBe("");
});
