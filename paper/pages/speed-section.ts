// How much faster a prediction is than training from scratch, in one column of a table.

import { formatPercent } from "pudnet/evaluation";
import { blocks, bulletList, canonicalJson, formatDuration, markdownTable } from "pudnet/files";
import type { CellResult } from "../tables/cell.ts";
import { isRun, type RunResult } from "./cell-text.ts";

type TimedResult = RunResult & Required<Pick<CellResult, "seconds">>;

/**
 * The times of training from scratch as multiples of one prediction's, and between which trainings the prediction's accuracy
 * is reached, with each of its heads. "" where either has not been timed. The prediction is the first PudNet of the paper's protocol.
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
  const others = timed.filter(({ cell }) => cell !== ours.cell && cell.evaluation.kind === "pudnet");
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
    `On the groups that both were judged on: ${reached(trained, ours, ratio)}.`,
    bulletList(others.filter(hasOwnNetwork(ours)).map((one) => `${one.cell.row}: ${reached(trained, one)}.`)),
  );
}

/** Between which trainings, quickest first, the accuracy of a prediction is reached; with `ratio` their times too. */
function reached(
  trained: readonly TimedResult[],
  prediction: TimedResult,
  ratio?: (result: TimedResult) => string,
): string {
  const at = trained.findIndex((one) => isAsAccurate(one, prediction));
  const text = (result: TimedResult) => `${result.cell.row}${ratio ? ` (${ratio(result)} its time)` : ""}`;
  if (at < 0) return "none of these trainings is as accurate";
  const first = `the quickest training that is at least as accurate is ${text(trained[at]!)}, judged on ${trained[at]!.accuracy.n} groups`;
  return at === 0 ? first : `${first}; the next quicker, ${text(trained[at - 1]!)}, is less accurate`;
}

/** The same network with another head: its seconds are those of the weights alone. */
const hasOwnNetwork =
  ({ cell: { evaluation: ours } }: TimedResult) =>
  ({ cell: { evaluation } }: TimedResult): boolean =>
    canonicalJson(evaluation) === canonicalJson(ours);

/** On the groups that both have. */
function isAsAccurate({ groups: a = [] }: CellResult, { groups: b = [] }: CellResult): boolean {
  const shared = Math.min(a.length, b.length);
  const total = (values: readonly number[]): number => values.slice(0, shared).reduce((sum, value) => sum + value, 0);
  return shared > 0 && total(a) >= total(b);
}
