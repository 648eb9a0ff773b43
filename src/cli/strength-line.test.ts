import { expect, it } from "vitest";
import { strengthLine } from "./strength-line.ts";

const errors = (over: number) => [
  { strength: 0, error: 0.412, lambda: 1 },
  { strength: 0.5, error: 0.409, lambda: 1, over: 0, standardError: 0.00612 },
  { strength: 1, error: 0.36, lambda: 0.3, over, standardError: 0.0084 },
];
const chosen = (strength: number, over: number) => ({ strength, leftOut: { images: 50, errors: errors(over) } });

it.each([
  [
    chosen(0, 0),
    "0 (the base network as it is): left-out error 0.412; half 0.409, whole 0.360: no gain beyond one standard error (0.0061, 0.0084)",
  ],
  [
    chosen(0.5, 0.5),
    "0.5: left-out error 0.409; none 0.412, whole 0.360: better than none by more than one standard error (0.0061), whole no gain beyond one standard error (0.0084)",
  ],
  [
    chosen(1, 0.5),
    "1: left-out error 0.360; none 0.412, half 0.409: better than half by more than one standard error (0.0084)",
  ],
  [{ strength: 0 }, "0 (the base network as it is): one picture a class, none could be left out"],
])("says what was chosen, and why: %#", (change, text) => {
  expect(strengthLine(change)).toBe(`strength of the change: ${text}`);
  expect(strengthLine(change, "auto")).toBe(strengthLine(change));
});

it("says what was asked for", () => {
  expect(strengthLine({ strength: 1 }, 1)).toBe("strength of the change: 1, as asked for");
});
