// The linter enforces the direction of imports that docs/architecture.md describes, and the rules of the code base.

import { execFileSync } from "node:child_process";
import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const root = resolve(import.meta.dirname, "..");
const oxlint = join(root, "node_modules", "oxlint", "bin", "oxlint");

const UP_TO_TRAIN = ["tensor", "nn", "optim", "models", "hypernet", "baselines", "data", "formats", "heads"];
/** What each folder may import: the table of docs/architecture.md. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  tensor: [],
  nn: ["tensor"],
  optim: ["tensor"],
  models: ["tensor", "nn"],
  hypernet: ["tensor", "nn", "models", "data"],
  baselines: ["tensor", "nn", "models", "data"],
  data: ["tensor"],
  formats: ["tensor"],
  report: ["formats"],
  heads: ["tensor", "nn"],
  predict: ["tensor", "nn", "models", "hypernet", "formats"],
  train: [...UP_TO_TRAIN, "predict"],
  classifier: [...UP_TO_TRAIN, "report", "predict", "train"],
  node: [...UP_TO_TRAIN, "report", "predict", "train", "classifier"],
  cli: [...UP_TO_TRAIN, "report", "predict", "train", "classifier", "node"],
  exports: [...UP_TO_TRAIN, "report", "predict", "train", "classifier", "node", "cli"],
};
const folders = Object.keys(MAY_IMPORT);
const WITH_NODE = ["node", "cli"];

let project: string;
beforeAll(() => {
  project = mkdtempSync(join(tmpdir(), "pudnet-lint-"));
  copyFileSync(join(root, ".oxlintrc.json"), join(project, ".oxlintrc.json"));
});
afterAll(() => rmSync(project, { recursive: true, force: true }));

/** Writes the files into an empty project with our lint rules; says which rules each breaks. */
function lint(files: Readonly<Record<string, string>>): Map<string, string[]> {
  rmSync(join(project, "src"), { recursive: true, force: true });
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(project, path)), { recursive: true });
    writeFileSync(join(project, path), text);
  }
  const found = new Map<string, string[]>(Object.keys(files).map((path) => [path, []]));
  for (const { filename, code } of diagnostics()) found.get(filename)?.push(code);
  return found;
}

function diagnostics(): { readonly filename: string; readonly code: string }[] {
  const options = { cwd: project, encoding: "utf8", stdio: "pipe" } as const;
  let output: string;
  try {
    output = execFileSync(process.execPath, [oxlint, "-f", "json", "src"], options);
  } catch (error) {
    output = (error as { stdout: string }).stdout; // it exits with 1 where it finds something
  }
  return (JSON.parse(output) as { diagnostics: { filename: string; code: string }[] }).diagnostics;
}

const importing = (specifier: string): string => `export * from "${specifier}";\n`;

describe("the direction of imports", () => {
  it("is known for every folder of src", () => {
    const present = readdirSync(join(root, "src"), { withFileTypes: true }).filter((entry) => entry.isDirectory());
    expect(present.map(({ name }) => name).toSorted()).toEqual(folders.toSorted());
    const text = readFileSync(join(root, "docs", "architecture.md"), "utf8");
    expect(folders.filter((folder) => !text.includes(`| \`src/${folder}/\` |`))).toEqual([]);
  });

  it("is enforced between all pairs of folders", () => {
    const pairs = folders.flatMap((from) => folders.filter((to) => to !== from).map((to) => [from, to] as const));
    const files = pairs.map(([from, to]) => [`src/${from}/to-${to}.ts`, importing(`../${to}/x.ts`)] as const);
    const deep = folders
      .filter((to) => to !== "tensor")
      .map((to) => [`src/tensor/lower/to-${to}.ts`, importing(`../../${to}/x.ts`)] as const);
    const found = lint(Object.fromEntries([...files, ...deep]));
    const rejected = [...found].filter(([, rules]) => rules.length > 0).map(([path]) => path);
    const forbidden = pairs.filter(([from, to]) => !MAY_IMPORT[from]!.includes(to));
    expect(rejected.toSorted()).toEqual(
      [...forbidden.map(([from, to]) => `src/${from}/to-${to}.ts`), ...deep.map(([path]) => path)].toSorted(),
    );
    expect(new Set([...found.values()].flat())).toEqual(new Set(["eslint(no-restricted-imports)"]));
  });

  it("keeps node:* in src/node and src/cli, and onnxruntime in src/tensor", () => {
    const nodeFiles = folders.map((folder) => [`src/${folder}/with-node.ts`, importing("node:fs/promises")]);
    const ortFiles = folders.map((folder) => [`src/${folder}/with-ort.ts`, importing("onnxruntime-node")]);
    const found = lint(Object.fromEntries([...nodeFiles, ...ortFiles]));
    const accepted = [...found].filter(([, rules]) => rules.length === 0).map(([path]) => path);
    expect(accepted.toSorted()).toEqual(
      [...WITH_NODE.map((folder) => `src/${folder}/with-node.ts`), "src/tensor/with-ort.ts"].toSorted(),
    );
  });
});

it("casts past the types stand where others' types leave no choice", () => {
  const files = ["src", "bench"].flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
      .filter((name) => name.endsWith(".ts") && !name.endsWith(".test.ts"))
      .map((name) => `${folder}/${name.replaceAll("\\", "/")}`),
  );
  const casts = files.flatMap((file) => {
    const found = readFileSync(join(root, file), "utf8").match(/\bas (unknown as|never)\b/g) ?? [];
    return found.map((cast) => `${file}: ${cast}`);
  });
  expect(casts.toSorted()).toEqual([
    "src/node/datasets/fetch-dataset.ts: as unknown as",
    "src/report/sheet.ts: as unknown as",
    "src/tensor/trainer.ts: as never",
  ]);
});

it("hidden randomness, any, promises nobody waits for and cycles of imports are rejected", () => {
  const found = lint({
    "src/errors.ts": importing("./tensor/x.ts"),
    "src/names.ts": importing("./errors.ts"),
    "src/node/said.ts": 'console.log("a name");\n',
    "src/node/forgotten.ts": "export const later = (): Promise<number> => Promise.resolve(1);\nlater();\n",
    "src/nn/random.ts": "export const x = Math.random();\n",
    "src/nn/any.ts": "export const x = (y: any): unknown => y;\n",
    "src/nn/first.ts": 'import { b } from "./second.ts";\nexport const a = (): number => b();\n',
    "src/nn/second.ts": 'import { a } from "./first.ts";\nexport const b = (): number => a();\n',
  });
  expect(Object.fromEntries(found)).toEqual({
    "src/errors.ts": ["eslint(no-restricted-imports)"],
    "src/names.ts": ["eslint(no-restricted-imports)"],
    "src/node/said.ts": ["eslint(no-console)"],
    "src/node/forgotten.ts": ["typescript(no-floating-promises)"],
    "src/nn/random.ts": ["eslint(no-restricted-properties)"],
    "src/nn/any.ts": ["typescript(no-explicit-any)"],
    "src/nn/first.ts": ["import(no-cycle)"],
    "src/nn/second.ts": ["import(no-cycle)"],
  });
});
