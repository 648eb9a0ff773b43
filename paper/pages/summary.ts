// The page that puts all tables and studies together: conclusions, then the main numbers of each with a link to its page.

import { formatPercent, rounded } from "pudnet/evaluation";
import { blocks, bulletList, groupedBy, markdownTable } from "pudnet/files";
import { REPRODUCE } from "../command.ts";
import type { Cell } from "../tables/cell.ts";
import type { Table } from "../tables/table.ts";
import { groupsText, isMeasured, type MeasuredCell, progressText } from "./cell-text.ts";
import { rowsByKind } from "./result-table.ts";

/** All that the summary is made of. */
export interface Summary {
  readonly tables: readonly Table[];
  /** Of each study that has measured anything. */
  readonly studies: readonly { readonly id: string; readonly title: string; readonly headline: string }[];
  /** quick, cpu, full: stands in every command. */
  readonly budget: string;
  /** Machine, versions and commit, one Markdown line each. */
  readonly machine: readonly string[];
  /** Prose with its numbers by what it is about: `verdict` at the top, `conclusions` at the end, ids of tables on their pages. */
  readonly texts?: Readonly<Record<string, string>>;
}

/** The Markdown of <out>/README.md. */
export function summaryPage({ tables, studies, budget, machine, texts = {} }: Summary): string {
  const page = blocks(
    "# The paper, reproduced",
    "Tables and figures of Wang et al., *Learning to Generate Parameters of ConvNets for Unseen Image Data* " +
      "(arXiv 2310.11862), measured again.",
    texts["verdict"] ?? "",
    "## Contents",
    bulletList([
      ...tables.map((one) => `[${one.title}](${pageOf(one)}): ${progressText(one.cells)}`),
      ...studies.map((one) => `[${one.title}](${pageOf(one)})`),
    ]),
    "Below are the main numbers; the linked pages have every cell with its confidence interval, times, recipe and command, and " +
      "[results.csv](results.csv) has all cells in one table.",
    ...tables.map((one) => blocks(`## ${one.title}`, mainNumbers(one), `[All cells](${pageOf(one)})`)),
    ...studies.map((one) => blocks(`## ${one.title}`, one.headline.trim(), `[More](${pageOf(one)})`)),
    texts["conclusions"] ?? "",
    "## How this was made",
    `By \`${REPRODUCE} all --budget ${budget}\`, in sessions of many days. Most networks were trained where they were judged, a few on other machines: docs/LOG.md says which.`,
    bulletList(machine),
  );
  return `${page}\n`;
}

function pageOf({ id }: { readonly id: string }): string {
  return `${id}/README.md`;
}

function mainNumbers({ id, title, form, cells }: Table): string {
  const run = cells.filter(isMeasured);
  if (run.length === 0) return "Nothing is run yet.";
  if (form !== "table") return `![${title}](${id}/figure.svg)`;
  const columns = [...new Set(run.map(({ column }) => column))];
  const best = new Map(
    columns.map((column) => [
      column,
      Math.max(...run.filter(inColumn(column)).map(({ measured }) => measured.accuracy.mean)),
    ]),
  );
  const text = (cell: MeasuredCell) => {
    const { accuracy } = cell.measured;
    const own = formatPercent(accuracy);
    const measured = accuracy.mean === best.get(cell.column) ? `**${own}**` : own;
    const paper = cell.paper ? ` (${rounded(cell.paper.accuracy, 2)})` : "";
    const isPartial = accuracy.n < cell.evaluation.protocol.groups;
    return `${measured}${paper}${isPartial ? ` [${groupsText(cell)} groups]` : ""}`;
  };
  const hasPaper = run.some(({ paper }) => paper);
  // Rows in the order of all cells, so that it stays the same while results come in.
  const rows = rowsByKind(cells, (members) =>
    Array.from(groupedBy(members, ({ row }) => row))
      .filter(([, ofRow]) => ofRow.some(isMeasured))
      .map(([row, ofRow]) => [
        row,
        ...columns.map((column) => ofRow.filter(isMeasured).filter(inColumn(column)).map(text).join(", ")),
      ]),
  );
  return blocks(
    `Accuracy here in %${hasPaper ? " (the paper's in brackets)" : ""} with its 95 % interval over groups; **bold** is the highest mean of a column.`,
    markdownTable([{ name: "method" }, ...columns.map((name) => ({ name, align: "right" as const }))], rows),
  );
}

function inColumn(column: string): (cell: Cell) => boolean {
  return (cell) => cell.column === column;
}
