import { expect, it } from "vitest";
import { type BenchmarkRow, benchmarksIn, benchmarkValues, newestBenchmarks } from "./benchmarks.ts";

const rows = (...names: readonly string[]): BenchmarkRow[] =>
  names.map((name) => ({ name, median_ms: "31.4", peer_median_ms: "24", ratio: "0.76", value: "" }));

it("are those that texts name, once each", () => {
  const texts = [
    "{{bench/meta-step-convnet-3 .0}} | {{bench/meta-step-convnet-3/peer}}",
    "{{bench/predict-memory/value}}",
    "bench/no",
  ];
  expect([...benchmarksIn(texts)]).toEqual(["meta-step-convnet-3", "predict-memory"]);
});

it("are of the newest file of two cores that has all of them", () => {
  const files = new Map([
    ["2026-11-27-b-2-cores.csv", rows("a", "b")],
    ["2026-11-23-b-2-cores.csv", rows("a", "b", "c")],
    ["2026-12-01-b-2-cores.csv", rows("b", "c")],
    ["2026-12-02-b-16-cores.csv", rows("a", "b", "c")],
    ["2026-12-02-h100-webgpu.csv", rows("a", "b", "c")],
  ]);
  const newest = (...names: readonly string[]): string => newestBenchmarks(files, new Set(names)).file;
  expect(newest("b")).toBe("2026-12-01-b-2-cores.csv");
  expect(newest("a", "b")).toBe("2026-11-27-b-2-cores.csv");
  expect(newest("a", "c")).toBe("2026-11-23-b-2-cores.csv");
  expect(() => newest("a", "d")).toThrow(/has all benchmarks that texts name: the newest lacks a, d$/);
  expect(() => newestBenchmarks(new Map(), new Set("a"))).toThrow(/: there is none$/);
});

it("are named by case and column, as far as they have a number", () => {
  expect(benchmarkValues(rows("a"))).toEqual([
    ["bench/a", { value: 31.4 }],
    ["bench/a/peer", { value: 24 }],
    ["bench/a/ratio", { value: 0.76 }],
  ]);
});
