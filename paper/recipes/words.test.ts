import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { canonicalJson, groupedBy, parseCsv } from "pudnet/files";
import { TABLES } from "../tables/tables.ts";
import { BUDGETS } from "./budgets.ts";
import type { EvaluationRecipe } from "./recipe.ts";
import { GENERAL, isMade, SHIPPED, type ShippedFile } from "./shipped.ts";
import { wordsOf } from "./words.ts";

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
  const printed = tables.flatMap(({ id, cells }) =>
    cells.map((one) => [`${id}, ${one.id}`, wordsOf(one.evaluation)] as const),
  );
  expect(published.size).toBeGreaterThan(1700);
  expect(new Map(printed)).toEqual(published);
});

/** The words of a cell of Table I, or of another table. */
function words(cell: string, table = "table-1"): string {
  return wordsOf(TABLES[table]!(BUDGETS.cpu).cells.find(({ id }) => id === cell)!.evaluation);
}

it.each([
  ["convnet-3/fashion-set/pretrained", "cross entropy, 6 epochs of Adam 1e-3 falling to zero"],
  ["convnet-3/fashion-set/matchnet-strong", "3000 tasks of Adam 1e-3 falling to zero, flips and shifts"],
  [
    "resnet-18/cifar-100-set/meta-deepbdc",
    "cross entropy through the embedding of meta-deepbdc, 8 epochs of Adam 1e-3 falling to zero; then 400 tasks of Adam 1e-4",
  ],
  [
    "resnet-18/fashion-set/meta-baseline-strong",
    "cross entropy, 4 epochs of SGD 0.1 (momentum 0.9, decay 5e-4), a tenth of it after 90 %, flips and shifts; then 400 tasks " +
      "of SGD 1e-3 (momentum 0.9, decay 5e-4), flips and shifts",
  ],
  [
    "convnet-3/fashion-set/musml",
    "400 tasks of Adam 1e-3 falling to zero, gradients clipped at 10, 2 subspaces of dimension 8, 3 inner steps, first-order gradients",
  ],
  ["convnet-3/fashion-set/gc-30", "Adam 1e-3 with centralised gradients, 64 images a step, on each test group"],
  [
    "convnet-3/cifar-100-set/static",
    "24000 groups of Adam 1e-3, rising over 500 steps, then falling to zero, gradients clipped at 10; beta 0.1; sketch constant",
  ],
])("%s", (cell, expected) => {
  expect(words(cell)).toBe(expected);
});

it("a variant says what it changes, in training and in judging", () => {
  const column = "convnet-3/cifar-100-set";
  expect(words(`${column}/metric`, "table-6")).toBe(`${words(`${column}/pudnet`, "table-6")}; fullLoss 0; klLoss 0`);
  expect(words(`${column}/no-context-generation`, "table-6")).toMatch(
    /; beta 0.1; context false; batch norm fitted to the generation set$/,
  );
  expect(words(`${column}/pudnet-wrong-sketch`)).toMatch(
    /; beta 0.1; the sketch is of 5 other test classes of CIFAR-100-set$/,
  );
  expect(words("convnet-3/fashion-set/pudnet-turned")).toMatch(
    /; with classes turned by 90, 180, 270 degrees; batch norm/,
  );
  const parallel = (row: string) => words(`${column}/1500/${row}`, "parallel-groups");
  expect(parallel("one-group-0")).toMatch(/^1500 groups of Adam 1e-3, rising over 500 steps, then/);
  expect(parallel("four-groups-0")).toMatch(/^1500 groups, 4 a step, of Adam 2e-3, rising over 125 steps, then/);
  expect(parallel("two-streams-0")).toMatch(
    /^1504 groups in 2 streams, averaged after 8 steps, of Adam 1e-3, rising over 250 /,
  );
  expect(words("convnet-3/cifar-100-20-way/pudnet-20", "table-8")).toMatch(
    /^start: 24000 groups .*; beta 0.1; head: Adam 1e-3, all else: 1e-4, 64 images a step, on each test group$/,
  );
});

it("no two PudNets of a column whose recipes differ say the same", () => {
  const columns = Object.values(TABLES)
    .map((make) => make(BUDGETS.cpu))
    .filter(({ form }) => form === "table")
    .flatMap(({ id, cells }) => [...groupedBy(cells, ({ column }) => `${id}: ${column}`)]);
  for (const [name, members] of columns) {
    const recipes = members.flatMap(({ evaluation }) => (evaluation.kind === "pudnet" ? [evaluation] : []));
    const withoutSeed = (network: (typeof recipes)[number]["network"]) =>
      network.method === "file" ? network : { ...network.config, seed: 0 };
    const identities = recipes.map((one) => canonicalJson({ ...one, network: withoutSeed(one.network) }));
    expect([name, new Set(recipes.map(wordsOf)).size]).toEqual([name, new Set(identities).size]);
  }
});

it("a file says what it is of, and whether it is there", () => {
  const judged = (sha256: string) =>
    wordsOf({
      ...TABLES["general"]!(BUDGETS.cpu).cells[0]!.evaluation,
      network: { method: "file", sha256 },
    } as EvaluationRecipe);
  expect(judged(SHIPPED["cifar-100-set"].sha256)).toMatch(
    /^checkpoints\/cifar-100-convnet-3.safetensors \(SHA-256 a0b161db3310fffe\): of configs\/\S+, .* after 18000 of 24000 groups; batch norm/,
  );
  for (const { sha256, file, config } of Object.values<ShippedFile>(GENERAL)) {
    const is = isMade({ method: "file", sha256 })
      ? ` (SHA-256 ${sha256.slice(0, 16)}): of ${config}`
      : ", which is not made yet: of ";
    expect(judged(sha256)).toContain(`${file}${is}`);
    expect(judged(sha256)).not.toContain("groups;");
  }
});
