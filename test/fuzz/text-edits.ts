// Edits of text by lines and cells (YAML, CSV, names), and what YAML can do to those who trust it.

import { RAW_VALUES } from "./raw-values.ts";

/** Texts that no cell, key or value should be. */
const TOKENS = [
  ...RAW_VALUES.filter((text) => text.length < 100),
  "NaN",
  "Infinity",
  "-",
  " ",
  "\t",
  '"',
  '""',
  '"a"b',
  "'",
  ",",
  ",,,,",
  "\r",
  "\r\n",
  "\uFEFF",
  "# comment",
  "*a",
  "&a b",
  "!!binary AAAA",
  "!!js/function x",
  "|",
  ">-",
  "? a",
  "a: b: c",
  "<<: *a",
  "- - - -",
  "---",
  "...",
  "%YAML 9.9",
  "{a: ",
  "[".repeat(1000),
  "0x1f",
  "1_000",
  "12:30:00",
  "2001-01-01",
  "yes",
  "~",
];

const DEEP = 100_000;
export const YAML_BOMBS: readonly string[] = [
  `a: &a [x,x,x,x,x,x,x,x,x]\n${"bcdefghi"
    .split("")
    .map((name, i) => `${name}: &${name} [${Array(9).fill(`*${"abcdefgh"[i]}`).join()}]`)
    .join("\n")}\n`,
  "a: &a [*a]\n",
  "name: &a { b: *a }\n",
  "[".repeat(DEEP),
  "[".repeat(DEEP) + "]".repeat(DEEP),
  "{a: ".repeat(DEEP),
  "- ".repeat(DEEP),
  "a: ".repeat(DEEP),
  Array.from({ length: 50_000 }, (_, i) => `key${i}: 1\n`).join(""),
  "%TAG ! x\n".repeat(50_000),
  `a: ${"!".repeat(DEEP)}`,
  `${" ".repeat(DEEP)}a`,
  "--- a\n".repeat(DEEP),
  '"' + "\\x".repeat(DEEP),
];

type How = { readonly at: number; readonly size: number; readonly value: number };

const LINE_WAYS: readonly ((lines: string[], i: number, token: string, size: number) => void)[] = [
  (lines, i) => void lines.splice(i, 1),
  (lines, i) => void lines.splice(i, 0, lines[i]!),
  (lines, i, token) => void lines.splice(i, 0, token),
  (lines, i, token) => (lines[i] = token),
  (lines, i, _, size) => (lines[i] = " ".repeat(size % 9) + lines[i]!.trimStart()),
  (lines, i, token) => (lines[i] = lines[i]!.replace(/(?<=[:,]\s?|^)[^:,]*$/, () => token)),
  (lines, i, token) => (lines[i] = inCell(lines[i]!, i, () => token)),
  (lines, i) => (lines[i] = inCell(lines[i]!, i, (cell) => `${cell},${cell}`)),
  (lines, i) => (lines[i] = lines[i]!.replace(/,[^,]*/, "")),
  (lines, i) => void ([lines[i], lines[0]] = [lines[0]!, lines[i]!]),
  (lines, i, token) => (lines[i] += token),
];

/** A line or cell lost, doubled, moved or replaced. */
export function editLines(text: string, { at, size, value }: How): string {
  const lines = text.split("\n");
  LINE_WAYS[size % LINE_WAYS.length]!(lines, at % lines.length, TOKENS[value % TOKENS.length]!, value);
  return lines.join("\n");
}

function inCell(line: string, i: number, edit: (cell: string) => string): string {
  const cells = line.split(",");
  const c = i % cells.length;
  return cells.with(c, edit(cells[c]!)).join();
}

/** One of the numbers becomes another. */
export function editNumber(text: string, { at, value }: How): string | undefined {
  const found = [...text.matchAll(/-?\d+(?:\.\d+)?(?:e-?\d+)?/g)];
  const match = found[at % found.length];
  if (!match) return undefined;
  const token = TOKENS[value % TOKENS.length]!;
  return text.slice(0, match.index) + token + text.slice(match.index + match[0].length);
}
