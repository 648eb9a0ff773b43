import { expect, it } from "vitest";
import { canonicalJson, evaluationIdentity } from "pudnet/files";
import { BUDGETS } from "../recipes/budgets.ts";
import { TABLES } from "./tables.ts";

it("what says that it repeats trainings differs, in a column and method, in the seed of training alone", () => {
  const repeated = Object.values(TABLES)
    .map((make) => make(BUDGETS.cpu))
    .filter(({ isRepeated }) => isRepeated);
  expect(repeated.map(({ id }) => id)).toEqual(["trainings"]);
  for (const { cells } of repeated) {
    const groups = new Set(cells.map(({ column, method }) => `${column}/${method}`));
    for (const group of groups) {
      const members = cells.filter(({ column, method }) => `${column}/${method}` === group);
      const identities = members.map(({ evaluation }) => canonicalJson(evaluationIdentity(evaluation)));
      expect(new Set(identities).size).toBe(members.length);
      const withoutSeed = members.map(({ evaluation }) => {
        if (evaluation.kind !== "pudnet" || evaluation.network.method === "file") throw new Error(evaluation.kind);
        const { config } = evaluation.network;
        return canonicalJson({ ...evaluation, network: { ...config, seed: 0 } });
      });
      expect(new Set(withoutSeed).size).toBe(1);
    }
  }
});
