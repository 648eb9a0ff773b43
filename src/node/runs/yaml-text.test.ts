import { expect, it, vi } from "vitest";
import { parseYamlText } from "./yaml-text.ts";

const refuse = (what: string): Error => new Error(`refused: ${what}`);
const read = (text: string): unknown => parseYamlText(text, refuse);

it("reads YAML, JSON and nothing at all", () => {
  expect(read("a: [1, x]\nb:\n  - {c: ~}\n")).toEqual({ a: [1, "x"], b: [{ c: null }] });
  expect(read('{"a": {"b": 1e-3}}')).toEqual({ a: { b: 0.001 } });
  expect(read("a: &x [1]\nb: *x\n")).toEqual({ a: [1], b: [1] });
  expect(read("")).toBeNull();
});

const bomb = "bcdefghi".split("").map((name, i) => `${name}: &${name} [${Array(9).fill(`*${"abcdefgh"[i]}`).join()}]`);
it.each([
  ["a bracket that is not closed", "a: [1", /not YAML: Flow sequence/],
  ["a tag that nobody knows", "a: !!js/function x", /not YAML: Unresolved tag/],
  ["a directive that nobody knows", "%FOO\n---\na: 1", /not YAML: Unknown directive/],
  ["an alias of nothing", "a: *b", /not YAML: Unresolved alias/],
  ["an anchor that contains itself", "a: &a [*a]", /contains itself/],
  ["aliases of aliases of aliases", `a: &a [x,x,x,x,x,x,x,x,x]\n${bomb.join("\n")}`, /not YAML: Excessive alias count/],
  ["deep flow collections", "[".repeat(1000) + "]".repeat(1000), /nested more than 50 deep/],
  ["deep block collections", "- ".repeat(1000), /nested more than 50 deep/],
  ["very deep collections", "[".repeat(100_000), /more than 20000 words/],
  ["very many keys", Array.from({ length: 20_000 }, (_, i) => `key${i}: 1\n`).join(""), /more than 20000 words/],
  ["a key twice", "a: 1\na: 2", /not YAML: Map keys must be unique/],
] as const)("refuses %s, and prints nothing", (_, text, message) => {
  const warning = vi.spyOn(process, "emitWarning");
  expect(() => read(text)).toThrow(message);
  expect(() => read(text)).toThrow(/^refused: /);
  expect(warning).not.toHaveBeenCalled();
});
