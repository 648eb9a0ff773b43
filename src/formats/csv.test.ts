import fc from "fast-check";
import { expect, test } from "vitest";
import { FormatError } from "../errors.ts";
import { csvLine, csvText, parseCsv } from "./csv.ts";

test("cells with commas, quotes and line ends are quoted, others are not", () => {
  expect(csvLine(["a,b", 'say "hi"', "x\ny", "plain", 0.1, undefined])).toBe('"a,b","say ""hi""","x\ny",plain,0.1,\n');
});

test("any rows come back as they were written", () => {
  const cell = fc.oneof(fc.string(), fc.string({ unit: fc.constantFrom('"', ",", "\n", "\r", "a") }));
  fc.assert(
    fc.property(fc.array(fc.array(cell, { minLength: 1 })), (rows) => {
      const text = csvText(rows);
      fc.pre(!text.startsWith("\uFEFF"));
      expect(parseCsv(text)).toEqual(rows);
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
