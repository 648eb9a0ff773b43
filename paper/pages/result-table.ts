// One table of results with what belongs below it: recipes, and the commands that make each number.

import {
  blocks,
  codeBlock,
  folded,
  formatDuration,
  groupedBy,
  type MarkdownColumn,
  markdownTable,
  numberedList,
} from "pudnet/files";
import { trainGroups, wordsOf } from "../recipes/words.ts";
import type { Cell } from "../tables/cell.ts";
import {
  cellCommand,
  groupsText,
  isMeasured,
  KINDS,
  measuredText,
  paperText,
  settingText,
  sortedByKind,
} from "./cell-text.ts";

export interface ResultTable {
  readonly table: string;
  readonly budget: string;
  readonly cells: readonly Cell[];
  /** What tells the rows apart. */
  readonly first: { readonly name: string; readonly of: (cell: Cell) => string };
}

/** The table; rows by kind, the best accuracy in bold, columns that have no entry left out. */
export function resultTable({ table, budget, cells: unsorted, first }: ResultTable): string {
  const cells = sortedByKind(unsorted);
  const settings = [...new Set(cells.map(settingText))];
  const recipe = (cell: Cell) =>
    settings.length === 1 ? wordsOf(cell.evaluation) : `${wordsOf(cell.evaluation)}; ${settingText(cell)}`;
  const recipes = [...new Set(cells.map(recipe))];
  const best = Math.max(...cells.filter(isMeasured).map(({ measured }) => measured.accuracy.mean));
  const columns: readonly (MarkdownColumn & { readonly of: (cell: Cell) => string })[] = [
    { name: first.name, of: first.of },
    { name: "paper, %", align: "right", of: paperText },
    { name: "paper, time", align: "right", of: ({ paper }) => durationText(paper?.seconds) },
    {
      name: "here, %",
      align: "right",
      of: (cell) => (cell.measured?.accuracy.mean === best ? `**${measuredText(cell)}**` : measuredText(cell)),
    },
    { name: "time", align: "right", of: ({ measured }) => durationText(measured?.seconds) },
    { name: "test groups", align: "right", of: groupsText },
    {
      name: "trained on",
      align: "right",
      of: ({ evaluation }) => trainGroups(evaluation)?.toLocaleString("en-US") ?? "",
    },
    { name: "recipe", align: "right", of: (cell) => String(recipes.indexOf(recipe(cell)) + 1) },
  ];
  const used = columns.filter(({ of }) => cells.some((cell) => of(cell) !== ""));
  const rows = rowsByKind(cells, (members) => members.map((cell) => used.map(({ of }) => of(cell))));
  const command = (cell: Cell) => cellCommand(table, cell, budget);
  const open = cells.filter((cell) => !isMeasured(cell) && cell.missing === undefined);
  return blocks(
    markdownTable(used, rows),
    settings.length === 1 ? `${settings[0]!}.` : "",
    `Recipes:\n\n${numberedList(recipes)}`,
    folded("Commands that make these numbers", codeBlock(cells.filter(isMeasured).map(command))),
    folded("Commands for what is not run", codeBlock(open.map(command))),
  );
}

/** The rows of each kind below a line with its name. */
export function rowsByKind(
  cells: readonly Cell[],
  rowsOf: (members: readonly Cell[]) => readonly (readonly string[])[],
): (readonly string[])[] {
  const byKind = groupedBy(cells, ({ kind }) => kind);
  return Object.entries(KINDS).flatMap(([kind, title]) => {
    const rows = rowsOf(byKind.get(kind) ?? []);
    return rows.length === 0 ? [] : [[`*${title}*`], ...rows];
  });
}

function durationText(seconds: number | undefined): string {
  return seconds === undefined ? "" : formatDuration(seconds);
}
