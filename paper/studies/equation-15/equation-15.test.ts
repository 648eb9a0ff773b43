import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { parseCsv } from "pudnet/files";
import { BUDGETS } from "../../recipes/budgets.ts";
import { equation15 } from "./equation-15.ts";
import { Store } from "../../store/store.ts";

let out: string;
beforeEach(() => {
  out = mkdtempSync(join(tmpdir(), "pudnet-equation-"));
});
afterEach(() => rmSync(out, { recursive: true, force: true }));

test("errors fall with the order of the integrator, and the page says so in the CSV's numbers", async () => {
  const store = new Store({ out, root: out, print: () => undefined });
  expect(await equation15.page(store, BUDGETS.cpu)).toBeUndefined();
  await equation15.run(store, BUDGETS.cpu);
  const [header, ...rows] = parseCsv(readFileSync(join(out, "equation-15/errors.csv"), "utf8"));
  expect(header).toEqual(["integrator", "steps", "error", "order", "expected order"]);
  for (const [integrator, order] of Object.entries({ euler: 1, midpoint: 2 })) {
    const last = rows.filter(([name]) => name === integrator).at(-1)!;
    expect(Number(last[2])).toBeLessThan(order === 1 ? 0.01 : 1e-4);
    expect(Number(last[3])).toBeCloseTo(order, 1);
  }
  const page = (await equation15.page(store, BUDGETS.cpu))!;
  const table = page.files["README.md"]!.split("\n").filter((line) => /^\| (Euler|midpoint)/.test(line));
  expect(table.map((line) => line.split("|").map((cell) => cell.trim())[3])).toEqual(
    rows.map(([, , error]) => String(Number(Number(error).toPrecision(3)))),
  );
  expect(page.headline).toContain(`the error is ${Number(Number(rows.at(-1)![2]).toPrecision(2))}`);
  expect(page.files["figure.svg"]).toContain("10⁻");
});

test.each([
  ["a row that was cut", (csv: string) => csv.replace(/,2\n$/, "\n"), /cells/],
  ["an error of nothing", (csv: string) => csv.replace(/^euler,2,[^,]+/m, "euler,2,0"), /above 0/],
  [
    "an integrator nobody knows",
    (csv: string) => csv.replace("euler,1,", "duler,1,"),
    /"duler", expected euler or midpoint/,
  ],
  [
    "no order at its end",
    (csv: string) => csv.replace(/,[^,]+,2\n$/, ",,2\n"),
    /before the order of midpoint is known/,
  ],
])("a file with %s makes no page", async (_, damage, message) => {
  const store = new Store({ out, root: out, print: () => undefined });
  await equation15.run(store, BUDGETS.cpu);
  const file = join(out, "equation-15/errors.csv");
  writeFileSync(file, damage(readFileSync(file, "utf8")));
  await expect(equation15.page(store, BUDGETS.cpu)).rejects.toThrow(message);
});
