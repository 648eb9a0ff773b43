// Means with 95 % confidence intervals, medians, the paired t-test and the jackknife.

export interface Estimate {
  readonly mean: number;
  /** Half width of the 95 % confidence interval of the mean, of Student's t; NaN for a single value. */
  readonly ci95: number;
  readonly n: number;
}

/** @example estimate([0.5, 0.7, 0.6]) // { mean: 0.6, ci95: 0.248, n: 3 } */
export function estimate(values: readonly number[]): Estimate {
  const { mean, standardError } = moments(values);
  const n = values.length;
  return { mean, ci95: n > 1 ? studentQuantile95(n - 1) * standardError : Number.NaN, n };
}

/**
 * The mean of independent means, each counting alike, and the interval that follows from theirs.
 * @example meanOf([{ mean: 0.5, ci95: 0.03, n: 10 }, { mean: 0.7, ci95: 0.04, n: 20 }]) // { mean: 0.6, ci95: 0.025, n: 30 }
 */
export function meanOf(estimates: readonly Estimate[]): Estimate {
  const sum = (of: (estimate: Estimate) => number): number => estimates.reduce((total, one) => total + of(one), 0);
  const count = estimates.length;
  if (count === 1) return estimates[0]!;
  return {
    mean: sum(({ mean }) => mean) / count,
    ci95: Math.sqrt(sum(({ ci95 }) => ci95 ** 2)) / count,
    n: sum(({ n }) => n),
  };
}

/** The standard deviation of a sample; NaN for a single value. @example standardDeviation([0.5, 0.7, 0.6]) // 0.1 */
export function standardDeviation(values: readonly number[]): number {
  return moments(values).standardError * Math.sqrt(values.length);
}

/** In %. @example formatPercent({ mean: 0.6412, ci95: 0.028, n: 25 }) // "64.12 ± 2.80" */
export function formatPercent({ mean, ci95 }: Pick<Estimate, "mean" | "ci95">): string {
  return `${rounded(100 * mean, 2)} ± ${Number.isNaN(ci95) ? "?" : rounded(100 * ci95, 2)}`;
}

/**
 * With so many decimals; halves go away from 0, also those that a binary number misses by its last bits, so that a number reads the
 * same wherever it is printed.
 * @example rounded(72.35, 1) // "72.4"
 */
export function rounded(value: number, digits: number): string {
  return (value + Math.sign(value) * 1e-9).toFixed(digits);
}

/** The middle value, or the mean of the two in the middle; NaN for none. @example median([1, 2, 10, 3]) // 2.5 */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = (sorted.length - 1) / 2;
  return ((sorted[Math.floor(middle)] ?? Number.NaN) + (sorted[Math.ceil(middle)] ?? Number.NaN)) / 2;
}

export interface PairedTest {
  readonly mean: number;
  /** Half width of the mean's 95 % confidence interval, of Student's t: it leaves out 0 exactly where p < 0.05. */
  readonly ci95: number;
  readonly n: number;
  /** Two-sided: how likely a mean at least this far from 0 is if the true mean is 0. */
  readonly p: number;
}

/**
 * Paired t-test of differences; interval and p are NaN for fewer than two.
 * @example pairedTest([1, 2, 3, 4]) // { mean: 2.5, ci95: 2.054, n: 4, p: 0.0305 }
 */
export function pairedTest(differences: readonly number[]): PairedTest {
  const n = differences.length;
  const { mean, standardError } = moments(differences);
  if (n < 2) return { mean, ci95: Number.NaN, n, p: Number.NaN };
  const p = mean === 0 ? 1 : studentTwoSided(mean / standardError, n - 1); // no spread at all: 0, or mean / 0 = Infinity
  return { mean, ci95: studentQuantile95(n - 1) * standardError, n, p };
}

