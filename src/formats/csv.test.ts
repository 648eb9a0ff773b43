import fc from "fast-check";
import { expect, test } from "vitest";
import { FormatError } from "../errors.ts";
import { csvLine, csvText, isNumber, parseCsv, parseTable } from "./csv.ts";

test("cells with commas, quotes and line ends are quoted, others are not", () => {
  expect(csvLine(["a,b", 'say "hi"', "x\ny", "plain", 0.1, undefined])).toBe('"a,b","say ""hi""","x\ny",plain,0.1,\n');
});

test("any rows come back as they were written", () => {
  const cell = fc.oneof(fc.string(), fc.string({ unit: fc.constantFrom('"', ",", "\n", "\r", "a", "\uFEFF") }));
  fc.assert(
    fc.property(fc.array(fc.array(cell, { minLength: 1 })), (rows) => {
      expect(parseCsv(csvText(rows))).toEqual(rows);
    }),
  );
});

test("files by other programs: CRLF, byte order mark, no last line end, empty lines", () => {
  expect(parseCsv('\uFEFFname,score\r\n"a,b",1\r\n\r\nc,')).toEqual([
    ["name", "score"],
    ["a,b", "1"],
    ["c", ""],
  ]);
  expect(parseCsv("")).toEqual([]);
});

test("a quote inside a plain cell is kept, one that never closes is an error with its line", () => {
  expect(parseCsv('5" disk,b\n')).toEqual([['5" disk', "b"]]);
  expect(() => parseCsv('a\nb,"c\n', "m.csv")).toThrow(FormatError);
  expect(() => parseCsv('a\nb,"c\n', "m.csv")).toThrow("m.csv: the quote opened in line 2 is never closed");
});

const COLUMNS = { name: "text", score: "number", note: "number or empty", seed: "digits", kind: ["a", "b"] } as const;
const tableOf = (...lines: string[]): string => ["name,score,note,seed,kind", ...lines].join("\n");

test("a table with known columns comes as records", () => {
  expect(parseTable(tableOf("x,1e-3,,007,a", '"y,z",-2,4,1.50,b'), "t.csv", COLUMNS)).toEqual([
    { name: "x", score: 0.001, note: undefined, seed: "007", kind: "a" },
    { name: "y,z", score: -2, note: 4, seed: "1.50", kind: "b" },
  ]);
});

test.each([
  ["other columns", "name,scores\nx,1", /^t\.csv: its columns are name,scores, expected name,score,note,seed,kind$/],
  ["no columns", "", /its columns are , expected/],
  ["a short row", tableOf("x,1,2,3"), /row 1 has 4 cells, expected 5/],
  ["an empty number", tableOf("x,,2,3,a"), /row 1: "score" is "", expected a number/],
  ["an infinite number", tableOf("x,1,2,3,a", "x,1e400,2,3,a"), /row 2: "score" is "1e400", expected a number/],
  ["a note that is no number", tableOf("x,1,two,3,a"), /row 1: "note" is "two", expected a number/],
  ["a foreign word", tableOf("x,1,2,3,c"), /row 1: "kind" is "c", expected a or b/],
] as const)("a table with %s is refused", (_, text, message) => {
  expect(() => parseTable(text, "t.csv", COLUMNS)).toThrow(FormatError);
  expect(() => parseTable(text, "t.csv", COLUMNS)).toThrow(message);
});

test("numbers are what we write, not all that Number takes", () => {
  fc.assert(fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => isNumber(String(value))));
  expect(["", " 1", "0x1f", "Infinity", "NaN", "1_0", "1e400", "--1"].filter(isNumber)).toEqual([]);
});
