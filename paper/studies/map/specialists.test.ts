import { expect, test } from "vitest";
import type { JudgedRow } from "./rows.ts";
import { chosenSpecialists } from "./specialists.ts";

const row = (domain: string, group: number, percent: number, error?: number): JudgedRow => ({
  method: "s",
  sketch: "own",
  strength: "1",
  domain,
  "trained on": "yes",
  labels: "10",
  group: String(group),
  "centred centroids": percent / 100,
  "closed form": (100 - percent) / 100,
  ...(error === undefined ? {} : { error }),
});
const accuracies = (rows: readonly JudgedRow[], sketch: string) =>
  rows.filter((one) => one.sketch === sketch).map((one) => [one.group, one["centred centroids"], one["closed form"]]);

test("each group has its own specialist, the first of equals; the oracle chooses for each head; names are of the domain", () => {
  const rows = chosenSpecialists(
    new Map([
      ["food", [row("signs", 0, 30, 0.3), row("signs", 1, 40, 0.4)]],
      ["signs", [row("signs", 0, 60, 0.3), row("signs", 1, 20, 0.2)]],
    ]),
  );
  expect(accuracies(rows, "left-out")).toEqual([["0", 0.3, 0.7], ["1", 0.2, 0.8]]); // prettier-ignore
  expect(accuracies(rows, "oracle")).toEqual([["0", 0.6, 0.7], ["1", 0.4, 0.8]]); // prettier-ignore
  expect(accuracies(rows, "name")).toEqual([["0", 0.6, 0.4], ["1", 0.2, 0.8]]); // prettier-ignore
  expect(rows.every((one) => !("error" in one))).toBe(true);
});

test("groups that one of them was not judged on have none, nor has the left-out error where one has not said it", () => {
  const rows = chosenSpecialists(
    new Map([
      ["food", [row("coins", 0, 30, 0.3), row("signs", 0, 40)]],
      ["signs", [row("signs", 0, 60, 0.2), row("signs", 1, 20, 0.2)]],
    ]),
  );
  expect(rows.map(({ sketch, domain, group }) => [sketch, domain, group])).toEqual([
    ["oracle", "signs", "0"],
    ["name", "signs", "0"],
  ]);
});
