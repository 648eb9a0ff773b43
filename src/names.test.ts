import fc from "fast-check";
import { expect, test } from "vitest";
import { listed, nameCell, printable, shellWord } from "./names.ts";

test("what moves a cursor, ends a line or turns the reading is shown", () => {
  expect(printable("\u001b[31mred\n\u202e")).toBe("\\u001b[31mred\\u000a\\u202e");
  expect(printable("a\r\t\0\u007f\u009b2J\u2028\u2029\u2067\ufeff")).toBe(
    "a\\u000d\\u0009\\u0000\\u007f\\u009b2J\\u2028\\u2029\\u2067\\ufeff",
  );
  expect(printable("half \ud83d and half \ude00")).toBe("half \\ud83d and half \\ude00");
});

test("names of all languages stay as they are", () => {
  for (const name of ["Öffner", "شيبا", "柴犬", "😀👩‍🔬", "C:\\new\\table", "<b>", "=cmd()", "a|b", `"'`]) {
    expect(printable(name)).toBe(name);
  }
});

test("printable JSON is the same JSON", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (text) => {
      const shown = printable(JSON.stringify(text));
      expect(JSON.parse(shown)).toBe(JSON.parse(JSON.stringify(text)));
      expect(printable(shown)).toBe(shown);
    }),
  );
});

test("cells are no formulas", () => {
  for (const start of ["=", "+", "-", "@"]) expect(nameCell(`${start}cmd()`)).toBe(`'${start}cmd()`);
  expect(nameCell("pets=2\n")).toBe("pets=2\\u000a");
});

test("words of a command are quoted where a shell needs it", () => {
  expect(["out/pets-1", "my pets", "it's", "$(rm)", "a;b"].map(shellWord)).toEqual([
    "out/pets-1",
    "'my pets'",
    `'it'\\''s'`,
    "'$(rm)'",
    "'a;b'",
  ]);
});

test("long lists end with how many more there are", () => {
  expect(listed(["a", "b"], 2)).toBe("a, b");
  expect(listed(["a", "b", "c", "d"], 2)).toBe("a, b and 2 more");
  expect(listed(Array.from({ length: 1000 }, String)).length).toBeLessThan(250);
});
