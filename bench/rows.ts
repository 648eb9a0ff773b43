// What a benchmark gives: rows, one per figure, and the statistics they are made of.

/** Keys are those of the JSON lines and the CSV columns. Times are in milliseconds; what was not measured is null. */
export interface Row {
  readonly name: string;
  /** Of the `n` measured blocks. */
  readonly median_ms: number | null;
  /** Quartiles of the same. */
  readonly low_ms: number | null;
  readonly high_ms: number | null;
  readonly peer_median_ms: number | null;
  /** The fastest layout of the peer. */
  readonly peer: string | null;
  /** peer / ours, the median over interleaved blocks, and its quartiles. */
  readonly ratio: number | null;
  readonly ratio_low: number | null;
  readonly ratio_high: number | null;
  readonly n: number;
  /** A figure that is no time: megabytes, a relative difference. */
  readonly value: number | null;
  readonly unit: string | null;
  readonly target: string;
  readonly met: boolean | null;
  readonly note: string;
}

/** A row with what is given, null for the rest. */
export function row(given: Pick<Row, "name" | "n" | "target"> & Partial<Row>): Row {
  const { name, n, target, note = "", ...measured } = given;
  const empty = { median_ms: null, low_ms: null, high_ms: null, peer_median_ms: null, peer: null } as const;
  const none = { ratio: null, ratio_low: null, ratio_high: null, value: null, unit: null, met: null } as const;
  return { name, ...empty, ...none, n, target, note, ...measured };
}

/** Linear interpolation between the sorted values; q from 0 to 1. */
function quantile(values: readonly number[], q: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  const at = q * (sorted.length - 1);
  const [below, above] = [sorted[Math.floor(at)]!, sorted[Math.ceil(at)]!];
  return below + (above - below) * (at - Math.floor(at));
}

export const median = (values: readonly number[]): number => quantile(values, 0.5);

/** Median and quartiles of times, as columns. */
export function timeColumns(ms: readonly number[]): Pick<Row, "median_ms" | "low_ms" | "high_ms" | "n"> {
  return {
    median_ms: round(median(ms)),
    low_ms: round(quantile(ms, 0.25)),
    high_ms: round(quantile(ms, 0.75)),
    n: ms.length,
  };
}

/** Ours against the peer layout with the lowest median: ratios per interleaved block, then their median. */
export function ratioColumns(ours: readonly number[], peers: ReadonlyMap<string, readonly number[]>) {
  const [peer, times] = [...peers].reduce((a, b) => (median(b[1]) < median(a[1]) ? b : a));
  const ratios = times.map((ms, i) => ms / ours[i]!);
  return {
    peer_median_ms: round(median(times)),
    peer,
    ratio: round(median(ratios)),
    ratio_low: round(quantile(ratios, 0.25)),
    ratio_high: round(quantile(ratios, 0.75)),
  };
}

/** Four significant digits: more would be noise. */
export function round(value: number): number {
  return Number(value.toPrecision(4));
}
