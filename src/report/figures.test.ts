import { DOMParser } from "linkedom";
import { expect, test } from "vitest";
import { confusionFigure } from "./confusion-figure.ts";
import { curvesFigure } from "./curves-figure.ts";
import { escapeXml, fitted, textWidth } from "./svg.ts";

function parse(svg: string) {
  return new DOMParser().parseFromString(svg, "image/svg+xml");
}
const texts = (svg: string) =>
  Array.from(parse(svg).querySelectorAll("text"), (text: { textContent: string }) => text.textContent);

test("a confusion matrix shows every class twice, its counts, its recall, and no zeros", () => {
  const svg = confusionFigure({
    title: "Held out",
    labels: ["shirt", "boot"],
    counts: [
      [30, 10],
      [0, 7],
    ],
  });
  const found = texts(svg);
  for (const label of ["shirt", "boot"]) expect(found.filter((text) => text === label)).toHaveLength(2);
  for (const text of ["Held out", "predicted", "actual", "30", "10", "7", "75.0 %", "100.0 %"])
    expect(found).toContain(text);
  expect(found).not.toContain("0");
});

test("mistakes and correct predictions differ in colour, and the shade grows with the share", () => {
  const svg = confusionFigure({
    labels: ["a", "b"],
    counts: [
      [9, 1],
      [5, 5],
    ],
  });
  const rects = [...parse(svg).querySelectorAll("rect")].filter((rect) => rect.getAttribute("fill-opacity"));
  const opacity = rects.map((rect) => Number(rect.getAttribute("fill-opacity")));
  expect(rects).toHaveLength(4);
  expect(new Set(rects.map((rect) => rect.getAttribute("fill"))).size).toBe(2);
  expect(opacity[0]).toBeGreaterThan(opacity[3]!); // 90 % right, 50 % right
  expect(opacity[2]).toBeGreaterThan(opacity[1]!); // 50 % wrong, 10 % wrong
});

test("a matrix that does not fit the labels is our own bug", () => {
  expect(() => confusionFigure({ labels: ["a", "b"], counts: [[1, 2]] })).toThrow("internal:");
});

test("labels and titles are escaped", () => {
  const label = '<script>alert("1")</script> & \u0000';
  const svg = confusionFigure({
    title: label,
    labels: [label, "b"],
    counts: [
      [1, 0],
      [0, 1],
    ],
  });
  expect(svg).not.toContain("<script");
  expect(texts(svg)[0]).toContain('<script>alert("1")</script> & ');
});

test("panels stack, series of one panel share a legend, values that are not finite are left out", () => {
  const points = [1, Number.NaN, 0.5, Number.POSITIVE_INFINITY].map((y, x) => ({ x, y }));
  const svg = curvesFigure({
    title: "run",
    xLabel: "step",
    series: [
      { name: "total", panel: "loss", points },
      { name: "KL", panel: "loss", points },
      { name: "accuracy", panel: "accuracy", points },
    ],
  });
  expect(texts(svg).filter((text) => ["loss", "total", "KL", "accuracy", "step"].includes(text))).toEqual([
    "loss",
    "total",
    "KL",
    "accuracy",
    "step",
  ]);
  expect(svg).not.toContain("NaN");
});

test("many noisy points are drawn twice, raw and smoothed; few only once", () => {
  const lines = (count: number) => {
    const points = Array.from({ length: count }, (_, x) => ({ x, y: (x * 7919) % 13 }));
    const svg = curvesFigure({ title: "", xLabel: "step", series: [{ name: "loss", points }] });
    return [...parse(svg).querySelectorAll('path[stroke-linejoin="round"], g[stroke-linejoin="round"] > path')].length;
  };
  expect(lines(50)).toBe(1);
  expect(lines(500)).toBe(2);
});

test("the same figure gives the same text", () => {
  const draw = () =>
    curvesFigure({
      title: "a",
      xLabel: "step",
      series: [
        {
          name: "l",
          points: [
            { x: 0, y: 1 },
            { x: 1, y: 2 },
          ],
        },
      ],
    });
  expect(draw()).toBe(draw());
});

test("texts are cut to a width with an ellipsis, whole characters only", () => {
  expect(fitted("short", 100)).toBe("short");
  const cut = fitted("🙂".repeat(40), 100);
  expect(cut).toMatch(/^(🙂)+…$/u);
  expect(textWidth(cut)).toBeLessThanOrEqual(100);
  expect(escapeXml(`<a b='"'>&`)).toBe("&lt;a b=&#39;&quot;&#39;&gt;&amp;");
  expect(escapeXml("\u001b[31mred\n\u202e")).toBe("\\u001b[31mred\\u000a\\u202e");
});
