// The linter enforces the direction of imports that docs/architecture.md describes, and the rules of the code base.

import { execFileSync } from "node:child_process";
import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, relative, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { IMPORT_RULES, mayImport, rulesTable } from "../scripts/import-rules.mjs";

const root = resolve(import.meta.dirname, "..");
const oxlint = join(root, "node_modules", "oxlint", "bin", "oxlint");

/** "src/tensor", ... : the folders and files with rules, from the bottom up. */
const places = Object.keys(IMPORT_RULES);
const isFile = (place: string): boolean => /\.tsx?$/.test(place);

const TOPS = ["src", "paper", "web"];

let project: string;
beforeAll(() => {
  project = mkdtempSync(join(tmpdir(), "pudnet-lint-"));
  mkdirSync(join(project, "scripts"));
  for (const file of ["oxlint.config.mjs", "scripts/import-rules.mjs"])
    copyFileSync(join(root, file), join(project, file));
});
afterAll(() => rmSync(project, { recursive: true, force: true }));

interface Finding {
  readonly filename: string;
  readonly code: string;
  readonly labels: readonly { readonly span: { readonly line: number } }[];
}

/** Writes the files into an empty project with our lint rules; says which rules each breaks, and where. */
function lint(files: Readonly<Record<string, string>>): Map<string, { code: string; line: number }[]> {
  for (const folder of TOPS) {
    rmSync(join(project, folder), { recursive: true, force: true });
    mkdirSync(join(project, folder));
  }
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(project, path)), { recursive: true });
    writeFileSync(join(project, path), text);
  }
  const found = new Map(Object.keys(files).map((path) => [path, [] as { code: string; line: number }[]]));
  for (const { filename, code, labels } of findings()) found.get(filename)?.push({ code, line: labels[0]!.span.line });
  return found;
}

function findings(): Finding[] {
  const options = { cwd: project, encoding: "utf8", stdio: "pipe", maxBuffer: 2 ** 26 } as const;
  let output: string;
  try {
    output = execFileSync(process.execPath, [oxlint, "-c", "oxlint.config.mjs", "-f", "json", ...TOPS], options);
  } catch (error) {
    output = (error as { stdout: string }).stdout; // it exits with 1 where it finds something
  }
  return (JSON.parse(output) as { diagnostics: Finding[] }).diagnostics;
}

const importing = (specifier: string): string => `export * from "${specifier}";\n`;

/** Of these specifiers, those that the linter rejects in the file; file by file. */
function rejected(imports: Readonly<Record<string, readonly string[]>>): Record<string, string[]> {
  const found = lint(
    Object.fromEntries(Object.entries(imports).map(([file, all]) => [file, all.map(importing).join("")])),
  );
  const lines = (all: readonly { code: string; line: number }[]): number[] =>
    all.filter(({ code }) => code === "eslint(no-restricted-imports)").map(({ line }) => line);
  return Object.fromEntries(
    [...found].map(([file, all]) => [file, lines(all).map((line) => imports[file]![line - 1]!)]),
  );
}

