// What was drawn once for all tables, drawn again: Fashion-set's test classes, and the seed of a training, also where a step is
// several groups.

import { CLASS_SPLITS, type SplitName } from "pudnet/datasets";
import type { Budget } from "../recipes/budgets.ts";
import type { PudNetVariant } from "../recipes/networks.ts";
import { ONE_HEAD, withinColumn } from "./column.ts";
import { pudnetCell } from "./pudnet.ts";
import type { Table } from "./table.ts";

const SPLITS: readonly SplitName[] = [
  "fashion-set",
  "fashion-split-1",
  "fashion-split-2",
  "fashion-split-3",
  "fashion-split-4",
  "fashion-split-5",
];
const PUDNET = { method: "PudNet", kind: "paper", timing: ONE_HEAD } as const;
const STATIC = { method: "Static-PudNet", timing: ONE_HEAD, pudnet: { sketch: "constant" } } as const;

/** Fashion-set with other classes to test on: the paper does not name its own. */
export function fashionSplits(budget: Budget): Table {
  const own = withinColumn("fashion-set", "convnet-3", { ...budget, groups: budget.graphGroups });
  return {
    id: "fashion-splits",
    title: "Fashion-set by its test classes",
    notes: [
      "The paper tests on four of ten classes and does not say which. The first column is our Fashion-set; the others were drawn " +
        "at random, once. Training is short.",
    ],
    form: "table",
    cells: SPLITS.flatMap((split) => {
      const title = CLASS_SPLITS[split].test.join(", ");
      const protocol = { ...own.protocol, classes: { testOf: split } };
      const column = { ...own, id: split, title, protocol, steps: budget.fashionSplits };
      return [
        pudnetCell(column, { id: "pudnet", ...PUDNET, split, comparedWith: ["static"] }),
        pudnetCell(column, { id: "static", ...STATIC, split }),
      ];
    }),
  };
}

/** PudNet and Static-PudNet trained again with other seeds: other first weights, other training groups. */
export function trainings(budget: Budget): Table {
  const own = withinColumn("cifar-100-set", "convnet-3", budget);
  return {
    id: "trainings",
    title: "What another training changes",
    notes: [
      "CIFAR-100-set, ConvNet-3. Another seed of training means other first weights and other training groups; the test groups stay " +
        "the same. Seed 0 is that of all other tables.",
    ],
    form: "table",
    isRepeated: true,
    cells: budget.trainings.flatMap(({ steps, seeds }) => {
      const column = {
        ...own,
        id: `${own.id}/${steps}`,
        title: `${steps.toLocaleString("en")} training groups`,
        steps,
      };
      const all = Array.from({ length: seeds }, (_, seed) => seed);
      const row = (method: string, seed: number) => ({ row: `${method}, seed ${seed}`, seed });
      return [
        ...all.map((seed) =>
          pudnetCell(column, {
            id: `pudnet-${seed}`,
            ...PUDNET,
            ...row(PUDNET.method, seed),
            comparedWith: [`static-${seed}`],
          }),
        ),
        ...all.map((seed) => pudnetCell(column, { id: `static-${seed}`, ...STATIC, ...row(STATIC.method, seed) })),
      ];
    }),
  };
}

/** Of `parallelGroups`, by their rows' ids. Rates were chosen on validation classes (docs/LOG.md). */
const ARRANGEMENTS: Readonly<
  Record<string, { readonly method: string; readonly parallelism?: PudNetVariant["parallelism"] }>
> = {
  "one-group": { method: "one group a step" },
  "two-groups": { method: "2 groups a step", parallelism: { groupsPerStep: 2, localSteps: 1, learningRate: 0.0014 } },
  "four-groups": { method: "4 groups a step", parallelism: { groupsPerStep: 4, localSteps: 1, learningRate: 0.002 } },
  "two-streams": {
    method: "2 streams, averaged after 8 steps",
    parallelism: { groupsPerStep: 2, localSteps: 8, learningRate: 0.001 },
  },
  "four-streams": {
    method: "4 streams, averaged after 8 steps",
    parallelism: { groupsPerStep: 4, localSteps: 8, learningRate: 0.001 },
  },
};
const SEEDS = [0, 1, 2];

/** PudNet trained on as many groups, one a step and several. */
export function parallelGroups(budget: Budget): Table {
  const own = withinColumn("cifar-100-set", "convnet-3", budget);
  const [{ steps }] = budget.trainings as readonly [Budget["trainings"][number]];
  const column = {
    ...own,
    id: `${own.id}/${steps}`,
    title: `${steps.toLocaleString("en")} training groups`,
    protocol: { ...own.protocol, groups: budget.randomGroups },
    steps,
  };
  return {
    id: "parallel-groups",
    title: "Groups in parallel",
    notes: [
      "CIFAR-100-set, ConvNet-3. A step of several groups averages their gradients, so there are fewer steps; streams take steps of their own, " +
        "and their states are averaged now and then (`groupsPerStep`, `localSteps`). Seeds are those of `trainings`.",
      "Times of rows with several groups a step were taken beside other work, and compare nothing: the weights of all rows come alike.",
    ],
    form: "table",
    isRepeated: true,
    cells: Object.entries(ARRANGEMENTS).flatMap(([id, { method, parallelism }]) =>
      SEEDS.map((seed) => {
        const row = { id: `${id}-${seed}`, method, row: `${method}, seed ${seed}`, seed, timing: ONE_HEAD };
        return parallelism
          ? pudnetCell(column, { ...row, parallelism, comparedWith: [`one-group-${seed}`] })
          : pudnetCell(column, { ...row, kind: "paper" });
      }),
    ),
  };
}
