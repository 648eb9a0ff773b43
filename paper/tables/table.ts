// A table: cells in rows and columns, or the points of a graph, with what a reader must know.

import type { Cell } from "./cell.ts";

export interface Table {
  /** table-1, figure-5, ... */
  readonly id: string;
  readonly title: string;
  /** What a reader must know: protocol, what differs from the paper. */
  readonly notes: readonly string[];
  /** A table, or a graph of accuracy over x. */
  readonly form: "table" | { readonly x: string; readonly log?: boolean };
  /** Cells of one method in a column differ in the seed of their training alone. */
  readonly isRepeated?: boolean;
  /** Columns over which rows have a mean, and the row whose error others are set against there. */
  readonly mean?: { readonly title: string; readonly columns: readonly string[]; readonly against: string };
  readonly cells: readonly Cell[];
}

/** The cells that are compared, in the order of the cells: [what is compared with, what is compared]. */
export function comparisons(cells: readonly Cell[]): [baseline: Cell, other: Cell][] {
  const byId = new Map(cells.map((cell) => [cell.id, cell]));
  return cells.flatMap((other) =>
    (other.comparedWith ?? []).flatMap((row): [Cell, Cell][] => {
      const baseline = byId.get(other.id.slice(0, other.id.lastIndexOf("/") + 1) + row);
      return baseline ? [[baseline, other]] : [];
    }),
  );
}
