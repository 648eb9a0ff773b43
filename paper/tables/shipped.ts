// The hypernetworks that come with the repository, beside the last states that all other tables judge.

import type { NormMode } from "pudnet/evaluation";
import type { Budget } from "../recipes/budgets.ts";
import { SHIPPED, type ShippedName } from "../recipes/shipped.ts";
import type { Cell } from "./cell.ts";
import { withinColumn, withinPlace } from "./main-tables.ts";
import { methodCells } from "./method-rows.ts";
import { pudnetRows } from "./pudnet.ts";
import { ALL, CLOSED, FEW, type MethodRow, type Place } from "./row.ts";
import type { Table } from "./table.ts";

/** Rows of Table I: the last states of trainings like those that the files are taken from. */
const LAST_STATES: Readonly<Record<ShippedName, readonly string[]>> = {
  "fashion-set": ["pudnet-turned", "pudnet-turned-all", "pudnet-turned-closed-form"],
  "cifar-100-set": ["pudnet", "pudnet-generation", "pudnet-all", "pudnet-closed-form"],
};

const TITLE = "PudNet, shipped file (best in validation)";

/** A row a batch norm and head, each compared with the last state that is judged alike. */
function shippedRows(name: ShippedName, { protocol }: Place): MethodRow[] {
  const { method, sha256, steps } = SHIPPED[name];
  const row = (id: string, norm: NormMode, measure: string, of: string, comparedWith: string[]): MethodRow => ({
    id,
    method: `${TITLE}${of}`,
    kind: "ours",
    evaluation: { kind: "pudnet", network: { method, sha256 }, norm, protocol },
    measure,
    timing: ["prediction"],
    trainGroups: steps,
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

function columnOf(name: ShippedName, budget: Budget): Cell[] {
  const { arch, target } = SHIPPED[name];
  const place = withinPlace(name, arch, budget);
  const cellsOf = (rows: readonly MethodRow[]) => methodCells(withinColumn(name, arch), place, rows, () => undefined);
  const last = pudnetRows(place)
    .filter(({ id }) => LAST_STATES[name].includes(id))
    .map((row) => ({ ...row, comparedWith: [], method: `${row.method} (last state)` }));
  return [...cellsOf(shippedRows(name, place)).map((cell) => ({ ...cell, target })), ...cellsOf(last)];
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
    cells: (["fashion-set", "cifar-100-set"] as const).flatMap((name) => columnOf(name, budget)),
  };
}
