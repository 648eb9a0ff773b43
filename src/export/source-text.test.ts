// Exported files out of a bundle: names shortened, kept by a helper, or both.

import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { build } from "vite";
import { expect, it } from "vitest";
import { temporaryFolder } from "../../test/e2e/pudnet.ts";
import { importText } from "../../test/import-text.ts";
import { roughClassifier } from "../../test/rough-network.ts";
import { type Classifier } from "../classifier/classifier.ts";
import type { exportHtml } from "./html.ts";
import { exportJs } from "./js.ts";
import { sourceText } from "./source-text.ts";

const SOURCES = `export { exportJs } from ${JSON.stringify(join(import.meta.dirname, "js.ts"))};
export { exportHtml } from ${JSON.stringify(join(import.meta.dirname, "html.ts"))};`;

it.each([
  { keepNames: true, minify: false },
  { keepNames: true, minify: true },
  { keepNames: false, minify: true },
])("a library bundled with %j exports files that run", async ({ keepNames, minify }) => {
  await using folder = await temporaryFolder();
  const entry = join(folder.path, "entry.ts");
  await writeFile(entry, SOURCES);
  await build({
    root: folder.path,
    configFile: false,
    logLevel: "error",
    build: {
      ssr: entry,
      outDir: join(folder.path, "out"),
      rolldownOptions: { output: { keepNames, minify, entryFileNames: "bundle.mjs" } },
    },
    resolve: { preserveSymlinks: true },
    ssr: { noExternal: true },
  });
  const bundled = (await import(/* @vite-ignore */ pathToFileURL(join(folder.path, "out/bundle.mjs")).href)) as Bundled;
  const classifier = roughClassifier({ arch: "convnet-3" });
  const picture = { data: Uint8Array.from({ length: 48 }, (_, i) => 5 * i), width: 4, height: 4 };
  const [expected, actual] = await Promise.all(
    [exportJs(classifier), bundled.exportJs(classifier)].map((text) =>
      importText<{ classify: (of: object) => object[] }>(new TextEncoder().encode(text)),
    ),
  );
  expect(actual!.classify(picture)).toEqual(expected!.classify(picture));
  // of the page, what its function asks for outside itself before it does anything
  const page = await bundled.exportHtml(classifier);
  const runPage = /const runPage = (.*);\nrunPage\(/s.exec(page)![1]!;
  const text = new TextEncoder().encode(`export const runPage = ${runPage};`);
  const { runPage: alone } = await importText<{ runPage: () => void }>(text);
  expect(alone).toThrow(/document is not defined/);
});

interface Bundled {
  readonly exportJs: (classifier: Classifier) => string;
  readonly exportHtml: typeof exportHtml;
}

it("defines the helper that keeps names, whatever it is called, and nothing where there is none", async () => {
  const plain = (): number => 1;
  expect(sourceText(plain, ["inner"])).toBe(plain.toString());
  for (const name of ["__name", "$a"]) {
    const body = `function whole() { function b() { return 7; } ${name}(b, "inner"); return b(); }`;
    const text = sourceText({ toString: () => body } as () => unknown, ["inner"]);
    const { whole } = await importText<{ whole: () => number }>(
      new TextEncoder().encode(`export const whole = ${text};`),
    );
    expect(whole()).toBe(7);
  }
});
