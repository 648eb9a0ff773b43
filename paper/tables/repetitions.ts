// The seed of a training, drawn once for all other tables, drawn again, also where a step is several groups.

import type { Budget } from "../recipes/budgets.ts";
import { pretrainedRecipe, type PudNetVariant } from "../recipes/networks.ts";
import type { Cell } from "./cell.ts";
import { cellOf, CLOSED, type Column, FEW, ONE_HEAD, withinColumn } from "./column.ts";
import { pudnetCell, type PudNetRow } from "./pudnet.ts";
import type { Table } from "./table.ts";

const PUDNET = { method: "PudNet", kind: "paper" } as const;
const STATIC = { method: "Static-PudNet", pudnet: { sketch: "constant" } } as const;
const PRETRAINED = { method: "Pretrained", kind: "paper" } as const;

/** PudNet and Static-PudNet trained again with other seeds: other first weights, other training groups; at full length Pretrained, too. */
export function trainings(budget: Budget): Table {
  const own = withinColumn("cifar-100-set", "convnet-3", budget);
  const { short, fullSeeds } = budget.trainings;
  const columnOf = (steps: number): Column => {
    return { ...own, id: `${own.id}/${steps}`, title: `${steps.toLocaleString("en")} training groups`, steps };
  };
  return {
    id: "trainings",
    title: "What another training changes",
    notes: [
      "CIFAR-100-set, ConvNet-3. Another seed of training means other first weights and other training groups; the test groups stay " +
        "the same. Seed 0 is that of all other tables. Pretrained, which sees no groups, stands beside trainings that are as long as " +
        "Table I's, and is trained as there.",
    ],
    form: "table",
    isRepeated: true,
    cells: [
      ...short.flatMap(({ steps, seeds }) => shortTrainings(columnOf(steps), seedsTo(seeds))),
      ...fullTrainings(columnOf(own.steps), seedsTo(fullSeeds)),
    ],
  };
}

const seedsTo = (count: number): number[] => Array.from({ length: count }, (_, seed) => seed);
const inRow = (method: string, seed: number) => ({ method, row: `${method}, seed ${seed}`, seed });

function shortTrainings(column: Column, seeds: readonly number[]): Cell[] {
  const cell = (row: PudNetRow, seed: number): Cell =>
    pudnetCell(column, { ...row, ...inRow(row.method, seed), timing: ONE_HEAD });
  return [
    ...seeds.map((seed) => cell({ id: `pudnet-${seed}`, ...PUDNET, comparedWith: [`static-${seed}`] }, seed)),
    ...seeds.map((seed) => cell({ id: `static-${seed}`, ...STATIC }, seed)),
  ];
}

/** As long as in Table I, with the network that PudNet is compared with most, and the closed form. */
function fullTrainings(column: Column, seeds: readonly number[]): Cell[] {
  const closed = (method: string) => ({ method: `${method}, closed form on all images`, measure: CLOSED });
  return seeds.flatMap((seed) => {
    const pudnet = (row: PudNetRow): Cell => pudnetCell(column, { ...row, ...inRow(row.method, seed) });
    const network = pretrainedRecipe(column, "paper", { seed });
    const evaluation = { kind: "fixed", network, protocol: column.protocol } as const;
    const pretrained = (cell: Pick<Cell, "id" | "method" | "kind" | "measure">): Cell =>
      cellOf(column, { ...cell, row: inRow(cell.method, seed).row, evaluation });
    return [
      pudnet({ id: `pudnet-${seed}`, ...PUDNET, comparedWith: [`static-${seed}`, `pretrained-${seed}`] }),
      pudnet({ id: `static-${seed}`, ...STATIC }),
      pretrained({ id: `pretrained-${seed}`, ...PRETRAINED, measure: FEW }),
      pudnet({
        id: `pudnet-closed-form-${seed}`,
        ...closed(PUDNET.method),
        comparedWith: [`static-closed-form-${seed}`, `pretrained-closed-form-${seed}`],
      }),
      pudnet({ id: `static-closed-form-${seed}`, ...STATIC, ...closed(STATIC.method) }),
      pretrained({ id: `pretrained-closed-form-${seed}`, kind: "ours", ...closed(PRETRAINED.method) }),
    ];
  });
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
  const [{ steps }] = budget.trainings.short;
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
