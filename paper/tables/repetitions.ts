// What was drawn once for all tables, drawn again: Fashion-set's test classes, and the seed of a training.

import type { Protocol } from "pudnet/evaluation";
import { CLASS_SPLITS, type SplitName } from "pudnet/datasets";
import type { Budget } from "../recipes/budgets.ts";
import type { Table } from "./table.ts";
import { FAITHFUL, STATIC, type Variant, variantCell, within } from "./variants.ts";

const COMPARED: readonly Variant[] = [{ ...FAITHFUL, comparedWith: ["static"] }, STATIC];

/** Fashion-set with other classes to test on: the paper does not name its own. */
export function fashionSplits(budget: Budget): Table {
  const source = "fashion-set";
  const splits = ["fashion-set", ...[1, 2, 3, 4, 5].map((i) => `fashion-split-${i}`)];
  const cells = splits.flatMap((split) => {
    const place = within(source, "convnet-3", { ...budget, groups: budget.graphGroups }, budget.fashionSplits);
    const protocol: Protocol = { ...place.protocol, classes: { testOf: split } };
    const { test } = CLASS_SPLITS[split as SplitName];
    return COMPARED.map((variant) =>
      variantCell({ ...place, id: split, title: test.join(", "), protocol, split }, variant, budget),
    );
  });
  return {
    id: "fashion-splits",
    title: "Fashion-set by its test classes",
    notes: [
      "The paper tests on four of ten classes and does not say which. The first column is our Fashion-set; the others were drawn " +
        "at random, once. Training is short.",
    ],
    form: "table",
    cells,
  };
}

/** PudNet and Static-PudNet trained again with other seeds: other first weights, other training groups. */
export function trainings(budget: Budget): Table {
  const cells = budget.trainings.flatMap(({ steps, seeds }) => {
    const place = within("cifar-100-set", "convnet-3", budget, steps);
    const column = { ...place, id: `${place.id}/${steps}`, title: `${steps.toLocaleString("en")} training groups` };
    return COMPARED.flatMap((variant) =>
      Array.from({ length: seeds }, (_, seed) => {
        const cell = variantCell({ ...column, seed }, variant, budget);
        const comparedWith = (variant.comparedWith ?? []).map((row) => `${row}-${seed}`);
        return { ...cell, id: `${cell.id}-${seed}`, row: `${cell.row}, seed ${seed}`, comparedWith };
      }),
    );
  });
  return {
    id: "trainings",
    title: "What another training changes",
    notes: [
      "CIFAR-100-set, ConvNet-3. Another seed of training means other first weights and other training groups; the test groups stay " +
        "the same. Seed 0 is that of all other tables.",
    ],
    form: "table",
    isRepeated: true,
    cells,
  };
}
