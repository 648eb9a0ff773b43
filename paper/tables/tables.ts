// All tables and graphs, by id, in the order of the paper.

import { choices, table6 } from "./ablations.ts";
import type { Budget } from "../recipes/budgets.ts";
import type { Table } from "./table.ts";
import { table8 } from "./fine-tuning.ts";
import { figure5, figure6 } from "./graphs.ts";
import { fashionSplits, trainings } from "./repetitions.ts";
import { shipped } from "./shipped.ts";
import { MAIN_TABLES } from "./main-tables.ts";

export const TABLES: Readonly<Record<string, (budget: Budget) => Table>> = {
  "table-1": MAIN_TABLES["table-1"]!,
  "table-2": MAIN_TABLES["table-2"]!,
  "table-3": MAIN_TABLES["table-3"]!,
  "table-4": MAIN_TABLES["table-4"]!,
  "table-5": MAIN_TABLES["table-5"]!,
  "table-6": table6,
  "table-7": MAIN_TABLES["table-7"]!,
  "table-8": table8,
  "figure-5": figure5,
  "figure-6": figure6,
  choices,
  "fashion-splits": fashionSplits,
  trainings,
  epochs: MAIN_TABLES["epochs"]!,
  shipped,
};
