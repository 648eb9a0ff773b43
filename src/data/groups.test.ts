import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { UserError } from "../errors.ts";
import { fold, key } from "../tensor/random.ts";
import { sampleGroup, sampleTestGroup, trainingPools } from "./groups.ts";

/** Class c holds the positions c, c + k, c + 2k ...: position % k is the class. */
const positionsOf = (k: number, each: number): number[][] =>
  Array.from({ length: k }, (_k, c) => Array.from({ length: each }, (_i, i) => c + i * k));

const drawing = fc.record({
  k: fc.integer({ min: 1, max: 8 }),
  spare: fc.nat(4),
  shots: fc.integer({ min: 1, max: 5 }),
  queries: fc.integer({ min: 1, max: 5 }),
  extra: fc.nat(3),
  seed: fc.nat(),
});

/** Each list is class-major and of the right length; no position occurs twice anywhere. */
function check(lists: [Int32Array, each: number][], classes: number[], k: number): void {
  expect(new Set(classes).size).toBe(classes.length);
  for (const [list, each] of lists) {
    expect([...list].map((p) => p % k)).toEqual(classes.flatMap((c) => Array<number>(each).fill(c)));
  }
  const all = lists.flatMap(([list]) => [...list]);
  expect(new Set(all).size).toBe(all.length);
}

describe("sampleGroup", () => {
  it("draws disjoint, class-major lists of the right length, and the same ones for the same key", () => {
    fc.assert(
      fc.property(drawing, ({ k, spare, shots, queries, extra, seed }) => {
        const positions = positionsOf(k, shots + queries + extra + spare);
        const pool = positions.map((_, c) => c).slice(k > 2 ? 1 : 0);
        const draw = () =>
          sampleGroup(positions, pool, { ways: Math.ceil(pool.length / 2), shots, queries, extra }, key(seed));
        const group = draw();
        check(
          [
            [group.support, shots],
            [group.query, queries],
            [group.extra, extra],
          ],
          group.classes,
          k,
        );
        expect(group.classes.every((c) => pool.includes(c))).toBe(true);
        expect(draw()).toEqual(group);
      }),
    );
  });

  it("differs by key, and every class and image comes up about as often", () => {
    const positions = positionsOf(6, 20);
    const pool = [0, 1, 2, 3, 4, 5];
    const counts = new Map<number, number>();
    const seen = new Set<string>();
    for (let i = 0; i < 600; i++) {
      const { support } = sampleGroup(positions, pool, { ways: 3, shots: 2, queries: 1, extra: 0 }, fold(key(1), i));
      seen.add(support.join());
      for (const p of support) counts.set(p, (counts.get(p) ?? 0) + 1);
    }
    expect(seen.size).toBeGreaterThan(595);
    expect(counts.size).toBe(120);
    // 600 * 6 / 120 = 30 expected, standard deviation about 5.
    expect(Math.min(...counts.values())).toBeGreaterThan(8);
    expect(Math.max(...counts.values())).toBeLessThan(55);
  });

  it("names the class with too few images, drawn or not", () => {
    const positions = [...positionsOf(3, 10), [90, 91]];
    const draw = () =>
      sampleGroup(positions, [0, 1, 2, 3], { ways: 1, shots: 2, queries: 1, extra: 1 }, key(0), {
        names: ["a", "b", "c", "rare"],
      });
    expect(draw).toThrow(UserError);
    expect(draw).toThrow('class "rare" has 2 images, a group (2 shots + 1 queries + 1 extra) takes 4 a class');
  });

  it("refuses more ways than classes", () => {
    const shape = { ways: 3, shots: 1, queries: 1, extra: 0 };
    expect(() => sampleGroup(positionsOf(2, 9), [0, 1], shape, key(0))).toThrow(/3 classes a group, but only 2/);
  });
});

describe("sampleTestGroup", () => {
  it("keeps generation and test apart", () => {
    fc.assert(
      fc.property(drawing, ({ k, spare, shots, queries, seed }) => {
        const positions = positionsOf(k, shots + queries + spare);
        const classes = positions.map((_, c) => c);
        const draw = () =>
          sampleTestGroup(positions, classes, { ways: k, generation: shots, test: queries }, key(seed));
        const pair = draw();
        check(
          [
            [pair.generation, shots],
            [pair.test, queries],
          ],
          pair.classes,
          k,
        );
        expect(draw()).toEqual(pair);
      }),
    );
  });

  it("draws generation from the training part and test from the test part", () => {
    const positions = positionsOf(4, 12);
    const part = Uint8Array.from({ length: 48 }, (_, i) => (i >= 32 ? 1 : 0)); // 8 + 4 a class
    const shape = { ways: 3, generation: 8, test: 4 };
    const pair = sampleTestGroup(positions, [0, 1, 2, 3], shape, key(3), { part });
    check(
      [
        [pair.generation, 8],
        [pair.test, 4],
      ],
      pair.classes,
      4,
    );
    expect([...pair.generation].every((p) => part[p] === 0)).toBe(true);
    expect([...pair.test].every((p) => part[p] === 1)).toBe(true);
    expect(() => sampleTestGroup(positions, [0, 1, 2], { ...shape, test: 5 }, key(3), { part })).toThrow(
      /class 0 has 4 images, a test set \(test part\) takes 5/,
    );
  });
});

describe("trainingPools", () => {
  const positions = positionsOf(3, 20);
  const split = { train: [0, 1], val: [], test: [2], valFrom: "images" } as const;

  it("holds back the test part, or else the last tenth", () => {
    const part = Uint8Array.from({ length: 60 }, (_, i) => (i < 45 ? 0 : 1));
    const byPart = trainingPools(positions, split, part);
    expect(byPart.train.positions[1]).toEqual(positions[1]!.slice(0, 15));
    expect(byPart.val).toEqual({ positions: positions.map((of) => of.slice(15)), classes: [0, 1] });
    const byTenth = trainingPools(positions, split);
    expect([byTenth.train, byTenth.val].map((p) => p.positions.map((of) => of.length))).toEqual([
      [18, 18, 18],
      [2, 2, 2],
    ]);
  });

  it("takes the classes' own images where validation has classes", () => {
    const { train, val } = trainingPools(positions, { train: [0], val: [1], test: [2], valFrom: "classes" });
    expect([train, val]).toEqual([
      { positions, classes: [0] },
      { positions, classes: [1] },
    ]);
  });
});
