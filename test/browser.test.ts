// What browsers get: modules that need nothing of Node, no figures and no fonts, with the answers that Node gives.

import { readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { describe, expect, it } from "vitest";
import * as browser from "../src/browser.ts";
import { loadPudNet } from "../src/node/checkpoints/pudnet.ts";
import { readImageFolder } from "../src/node/datasets/image-folder.ts";
import { key, uniform } from "../src/tensor/random.ts";

const ROOT = resolve(import.meta.dirname, "..");
const CHECKPOINT = join(ROOT, "checkpoints/fashion-convnet-3.safetensors");

/** What a module imports, types left out. */
function importsOf(code: string): string[] {
  const withoutComments = code.replaceAll(/\/\*.*?\*\/|^\s*\/\/.*?$/gms, "");
  const isStatic = /^(?:import|export)\b(?! type\b)(?:[^;"]*?\bfrom)? "([^"]+)"/gm;
  const isDynamic = /\bimport\("([^"]+)"\)/g;
  return [isStatic, isDynamic].flatMap((how) => Array.from(withoutComments.matchAll(how), ([, name]) => name!));
}

/** All modules of ours that a module loads, and what else it imports. */
function closureOf(entry: string) {
  const files = new Map<string, string>();
  const packages = new Set<string>();
  const visit = (file: string): void => {
    if (files.has(file)) return;
    const code = readFileSync(file, "utf8");
    files.set(file, code);
    for (const name of importsOf(code))
      if (name.startsWith(".")) visit(resolve(dirname(file), name));
      else packages.add(name);
  };
  visit(entry);
  return { files: new Map([...files].map(([file, code]) => [relative(join(ROOT, "src"), file), code])), packages };
}

describe("the modules that browsers load", () => {
  const { files, packages } = closureOf(join(ROOT, "src/browser.ts"));

  it("are all found", () => {
    expect(importsOf('import a, { type B } from "./a.ts";\nexport {\n  c,\n} from "c";\nimport "./d.ts";')).toEqual([
      "./a.ts",
      "c",
      "./d.ts",
    ]);
    expect(importsOf('import type { A } from "a";\n// import b from "b";\nawait import("c");')).toEqual(["c"]);
    expect(closureOf(join(ROOT, "src/index.ts")).packages).toContain("node:fs/promises");
    expect(files.size).toBeGreaterThan(50);
    expect([...files.keys()]).toContain("hypernet/pudnet.ts");
  });

  it("import nothing of Node, no figures and no fonts", () => {
    expect([...packages].toSorted()).toEqual([
      "#onnxruntime-web",
      "#runtime",
      "@bufbuild/protobuf",
      "@petamoriken/float16",
      "fastest-levenshtein",
      "fflate",
      "onnx-buf",
      "zod",
    ]);
    expect(
      [...files.keys()].filter((name) => /^(node|cli|exports)\/|^report\/.*(figure|sheet|html)/.test(name)),
    ).toEqual([]);
  });

  it("use what only Node has behind a question whether it is there", () => {
    const only = /\b(process|Buffer|setImmediate|require|__dirname)\b[.(]/;
    const using = [...files].filter(([, code]) => only.test(code.replaceAll(/\/\*.*?\*\/|\/\/.*?$/gms, "")));
    expect(using.map(([name]) => name).toSorted()).toEqual(["tensor/runtime.ts", "tensor/telemetry.ts"]);
  });
});

it("package.json gives browsers that entry, and plain WebAssembly for a runtime", () => {
  const { exports, imports } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")) as {
    readonly exports: { readonly ".": Readonly<Record<string, unknown>> };
    readonly imports: Readonly<Record<string, Readonly<Record<string, string>>>>;
  };
  expect(Object.entries(exports["."])[0]).toEqual([
    "browser",
    { types: "./dist/browser.d.ts", default: "./dist/browser.js" },
  ]);
  expect(imports["#runtime"]!["default"]).toMatch(/\/ort\.wasm\.bundle\.min\.mjs$/);
});

describe("by WebAssembly, from the same decoded pixels", () => {
  it("a classifier gives the labels and scores that it gives in Node", async () => {
    const model = await browser.readPudNet(readFileSync(CHECKPOINT));
    expect(model).toEqual(await loadPudNet(CHECKPOINT));
    const { side } = model.arch;
    const { dataset } = await readImageFolder(join(ROOT, "samples/fashion-unseen"), { side, cache: false });
    const stride = 3 * side ** 2;
    const chosen = Array.from(dataset.labels.keys()).filter((i) => i % 5 === 0);
    const pixels = new Uint8Array(chosen.length * stride);
    chosen.forEach((i, at) => pixels.set(dataset.images.subarray(i * stride, (i + 1) * stride), at * stride));
    const images = browser.imageSource(pixels, stride);
    const labels = chosen.map((i) => dataset.labels[i]!);
    const answers = [];
    for (const runtime of ["web", "node"] as const) {
      const { classifier } = await browser.predictClassifier(model, images, labels, dataset.classes, { runtime });
      answers.push(await browser.classify(classifier, images, { runtime }));
    }
    const [web, node] = answers;
    expect(web!.map(([best]) => best!.label)).toEqual(node!.map(([best]) => best!.label));
    const scores = (all: typeof web) =>
      all!.flatMap((ofImage) => ofImage.toSorted((a, b) => (a.label < b.label ? -1 : 1)).map(({ score }) => score));
    const differences = scores(web).map((score, i) => Math.abs(score - scores(node)[i]!));
    expect(Math.max(...differences)).toBeLessThan(1e-4);
  });
});

it("a classifier comes back from the bytes of its files", async () => {
  const model = await browser.readPudNet(readFileSync(CHECKPOINT));
  const stride = 3 * model.arch.side ** 2;
  const pixels = Uint8Array.from(uniform(key(1), 12 * stride, 0, 256));
  const labels = Array.from({ length: 12 }, (_, i) => i % 3);
  const images = browser.imageSource(pixels, stride);
  const { classifier } = await browser.predictClassifier(model, images, labels, ["a", "b", "c"], { heldOut: 0 });
  const files = await browser.classifierFiles(classifier, { seed: 3 });
  const read = await browser.readClassifier(files["classifier.json"], files["weights.safetensors"]);
  expect(read.classifier).toEqual(classifier);
  expect(read.description).toMatchObject({ seed: 3, resize: "square-1" });
  const other = await browser.classifierFiles({ ...classifier, classes: ["d", "e", "f"] });
  await expect(browser.readClassifier(files["classifier.json"], other["weights.safetensors"])).rejects.toThrow(
    "its checksum is another",
  );
});
