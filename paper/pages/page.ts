// A table's page: what was measured beside what the paper has, cell by cell, and how to make each number again.

import { blocks, bulletList, groupedBy } from "pudnet/files";
import { REPRODUCE } from "../command.ts";
import type { Cell } from "../tables/cell.ts";
import type { Table } from "../tables/table.ts";
import { isMeasured, progressText, sortedByKind } from "./cell-text.ts";
import { overColumnsSection } from "./over-columns.ts";
import { overTrainingsSection } from "./over-trainings.ts";
import { pairedSection } from "./paired.ts";
import { resultTable } from "./result-table.ts";
import { speedSection } from "./speed-section.ts";

/**
 * The Markdown of <out>/<table id>/README.md: what it says in words, the numbers, then what to know about them. Cells without a
 * result are listed as not run, with the command that would run them or the reason why they cannot be run. The page of a graph
 * shows figure.svg where anything is measured.
 * @param budget quick, cpu, full: stands in every command
 * @param verdict what the table comes to, "" where nobody has said it
 */
export function tablePage(table: Table, budget: string, verdict = ""): string {
  const { id, title, notes, form, isRepeated, cells } = table;
  const isTable = form === "table";
  const columns = [...groupedBy(cells, ({ column, row }) => (isTable ? column : row))];
  const sections = (isRun: boolean): string[] =>
    columns
      .filter(([, members]) => members.some(isMeasured) === isRun)
      .map(([heading, members]) => {
        const first = isTable
          ? { name: "method", of: ({ row }: Cell) => row }
          : { name: form.x, of: ({ column }: Cell) => column };
        const results = resultTable({ table: id, budget, cells: members, first });
        return blocks(`## ${heading}`, results, isTable ? speedSection(members) : "");
      });
  const figure =
    !isTable && cells.some(isMeasured)
      ? blocks(`![${title}](figure.svg)`, "The same as [PNG](figure.png); the points as [CSV](points.csv).")
      : "";
  const page = blocks(
    `# ${title}`,
    verdict,
    `${capital(progressText(cells))}. [What to know about these numbers](#notes) stands at the end.`,
    figure,
    ...sections(true),
    pairedSection(columns.flatMap(([, members]) => sortedByKind(members))),
    isRepeated ? overTrainingsSection(cells) : "",
    overColumnsSection(table),
    ...sections(false),
    "## Notes",
    bulletList([
      'Accuracies are means over the test groups ± 95 % confidence interval, times are medians; "trained on" ' +
        "counts training groups, or what the recipe says; **bold** is the best that was measured here.",
      ...notes,
    ]),
    `Budget \`${budget}\`: \`${REPRODUCE} ${id} --budget ${budget}\` makes this page, measuring what is not known yet; with \`--out again\` it measures everything anew.`,
    "[All tables and figures](../README.md), with the machine that this was measured on.",
  );
  return `${page}\n`;
}

const capital = (text: string): string => text.replace(/^./, (first) => first.toUpperCase());
