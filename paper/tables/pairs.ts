// Which cells are compared group by group: ablations with the faithful PudNet, and PudNet with what answers what predicting
// weights, conditioning on the data set and training for longer bring, each with the same head.

import type { Experiment } from "./cell.ts";

/** Ids of two cells of one experiment: what is compared with, and what is compared. */
export type CellPair = readonly [baseline: string, other: string];

const against = (other: string, baselines: readonly string[]): CellPair[] => baselines.map((row) => [row, other]);

const ABLATIONS: readonly CellPair[] = [
  ...against("pudnet", [
    "no-context",
    "metric",
    "no-kl",
    "static",
    "no-sketch-norm",
    "layer-norm",
    "generation-norm",
    "prototypes",
  ]),
  ...against("pudnet", ["fixed-temperature", "temperature-1", "no-stem", "norm-first", "augment"]),
  // What AHRU brings where both networks have their batch norm fitted, as w.o.-Context needs it.
  ["no-context-generation", "pudnet-generation"],
  // and where the sketch has no batch norm to be hidden by
  ["no-sketch-norm-no-context", "no-sketch-norm"],
  ["static", "no-sketch-norm"],
];

const METHODS: readonly CellPair[] = [
  ...against("pudnet", ["static", "pretrained", "pretrained-strong", "protonet", "protonet-strong", "random"]),
  ...against("pudnet", ["pudnet-swapped", "adam-1", "adam-30", "adam-50"]),
  ...against("pudnet-all", ["static-all", "pretrained-all"]),
  ...against("pudnet-closed-form", ["static-closed-form", "pretrained-closed-form", "pretrained-strong-closed-form"]),
  ...against("pudnet-closed-form", ["random-closed-form", "adam-30", "adam-50", "adam-falling-30"]),
  ...against("pretrained-closed-form", ["adam-30", "adam-50", "adam-falling-30"]),
  ["pudnet-swapped-closed-form", "pudnet-closed-form"],
  ["static", "pudnet-swapped"],
  ...against("pudnet-of-table-1", ["static-of-table-1", "pudnet-swapped-of-table-1", "pretrained"]),
  ["pretrained-all", "pudnet-all-of-table-1"],
  ...against("pudnet-closed-form-of-table-1", ["static-closed-form-of-table-1", "pretrained-closed-form"]),
];

/** Pairs of rows, by experiment. */
export const PAIRS: Readonly<Record<string, readonly CellPair[]>> = {
  "table-1": METHODS,
  "table-2": METHODS,
  "table-3": METHODS,
  "table-5": METHODS,
  "table-6": ABLATIONS,
  "table-7": METHODS,
  choices: ABLATIONS,
  "fashion-splits": against("pudnet", ["static"]),
  trainings: [0, 1, 2, 3].map((seed) => [`static-${seed}`, `pudnet-${seed}`]),
  epochs: against("pudnet", ["adam-1", "adam-2", "adam-3", "adam-5"]),
};

/** The pairs of an experiment that it has cells for, column after column. */
export function pairsOf({ id, cells }: Experiment): CellPair[] {
  const ids = new Set(cells.map((cell) => cell.id));
  const columns = new Set(cells.map((cell) => cell.id.slice(0, cell.id.lastIndexOf("/"))));
  return [...columns].flatMap((column) =>
    (PAIRS[id] ?? [])
      .map(([baseline, other]): CellPair => [`${column}/${baseline}`, `${column}/${other}`])
      .filter((pair) => pair.every((cell) => ids.has(cell))),
  );
}
