import fc from "fast-check";
import { expect, it } from "vitest";
import { FormatError } from "../errors.ts";
import { canonicalJson, parseJson } from "./json.ts";

it("reads what JSON.parse reads, with or without a byte order mark", () => {
  const check = (text: string): void => {
    const expected: unknown = JSON.parse(text);
    expect(parseJson(text, "a.json")).toEqual(expected);
    expect(parseJson(`\uFEFF${text}`, "a.json")).toEqual(expected);
    expect(parseJson(new TextEncoder().encode(`\uFEFF${text}`), "a.json")).toEqual(expected);
  };
  fc.assert(fc.property(fc.json(), check));
  check(String.raw`{"a\\": "]}\"[{", "b": [[[]]]}`);
});

it.each([
  ["cut short", '{"a": 1', /^a\.json: not JSON: /],
  ["no UTF-8", Uint8Array.of(0x22, 0xff, 0x22), /^a\.json: not JSON: /],
  ["nested too deeply", "[".repeat(100_000) + "]".repeat(100_000), /^a\.json: nested more than 100 deep$/],
  ["nested too deeply, in records", '{"a":'.repeat(101) + "1" + "}".repeat(101), /nested more than 100 deep/],
] as const)("refuses what is %s", (_, source, message) => {
  const read = (): unknown => parseJson(source, "a.json", "copy it again");
  expect(read).toThrow(FormatError);
  expect(read).toThrow(message);
});

it("canonicalJson sorts keys at every depth, keeps lists in order and leaves out what is undefined", () => {
  expect(canonicalJson({ b: [{ d: 1, c: undefined }, 2], a: { z: null, y: "text" } })).toBe(
    '{"a":{"y":"text","z":null},"b":[{"d":1},2]}',
  );
  expect(canonicalJson([2, 1])).not.toBe(canonicalJson([1, 2]));
});
