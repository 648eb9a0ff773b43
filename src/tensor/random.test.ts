import fc from "fast-check";
import { expect, test } from "vitest";
import { fold, key, normal, sample, stream, uniform } from "./random.ts";

// Stored runs and checkpoints stand on these: tasks, initial weights and splits are drawn again from their seeds.
test("the numbers of a seed stay what they are", () => {
  expect([...uniform(key(7), 3)].map((value) => value * 2 ** 32)).toMatchInlineSnapshot(`
    [
      1843854165,
      1790075237,
      3354615234,
    ]
  `);
  expect([...uniform(fold(fold(key(2 ** 40 + 1), "layer1.0"), 3), 2)].map((value) => value * 2 ** 32))
    .toMatchInlineSnapshot(`
    [
      2022942843,
      1550802453,
    ]
  `);
  expect([...normal(key(7), 2)].map((value) => value.toFixed(6))).toMatchInlineSnapshot(`
    [
      "-0.917644",
      "-0.107609",
    ]
  `);
  expect(sample(key(7), [0, 1, 2, 3, 4])).toMatchInlineSnapshot(`
    [
      2,
      0,
      4,
      1,
      3,
    ]
  `);
});

test("other seeds, names and indices give other streams", () => {
  const keys = [
    ...Array.from({ length: 200 }, (_, seed) => key(seed)),
    key(2 ** 32),
    key(2 ** 32 + 1),
    ...Array.from({ length: 200 }, (_, i) => fold(key(1), i)),
    ...["", "a", "b", "ab", "ba", "0", "1", "10"].map((name) => fold(key(1), name)),
    fold(fold(key(1), "a"), "b"),
    fold(fold(key(1), "b"), "a"),
  ];
  const starts = keys.map((each) => [...uniform(each, 2)].join());
  expect(new Set(starts).size).toBe(keys.length);
});

test("uniform numbers fill [low, high) evenly, neighbours of neighbouring keys are unrelated", () => {
  const n = 40_000;
  const x = uniform(key(3), n, -1, 3);
  expect(Math.min(...x.subarray(0, 1000))).toBeGreaterThanOrEqual(-1);
  expect(Math.max(...x.subarray(0, 1000))).toBeLessThan(3);
  const counts = Array<number>(16).fill(0);
  for (const value of x) counts[Math.floor((value + 1) * 4)]!++;
  const chi2 = counts.reduce((total, count) => total + (count - n / 16) ** 2 / (n / 16), 0);
  expect(chi2).toBeLessThan(37.7); // 15 degrees of freedom, 1 in 1000
  const firsts = Array.from({ length: n }, (_, i) => stream(fold(key(5), i))());
  const centred = firsts.map((value) => value - 0.5);
  const correlation = centred.reduce((total, value, i) => total + value * (centred[i + 1] ?? 0), 0) / (n / 12);
  expect(Math.abs(correlation)).toBeLessThan(4 / Math.sqrt(n));
});

test("normal numbers have the moments of a normal distribution", () => {
  const n = 40_000;
  const x = normal(key(11), n, 2);
  const moment = (power: number): number => x.reduce((total, value) => total + (value / 2) ** power, 0) / n;
  expect(moment(1)).toBeCloseTo(0, 1);
  expect(Math.abs(moment(2) - 1)).toBeLessThan(4 * Math.sqrt(2 / n));
  expect(Math.abs(moment(4) - 3)).toBeLessThan(4 * Math.sqrt(96 / n));
});

test("a sample has no repeats and no strangers; all of them make a permutation", () => {
  fc.assert(
    fc.property(fc.nat(), fc.integer({ min: 1, max: 50 }), fc.nat(50), (seed, size, wanted) => {
      const items = Array.from({ length: size }, (_, i) => i * i);
      const drawn = sample(key(seed), items, Math.min(wanted, size));
      expect(new Set(drawn).size).toBe(drawn.length);
      expect(drawn.every((item) => items.includes(item))).toBe(true);
      expect(sample(key(seed), items).toSorted((a, b) => a - b)).toEqual(items);
    }),
  );
  expect(() => sample(key(0), [1, 2], 3)).toThrow("cannot draw 3 of 2");
});

test("each place of a sample is equally likely", () => {
  const counts = Array<number>(5).fill(0);
  for (let i = 0; i < 5000; i++) counts[sample(fold(key(1), i), [0, 1, 2, 3, 4], 2)[1]!]!++;
  for (const count of counts) expect(Math.abs(count - 1000)).toBeLessThan(4 * Math.sqrt(800));
});
