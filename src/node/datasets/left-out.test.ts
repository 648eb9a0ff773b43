import { expect, it } from "vitest";
import { leftOutLines } from "./left-out.ts";

it("gives reasons by the number of their files, and counts those of the rarest only", () => {
  const of = (reason: string, count: number) =>
    Array.from({ length: count }, (_, i) => ({ path: `${reason}/${i}`, reason }));
  const skipped = [
    ...of("a", 1),
    ...of("b", 3),
    ...of("c", 1),
    ...of("d", 1),
    ...of("e", 1),
    ...of("f", 1),
    ...of("g", 2),
  ];
  expect(leftOutLines(skipped, "cat: ")).toEqual([
    'cat: 3 files left out, such as "b/0": b',
    'cat: 2 files left out, such as "g/0": g',
    'cat: left out "a/0": a',
    'cat: left out "c/0": c',
    'cat: left out "d/0": d',
    "cat: 2 more left out, for other reasons",
  ]);
  expect(leftOutLines([])).toEqual([]);
});
