// A profile as a table on the terminal.

import { type Column, tableHead, tableLine, tableRow } from "../src/report/progress-table.ts";
import type { Profile, ProfileRow } from "./profile.ts";

const COLUMNS: readonly Column[] = [
  { name: "kind", kind: "text", width: 44 },
  { name: "nodes", kind: "text", width: 6 },
  { name: "ms", kind: "text", width: 8 },
  { name: "share", kind: "text", width: 6 },
  { name: "GFLOP", kind: "text", width: 7 },
  { name: "GFLOP/s", kind: "text", width: 7 },
  { name: "of peak", kind: "text", width: 7 },
  { name: "MB", kind: "text", width: 7 },
  { name: "GB/s", kind: "text", width: 6 },
];

/** The first `count` rows, all others as one, and the whole step. */
export function profileTable({ msPerStep, rows, peakGflops }: Profile, count: number): string {
  const rest = rows.slice(count);
  const total = (kind: string, of: readonly ProfileRow[]): ProfileRow => ({
    kind,
    nodes: sum(of, "nodes"),
    ms: sum(of, "ms"),
    share: sum(of, "share"),
    gflop: sum(of, "gflop"),
    megabytes: sum(of, "megabytes"),
  });
  const lines = [...rows.slice(0, count), ...(rest.length > 0 ? [total(`${rest.length} more`, rest)] : [])];
  return [
    ...tableHead(COLUMNS),
    ...lines.map((row) => line(row, peakGflops)),
    tableLine(COLUMNS),
    line(total("a step", rows), peakGflops),
    `peak: ${peakGflops.toFixed(0)} GFLOP/s, large products of matrices or convolutions in the same process; ${msPerStep.toFixed(1)} ms a step, profiled`,
  ].join("\n");
}

const sum = (rows: readonly ProfileRow[], column: Exclude<keyof ProfileRow, "kind">): number =>
  rows.reduce((total, row) => total + row[column], 0);

function line({ kind, nodes, ms, share, gflop, megabytes }: ProfileRow, peakGflops: number): string {
  const perSecond = (1000 * gflop) / ms;
  return tableRow(COLUMNS, {
    kind,
    nodes: nodes === 0 ? "" : nodes.toFixed(0),
    ms: ms.toFixed(2),
    share: `${(100 * share).toFixed(1)} %`,
    GFLOP: gflop === 0 ? "" : gflop.toFixed(3),
    "GFLOP/s": gflop === 0 ? "" : perSecond.toFixed(0),
    "of peak": gflop === 0 ? "" : `${((100 * perSecond) / peakGflops).toFixed(0)} %`,
    MB: megabytes === 0 ? "" : megabytes.toFixed(1),
    "GB/s": megabytes === 0 ? "" : (megabytes / ms).toFixed(1),
  });
}
