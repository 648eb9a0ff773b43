import { expect, it } from "vitest";
import { cellOf, measured, pudnetOn } from "../../test/made-up-results.ts";
import { overTrainingsSection } from "./over-trainings.ts";

const result = (method: string, seed: number, accuracy: number) =>
  measured(
    cellOf(`${method}-${seed}`, {
      method,
      row: `${method}, seed ${seed}`,
      evaluation: pudnetOn({ groups: 2 }),
      ...(method === "PudNet" ? { comparedWith: [`Static-${seed}`] } : {}),
    }),
    [accuracy - 0.1, accuracy + 0.1],
  );
const ALL = [
  ...[0.6, 0.63, 0.57].map((accuracy, seed) => result("PudNet", seed, accuracy)),
  ...[0.61, 0.61].map((accuracy, seed) => result("Static", seed, accuracy)),
];
const rows = (section: string): string[] => section.split("\n").filter((line) => line.startsWith("| CIFAR-100-set"));

it("has a row for each method that was trained more than once, and for each pair of them", () => {
  // Student's t: 4.303 with 2 degrees of freedom, 12.706 with 1; standard error = deviation / sqrt(n)
  expect(rows(overTrainingsSection(ALL))).toEqual([
    "| CIFAR-100-set | PudNet | 60.00 ± 7.45 | 3.00 | 57.00 to 63.00 | 3 |",
    "| CIFAR-100-set | Static | 61.00 ± 0.00 | 0.00 | 61.00 to 61.00 | 2 |",
    "| CIFAR-100-set | PudNet − Static | 0.50 ± 19.06 | 2.12 | -1.00 to 2.00 | 2 |",
  ]);
});

it("is left out where nothing was trained twice, and leaves out what is not run or not judged on all groups", () => {
  const once = [result("PudNet", 0, 0.6), result("Static", 0, 0.61)];
  expect(overTrainingsSection(once)).toBe("");
  const open = [
    ...once,
    cellOf("PudNet-1", { method: "PudNet", comparedWith: ["Static-1"] }),
    result("Static", 1, 0.63),
  ];
  open.push(measured(cellOf("PudNet-2", { method: "PudNet" }), [0.5])); // 1 of 4 groups
  expect(rows(overTrainingsSection(open))).toEqual([
    "| CIFAR-100-set | Static | 62.00 ± 12.71 | 1.41 | 61.00 to 63.00 | 2 |",
  ]);
});
