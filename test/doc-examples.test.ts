// Runs every @example of the pure folders as it stands in the doc comment; `expression // value` is checked where the
// comment is a value, and only run where it is prose.

import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";

const SRC = join(import.meta.dirname, "../src");
const FOLDERS = ["tensor", "nn", "optim", "models", "hypernet", "formats"];

interface Example {
  readonly at: string;
  readonly code: string;
}

const files = [
  "errors.ts",
  "names.ts",
  ...FOLDERS.flatMap((folder) =>
    readdirSync(join(SRC, folder))
      .filter((name) => name.endsWith(".ts") && !name.endsWith(".test.ts"))
      .map((name) => `${folder}/${name}`),
  ),
];
const examples = files.flatMap(examplesOf);
const scope = Object.assign({}, ...(await Promise.all(files.map((file) => import(join(SRC, file)))))) as object;
const folder = mkdtempSync(join(tmpdir(), "pudnet-examples-"));
afterAll(() => rmSync(folder, { recursive: true }));

describe("examples in doc comments", () => {
  test("are found", () => {
    expect(examples.length).toBeGreaterThan(8);
  });

  test.each(examples.map((example, i) => ({ ...example, i })))("$at", async ({ code, i }) => {
    const lines = code.split("\n").map(checkedLine);
    const file = join(folder, `example-${i}.ts`); // imported, so that types in it are left out as in any other file
    const names = Object.keys(scope).join(", ");
    writeFileSync(file, `export default async (check, { ${names} }) => {\n${lines.join("\n")}\n};\n`);
    const { default: run } = (await import(file)) as { default: (check: unknown, scope: object) => Promise<void> };
    await run(check, scope);
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
