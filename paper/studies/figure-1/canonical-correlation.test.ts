import { describe, expect, test } from "vitest";
import { fold, key, normal, UserError } from "pudnet/engine";
import { canonicalCorrelation, type Rows } from "./canonical-correlation.ts";

/** [n, width] standard normal numbers. */
function noise(name: string, n: number, width: number): Float64Array[] {
  const all = normal(fold(key(5), name), n * width);
  return Array.from({ length: n }, (_, i) => all.subarray(i * width, (i + 1) * width));
}

/** Rows [n, width] in which the latent numbers [n, m] are spread over all columns, with a little noise. */
function spread(latent: Rows, width: number, name: string, deviation = 0.1): Float64Array[] {
  const directions = noise(`${name} directions`, latent[0]!.length, width);
  return noise(`${name} noise`, latent.length, width).map((row, i) =>
    row.map(
      (z, j) => deviation * z + directions.reduce((sum, direction, k) => sum + latent[i]![k]! * direction[j]!, 0),
    ),
  );
}

/** Numbers that correlate with the given ones by `r` in each column. */
const correlated = (latent: Rows, r: number, name: string): Float64Array[] =>
  noise(name, latent.length, latent[0]!.length).map((row, i) =>
    row.map((z, j) => r * latent[i]![j]! + Math.sqrt(1 - r * r) * z),
  );

describe("planted correlations are found on held-out rows", () => {
  const [n, trainRows] = [900, 400];
  const shared = noise("shared", n, 2);

  test("where both sides are narrow, and whichever is wider", () => {
    const [x, y] = [spread(shared, 10, "x"), spread(correlated(shared, 0.8, "y"), 6, "y")];
    const narrow = canonicalCorrelation(x, y, { trainRows, dims: 4, shuffles: 20 });
    expect(narrow.dims).toEqual([4, 4]);
    expect(narrow.correlations.heldOut[0]).toBeCloseTo(0.8, 1);
    expect(narrow.correlations.heldOut[1]).toBeCloseTo(0.8, 1);
    expect(Math.abs(narrow.correlations.heldOut[2]!)).toBeLessThan(0.15);
    const turned = canonicalCorrelation(y, x, { trainRows, dims: 4, shuffles: 20 });
    expect(turned.heldOut.first).toBeCloseTo(narrow.heldOut.first, 6);
  });

  test("where y has more columns than there are rows, and both more than 30", () => {
    const [x, y] = [spread(shared, 60, "x"), spread(correlated(shared, 0.8, "y"), 700, "y")];
    const found = canonicalCorrelation(x, y, { trainRows, shuffles: 30 });
    expect(found.dims).toEqual([30, 30]);
    expect(found.rows).toEqual({ train: 400, heldOut: 500 });
    expect(found.heldOut.first).toBeGreaterThan(0.72);
    expect(found.heldOut.first).toBeLessThan(0.88);
    expect(found.inSample.first).toBeGreaterThan(found.heldOut.first - 0.1);
    expect(found.pValue).toEqual({ first: 1 / 31, topFive: 1 / 31 });
    expect(Math.abs(found.shuffled.heldOut.first)).toBeLessThan(0.05);
    expect(Math.abs(found.shuffled.heldOut.topFive)).toBeLessThan(0.05);
  });
});

test("independent data do not correlate on held-out rows", () => {
  const found = canonicalCorrelation(noise("a", 700, 40), noise("b", 700, 300), { trainRows: 300, shuffles: 40 });
  expect(Math.abs(found.heldOut.first)).toBeLessThan(0.15);
  expect(Math.abs(found.heldOut.topFive)).toBeLessThan(0.1);
  expect(found.inSample.first).toBeGreaterThan(0.4); // 30 + 30 dimensions fitted to 300 rows of nothing
  expect(found.inSample.first).toBeCloseTo(found.shuffled.inSample.first, 1);
  expect(found.pValue.topFive).toBeGreaterThan(0.05);
});

test("with as many dimensions as rows, in-sample correlations are 1 and mean nothing", () => {
  const [x, y] = [noise("a", 440, 100), noise("b", 440, 150)];
  const naive = canonicalCorrelation(x, y, { trainRows: 40, dims: 1000, ridge: 0, shuffles: 5 });
  expect(naive.dims).toEqual([39, 39]); // centring takes one
  expect(naive.inSample.topFive).toBeGreaterThan(0.9999);
  expect(naive.shuffled.inSample.topFive).toBeGreaterThan(0.9999);
  expect(Math.abs(naive.heldOut.topFive)).toBeLessThan(0.1);
});

test("fitting looks at training rows only", () => {
  const shared = noise("shared", 120, 1);
  const [x, y] = [spread(shared, 8, "x"), spread(shared, 8, "y")];
  const far = (rows: Rows): Rows => rows.map((row, i) => (i < 100 ? row : Array.from(row, (value) => 50 * value + 7)));
  const options = { trainRows: 100, dims: 3, shuffles: 1 };
  const found = canonicalCorrelation(x, y, options);
  const moved = canonicalCorrelation(far(x), far(y), options);
  expect(moved.correlations.inSample).toEqual(found.correlations.inSample);
  moved.correlations.heldOut.forEach((r, i) => expect(r).toBeCloseTo(found.correlations.heldOut[i]!, 9));
});

test("a side that does not vary on held-out rows correlates with nothing", () => {
  const x = noise("a", 60, 4).map((row, i) => (i < 50 ? row : row.map(() => 1)));
  expect(canonicalCorrelation(x, noise("b", 60, 4), { trainRows: 50, shuffles: 1 }).heldOut.first).toBe(0);
});

test.each([
  ["rows without a pair", noise("a", 9, 4), 6, /10 rows of x with 9 rows of y/],
  ["no held-out rows", noise("a", 10, 4), 9, /9 training rows of 10/],
  ["ragged rows", [...noise("a", 9, 4), [1, 2]], 6, /row 9 of y is not 4 finite numbers/],
  ["rows all the same", Array.from({ length: 10 }, () => [1, 2]), 6, /the same/],
])("%s are refused", (_, y: Rows, trainRows, message) => {
  const attempt = () => canonicalCorrelation(noise("x", 10, 3), y, { trainRows });
  expect(attempt).toThrow(message);
  expect(attempt).toThrow(UserError);
});
