import { expect, test } from "vitest";
import { jackknife95 } from "pudnet/evaluation";
import { cellOf, madeUpTable, measured, pudnetOn } from "../../test/made-up-results.ts";
import { tablePage } from "./page.ts";
import { classesOfGroups } from "../recipes/group-classes.ts";
import { pairedDifference } from "./paired.ts";

const a = measured(cellOf("a"), [0.6, 0.65, 0.57, 0.74, 0.61]);
const b = measured(cellOf("b"), [0.62, 0.7, 0.55, 0.81, 0.66, 0.99, 0.99]);

test("the difference is that of the second to the first over the groups both have", () => {
  const { mean, n, p } = pairedDifference(a, b)!;
  expect(n).toBe(5);
  expect(mean).toBeCloseTo(0.034, 10);
  expect(p).toBeCloseTo(0.09605055602703332, 8); // SciPy 1.17.1: stats.ttest_rel
  expect(pairedDifference(b, a)!.mean).toBeCloseTo(-0.034, 10);
});

test("over classes: a jackknife over the classes of the groups, where there are enough groups", () => {
  const groups = 120;
  const evaluation = pudnetOn({ classes: { testOf: "cifar-100-set" }, groups });
  const [zero, one] = ["zero", "one"].map((id) => cellOf(id, { evaluation }));
  const members = classesOfGroups(evaluation.protocol, groups)!;
  const gains = members.map((classes) => 0.01 * classes.reduce((sum, c) => sum + Math.cos(c), 0));
  const [none, some] = [
    measured(
      zero!,
      gains.map(() => 0.5),
    ),
    measured(
      one!,
      gains.map((gain) => 0.5 + gain),
    ),
  ];
  const found = pairedDifference(none, some)!;
  expect(found.overClasses).toBeCloseTo(jackknife95(gains, members), 10);
  expect(found.overClasses).toBeGreaterThan(1.5 * found.ci95); // the gain is all the classes'
  expect(pairedDifference(none, measured(one!, gains.slice(0, 99)))!.overClasses).toBeUndefined();
});

test("pairs without two shared groups have no difference; different groups are never paired", () => {
  expect(pairedDifference(a, cellOf("c"))).toBeUndefined();
  expect(pairedDifference(a, measured(cellOf("c"), [0.5]))).toBeUndefined();
  const moreShots = measured(cellOf("c", { evaluation: pudnetOn({ shots: 1, groups: 9 }) }), [0.5, 0.6]);
  expect(pairedDifference(a, moreShots)?.n).toBe(2); // the same images, fewer labels
  for (const changes of [{ seed: 8 }, { ways: 4 }, { dataset: "dtd" }, { test: 99 }]) {
    const other = measured(cellOf("c", { evaluation: pudnetOn(changes) }), [0.5, 0.6]);
    expect(() => pairedDifference(a, other)).toThrow("not judged on the same groups");
  }
});

test("a page has the pairs that are asked for, signed, and how many are not run", () => {
  const page = (comparedWith: Readonly<Record<string, readonly string[]>>, cells = madeUpTable.cells) =>
    tablePage(
      { ...madeUpTable, cells: cells.map((cell) => ({ ...cell, comparedWith: comparedWith[cell.id] ?? [] })) },
      "cpu",
    );
  // every group 2 points apart
  const found = page({ pudnet: ["adam-50"], ridge: ["pudnet"], protonet: ["pudnet"] });
  expect(found).toContain("| CIFAR-100-set | pudnet | adam-50 | -2.00 ± 0.00 | 4 | < 0.0001 |  |");
  // differences 16, 16, 19, 13: 3.1824 standard errors of 1.2247; t = 13.06
  expect(found).toContain("| pudnet | +16.00 ± 3.90 | 4 | 0.0010 |  |");
  expect(found).toContain("Not run yet: 1 of 3 pairs.");
  const run = madeUpTable.cells.map((cell) => (cell.id === "protonet" ? measured(cell, [0.6, 0.61, 0.62]) : cell));
  expect(page({ pudnet: ["protonet"] }, run)).toContain("| pudnet | protonet (stronger recipe) |");
  expect(page({ pudnet: ["protonet"] })).toContain("Not run yet: 1 of 1 pairs.");
  expect(page({})).not.toContain("Paired differences");
  expect(page({ pudnet: ["of another column"] })).not.toContain("Paired differences");
});
