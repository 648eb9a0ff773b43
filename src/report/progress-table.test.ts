import fc from "fast-check";
import { expect, test } from "vitest";
import {
  type Column,
  formatDuration,
  formatThroughput,
  formatTimeLeft,
  tableHead,
  tableRow,
} from "./progress-table.ts";

const columns: Column[] = [
  { name: "step", kind: "count" },
  { name: "loss", kind: "loss" },
  { name: "validation accuracy", kind: "percent" },
  { name: "groups/s", kind: "rate" },
  { name: "left", kind: "duration" },
];

test("rows line up with the head", () => {
  const row = { step: 30000, loss: 0.687147, "validation accuracy": 0.9624, "groups/s": 12.345, left: 125 };
  expect(
    `${tableHead(columns).join("\n")}\n${tableRow(columns, row)}\n${tableRow(columns, { step: 1, loss: Number.NaN })}`,
  ).toBe(
    [
      "-".repeat(72),
      "|     step |     loss | validation accuracy |  groups/s |         left |",
      "-".repeat(72),
      "|   30,000 |   0.6871 |             96.24 % |      12.3 |    2 min 5 s |",
      "|        1 |      NaN |                     |           |              |",
    ].join("\n"),
  );
});

test("a value wider than its column is written in full", () => {
  expect(tableRow([{ name: "a", kind: "text", width: 2 }], { a: "longer" })).toBe("| longer |");
});

test.each([
  [0, "0 ms"],
  [0.0042, "4.2 ms"],
  [0.35, "350 ms"],
  [0.9999, "1.0 s"],
  [12.34, "12.3 s"],
  [59.97, "1 min"],
  [125, "2 min 5 s"],
  [3599.7, "1 h"],
  [7380, "2 h 3 min"],
  [86399, "1 d"],
  [93600, "1 d 2 h"],
  [Number.POSITIVE_INFINITY, "?"],
])("%d seconds read %s", (seconds, text) => {
  expect(formatDuration(seconds)).toBe(text);
});

test("a duration reads back within its rounding and never says 60 seconds, 60 minutes or 24 hours", () => {
  const units: Record<string, number> = { ms: 0.001, s: 1, min: 60, h: 3600, d: 86400 };
  fc.assert(
    fc.property(fc.double({ min: 0.01, max: 1e6, noNaN: true }), (seconds) => {
      const text = formatDuration(seconds);
      expect(text).not.toMatch(/\b60(\.0)? (s|min)|\b24 h|\b1000 ms/);
      const parts = [...text.matchAll(/([\d.]+) (ms|s|min|h|d)/g)];
      const read = parts.reduce((sum, [, value, unit]) => sum + Number(value) * units[unit!]!, 0);
      expect(Math.abs(read - seconds)).toBeLessThanOrEqual(0.051 * seconds);
    }),
  );
});

test("time left extrapolates the pace so far", () => {
  expect(formatTimeLeft(10, 40, 5)).toBe("15.0 s");
  expect(formatTimeLeft(0, 40, 5)).toBe("?");
  expect(formatTimeLeft(41, 40, 5)).toBe("0 ms");
});

test("throughput is per second, or per minute where that would be below one", () => {
  expect(formatThroughput(12.34, "groups")).toBe("12.3 groups/s");
  expect(formatThroughput(25341.8, "images")).toBe("25,342 images/s");
  expect(formatThroughput(2 / 3, "groups")).toBe("40 groups/min");
});

test("paces that cannot be told are question marks, names stay one cell", () => {
  const paces = [
    { name: "class", kind: "text", width: 12 },
    { name: "groups/s", kind: "rate" },
    { name: "left", kind: "duration" },
    { name: "loss", kind: "loss" },
  ] as const;
  const row = tableRow(paces, { class: "a\nb", "groups/s": Infinity, left: Number.NaN, loss: Number.NaN });
  expect(row.split("|").map((cell) => cell.trim())).toEqual(["", "a\\u000ab", "?", "?", "NaN", ""]);
  expect(row.length).toBe(tableHead(paces)[1]!.length);
});
