// All tables and graphs by id, in the order of the paper.

import type { Budget } from "../recipes/budgets.ts";
import { choices, table6 } from "./ablations.ts";
import { table2, table3, table5 } from "./across.ts";
import { fashionSplits } from "./fashion-splits.ts";
import { table8 } from "./fine-tuning.ts";
import { general } from "./general.ts";
import { improved } from "./improved.ts";
import { figure5, figure6 } from "./graphs.ts";
import { parallelGroups, trainings } from "./repetitions.ts";
import { shipped } from "./shipped.ts";
import type { Table } from "./table.ts";
import { epochs, table1, table4, table7 } from "./within.ts";

export const TABLES: Readonly<Record<string, (budget: Budget) => Table>> = {
  "table-1": table1,
  "table-2": table2,
  "table-3": table3,
  "table-4": table4,
  "table-5": table5,
  "table-6": table6,
  "table-7": table7,
  "table-8": table8,
  "figure-5": figure5,
  "figure-6": figure6,
  choices,
  "fashion-splits": fashionSplits,
  improved,
  trainings,
  "parallel-groups": parallelGroups,
  epochs,
  shipped,
  general,
};
