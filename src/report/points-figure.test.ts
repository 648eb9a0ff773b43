import { DOMParser } from "linkedom";
import { expect, test } from "vitest";
import { pointsFigure, type PointsFigure } from "./points-figure.ts";

const figure: PointsFigure = {
  title: "Number of groups",
  xLabel: "training groups",
  yLabel: "accuracy (%)",
  isLog: true,
  series: [
    {
      name: "CIFAR-100-set",
      points: [
        { x: 10_000, y: 60, ci95: 1 },
        { x: 100, y: 50, ci95: 2 },
        { x: 1000, y: 55, ci95: 4 },
      ],
    },
  ],
};

function parse(svg: string) {
  const document = new DOMParser().parseFromString(svg, "image/svg+xml");
  const numbers = (selector: string, ...names: string[]): number[][] =>
    [...document.querySelectorAll(selector)].map((one) => names.map((name) => Number(one.getAttribute(name))));
  const texts = Array.from(document.querySelectorAll("text"), (text: { textContent: string }) => text.textContent);
  return { document, numbers, texts };
}

test("a dot a point, evenly spaced by decade on a logarithmic axis, higher for higher accuracy", () => {
  const dots = parse(pointsFigure(figure)).numbers("circle", "cx", "cy");
  expect(dots).toHaveLength(3);
  const [[x1, y1], [x2, y2], [x3, y3]] = dots as [[number, number], [number, number], [number, number]];
  expect(x2 - x1).toBeCloseTo(x3 - x2, 3);
  expect(x1).toBeLessThan(x2);
  expect(y1 - y2).toBeCloseTo(y2 - y3, 3); // 5 points each; y grows downwards
  expect(y1).toBeGreaterThan(y2);
});

test("on a linear axis the same points are not evenly spaced", () => {
  const [a, b, c] = parse(pointsFigure({ ...figure, isLog: false })).numbers("circle", "cx") as [
    number[],
    number[],
    number[],
  ];
  expect((c[0]! - b[0]!) / (b[0]! - a[0]!)).toBeCloseTo(10, 2);
});

test("error bars are as long as the intervals and centred on their dots; none without an interval", () => {
  const found = parse(pointsFigure(figure));
  const dots = found.numbers("circle", "cx", "cy");
  const bars = found.numbers('[aria-label="rule"] line', "x1", "y1", "y2");
  expect(bars).toHaveLength(3);
  bars.forEach(([x, y1, y2], i) => {
    expect(x).toBeCloseTo(dots[i]![0]!, 3);
    expect((y1! + y2!) / 2).toBeCloseTo(dots[i]![1]!, 3);
  });
  const lengths = bars.map(([, y1, y2]) => Math.abs(y1! - y2!));
  expect(lengths[1]! / lengths[0]!).toBeCloseTo(2, 3); // 4 and 2
  expect(lengths[0]! / lengths[2]!).toBeCloseTo(2, 3); // 2 and 1
  const bare = figure.series[0]!.points.map(({ x, y }, i) => (i === 0 ? { x, y } : { x, y, ci95: Number.NaN }));
  expect(parse(pointsFigure({ ...figure, series: [{ name: "a", points: bare }] })).numbers("line[y2]", "y1")).toEqual(
    parse(pointsFigure({ ...figure, series: [] })).numbers("line[y2]", "y1"),
  );
});

test("series have a legend and their own colours; references are named dashed lines inside the plot", () => {
  const second = { name: "Fashion-set", points: [{ x: 100, y: 90 }] };
  const series = [...figure.series, second, { name: "empty", points: [{ x: Number.NaN, y: 1 }] }];
  const { document, texts } = parse(pointsFigure({ ...figure, series, references: [{ name: "paper", y: 99.5 }] }));
  for (const text of ["Number of groups", "accuracy (%)", "training groups", "CIFAR-100-set", "Fashion-set", "paper"])
    expect(texts).toContain(text);
  for (const tick of ["100", "1,000", "10,000"]) expect(texts).toContain(tick);
  expect(texts).not.toContain("empty");
  const colours = [...document.querySelectorAll('[aria-label="dot"]')].map((dot) => dot.getAttribute("fill"));
  expect(new Set(colours).size).toBe(2);
  const dashed = [...document.querySelectorAll("[stroke-dasharray]")];
  expect(dashed).toHaveLength(1);
  const y = Number(dashed[0]!.querySelector("line")!.getAttribute("y1"));
  expect(y).toBeGreaterThanOrEqual(12);
});

test("every measured x that has room is labelled on a logarithmic axis too", () => {
  const xs = [100, 250, 500, 1000, 2000, 5000, 10_000, 50_000];
  const points = xs.map((x) => ({ x, y: 50 }));
  const { texts } = parse(pointsFigure({ ...figure, series: [{ name: "a", points }] }));
  for (const x of xs) expect(texts).toContain(x.toLocaleString("en-US"));
});

test("labels that would touch are left out", () => {
  const points = Array.from({ length: 200 }, (_, i) => ({ x: 10_000 + i, y: i }));
  const { texts } = parse(pointsFigure({ ...figure, isLog: false, series: [{ name: "a", points }] }));
  const ticks = texts.filter((text) => /^10,\d{3}$/.test(text));
  expect(ticks.length).toBeGreaterThan(5);
  expect(ticks.length).toBeLessThan(20);
});

test("one point, and none, are drawn; zero has no place on a logarithmic axis; the text is the same every time", () => {
  const one = { ...figure, series: [{ name: "a", points: [{ x: 5, y: 40 }] }] };
  expect(pointsFigure(one)).not.toContain("NaN");
  expect(pointsFigure({ ...figure, series: [] })).not.toContain("NaN");
  expect(() => pointsFigure({ ...figure, series: [{ name: "a", points: [{ x: 0, y: 1 }] }] })).toThrow("internal:");
  expect(pointsFigure(figure)).toBe(pointsFigure(figure));
});

test("on a logarithmic y axis equal ratios are equal distances, labelled by powers of ten", () => {
  const points = [1e-1, 1e-3, 1e-5].map((y, i) => ({ x: 10 ** i, y }));
  const { numbers, texts } = parse(pointsFigure({ ...figure, isLogY: true, series: [{ name: "error", points }] }));
  const [a, b, c] = numbers("circle", "cy").map(([y]) => y!) as [number, number, number];
  expect(b - a).toBeCloseTo(c - b, 3);
  expect(b).toBeGreaterThan(a);
  for (const label of ["10⁻¹", "10⁻²", "10⁻³", "10⁻⁴", "10⁻⁵"]) expect(texts).toContain(label);
  const zero = [{ name: "error", points: [{ x: 1, y: 0 }] }];
  expect(() => pointsFigure({ ...figure, isLogY: true, series: zero })).toThrow("positive values only");
});
