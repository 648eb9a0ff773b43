// The hypernetworks that come with the repository, beside the last states that all other tables judge.

import type { Budget } from "../recipes/budgets.ts";
import { SHIPPED, type ShippedName } from "../recipes/shipped.ts";
import type { Cell } from "./cell.ts";
import { ALL, cellOf, CLOSED, type Column, FEW, rowIdOf, withinColumn } from "./column.ts";
import { pudnetRows } from "./pudnet.ts";
import type { Table } from "./table.ts";

/** Rows of Table I: the last states of trainings like those that the files are taken from. */
const LAST_STATES: Readonly<Record<ShippedName, readonly string[]>> = {
  "fashion-set": ["pudnet-turned", "pudnet-turned-all", "pudnet-turned-closed-form"],
  "cifar-100-set": ["pudnet", "pudnet-generation", "pudnet-all", "pudnet-closed-form"],
};

/** A row a batch norm and head, each compared with the last state that is judged alike. */
function shippedRows(name: ShippedName, column: Column): Cell[] {
  const { method, sha256 } = SHIPPED[name];
  const row = (id: string, norm: "running" | "generation", measure: string, of: string, comparedWith: string[]): Cell =>
    cellOf(column, {
      id,
      method: `PudNet, shipped file (best in validation)${of}`,
      kind: "ours",
      evaluation: { kind: "pudnet", network: { method, sha256 }, norm, protocol: column.protocol },
      measure,
      comparedWith,
    });
  const [all, closed] = [", centroids of all images", ", closed form on all images"];
  const fitted = ", batch norm from the generation set";
  return [
    row("shipped", "running", FEW, "", ["pudnet"]),
    row("shipped-all", "running", ALL, all, ["pudnet-all"]),
    row("shipped-closed-form", "running", CLOSED, closed, ["pudnet-closed-form"]),
    row("shipped-generation", "generation", FEW, fitted, ["pudnet-generation", "pudnet-turned"]),
    row("shipped-generation-all", "generation", ALL, `${fitted}${all}`, ["pudnet-turned-all"]),
    row("shipped-generation-closed-form", "generation", CLOSED, `${fitted}${closed}`, ["pudnet-turned-closed-form"]),
  ];
}

function cellsOf(name: ShippedName, budget: Budget): Cell[] {
  const column = withinColumn(name, SHIPPED[name].target.arch, budget);
  const last = pudnetRows(column)
    .filter((cell) => LAST_STATES[name].includes(rowIdOf(cell, column)))
    .map(({ comparedWith: _comparedWith, ...cell }): Cell => {
      const method = `${cell.method} (last state)`;
      return { ...cell, row: method, method };
    });
  return [...shippedRows(name, column), ...last];
}

export function shipped(budget: Budget): Table {
  return {
    id: "shipped",
    title: "The hypernetworks in checkpoints/",
    notes: [
      "A file in `checkpoints/` is the state of its training that was most accurate on validation groups, named here by its SHA-256; all " +
        "other tables judge last states, whose rows stand here again. Test classes chose neither.",
      "Turned training classes were added after the test figures of the faithful training on Fashion-set were known: a blind test would " +
        "need another class split.",
      "The groups are those of Table I, drawn by seed 0: 4 ways, 300 + 100 images a class (Fashion-set); 5 ways, 500 + 100 (CIFAR-100-set).",
    ],
    form: "table",
    cells: (["fashion-set", "cifar-100-set"] as const).flatMap((name) => cellsOf(name, budget)),
  };
}
