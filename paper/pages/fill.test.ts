import { expect, test } from "vitest";
import { FormatError } from "pudnet/engine";
import { cellOf, madeUpTable, measured } from "../../test/made-up-results.ts";
import { filled } from "./fill.ts";
import { numbersOf } from "./values.ts";

const others = new Map([["speed/convnet-3", { value: 686.6, paper: 945.7 }]]);
/** Means that binary numbers miss by their last bits, on either side of a half. */
const halves = {
  ...madeUpTable,
  id: "halves",
  cells: [
    measured(cellOf("a/b"), Array<number>(4).fill(0.6165)),
    measured(cellOf("a/c"), Array<number>(4).fill(0.72348)),
    measured(cellOf("a/part"), [0.5, 0.6]),
    measured(cellOf("a/one"), [0.5]),
  ],
};
const fill = (text: string): string => filled(text, "text.md", numbersOf([madeUpTable, halves], others));

test.each([
  ["{{table-x/pudnet}} and {{table-x/pudnet .1}}", "69.00 and 69.0"],
  ["{{table-x/pudnet .1 ±}}", "69.0 ± 4.1"], // 3.1824 standard errors of 1.2910
  ["{{table-x/pudnet paper ±}}", "64.09 ± 0.40"],
  ["{{table-x/ridge - pudnet + .1 ±}}", "+16.0 ± 3.9"],
  ["{{table-x/pudnet - table-x/ridge + .0}}", "-16"],
  ["{{table-x/pudnet - adam-30 paper}}", "-0.45"],
  ["{{speed/convnet-3 .0}} times ({{speed/convnet-3 paper .0}})", "687 times (946)"],
  ["{{halves/a/b .1}}, {{halves/a/c .1}}", "61.7, 72.3"],
  ["{{halves/a/part .1 ± part}} and {{halves/a/b .1 part}}", "55.0 ± 63.5 (2 groups) and 61.7"],
  ["{{halves/a/b - part + .1 part}}", "+6.7 (2 groups)"],
  ["no placeholder, {one brace}", "no placeholder, {one brace}"],
])("%s is %s", (text, expected) => expect(fill(text)).toBe(expected));

test.each([
  ["{{table-x/pudnett}}", "nothing has this name", "did you mean table-x/pudnet?"],
  ["{{table-x/pudnet - protnet}}", "nothing has this name", "did you mean table-x/protonet?"],
  ["{{values/beta-witin}}", "nothing has this name", "did you mean values/beta-within?"],
  ["{{table-x/protonet}}", "it is not measured", "to measure it: npm run -s reproduce -- table-x --cell protonet"],
  ["{{table-x/ridge paper}}", "the paper has no such number", undefined],
  ["{{table-x/pudnet classes}}", "it has no such interval", undefined],
  ["{{speed/convnet-3 ±}}", "it has no such interval", undefined],
  ["{{halves/a/part}}", "2 of 4 groups are judged", "write part behind it"],
  ["{{halves/a/b - part}}", "2 of 4 groups are judged", "write part behind it"],
  ["{{halves/a/b - one}}", "the two have fewer than two groups in common", undefined],
  ["{{table-x/pudnet .3}}", "not a placeholder", "write NAME or A - B"],
  ["{{}}", "not a placeholder", "write NAME or A - B"],
])("%s cannot be filled: %s", (placeholder, message, hint) => {
  const attempt = (): string => fill(`a line\n69 % (${placeholder})`);
  expect(attempt).toThrow(FormatError);
  expect(attempt).toThrow(`text.md: line 2: ${placeholder}: ${message}`);
  if (hint !== undefined) expect(attempt).toThrow(expect.objectContaining({ hint: expect.stringContaining(hint) }));
});

test.each(["{{table-x/pudnet", "table-x/pudnet}}"])("half a placeholder is refused: %s", (text) => {
  expect(() => fill(text)).toThrow("text.md: line 1: one half of a placeholder's braces");
});
