// Which stored benchmarks prose quotes: the newest file of two cores that has all of them, so that what stands side by side was
// measured on one machine.

import { UserError } from "pudnet/engine";
import type { StudyValue } from "../studies/study.ts";

/** A row of a file of bench/results, by the names of its columns. */
export type BenchmarkRow = Readonly<Record<string, string>>;

/** What a placeholder says behind a benchmark's name, and the column that it means. */
const COLUMNS = [
  ["", "median_ms"],
  ["/peer", "peer_median_ms"],
  ["/ratio", "ratio"],
  ["/value", "value"],
] as const;
const OF_TWO_CORES = /-2-cores\.csv$/;

/** The benchmarks that texts name. For example: "{{bench/meta-step-convnet-3/peer .0}}" names meta-step-convnet-3. */
export function benchmarksIn(texts: Iterable<string>): Set<string> {
  return new Set([...texts].flatMap((text) => Array.from(text.matchAll(/\{\{bench\/([\w-]+)/g), ([, name]) => name!)));
}

/**
 * Of files named by date and machine, the last one of two cores with a row of each name.
 * @throws UserError where no file has them all
 */
export function newestBenchmarks(
  files: ReadonlyMap<string, readonly BenchmarkRow[]>,
  names: ReadonlySet<string>,
): { readonly file: string; readonly rows: readonly BenchmarkRow[] } {
  const newestFirst = [...files.keys()]
    .filter((file) => OF_TWO_CORES.test(file))
    .toSorted()
    .toReversed();
  const missing = (file: string): string[] => {
    const measured = new Set(files.get(file)!.map(({ name }) => name));
    return [...names].filter((name) => !measured.has(name));
  };
  const file = newestFirst.find((one) => missing(one).length === 0);
  if (file !== undefined) return { file, rows: files.get(file)! };
  const newest =
    newestFirst[0] === undefined ? "there is none" : `the newest lacks ${missing(newestFirst[0]).join(", ")}`;
  throw new UserError(`no file of two cores in bench/results has all benchmarks that texts name: ${newest}`, {
    hint: "npm run bench measures and stores them",
  });
}

/**
 * Median milliseconds by "bench/CASE", those of the peer by "bench/CASE/peer", how many times as fast as it by "bench/CASE/ratio",
 * what is no time by "bench/CASE/value".
 */
export function benchmarkValues(rows: readonly BenchmarkRow[]): [string, StudyValue][] {
  return rows.flatMap((row) =>
    COLUMNS.flatMap(([suffix, column]): [string, StudyValue][] =>
      row[column] ? [[`bench/${row["name"]}${suffix}`, { value: Number(row[column]) }]] : [],
    ),
  );
}
