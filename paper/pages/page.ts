// An experiment's page: what was measured beside what the paper has, cell by cell, and how to make each number again.

import { blocks, bulletList, groupedBy } from "pudnet/files";
import type { Cell, CellResult, Experiment } from "../tables/cell.ts";
import { allResults, isRun, progressText } from "./cell-text.ts";
import type { CellPair } from "../tables/pairs.ts";
import { overTrainingsSection } from "./over-trainings.ts";
import { pairedSection } from "./paired.ts";
import { resultTable } from "./result-table.ts";
import { speedSection } from "./speed-section.ts";
import { REPRODUCE } from "../command.ts";

/** What pages say besides the results. */
export interface PageContext {
  /** quick, cpu, full: stands in every command. */
  readonly budget: string;
  /** Machine, versions and commit, one Markdown line each. */
  readonly machine: readonly string[];
  /** Paired differences that a page shows, by experiment id. */
  readonly pairs?: Readonly<Record<string, readonly CellPair[]>>;
}

/**
 * The Markdown of <out>/<experiment id>/README.md. Cells without a result are listed as not run, with the command that
 * would run them or the reason why they cannot be run. The page of a graph shows figure.svg where anything is measured.
 * @param results accuracies are shares from 0 to 1, seconds medians
 */
export function experimentPage(
  experiment: Experiment,
  results: readonly CellResult[],
  { budget, pairs = {} }: PageContext,
): string {
  const all = allResults({ experiment, results });
  const { id, title, notes, form, isRepeated } = experiment;
  const isTable = form === "table";
  const sections = Array.from(
    groupedBy(all, ({ cell }) => (isTable ? cell.column : cell.row)),
    ([heading, members]) => {
      const first = isTable
        ? { name: "method", of: ({ row }: Cell) => row }
        : { name: form.x, of: ({ column }: Cell) => column };
      const table = resultTable({ experiment: id, budget, results: members, first });
      return blocks(`## ${heading}`, table, isTable ? speedSection(members) : "");
    },
  );
  const figure =
    !isTable && all.some(isRun)
      ? blocks(`![${title}](figure.svg)`, "The same as [PNG](figure.png); the points as [CSV](points.csv).")
      : "";
  const page = blocks(
    `# ${title}`,
    bulletList(notes),
    `Budget \`${budget}\`: ${progressText(all)}. \`${REPRODUCE} ${id} --budget ${budget}\` makes this page, measuring what is not known yet; with \`--out again\` it measures everything anew. ` +
      'Accuracies are means over the test groups ± 95 % confidence interval, times are medians; "trained on" ' +
      "counts training groups, or what the recipe says; **bold** is the best that was measured here.",
    figure,
    ...sections,
    pairedSection(all, pairs[id] ?? []),
    isRepeated ? overTrainingsSection(all, pairs[id] ?? []) : "",
    "[All tables and figures](../README.md), with the machine that this was measured on.",
  );
  return `${page}\n`;
}