/**
 * Half width of the 95 % interval of the values' mean over other units (classes) than those they were drawn from; `members`
 * says which units each value has to do with. Delete-one jackknife (Efron & Stein 1981): for each unit the mean of the values
 * that do without it, Student's t with units - 1 degrees. NaN where leaving out a unit leaves nothing.
 * @example jackknife95([0.1, 0.3, 0.2], [[0, 1], [1, 2], [0, 2]]) // 0.497
 */
export function jackknife95(values: readonly number[], members: readonly (readonly number[])[]): number {
  const units = [...new Set(members.flat())];
  const without = units.map((unit) => moments(values.filter((_, i) => !members[i]!.includes(unit))).mean);
  const { standardError } = moments(without);
  const n = units.length;
  return n > 1 ? studentQuantile95(n - 1) * (n - 1) * standardError : Number.NaN; // (n - 1)/n of the squares, not 1/(n (n - 1))
}

/**
 * P(|T| >= |t|) of Student's t with `degrees` of freedom: I_x(degrees / 2, 1 / 2) at x = degrees / (degrees + t^2).
 * @example studentTwoSided(2.0, 10) // 0.0734
 */
export function studentTwoSided(t: number, degrees: number): number {
  return incompleteBeta(degrees / (degrees + t * t), degrees / 2, 0.5);
}

/** The t that |T| exceeds with probability 0.05. */
function studentQuantile95(degrees: number): number {
  let [low, high] = [1.9, 13]; // 1.96 for infinitely many degrees of freedom, 12.71 for one
  for (let i = 0; i < 60; i++) {
    const middle = (low + high) / 2;
    if (studentTwoSided(middle, degrees) > 0.05) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

/** Mean and its standard error; the error is NaN for fewer than two values. */
function moments(values: readonly number[]): { mean: number; standardError: number } {
  const n = values.length;
  const mean = values.reduce((total, value) => total + value, 0) / n;
  const squares = values.reduce((total, value) => total + (value - mean) ** 2, 0);
  return { mean, standardError: n > 1 ? Math.sqrt(squares / (n - 1) / n) : Number.NaN };
}

/** Regularised incomplete beta function I_x(a, b); Abramowitz and Stegun 26.5.2, 26.5.8. */
function incompleteBeta(x: number, a: number, b: number): number {
  if (x <= 0) return 0;
  if (x >= 1) return 1;
  if (x > (a + 1) / (a + b + 2)) return 1 - incompleteBeta(1 - x, b, a); // the fraction converges fast on the other side
  const front = a * Math.log(x) + b * Math.log1p(-x) + logGamma(a + b) - logGamma(a) - logGamma(b);
  return (Math.exp(front) / a) * betaFraction(x, a, b);
}

/** The continued fraction of I_x(a, b) by Lentz's method. */
function betaFraction(x: number, a: number, b: number): number {
  const tiny = 1e-300;
  const safe = (value: number) => (Math.abs(value) < tiny ? tiny : value);
  let numerator = 1;
  let denominator = 1 / safe(1 - ((a + b) * x) / (a + 1));
  let value = denominator;
  for (let m = 1; m <= 1000; m++) {
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m));
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1));
    let change = 1;
    for (const term of [even, odd]) {
      denominator = 1 / safe(1 + term * denominator);
      numerator = safe(1 + term / numerator);
      change = numerator * denominator;
      value *= change;
    }
    if (Math.abs(change - 1) < 1e-14) break;
  }
  return value;
}

/** ln of the gamma function for x > 0: Stirling's series where it is exact to double precision, the recurrence up to there. */
function logGamma(x: number): number {
  let shifted = x;
  let product = 1;
  while (shifted < 12) product *= shifted++;
  const inverse = 1 / (shifted * shifted);
  const series =
    (1 / 12 - inverse * (1 / 360 - inverse * (1 / 1260 - inverse * (1 / 1680 - inverse / 1188)))) / shifted;
  return (shifted - 0.5) * Math.log(shifted) - shifted + Math.log(2 * Math.PI) / 2 + series - Math.log(product);
}
