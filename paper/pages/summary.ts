// The page that puts all experiments together: conclusions, then each experiment's main numbers with a link to its page.

import { formatPercent } from "pudnet/evaluation";
import { blocks, bulletList, groupedBy, markdownTable } from "pudnet/files";
import type { CellResult } from "../tables/cell.ts";
import { allResults, type ExperimentResults, groupsText, isRun, progressText, type RunResult } from "./cell-text.ts";
import type { PageContext } from "./page.ts";
import { rowsByKind } from "./result-table.ts";
import type { StudyPage } from "../studies/study.ts";
import { REPRODUCE } from "../command.ts";

/**
 * The Markdown of <out>/README.md.
 * @param conclusions hand-written Markdown, put at the top as it is
 */
export function summaryPage(
  experiments: readonly ExperimentResults[],
  conclusions: string | undefined,
  { budget, machine }: PageContext,
  others: readonly StudyPage[] = [],
): string {
  const page = blocks(
    "# The paper, reproduced",
    "Tables and figures of Wang et al., *Learning to Generate Parameters of ConvNets for Unseen Image Data* " +
      "(arXiv 2310.11862), measured again. This page has the main numbers; the linked pages have every cell with its " +
      "confidence interval, times, recipe and command. [results.csv](results.csv) has all cells in one table.",
    conclusions?.trim() ?? "",
    "## Contents",
    bulletList([
      ...experiments.map(
        (one) => `[${one.experiment.title}](${pageOf(one.experiment)}): ${progressText(allResults(one))}`,
      ),
      ...others.map((one) => `[${one.title}](${pageOf(one)})`),
    ]),
    `Made by \`${REPRODUCE} all --budget ${budget}\`.`,
    bulletList(machine),
    ...experiments.map((one) =>
      blocks(`## ${one.experiment.title}`, mainNumbers(one), `[All cells](${pageOf(one.experiment)})`),
    ),
    ...others.map((one) => blocks(`## ${one.title}`, one.headline.trim(), `[More](${pageOf(one)})`)),
  );
  return `${page}\n`;
}

function pageOf({ id }: { readonly id: string }): string {
  return `${id}/README.md`;
}

function mainNumbers(one: ExperimentResults): string {
  const all = allResults(one);
  const run = all.filter(isRun);
  if (run.length === 0) return "Nothing is run yet.";
  if (one.experiment.form !== "table") return `![${one.experiment.title}](${one.experiment.id}/figure.svg)`;
  const columns = [...new Set(run.map(({ cell }) => cell.column))];
  const best = new Map(
    columns.map((column) => [column, Math.max(...run.filter(inColumn(column)).map(({ accuracy }) => accuracy.mean))]),
  );
  const text = (result: RunResult) => {
    const { cell, accuracy } = result;
    const own = formatPercent(accuracy);
    const measured = accuracy.mean === best.get(cell.column) ? `**${own}**` : own;
    const paper = cell.paper ? ` (${cell.paper.accuracy.toFixed(2)})` : "";
    const isPartial = accuracy.n < cell.evaluation.protocol.groups;
    return `${measured}${paper}${isPartial ? ` [${groupsText(result)} groups]` : ""}`;
  };
  const hasPaper = run.some(({ cell }) => cell.paper);
  // Rows in the order of all cells, so that it stays the same while results come in.
  const rows = rowsByKind(all, (members) =>
    Array.from(groupedBy(members, ({ cell }) => cell.row))
      .filter(([, cells]) => cells.some(isRun))
      .map(([row, cells]) => [
        row,
        ...columns.map((column) => cells.filter(isRun).filter(inColumn(column)).map(text).join(", ")),
      ]),
  );
  return blocks(
    `Accuracy here in %${hasPaper ? " (the paper's in brackets)" : ""} with its 95 % interval over groups; **bold** is the highest mean of a column.`,
    markdownTable([{ name: "method" }, ...columns.map((name) => ({ name, align: "right" as const }))], rows),
  );
}

function inColumn(column: string): (result: CellResult) => boolean {
  return ({ cell }) => cell.column === column;
}
