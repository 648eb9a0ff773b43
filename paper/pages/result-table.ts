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
import type { Cell, CellResult } from "../tables/cell.ts";
import {
  cellCommand,
  groupsText,
  isRun,
  KINDS,
  measuredText,
  paperText,
  settingText,
  sortedByKind,
} from "./cell-text.ts";

export interface ResultTable {
  readonly experiment: string;
  readonly budget: string;
  readonly results: readonly CellResult[];
  /** What tells the rows apart. */
  readonly first: { readonly name: string; readonly of: (cell: Cell) => string };
}

/** The table; rows by kind, the best accuracy in bold, columns that have no entry left out. */
export function resultTable({ experiment, budget, results: unsorted, first }: ResultTable): string {
  const results = sortedByKind(unsorted);
  const settings = [...new Set(results.map(({ cell }) => settingText(cell)))];
  const recipe = (cell: Cell) => (settings.length === 1 ? cell.recipe : `${cell.recipe}; ${settingText(cell)}`);
  const recipes = [...new Set(results.map(({ cell }) => recipe(cell)))];
  const best = Math.max(...results.filter(isRun).map(({ accuracy }) => accuracy.mean));
  const columns: readonly (MarkdownColumn & { readonly of: (result: CellResult) => string })[] = [
    { name: first.name, of: ({ cell }) => first.of(cell) },
    { name: "paper, %", align: "right", of: ({ cell }) => paperText(cell) },
    { name: "paper, time", align: "right", of: ({ cell }) => durationText(cell.paper?.seconds) },
    {
      name: "here, %",
      align: "right",
      of: (result) => (result.accuracy?.mean === best ? `**${measuredText(result)}**` : measuredText(result)),
    },
    { name: "time", align: "right", of: ({ seconds }) => durationText(seconds) },
    { name: "test groups", align: "right", of: groupsText },
    { name: "trained on", align: "right", of: ({ cell }) => cell.trainGroups?.toLocaleString("en-US") ?? "" },
    { name: "recipe", align: "right", of: ({ cell }) => String(recipes.indexOf(recipe(cell)) + 1) },
  ];
  const used = columns.filter(({ of }) => results.some((result) => of(result) !== ""));
  const rows = rowsByKind(results, (members) => members.map((result) => used.map(({ of }) => of(result))));
  const command = ({ cell }: CellResult) => cellCommand(experiment, cell, budget);
  const open = results.filter((result) => !isRun(result) && result.cell.missing === undefined);
  return blocks(
    settings.length === 1 ? `${settings[0]!}.` : "",
    markdownTable(used, rows),
    `Recipes:\n\n${numberedList(recipes)}`,
    folded("Commands that make these numbers", codeBlock(results.filter(isRun).map(command))),
    folded("Commands for what is not run", codeBlock(open.map(command))),
  );
}

/** The rows of each kind below a line with its name. */
export function rowsByKind(
  results: readonly CellResult[],
  rowsOf: (members: readonly CellResult[]) => readonly (readonly string[])[],
): (readonly string[])[] {
  const byKind = groupedBy(results, ({ cell }) => cell.kind);
  return Object.entries(KINDS).flatMap(([kind, title]) => {
    const rows = rowsOf(byKind.get(kind) ?? []);
    return rows.length === 0 ? [] : [[`*${title}*`], ...rows];
  });
}

function durationText(seconds: number | undefined): string {
  return seconds === undefined ? "" : formatDuration(seconds);
}
