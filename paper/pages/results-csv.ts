// What was measured as tables for spreadsheets, pandas and R: all cells in one file, and the points of a graph in another.

import { rounded } from "pudnet/evaluation";
import { type CsvCell, csvText } from "pudnet/files";
import { targetWords, trainGroups, wordsOf } from "../recipes/words.ts";
import type { Cell } from "../tables/cell.ts";
import type { Table } from "../tables/table.ts";
import { cellCommand, datasetText } from "./cell-text.ts";

const RESULT_COLUMNS = [
  "experiment",
  "cell",
  "method",
  "dataset",
  "target",
  "ways",
  "shots",
  "accuracy",
  "ci95",
  "seconds",
  "test_groups",
  "train_groups",
  "recipe",
  "seed",
  "budget",
  "paper",
  "command",
];

/**
 * A row a cell, in the order of the tables; accuracy, ci95 and paper in %. Numbers that are not known, such as all
 * measurements of a cell that is not run, are empty. `seed` is that of the training where there is one, else of the groups.
 */
export function resultsCsv(tables: readonly Table[], budget: string): string {
  const rows = tables.flatMap(({ id, cells }) =>
    cells.map((cell): CsvCell[] => {
      const { accuracy, seconds } = cell.measured ?? {};
      const { ways, shots } = cell.evaluation.protocol;
      return [
        id,
        cell.id,
        cell.method,
        datasetText(cell),
        targetWords(cell.evaluation),
        ways,
        shots,
        share(accuracy?.mean),
        share(accuracy?.ci95),
        significant(seconds),
        accuracy?.n,
        trainGroups(cell.evaluation),
        wordsOf(cell.evaluation),
        seedOf(cell),
        budget,
        cell.paper && rounded(cell.paper.accuracy, 2),
        cellCommand(id, cell, budget),
      ];
    }),
  );
  return csvText([RESULT_COLUMNS, ...rows]);
}

/** The points of a graph: a row a cell; those that are not run have no accuracy. */
export function pointsCsv({ cells }: Table): string {
  const rows = cells.map(({ row, column, measured, paper }): CsvCell[] => [
    row,
    column,
    share(measured?.accuracy.mean),
    share(measured?.accuracy.ci95),
    measured?.accuracy.n,
    significant(measured?.seconds),
    paper && rounded(paper.accuracy, 2),
  ]);
  return csvText([["series", "x", "accuracy", "ci95", "test_groups", "seconds", "paper"], ...rows]);
}

function seedOf({ evaluation }: Cell): number {
  if (!("network" in evaluation)) return evaluation.protocol.seed;
  const { network } = evaluation;
  if (network.method === "file") return evaluation.protocol.seed;
  return network.method === "pudnet" ? network.config.seed : network.seed;
}

/** A share in %, to two decimals. */
function share(value: number | undefined): string | undefined {
  return value === undefined || !Number.isFinite(value) ? undefined : rounded(100 * value, 2);
}

function significant(value: number | undefined): number | undefined {
  return value === undefined ? undefined : Number(value.toPrecision(4));
}
