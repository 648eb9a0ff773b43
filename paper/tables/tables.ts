// All experiments whose cells are accuracies on groups, by id, in the order of the paper.

import { choices, table6 } from "./ablations.ts";
import type { Budget } from "../recipes/budgets.ts";
import type { Experiment } from "./cell.ts";
import { table8 } from "./fine-tuning.ts";
import { figure5, figure6 } from "./graphs.ts";
import { fashionSplits, trainings } from "./repetitions.ts";
import { TABLES } from "./main-tables.ts";

export const EXPERIMENTS: Readonly<Record<string, (budget: Budget) => Experiment>> = {
  "table-1": TABLES["table-1"]!,
  "table-2": TABLES["table-2"]!,
  "table-3": TABLES["table-3"]!,
  "table-4": TABLES["table-4"]!,
  "table-5": TABLES["table-5"]!,
  "table-6": table6,
  "table-7": TABLES["table-7"]!,
  "table-8": table8,
  "figure-5": figure5,
  "figure-6": figure6,
  choices,
  "fashion-splits": fashionSplits,
  trainings,
  epochs: TABLES["epochs"]!,
};
