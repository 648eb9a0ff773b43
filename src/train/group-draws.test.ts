// Which domain and which shape a group has: by its number alone, as often as weights say, and only what can be filled.

import { describe, expect, it } from "vitest";
import { easyDataset } from "../../test/easy-data.ts";
import type { GroupShape } from "../data/groups.ts";
import { fold, key } from "../tensor/random.ts";
import { GroupDraws } from "./group-draws.ts";
import { mixedTrainingData, type MixtureSource } from "./training-data.ts";

const source = (name: string, classes: number, perClass: number, weight: number): MixtureSource => ({
  name,
  dataset: easyDataset({ classes, perClass, seed: classes }),
  split: { train: Array.from({ length: classes }, (_, c) => c), val: [], test: [], valFrom: "classes" },
  role: "train",
  weight,
});
/** `small` has too few classes for the second shape, `short` too few pictures for the third. */
const data = mixedTrainingData([source("large", 6, 12, 5), source("small", 3, 12, 3), source("short", 6, 5, 2)], {
  trainOn: "train",
});
const shapes: readonly GroupShape[] = [
  { ways: 2, shots: 1, queries: 2, extra: 0 },
  { ways: 5, shots: 1, queries: 2, extra: 1 },
  { ways: 3, shots: 5, queries: 3, extra: 2 },
];
const draws = new GroupDraws(data.domains, shapes, { seed: 7, together: 1 });
const sourceOf = (group: number) => fold(fold(key(7), "group"), group);
const domainOf = (group: number) => {
  const names = draws.classesOf(group, sourceOf(group)).map((c) => data.dataset.classes[c]!.split("/")[0]!);
  expect(new Set(names).size).toBe(1);
  return names[0]!;
};
const GROUPS = 8000;
const groups = Array.from({ length: GROUPS }, (_, i) => ({ domain: domainOf(i), shape: draws.shapeOf(i) }));
const share = (of: (group: (typeof groups)[number]) => boolean) => groups.filter(of).length / GROUPS;

describe("groups of a mixture", () => {
  it("are of the domains by their weights", () => {
    expect(share(({ domain }) => domain === "large")).toBeCloseTo(0.5, 1);
    expect(share(({ domain }) => domain === "small")).toBeCloseTo(0.3, 1);
    expect(share(({ domain }) => domain === "short")).toBeCloseTo(0.2, 1);
  });

  it("have, of the shapes that their domain can fill, each as often", () => {
    const of = (domain: string) =>
      shapes.map((_, shape) => share((group) => group.domain === domain && group.shape === shape));
    expect(of("small")[1]).toBe(0);
    expect(of("short")[2]).toBe(0);
    for (const chance of of("large")) expect(chance).toBeCloseTo(0.5 / 3, 1);
    expect(of("small")[0]).toBeCloseTo(0.15, 1);
    expect(of("short")[1]).toBeCloseTo(0.1, 1);
  });

  it("have one shape in runs of 16, or of whole steps where these are longer", () => {
    const changes = groups.flatMap(({ shape }, i) => (i > 0 && shape !== groups[i - 1]!.shape ? [i] : []));
    expect(changes.length).toBeGreaterThan(100);
    expect(changes.filter((i) => i % 16 !== 0)).toEqual([]);
    const steps = new GroupDraws(data.domains, shapes, { seed: 7, together: 12 });
    const of = Array.from({ length: 480 }, (_, i) => steps.shapeOf(i));
    expect(of.flatMap((shape, i) => (i > 0 && shape !== of[i - 1] && i % 24 !== 0 ? [i] : []))).toEqual([]);
    expect(new Set(of).size).toBe(3);
  });

  it("are the same whoever asks, and others with another seed", () => {
    const again = new GroupDraws(data.domains, shapes, { seed: 7, together: 1 });
    const other = new GroupDraws(data.domains, shapes, { seed: 8, together: 1 });
    const of = (asked: GroupDraws) => Array.from({ length: 400 }, (_, i) => asked.shapeOf(399 - i)).reverse();
    expect(of(again)).toEqual(groups.slice(0, 400).map(({ shape }) => shape));
    expect(of(other)).not.toEqual(of(again));
  });
});

describe("what cannot be drawn", () => {
  const of = (sources: MixtureSource[], ...asked: GroupShape[]) =>
    new GroupDraws(mixedTrainingData(sources, { trainOn: "train" }).domains, asked, { seed: 0, together: 1 });

  it("a domain that can fill no shape is refused, and so is a shape that none can fill", () => {
    const few = source("few", 3, 4, 1);
    expect(() => of([few], shapes[1]!, shapes[2]!)).toThrow(
      /"few" can fill no shape of group: it trains on 3 classes of 4 to 4 pictures/,
    );
    expect(() => of([few], shapes[0]!, shapes[1]!)).toThrow(/nothing .* can fill groups of 5 ways x 4 pictures/);
  });

  it("classes of too few pictures are in no group, which is told", () => {
    const dataset = easyDataset({ classes: 3, perClass: 6 });
    const kept = Array.from(dataset.labels, (_, i) => i).filter((i) => dataset.labels[i] !== 2 || i % 3 === 0);
    const uneven = {
      ...dataset,
      labels: dataset.labels.filter((_, i) => kept.includes(i)),
      images: Uint8Array.from(kept.flatMap((i) => [...dataset.images.subarray(i * 192, (i + 1) * 192)])),
    };
    expect(Array.from(uneven.labels).filter((label) => label === 2).length).toBeLessThan(6);
    const drawn = of([{ ...source("uneven", 3, 6, 1), dataset: uneven }], { ways: 2, shots: 2, queries: 4, extra: 0 });
    expect(drawn.classesOf(0, key(0))).toEqual([0, 1]);
    expect(drawn.notes()).toEqual(["uneven: 1 of 3 classes have too few pictures for a group, and are in none"]);
    expect(draws.notes()).toEqual([]);
  });
});
