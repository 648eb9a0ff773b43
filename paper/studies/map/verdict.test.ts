import { describe, expect, test } from "vitest";
import { accuracy, difference, mapCells, type Mean, overBestStatic } from "./compare.ts";
import { CONTENDERS, type ContenderName } from "./methods.ts";
import type { MapFile, MapRow } from "./rows.ts";
import { outcome, verdict } from "./verdict.ts";

const GROUPS = 20;
const KNOWN = ["photographs", "signs", "letters"];
const NEW = ["cards", "digits"];

/** Accuracies in %, of known and of new kinds, by contender; each domain and group has its own, the same for all. */
type Made = Readonly<Partial<Record<ContenderName, readonly [known: number, unseen: number]>>>;

function fileOf(made: Made, { width = 8, domains = 8, seed = 0 } = {}): MapFile {
  const rows = Object.entries(made).flatMap(([name, means]) => {
    const { method, sketch, strength } = CONTENDERS[name as ContenderName];
    return [...KNOWN, ...NEW].flatMap((domain, d): MapRow[] =>
      Array.from({ length: GROUPS }, (_, group) => {
        const isKnown = KNOWN.includes(domain);
        const value = (means[isKnown ? 0 : 1] + d + (group % 5)) / 100;
        return {
          method,
          sketch,
          strength,
          domain,
          "trained on": isKnown ? "yes" : "no",
          group: String(group),
          // a little noise that differs between contenders, and takes nothing from their means
          "centred centroids": value + (0.001 * Math.cos(Math.PI * group) * name.length) / 10,
          "closed form": value + (0.001 * Math.cos(Math.PI * group) * name.length) / 10,
        };
      }),
    );
  });
  return { width, domains, seed, rows };
}

const all: Made = {
  d: [76, 55],
  "d, gated": [75, 70],
  "d, other classes": [76, 0],
  "d, other domain": [60, 50],
  n: [76, 60],
  k: [70, 66],
  e: [71, 65],
  a: [68, 68],
};
const sentences = (...files: readonly MapFile[]): string[] => verdict(mapCells(files))!;

test("differences are paired over groups, and averaged over trainings before groups are counted", () => {
  const [cell] = mapCells([fileOf(all), fileOf({ ...all, d: [78, 55] }, { seed: 1 }), fileOf({ a: [60, 60] }, { seed: 2 })]); // prettier-ignore
  const kind = { head: "closed form", isTrained: true } as const;
  const gain = difference(cell!, "d", "a", kind)!;
  expect(gain.mean).toBeCloseTo(9, 9); // 8 and 10
  expect(gain).toMatchObject({ domains: 3, seeds: [0, 1] });
  expect(gain.overGroups).toBeCloseTo(0, 9); // the two have the same noise
  expect(gain.overDomains).toBeCloseTo(0, 9);
  expect(gain.overTrainings).toBeCloseTo(12.706, 2); // of 8 and 10: t of one degree of freedom, times 1
  expect(difference(cell!, "d", "e", kind)!.overGroups).toBeCloseTo(0, 9);
  expect(difference(cell!, "d", "b", kind)).toBeUndefined();
  expect(accuracy(cell!, "d", 1, kind)!.mean).toBeCloseTo(78 + 1 + 2, 9);
  expect(accuracy(cell!, "d", 0, { head: "closed form", isTrained: false })!.mean).toBeCloseTo(55 + 3.5 + 2, 9);
});

test("the best static network is the one that is gained least on, other ones on other domains", () => {
  const [cell] = mapCells([fileOf(all)]);
  expect(overBestStatic(cell!, "d", { head: "closed form", isTrained: true })).toMatchObject({ against: "e" });
  expect(overBestStatic(cell!, "d", { head: "closed form", isTrained: false })).toMatchObject({ against: "a" });
});

test("a static network that lacks a training is not the best one, as d would be another beside it", () => {
  const [cell] = mapCells([fileOf({ ...all, b: [68, 90] }), fileOf(all, { seed: 1 })]);
  expect(difference(cell!, "d", "b", { head: "closed form", isTrained: false })!.mean).toBeLessThan(-30);
  expect(overBestStatic(cell!, "d", { head: "closed form", isTrained: false })).toMatchObject({ against: "a" });
});

const mean = (value: number, overGroups: number): Mean => ({ mean: value, overGroups, overDomains: 1, overTrainings: 1, domains: 8, seeds: [0] }); // prettier-ignore

