import { expect, it } from "vitest";
import { CLASS_SPLITS } from "pudnet/datasets";
import { BUDGETS } from "../recipes/budgets.ts";
import { fashionSplits } from "./fashion-splits.ts";

const { cells } = fashionSplits(BUDGETS.cpu);

it("each column is trained, normalized and judged by its own classes, ResNet-18 with a stem that does not pool", () => {
  expect(cells).toHaveLength(6 * 2 + 3 * 14);
  for (const { id, evaluation } of cells) {
    const parts = id.split("/");
    const split = parts.at(-2)!;
    expect(Object.keys(CLASS_SPLITS)).toContain(split);
    expect(evaluation.protocol.classes).toEqual({ testOf: split });
    const said = JSON.stringify(evaluation);
    expect([id, [...said.matchAll(/"split":"([^"]*)"/g)].every(([, used]) => used === split)]).toEqual([id, true]);
    if (parts[0] === "resnet-18") expect(said).toContain('"stem":"7x7"');
  }
});

it("turned classes are further classes of the split at hand", () => {
  const turned = cells.filter(({ id }) => id.endsWith("/pudnet-turned"));
  expect(turned).toHaveLength(3);
  for (const { evaluation } of turned) {
    if (evaluation.kind !== "pudnet" || evaluation.network.method !== "pudnet") throw new Error(evaluation.kind);
    expect(evaluation.network.config.data).toMatchObject({ turnedClasses: true, trainOn: "train" });
  }
});
