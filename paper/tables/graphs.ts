// Figures 5 and 6: PudNet's accuracy over the number of training groups and over beta.

import type { Budget, GraphSource } from "../recipes/budgets.ts";
import type { Cell } from "./cell.ts";
import type { Table } from "./table.ts";
import { SOURCES } from "../recipes/datasets.ts";
import { FAITHFUL, type Variant, variantCell, within } from "./variants.ts";

const BETAS = [0, 0.05, 0.1, 0.2, 0.3, 0.5, 0.7, 0.9];

/** A graph's points: PudNet over a number x. */
function graphCells(
  sources: readonly GraphSource[],
  budget: Budget,
  points: (source: GraphSource) => readonly { readonly x: number; readonly steps: number; readonly variant: Variant }[],
): Cell[] {
  return sources.flatMap((source) =>
    points(source).map(({ x, steps, variant }) => {
      const place = within(source, "convnet-3", { ...budget, groups: budget.graphGroups }, steps);
      const cell = variantCell(place, variant, budget);
      return { ...cell, id: `convnet-3/${source}/${x}`, row: SOURCES[source].title, column: String(x) };
    }),
  );
}

const GRAPH_SOURCES: readonly GraphSource[] = ["fashion-set", "cifar-100-set", "imagenet-100-set"];

export function figure5(budget: Budget): Table {
  return {
    id: "figure-5",
    title: "Figure 5: accuracy over the number of training groups",
    notes: ["Every point is a training of its own, its learning rate falling to zero at its end. ConvNet-3, 10 shots."],
    form: { x: "training groups", log: true },
    cells: graphCells(GRAPH_SOURCES, budget, (source) =>
      budget.figure5[source].map((steps) => ({ x: steps, steps, variant: FAITHFUL })),
    ),
  };
}

export function figure6(budget: Budget): Table {
  return {
    id: "figure-6",
    title: "Figure 6: accuracy over beta",
    notes: [
      "beta of eq. 5: the share of the sketch in each layer's representation; 0 leaves the sketch out but for the first state. ConvNet-3, 10 shots, short trainings.",
    ],
    form: { x: "beta" },
    cells: graphCells(GRAPH_SOURCES, budget, (source) =>
      BETAS.map((beta) => ({
        x: beta,
        steps: budget.figure6[source],
        variant: { ...FAITHFUL, id: `beta-${beta}`, pudnet: { beta } },
      })),
    ),
  };
}
