import { expect, it } from "vitest";
import { canonicalJson, evaluationIdentity } from "pudnet/files";
import { BUDGETS } from "../recipes/budgets.ts";
import { trainGroups } from "../recipes/words.ts";
import { evaluationName } from "../store/evaluations.ts";
import type { Cell } from "./cell.ts";
import { TABLES } from "./tables.ts";

it("what says that it repeats trainings differs, in a column and method, in the seed of training alone", () => {
  const repeated = Object.values(TABLES)
    .map((make) => make(BUDGETS.cpu))
    .filter(({ isRepeated }) => isRepeated);
  expect(repeated.map(({ id }) => id)).toEqual(["improved", "trainings", "parallel-groups"]);
  for (const { cells } of repeated) {
    const groups = new Set(cells.map(({ column, method }) => `${column}/${method}`));
    for (const group of groups) {
      const members = cells.filter(({ column, method }) => `${column}/${method}` === group);
      if (members.every(({ id }) => /\/base(-closed-form)?$/.test(id))) continue; // what they all start from
      expect([group, members.length > 1 || group.includes("ResNet-18")]).toEqual([group, true]);
      const identities = members.map(({ evaluation }) => canonicalJson(evaluationIdentity(evaluation)));
      expect(new Set(identities).size).toBe(members.length);
      const withoutSeed = members.map(({ evaluation }) => {
        const network = "network" in evaluation ? evaluation.network : undefined;
        if (!network || network.method === "file") throw new Error(evaluation.kind);
        const seedless = network.method === "pudnet" ? { config: { ...network.config, seed: 0 } } : { seed: 0 };
        return canonicalJson({ ...evaluation, network: { ...network, ...seedless } });
      });
      expect(new Set(withoutSeed).size).toBe(1);
    }
  }
});

it("seed 0 at full length is Table I's, in each row that is repeated", () => {
  const name = ({ evaluation, measure, timing }: Cell): string => `${evaluationName(evaluation)} ${measure} ${timing}`;
  const table1 = new Set(TABLES["table-1"]!(BUDGETS.cpu).cells.map(name));
  const { cells } = TABLES["trainings"]!(BUDGETS.cpu);
  const full = cells.filter(({ id }) => id.includes("/24000/"));
  expect(full).toHaveLength(3 * 6);
  for (const cell of full) expect([cell.id, table1.has(name(cell))]).toEqual([cell.id, cell.id.endsWith("-0")]);
});

it("several groups a step are on as many groups as one a step, but for what fills the last step, and are compared with it", () => {
  const { cells } = TABLES["parallel-groups"]!(BUDGETS.cpu);
  const alone = new Set(TABLES["trainings"]!(BUDGETS.cpu).cells.map(({ evaluation }) => evaluationName(evaluation)));
  expect(new Set(cells.map(({ method }) => method)).size).toBe(5);
  for (const { id, evaluation, comparedWith } of cells) {
    const isAlone = id.includes("/one-group-");
    // whose results are those of the table of repeated trainings
    expect([id, alone.has(evaluationName(evaluation))]).toEqual([id, isAlone]);
    expect(comparedWith).toEqual(isAlone ? undefined : [id.replace(/.*-(\d+)$/, "one-group-$1")]);
    const groups = trainGroups(evaluation)!;
    expect(groups).toBeGreaterThanOrEqual(1500);
    expect(groups).toBeLessThan(1500 + 4 * 8);
  }
});
