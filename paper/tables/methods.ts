// All methods in a column, and what a reader must know of every comparison of methods.

import { BUDGETS } from "../recipes/budgets.ts";
import { SHOTS, SOURCES } from "../recipes/datasets.ts";
import type { Cell } from "./cell.ts";
import { baselineRows, musmlRows, scratchRows } from "./baselines.ts";
import type { Column } from "./column.ts";
import { pudnetRows, randomRows } from "./pudnet.ts";

/** Rows of one network share one evaluation. */
export function methodRows(column: Column): Cell[] {
  return [baselineRows, musmlRows, scratchRows, pudnetRows, randomRows].flatMap((rows) => rows(column));
}

/** "2,000 groups of Fashion-set", "100,000 of CIFAR-100-set", ...: the budget `full` is the paper's. */
const PAPER = (["fashion-set", "cifar-100-set", "imagenet-100-set"] as const).map((source, i) => {
  const { pudnet } = BUDGETS.full.effort("resnet-18", source);
  return `${pudnet.toLocaleString("en-US")}${i === 0 ? " groups" : ""} of ${SOURCES[source].title}`;
});

export const METHOD_NOTES = [
  `Rows under "methods of the paper" have its method and its evaluation (${SHOTS} labels a class), not its budget: it trains PudNet ` +
    `on ${PAPER.slice(0, -1).join(", ")} and ${PAPER.at(-1)!}, and does not say how its baselines were ` +
    "trained. Here the number of groups and tasks differs by method: see the recipes. Every method is judged in its last state.",
  "PudNet, Pretrained, ProtoNet, MatchNet and MUSML are trained by Adam with a rate that falls linearly to zero (the paper keeps " +
    "PudNet's rate, and does not say the baselines'). Training from scratch on a test group, and the second stages of Meta-Baseline " +
    "and Meta-DeepBDC, keep theirs. PudNet alone has a warm-up; it and MUSML clip gradients.",
  "In the paper's protocol Meta-Baseline and Meta-DeepBDC lose accuracy even on training tasks in their second stage, which is " +
    "shorter here than their authors' (16,000 and 60,000 tasks; here see the recipes): their figures are lower bounds.",
  "MUSML is our reading: of its paper only abstract and introduction could be read. Number and size of the subspaces, inner steps, " +
    "rates, annealing, classification by cosine to class means and batch norm from the supports are ours.",
  "Random networks have their batch norm fitted to the generation set.",
  "Seconds in these tables are for orientation: other programs were at work. The study `speed` times one thing at a time.",
];
