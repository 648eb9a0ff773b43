// Ids of cells can be found by grep: each part stands as a literal where its row or column is made.

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { BUDGETS } from "../recipes/budgets.ts";
import { TABLES } from "./tables.ts";

/** The text of the files that make rows and columns, without what rows are compared with. */
function sources(): string {
  const files = readdirSync(import.meta.dirname).filter((name) => name.endsWith(".ts") && !name.endsWith(".test.ts"));
  return [...files, "../recipes/datasets.ts"]
    .map((name) => readFileSync(join(import.meta.dirname, name), "utf8"))
    .join("\n")
    .replaceAll(/comparedWith: \[[^\]]*\]/g, "");
}

it("each part of an id is a quoted literal, if need be without a last number", () => {
  const text = sources();
  const cells = Object.values(BUDGETS).flatMap((budget) => Object.values(TABLES).flatMap((make) => make(budget).cells));
  const parts = new Set(cells.flatMap(({ id }) => id.split("/")).filter((part) => !/^[\d.]+$/.test(part)));
  const isSpelled = (part: string): boolean => {
    const before = part.replace(/-\d+$/, "");
    return [`"${part}"`, `"${before}"`, `\`${before}-\${`, `/${part}"`].some((literal) => text.includes(literal));
  };
  expect(parts.size).toBeGreaterThan(70);
  expect([...parts].filter((part) => !isSpelled(part))).toEqual([]);
});
