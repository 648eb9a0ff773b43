// Which tables, cells and studies a command line asks for.

import { closest, UserError } from "pudnet/engine";
import { type BudgetName, BUDGETS } from "./recipes/budgets.ts";
import { STUDIES } from "./studies/studies.ts";
import type { Cell } from "./tables/cell.ts";
import { TABLES } from "./tables/tables.ts";

/**
 * The tables asked for, with the cells asked for, and the studies.
 * @throws UserError for a name or a pattern that nothing has
 */
export function chosen(what: string, budget: BudgetName, patterns: readonly string[]) {
  const names = [...Object.keys(TABLES), ...Object.keys(STUDIES)];
  if (what !== "all" && !names.includes(what)) {
    const near = closest(what, ["all", ...names]);
    throw new UserError(`no experiment "${what}"; there are ${names.join(", ")} and all`, {
      ...(near ? { hint: `did you mean ${near}?` } : {}),
      exitCode: 2,
    });
  }
  const made = Object.entries(TABLES)
    .filter(([id]) => what === "all" || id === what)
    .map(([, make]) => make(BUDGETS[budget]));
  const wanted = (cell: Cell): boolean =>
    patterns.length === 0 || patterns.some((pattern) => matches(cell.id, pattern));
  const tables = made.map((table) => ({ ...table, cells: table.cells.filter(wanted) }));
  const studies = Object.entries(STUDIES).filter(([id]) => id === what || (what === "all" && patterns.length === 0));
  const ids = made.flatMap(({ cells }) => cells.map(({ id }) => id));
  const stray = patterns.find((pattern) => !ids.some((id) => matches(id, pattern)));
  if (stray !== undefined) {
    const near = closest(stray, ids);
    throw new UserError(`no cell of ${what} is called "${stray}"`, {
      hint: near ? `did you mean "${near}"? --list prints them all` : "--list prints them all",
      exitCode: 2,
    });
  }
  return { tables, studies: studies.map(([, study]) => study) };
}

function matches(id: string, pattern: string): boolean {
  const literal = pattern.split("*").map((part) => part.replaceAll(/[.+?^${}()|[\]\\]/g, "\\$&"));
  return new RegExp(`^${literal.join(".*")}$`).test(id);
}