test.each([
  [3, 1, "gains"],
  [-3, 1, "loses"],
  [0.3, 0.1, "level"],
  [0.4, 0.2, "open"],
  [-0.4, 3, "open"],
  [3, 3, "open"],
  [-0.6, 2, "open"],
  [2, Number.NaN, "open"],
])("%f ± %f points: %s", (value, width, words) => {
  expect(outcome(mean(value, width))).toBe(words);
});

describe("the verdict", () => {
  test("says gains, levels and losses with their numbers, and which aims are reached", () => {
    const said = sentences(fileOf(all));
    expect(said).toHaveLength(5);
    expect(said[0]).toContain("(d; width 8, 8 domains) **gains** 5.0 ± 0.0 / 0.0 and 5.0 ± 0.0 / 0.0 points on e, the best static network"); // prettier-ignore
    expect(said[0]).toMatch(/is reached, by one training of each\.$/);
    expect(said[1]).toContain("**is level** with n");
    expect(said[1]).toContain("**gains** 16.0");
    expect(said[1]).toContain("the sketch tells the kind of pictures");
    expect(said[2]).toContain("d **loses** 13.0");
    expect(said[2]).toContain("and with the gate it **gains** 2.0");
    expect(said[2]).toMatch(/the test domains, for which an aim is written down, are not judged\.$/);
    expect(said[3]).toContain("**loses** 1.0");
    expect(said[3]).toContain("**gains** 15.0");
    expect(said[4]).toContain("1 of 5 cells");
    expect(said[4]).toContain("1 training of a, d, e, k and n and no trainings of b");
  });

  test("sets d beside specialists, once there are any", () => {
    expect(sentences(fileOf(all))[4]).toContain("not yet set beside as many specialists as domains, a static network");
    const level = sentences(fileOf({ ...all, s: [76, 60], "s, oracle": [80, 60] }))[4];
    expect(level).toMatch(/d \*\*is level\*\* with the specialist.*\(reached\), and \*\*loses\*\* 4\.0/);
    expect(sentences(fileOf({ ...all, s: [77, 60] }))[4]).toMatch(
      /\*\*loses\*\* 1\.0.*\(missed\), and is not compared/,
    );
  });

  test("turns with the numbers", () => {
    const said = sentences(fileOf({ ...all, d: [69, 71], n: [72, 60], "d, other classes": [60, 0] }));
    expect(said[0]).toContain("**loses** 2.0 ± 0.0 / 0.0 and 2.0 ± 0.0 / 0.0 points to e");
    expect(said[0]).toMatch(/is missed\.$/);
    expect(said[1]).toContain("**loses** 3.0");
    expect(said[1]).not.toContain("tells the kind");
    expect(said[2]).toContain("d **gains** 3.0");
  });

  test("an aim whose mean is reached in trainings that differ is not reached, and trainings are counted", () => {
    const said = sentences(fileOf(all), fileOf({ ...all, d: [80, 55] }, { seed: 1 }));
    expect(said[0]).toContain("**gains** 7.0 ± 0.0 / 0.0 / 25.4");
    expect(said[0]).toContain("reached by the means, but not by the intervals over trainings");
    expect(said[4]).toContain("2 trainings of a, d, e, k and n");
    const alike = sentences(fileOf(all), fileOf(all, { seed: 1 }));
    expect(alike[0]).toMatch(/is reached\.$/);
    const other = sentences(fileOf(all), fileOf({ ...all, a: [60, 68] }, { seed: 1 }));
    expect(other[0]).toMatch(
      /is reached; of .*, not those over trainings against a by centred centroids and over trainings against a by closed form\.$/,
    );
  });

  test("what is not judged is said, other cells are told in passing, and without the claim's cell there is none", () => {
    const { "d, gated": _, n: __, ...fewer } = all;
    const said = sentences(fileOf(fewer), fileOf({ d: [80, 70], a: [79, 70] }, { width: 16 }));
    expect(said[1]).toContain("is not compared with n");
    expect(said[2]).toContain("with the gate it is not compared with a static network");
    expect(said[4]).toContain("2 of 5 cells; at width 16, 8 domains d **gains** 1.0");
    expect(verdict(mapCells([fileOf(all, { width: 16 })]))).toBeUndefined();
    expect(verdict([])).toBeUndefined();
  });
});
