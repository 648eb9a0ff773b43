// Runs every @example of the pure folders as it stands in the doc comment; `expression // value` is checked where the
// comment is a value, and only run where it is prose.

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";

const SRC = join(import.meta.dirname, "../src");
const FOLDERS = ["tensor", "nn", "optim", "models", "hypernet", "formats"];

interface Example {
  readonly at: string;
  readonly code: string;
}

const files = [
  "errors.ts",
  ...FOLDERS.flatMap((folder) =>
    readdirSync(join(SRC, folder))
      .filter((name) => name.endsWith(".ts") && !name.endsWith(".test.ts"))
      .map((name) => `${folder}/${name}`),
  ),
];
const examples = files.flatMap(examplesOf);
const scope = Object.assign({}, ...(await Promise.all(files.map((file) => import(join(SRC, file)))))) as object;

describe("examples in doc comments", () => {
  test("are found", () => {
    expect(examples.length).toBeGreaterThan(8);
  });

  test.each(examples)("$at", async ({ code }) => {
    const lines = code.split("\n").map(checkedLine);
    const AsyncFunction = (async () => {}).constructor as new (
      ...args: string[]
    ) => (...args: unknown[]) => Promise<void>;
    const run = new AsyncFunction("check", ...Object.keys(scope), lines.join("\n"));
    await run(check, ...(Object.values(scope) as unknown[]));
  });
});

function examplesOf(file: string): Example[] {
  const comments = readFileSync(join(SRC, file), "utf8").matchAll(/\/\*\*(.*?)\*\//gs);
  return [...comments].flatMap(([, comment]) => {
    const text = comment!.replaceAll(/^\s*\* ?/gm, "");
    const code = /@example\s(.*?)(?=\n\s*@|$)/s.exec(text)?.[1]?.trim();
    return code ? [{ at: `${file}: ${code.split("\n")[0]}`, code }] : [];
  });
}

/** `f(x); // value` becomes a check; declarations and bare calls stay. */
function checkedLine(line: string): string {
  const [, expression, comment] = /^(.*?);?\s*\/\/ (.*)$/.exec(line) ?? [];
  if (expression === undefined || /^(const|let) /.test(expression)) return line;
  return `check(${expression.startsWith("await ") ? `(${expression})` : expression}, ${JSON.stringify(comment)});`;
}

function check(actual: unknown, comment: string): void {
  let expected: unknown;
  try {
    // oxlint-disable-next-line typescript/no-implied-eval -- our own doc comments
    expected = new Function(`return (${comment.replace(/^\w+Array (?=\[)/, "")});`)();
  } catch {
    return; // prose
  }
  expect(ArrayBuffer.isView(actual) ? Array.from(actual as Float32Array) : actual).toEqual(expected);
}
