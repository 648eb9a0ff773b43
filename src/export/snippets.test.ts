// What is offered to be copied is what the documentation shows, and runs beside the files that it is for.

import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { roughClassifier } from "../../test/rough-network.ts";
import { colouredImages } from "../../test/tiny-pudnet.ts";
import { EXPORT_FORMATS, exportClassifier, type ExportFormat } from "./export-classifier.ts";
import { snippetOf } from "./snippets.ts";

const FENCES = { TypeScript: "ts", Python: "python", Arduino: "cpp" } as const;
const docs = readFileSync(new URL("../../docs/exports.md", import.meta.url), "utf8");
const noGxx = spawnSync("g++", ["--version"]).status !== 0;
const noPython = spawnSync("python3", ["--version"]).status !== 0;

const classifier = roughClassifier({ arch: "resnet-8" });
const { images } = colouredImages(3, 2, 16);

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "pudnet-snippets-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

async function exported(format: ExportFormat, name: string): Promise<string> {
  for (const file of (await exportClassifier(classifier, { format, name, pictures: images })).files)
    writeFileSync(join(folder, file.name), file.bytes);
  return snippetOf(format, name)!.code;
}

it.each(EXPORT_FORMATS)("of %s stands in the documentation, if there is one", (format) => {
  const snippet = snippetOf(format, "pets");
  if (snippet) expect(docs).toContain(`\`\`\`${FENCES[snippet.language]}\n${snippet.code}\`\`\``);
});

it("there is one for each language", () => {
  const languages = EXPORT_FORMATS.flatMap((format) => snippetOf(format, "pets")?.language ?? []);
  expect(languages.toSorted()).toEqual(Object.keys(FENCES).toSorted());
});

describe("runs", () => {
  it("in JavaScript, whatever the file is called", async () => {
    const code = await exported("js", `my "pets"`);
    writeFileSync(join(folder, "use.mjs"), `${code}export { best, labels };`);
    const script = `
      globalThis.canvas = { width: 20, height: 20 };
      const data = new Uint8ClampedArray(4 * 20 * 20).fill(200);
      globalThis.context = { getImageData: (x, y, width, height) => ({ data, width, height }) };
      const { best, labels } = await import(${JSON.stringify(pathToFileURL(join(folder, "use.mjs")).href)});
      console.log(JSON.stringify({ best, labels }));`;
    const output = execFileSync(process.execPath, ["--input-type=module", "-e", script], { encoding: "utf8" });
    const { best, labels } = JSON.parse(output) as { best: { label: string; score: number }; labels: string[] };
    expect(labels).toEqual(classifier.classes);
    expect(labels).toContain(best.label);
    expect(best.score).toBeGreaterThan(0);
  });

  it.skipIf(noGxx)("as a sketch of an Arduino, with a serial port of our own", { timeout: 600_000 }, async () => {
    const code = await exported("c", "my-pets.2");
    const [include, ...rest] = code.split("\n");
    const sketch = [
      "#include <cstdio>",
      "#include <cstdint>",
      include,
      "struct { void println(const char *text) { std::puts(text); } } Serial;",
      "static uint8_t rgb[MY_PETS_2_SIDE * MY_PETS_2_SIDE * 3];",
      "int main() {",
      ...rest,
      "}",
    ];
    writeFileSync(join(folder, "sketch.cpp"), sketch.join("\n"));
    execFileSync("gcc", ["-c", "my-pets.2.c", "-o", "pets.o"], { cwd: folder });
    execFileSync("g++", ["-Wall", "-Werror", "-o", "sketch", "sketch.cpp", "pets.o"], { cwd: folder });
    expect(classifier.classes).toContain(execFileSync(join(folder, "sketch"), { encoding: "utf8" }).trim());
  });

  it.skipIf(noPython)(
    "in Python, as far as without its packages: it compiles, and asks for facts that are there",
    async () => {
      const code = await exported("onnx", "pets");
      writeFileSync(join(folder, "use.py"), code);
      execFileSync("python3", ["-m", "py_compile", "use.py"], { cwd: folder });
      const text = readFileSync(join(folder, "pets.onnx"), "latin1");
      for (const [, key] of code.matchAll(/facts\["(\w+)"\]/g)) expect(text).toContain(key);
      expect(text).toContain("images");
    },
  );

  it.runIf(noGxx || noPython)(
    "SKIPPED: there is no g++ or no python3 here (Debian: apt-get install g++ python3)",
    () => {},
  );
});
