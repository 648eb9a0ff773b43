// How much faster a prediction is than training from scratch, in one column of a table.

import type { CellResult } from "../../experiments/cells.ts";
import { formatDuration } from "../../runs/progress-table.ts";
import { formatPercent } from "../../train/statistics.ts";
import { isRun, type RunResult } from "./cell-text.ts";
import { blocks, markdownTable } from "./markdown.ts";

type TimedResult = RunResult & Required<Pick<CellResult, "seconds">>;

/**
 * The times of training from scratch as multiples of one prediction's, and which training first reaches the prediction's
 * accuracy. "" where either has not been timed. The prediction is the first PudNet of the paper's protocol.
 */
export function speedSection(column: readonly CellResult[]): string {
  const timed = column.filter((result): result is TimedResult => isRun(result) && (result.seconds ?? 0) > 0);
  const ours = timed.find(({ cell }) => cell.evaluation.kind === "pudnet" && cell.kind === "paper");
  const trained = timed
    .filter(({ cell: { evaluation } }) => evaluation.kind === "scratch" && evaluation.start === undefined)
    .toSorted((a, b) => a.seconds - b.seconds);
  if (!ours || trained.length === 0) return "";
  const ratio = ({ seconds }: TimedResult) =>
    `${(seconds / ours.seconds).toLocaleString("en-US", { maximumSignificantDigits: 3 })} ×`;
  const equal = trained.find(({ accuracy }) => accuracy.mean >= ours.accuracy.mean);
  const own = `${ours.cell.row} (${formatPercent(ours.accuracy)} %, ${formatDuration(ours.seconds)})`;
  return blocks(
    `Training from scratch beside one prediction of ${own}:`,
    markdownTable(
      [
        { name: "from scratch" },
        { name: "accuracy, %", align: "right" },
        { name: "time", align: "right" },
        { name: "time / prediction", align: "right" },
      ],
      trained.map((one) => [one.cell.row, formatPercent(one.accuracy), formatDuration(one.seconds), ratio(one)]),
    ),
    equal
      ? `The quickest of these that is at least as accurate as the prediction is ${equal.cell.row}: ${ratio(equal)} its time.`
      : "None of these is as accurate as the prediction.",
  );
}
