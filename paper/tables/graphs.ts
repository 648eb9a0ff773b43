// Figures 5 and 6: PudNet's accuracy over the number of training groups and over beta.

import type { Budget, GraphSource } from "../recipes/budgets.ts";
import { SHOTS, SOURCES } from "../recipes/datasets.ts";
import { archTitle } from "../recipes/networks.ts";
import type { Cell } from "./cell.ts";
import { ONE_HEAD, withinColumn } from "./column.ts";
import { pudnetCell } from "./pudnet.ts";
import type { Table } from "./table.ts";

const BETAS = [0, 0.05, 0.1, 0.2, 0.3, 0.5, 0.7, 0.9];
const SOURCES_SHOWN: readonly GraphSource[] = ["fashion-set", "cifar-100-set", "imagenet-100-set"];
const ARCH = "convnet-3";
const SETTING = `${archTitle(ARCH)}, ${SHOTS} shots`;

/** A graph's points: PudNet trained on so many groups, with a beta. */
function points(
  budget: Budget,
  of: (source: GraphSource) => readonly { readonly x: number; readonly steps: number; readonly beta?: number }[],
): Cell[] {
  return SOURCES_SHOWN.flatMap((source) => {
    const own = withinColumn(source, ARCH, { ...budget, groups: budget.graphGroups });
    return of(source).map(({ x, ...trained }) => {
      const column = { ...own, title: String(x), ...trained };
      const row = SOURCES[source].title;
      return pudnetCell(column, { id: String(x), row, method: "PudNet", kind: "paper", timing: ONE_HEAD });
    });
  });
}

export function figure5(budget: Budget): Table {
  return {
    id: "figure-5",
    title: "Figure 5: accuracy over the number of training groups",
    notes: [`Every point is a training of its own, its learning rate falling to zero at its end. ${SETTING}.`],
    form: { x: "training groups", log: true },
    cells: points(budget, (source) => budget.figure5[source].map((steps) => ({ x: steps, steps }))),
  };
}

export function figure6(budget: Budget): Table {
  return {
    id: "figure-6",
    title: "Figure 6: accuracy over beta",
    notes: [
      `beta of eq. 5: the share of the sketch in each layer's representation; 0 leaves the sketch out but for the first state. ${SETTING}, short trainings.`,
    ],
    form: { x: "beta" },
    cells: points(budget, (source) => BETAS.map((beta) => ({ x: beta, beta, steps: budget.figure6[source] }))),
  };
}
