// How much faster a prediction is than training from scratch, in one column of a table.

import type { CellResult } from "../../experiments/cells.ts";
import { formatDuration } from "../../runs/progress-table.ts";
import { formatPercent } from "../../train/evaluation/statistics.ts";
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
  const equal = trained.find((one) => isAsAccurate(one, ours));
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
      ? `The quickest of these that is at least as accurate as the prediction on the groups that both were judged on (${equal.accuracy.n}) is ${equal.cell.row}: ${ratio(equal)} its time.`
      : "None of these is as accurate as the prediction on the groups that both were judged on.",
  );
}

/** On the groups that both have. */
function isAsAccurate({ groups: a = [] }: CellResult, { groups: b = [] }: CellResult): boolean {
  const shared = Math.min(a.length, b.length);
  const total = (values: readonly number[]): number => values.slice(0, shared).reduce((sum, value) => sum + value, 0);
  return shared > 0 && total(a) >= total(b);
}
