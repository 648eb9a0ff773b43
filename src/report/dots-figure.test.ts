import { DOMParser } from "linkedom";
import { expect, test } from "vitest";
import { type DotsFigure, dotsFigure } from "./dots-figure.ts";

const row = (name: string, one: number, two: number) => ({
  name,
  values: { first: { "held out": one, shuffled: 0 }, mean: { "held out": two, shuffled: Number.NaN } },
});
const figure: DotsFigure = {
  title: "Correlation",
  label: "r",
  columns: ["first", "mean"],
  series: ["held out", "shuffled"],
  groups: [
    { name: "Fashion <MNIST>", rows: [row("conv1", 0.9, 0.45), row("conv2", 0.45, 0.9)] },
    { name: "CIFAR-100", rows: [row("conv1", -0.3, 0.6)] },
  ],
};

function parse(svg: string) {
  const document = new DOMParser().parseFromString(svg, "image/svg+xml");
  const dots = Array.from(document.querySelectorAll("circle"), (dot: { getAttribute: (name: string) => string }) => ({
    x: Number(dot.getAttribute("cx")),
    y: Number(dot.getAttribute("cy")),
    fill: dot.getAttribute("fill"),
  }));
  return {
    dots,
    texts: Array.from(document.querySelectorAll("text"), (text: { textContent: string }) => text.textContent),
  };
}

test("a dot a finite number; the columns and groups have one scale", () => {
  const { dots } = parse(dotsFigure(figure));
  expect(dots).toHaveLength(3 * 3);
  const held = dots.filter(({ fill }) => fill === dots[0]!.fill);
  expect(held).toHaveLength(6);
  const zero = dots.find(({ fill }) => fill !== dots[0]!.fill)!.x;
  // conv1 and conv2 of the first group have 0.9 and 0.45 in the first column; the other way round in the second
  const offsets = held.slice(0, 2).map(({ x }) => x - zero);
  expect(offsets[0]! / offsets[1]!).toBeCloseTo(2, 3);
  expect(held[0]!.y).toBeLessThan(held[1]!.y);
  expect(held[2]!.x).toBeCloseTo(held[1]!.x, 3);
  const [negative] = held.slice(4).map(({ x }) => x - zero);
  expect(negative! / offsets[0]!).toBeCloseTo(-1 / 3, 3);
});

test("rows, groups, columns and series are named, columns and label once", () => {
  const { texts } = parse(dotsFigure(figure));
  for (const name of ["Correlation", "Fashion <MNIST>", "CIFAR-100", "held out", "shuffled", "first", "mean", "conv2"])
    expect(texts.filter((text) => text === name)).toHaveLength(1);
  expect(texts.filter((text) => text === "conv1")).toHaveLength(2);
  expect(texts).toContain("r");
});

test("nothing to draw is drawn", () => {
  expect(parse(dotsFigure({ ...figure, groups: [] })).dots).toEqual([]);
  const empty = [{ name: "a", rows: [{ name: "b", values: {} }] }];
  expect(parse(dotsFigure({ ...figure, groups: empty })).texts).toContain("b");
});

test("intervals are bars around their dots, and series stand below each other; without any the dots stand on the line", () => {
  const rows = [
    { name: "conv1", values: { first: { "held out": 1, shuffled: 2 } }, ci95: { first: { "held out": 0.5 } } },
    { name: "conv2", values: { first: { "held out": 4 } }, ci95: { first: { "held out": Number.NaN } } },
  ];
  const drawn = (given: DotsFigure["groups"][number]["rows"]) => {
    const svg = dotsFigure({ ...figure, groups: [{ name: "", rows: given }] });
    const document = new DOMParser().parseFromString(svg, "image/svg+xml");
    const bars = [...document.querySelectorAll('[aria-label="rule"] line[stroke]')];
    return { ...parse(svg), bars: bars.map((bar) => ["x1", "x2"].map((name) => Number(bar.getAttribute(name)))) };
  };
  const { dots, bars } = drawn(rows);
  expect(dots).toHaveLength(3);
  expect(bars).toHaveLength(1);
  const [one, four, two] = dots.map(({ x }) => x) as [number, number, number];
  const [low, high] = bars[0] as [number, number];
  expect((low + high) / 2).toBeCloseTo(one, 3);
  expect((high - low) / (two - one)).toBeCloseTo(1, 3);
  expect((four - one) / (two - one)).toBeCloseTo(3, 3);
  const bare = drawn(rows.map(({ name, values }) => ({ name, values })));
  expect(bare.bars).toEqual([]);
  expect(bare.dots.map(({ x }) => x).toSorted((a, b) => a - b)).toEqual([one, two, four]);
});