describe("the direction of imports", () => {
  it("is known for every folder and file, and goes down", () => {
    for (const top of TOPS) {
      const present = readdirSync(join(root, top), { withFileTypes: true })
        .filter((entry) => entry.isDirectory() || /(?<!\.test)\.tsx?$/.test(entry.name))
        .map(({ name }) => `${top}/${name}`);
      expect(places.filter((place) => place.startsWith(`${top}/`)).toSorted()).toEqual(present.toSorted());
    }
    const upwards = places.filter((place, i) =>
      IMPORT_RULES[place]!.buildsOn.some((below) => !below.startsWith("pudnet") && !places.slice(0, i).includes(below)),
    );
    expect(upwards).toEqual([]);
  });

  it("is what the document says", () => {
    expect(readFileSync(join(root, "docs", "architecture.md"), "utf8")).toContain(rulesTable());
  });

  it("is enforced between all folders and files, at any depth", () => {
    const files = places.flatMap((place) => (isFile(place) ? [place] : [`${place}/x.ts`, `${place}/deep/x.ts`]));
    const targets = places.map((place) => (isFile(place) ? place : `${place}/y.ts`));
    const specifier = (file: string, target: string): string =>
      relative(dirname(file), target).replace(/^(?!\.)/, "./");
    const placeOf = (file: string): string => places.find((place) => file === place || file.startsWith(`${place}/`))!;
    const imports = files.map((file) => {
      const others = targets.filter((target) => placeOf(target) !== placeOf(file));
      return [file, others] as const;
    });
    const found = rejected(
      Object.fromEntries(imports.map(([file, others]) => [file, others.map((other) => specifier(file, other))])),
    );
    for (const [file, others] of imports) {
      const forbidden = others.filter((other) => !mayImport(placeOf(file)).includes(placeOf(other)));
      expect([file, found[file]]).toEqual([file, forbidden.map((other) => specifier(file, other))]);
      const above = others.filter((other) => places.indexOf(placeOf(other)) > places.indexOf(placeOf(file)));
      expect(forbidden).toEqual(expect.arrayContaining(above)); // whatever the table says
    }
  });

  it("keeps node:*, onnxruntime and the package itself where they belong", () => {
    const outside = ["node:fs/promises", "onnxruntime-node", "#runtime", "pudnet/engine", "zod"];
    const files = places.map((place) => [place, isFile(place) ? place : `${place}/x.ts`] as const);
    const found = rejected(Object.fromEntries(files.map(([, file]) => [file, outside])));
    const accepting = (specifier: string): string[] =>
      files.filter(([, file]) => !found[file]!.includes(specifier)).map(([place]) => place);
    const below = (top: string): string[] => places.filter((place) => place.startsWith(top));
    expect(accepting("node:fs/promises").filter((place) => place.startsWith("src/"))).toEqual(["src/node", "src/cli"]);
    expect(accepting("onnxruntime-node")).toEqual(["src/tensor"]);
    expect(accepting("#runtime")).toEqual(["src/tensor"]);
    expect(below("src/").filter((place) => accepting("pudnet/engine").includes(place))).toEqual([]);
    expect(accepting("pudnet/engine")).toContain("paper/recipes");
    expect(places.filter((place) => !accepting("zod").includes(place))).toEqual([
      "src/browser.ts",
      "src/index.ts",
      "src/exports",
    ]);
  });
});

it("what src/exports/ offers is all used in paper/", () => {
  const paper = readdirSync(join(root, "paper"), { recursive: true, encoding: "utf8" }).filter((name) =>
    name.endsWith(".ts"),
  );
  const texts = paper.map((name) => readFileSync(join(root, "paper", name), "utf8"));
  const namesIn = (list: string): string[] =>
    list.split(",").map((name) => name.replaceAll(/\btype\b|\bas \w+/g, "").trim());
  for (const file of readdirSync(join(root, "src/exports"))) {
    const statement = new RegExp(`import (?:type )?\\{([^}]*)\\} from "pudnet/${file.slice(0, -3)}";`, "g");
    const used = new Set(texts.flatMap((text) => [...text.matchAll(statement)].flatMap(([, list]) => namesIn(list!))));
    const text = readFileSync(join(root, "src/exports", file), "utf8");
    const offered = [...text.matchAll(/export (?:type )?\{([^}]*)\}/g)].flatMap(([, list]) => namesIn(list!));
    expect([file, offered.filter((name) => name !== "" && !used.has(name))]).toEqual([file, []]);
  }
});

it("casts past the types stand where others' types leave no choice", () => {
  const files = ["src", "paper", "bench"].flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
      .filter((name) => /(?<!\.test)\.ts$/.test(name) && !name.includes("node_modules"))
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
    "src/node/said.ts": 'console.log("a name");\n',
    "src/node/forgotten.ts": "export const later = (): Promise<number> => Promise.resolve(1);\nlater();\n",
    "src/nn/random.ts": "export const x = Math.random();\n",
    "src/nn/any.ts": "export const x = (y: any): unknown => y;\n",
    "src/nn/first.ts": 'import { b } from "./second.ts";\nexport const a = (): number => b();\n',
    "src/nn/second.ts": 'import { a } from "./first.ts";\nexport const b = (): number => a();\n',
  });
  const codes = [...found].map(([file, all]) => [file, all.map(({ code }) => code)] as const);
  expect(Object.fromEntries(codes)).toEqual({
    "src/node/said.ts": ["eslint(no-console)"],
    "src/node/forgotten.ts": ["typescript(no-floating-promises)"],
    "src/nn/random.ts": ["eslint(no-restricted-properties)"],
    "src/nn/any.ts": ["typescript(no-explicit-any)"],
    "src/nn/first.ts": ["import(no-cycle)"],
    "src/nn/second.ts": ["import(no-cycle)"],
  });
});
