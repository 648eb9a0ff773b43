// Means with 95 % confidence intervals.

export interface Estimate {
  readonly mean: number;
  /** Half width of the 95 % confidence interval of the mean (normal approximation). */
  readonly ci95: number;
  readonly n: number;
}

/** @example estimate([0.5, 0.7]) // { mean: 0.6, ci95: 0.196, n: 2 } */
export function estimate(values: readonly number[]): Estimate {
  const n = values.length;
  const mean = values.reduce((total, value) => total + value, 0) / n;
  const variance = values.reduce((total, value) => total + (value - mean) ** 2, 0) / Math.max(1, n - 1);
  return { mean, ci95: n > 1 ? 1.96 * Math.sqrt(variance / n) : Number.NaN, n };
}

/** @example formatPercent({ mean: 0.6412, ci95: 0.028, n: 25 }) // "64.12 ± 2.80" */
export function formatPercent({ mean, ci95 }: Estimate): string {
  return `${(100 * mean).toFixed(2)} ± ${Number.isNaN(ci95) ? "?" : (100 * ci95).toFixed(2)}`;
}
