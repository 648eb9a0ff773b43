// How much faster a prediction is than training from scratch, in one column of a table.

import { formatPercent } from "pudnet/evaluation";
import { blocks, bulletList, canonicalJson, formatDuration, markdownTable } from "pudnet/files";
import type { Cell, Measured } from "../tables/cell.ts";

type TimedCell = Cell & { readonly measured: Required<Measured> };

/**
 * The times of training from scratch as multiples of one prediction's, and between which trainings the prediction's accuracy
 * is reached, with each of its heads. "" where either has not been timed. The prediction is the first PudNet of the paper's protocol.
 */
export function speedSection(column: readonly Cell[]): string {
  const timed = column.filter((cell): cell is TimedCell => (cell.measured?.seconds ?? 0) > 0);
  const ours = timed.find(({ evaluation, kind }) => evaluation.kind === "pudnet" && kind === "paper");
  const trained = timed
    .filter(({ evaluation }) => evaluation.kind === "supervised" && evaluation.start === undefined)
    .toSorted((a, b) => a.measured.seconds - b.measured.seconds);
  if (!ours || trained.length === 0) return "";
  const ratio = ({ measured }: TimedCell) =>
    `${(measured.seconds / ours.measured.seconds).toLocaleString("en-US", { maximumSignificantDigits: 3 })} ×`;
  const others = timed.filter((cell) => cell !== ours && cell.evaluation.kind === "pudnet");
  const own = `${ours.row} (${formatPercent(ours.measured.accuracy)} %, ${formatDuration(ours.measured.seconds)})`;
  return blocks(
    `Training from scratch beside one prediction of ${own}:`,
    markdownTable(
      [
        { name: "from scratch" },
        { name: "accuracy, %", align: "right" },
        { name: "time", align: "right" },
        { name: "time / prediction", align: "right" },
      ],
      trained.map((one) => [
        one.row,
        formatPercent(one.measured.accuracy),
        formatDuration(one.measured.seconds),
        ratio(one),
      ]),
    ),
    `On the groups that both were judged on: ${reached(trained, ours, ratio)}.`,
    bulletList(others.filter(hasOwnNetwork(ours)).map((one) => `${one.row}: ${reached(trained, one)}.`)),
  );
}

/** Between which trainings, quickest first, the accuracy of a prediction is reached; with `ratio` their times too. */
function reached(trained: readonly TimedCell[], prediction: TimedCell, ratio?: (cell: TimedCell) => string): string {
  const at = trained.findIndex((one) => isAsAccurate(one, prediction));
  const text = (cell: TimedCell) => `${cell.row}${ratio ? ` (${ratio(cell)} its time)` : ""}`;
  if (at < 0) return "none of these trainings is as accurate";
  const first = `the quickest training that is at least as accurate is ${text(trained[at]!)}, judged on ${trained[at]!.measured.accuracy.n} groups`;
  return at === 0 ? first : `${first}; the next quicker, ${text(trained[at - 1]!)}, is less accurate`;
}

/** The same network with another head: its seconds are those of the weights alone. */
const hasOwnNetwork =
  ({ evaluation: ours }: TimedCell) =>
  ({ evaluation }: TimedCell): boolean =>
    canonicalJson(evaluation) === canonicalJson(ours);

/** On the groups that both have. */
function isAsAccurate(one: TimedCell, other: TimedCell): boolean {
  const [a, b] = [one.measured.groups, other.measured.groups];
  const shared = Math.min(a.length, b.length);
  const total = (values: readonly number[]): number => values.slice(0, shared).reduce((sum, value) => sum + value, 0);
  return shared > 0 && total(a) >= total(b);
}
