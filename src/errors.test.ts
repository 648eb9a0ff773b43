import { expect, test } from "vitest";
import { z } from "zod";
import { FormatError, issueLines, UserError } from "./errors.ts";

test("message, details and hint are one line each, whatever names are in them", () => {
  const error = new FormatError("a\nb.json", "no \u001b[31m", { details: ["x\ny"], hint: "rename\r it" });
  expect(error.message).toBe("a\\u000ab.json: no \\u001b[31m\n  x\\u000ay");
  expect(error.hint).toBe("rename\\u000d it");
  expect(new UserError("plain").message).toBe("plain");
});

test("what a schema refuses is told with place, expectation and what was found", () => {
  const schema = z.strictObject({ steps: z.int().min(1), data: z.object({ sizes: z.array(z.enum(["s", "m"])) }) });
  const given = { steps: "many", data: { sizes: ["s", "x".repeat(1000)] }, "na\nme": 1 };
  const { error } = schema.safeParse(given, { reportInput: true });
  expect(issueLines(error!.issues)).toEqual([
    'steps: expected number, found "many"',
    `data.sizes[1]: expected one of "s"|"m", found "${"x".repeat(80)}…"`,
    'Unrecognized key: "na\nme"', // an error makes it printable
  ]);
});

test("of many faults the first ten are told", () => {
  const { error } = z.array(z.number()).safeParse(Array.from({ length: 1000 }, () => "x"));
  expect(issueLines(error!.issues)).toHaveLength(11);
  expect(issueLines(error!.issues).at(-1)).toBe("and 990 more");
});

test("a line of any length is shortened to its beginning and end", () => {
  const error = new UserError(`unknown class "${"x".repeat(1e6)}"`, {
    hint: "y".repeat(1e6),
    details: ["z".repeat(1e6)],
  });
  expect(error.message.length + error.hint!.length).toBeLessThan(3500);
  expect(error.message).toMatch(/^unknown class "x+ \.\.\. \(\d+ characters more\) \.\.\. x+"\n {2}z+ \.\.\. /);
});
