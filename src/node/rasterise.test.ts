import { Resvg } from "@resvg/resvg-js";
import { describe, expect, test } from "vitest";
import { confusionFigure } from "../report/confusion-figure.ts";
import { curvesFigure } from "../report/curves-figure.ts";
import { key, normal } from "../tensor/random.ts";
import { fontOptions, rasterise } from "./rasterise.ts";

const noise = normal(key(1), 5000);
const long = 'a <very> "long" & winding class name that has to be cut';
const identity = (k: number) =>
  Array.from({ length: k }, (_row, i) => Array.from({ length: k }, (_, j) => (i === j ? 9 : 1)));
const figures: Record<string, string> = {
  "curves with thousands of points": curvesFigure({
    title: "fashion-set-convnet-3-1",
    xLabel: "step",
    series: ["loss", "accuracy"].flatMap((panel) =>
      ["training", "validation"].map((name) => ({
        name,
        panel,
        points: Array.from(noise, (y, i) => ({ x: 10 * i, y: 1e4 * (y + Math.exp(-i / 900)) })),
      })),
    ),
  }),
  "curves of no points": curvesFigure({ title: "empty", xLabel: "step", series: [] }),
  "a curve of one point": curvesFigure({
    title: long.repeat(4),
    xLabel: "step",
    series: [{ name: long, points: [{ x: 3, y: 2 }] }],
  }),
  "curves of many series": curvesFigure({
    title: "many",
    xLabel: "step",
    series: Array.from({ length: 14 }, (_, i) => ({
      name: `series number ${i}`,
      points: [
        { x: 0, y: i },
        { x: 1, y: 0 },
      ],
    })),
  }),
  "confusion of 2 classes": confusionFigure({
    title: "t",
    labels: ["a", "b"],
    counts: [
      [1000, 20000],
      [0, 0],
    ],
  }),
  "confusion of 10 classes": confusionFigure({
    labels: Array.from({ length: 10 }, (_, i) => `${long} ${i}`),
    counts: identity(10),
  }),
  "confusion of 100 classes": confusionFigure({
    labels: Array.from({ length: 100 }, (_, i) => (i % 2 ? long : "bee")),
    counts: identity(100),
  }),
};

describe.each(Object.entries(figures))("%s", (_, svg) => {
  test("nothing is clipped at the edges", () => {
    const { width, height } = new Resvg(svg, fontOptions);
    const inner = new Resvg(svg.replace(/<rect class="sheet"[^>]*\/>/, ""), fontOptions).innerBBox()!;
    expect(inner.x).toBeGreaterThanOrEqual(4);
    expect(inner.y).toBeGreaterThanOrEqual(4);
    expect(inner.x + inner.width).toBeLessThanOrEqual(width - 4);
    expect(inner.y + inner.height).toBeLessThanOrEqual(height - 4);
  });
});

test("a PNG of the figure's size times the scale, the same each time", () => {
  const svg = figures["confusion of 2 classes"]!;
  const png = rasterise(svg, 2);
  expect([...png.subarray(1, 4)]).toEqual([0x50, 0x4e, 0x47]);
  expect(new DataView(png.buffer, png.byteOffset).getUint32(16)).toBe(2 * new Resvg(svg).width);
  expect(rasterise(svg, 2)).toEqual(png);
});

test("the text is drawn although no system font is read", () => {
  const withText = rasterise(figures["confusion of 2 classes"]!);
  const without = rasterise(figures["confusion of 2 classes"]!.replace(/<text[^]*?<\/text>/g, ""));
  expect(withText.length).toBeGreaterThan(1.5 * without.length);
});
