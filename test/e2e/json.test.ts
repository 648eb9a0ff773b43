// The contract of `--json` (docs/json.md): one object that its schema describes, classes in the classifier's order and
// names as they are; nothing on stdout where a command fails.

import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { jsonOf, runPudnet, temporaryFolder, tinyCheckpoint, writePictures } from "./pudnet.ts";

/** In the order of a classifier (by code point); objects would put 1, 2 and 10 first, and lose one or the other. */
const CLASSES = ["1", "10", "2", "<b>&", "__proto__", "a", 'a "quoted" name', "constructor", "ä\u202e\n\u001b[31mb"];

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let cwd: string;
let model: string;
beforeAll(async () => {
  folder = await temporaryFolder();
  cwd = folder.path;
  model = await tinyCheckpoint(cwd);
  const colours = CLASSES.map((name, c) => [name, [25 * c, 220 - 20 * c, 90] as const] as const);
  await writePictures(join(cwd, "pets"), Object.fromEntries(colours), 3);
  await writeFile(join(cwd, "pets/a/broken.png"), "a text");
});
afterAll(() => folder[Symbol.asyncDispose]());

const names = (classes: readonly { readonly name: string }[]): string[] => classes.map(({ name }) => name);

describe("classes called 1, 2, 10, a, __proto__", () => {
  it.each(["predict", "finetune"] as const)(
    "have one order in %s's JSON, summary and classifier.json",
    async (name) => {
      const args = [name, "pets", "--model", model, ...(name === "finetune" ? ["--epochs", "1"] : [])];
      const json = await runPudnet([...args, "--out", name, "--json"], { cwd });
      expect(json).toMatchObject({ code: 0, stderr: "" });
      const printed = jsonOf(name, json.stdout);
      expect(names(printed.images.classes)).toEqual(CLASSES);
      expect(printed.images.classes.every(({ n }) => n === 3)).toBe(true);
      expect(printed.skipped).toEqual([{ path: "pets/a/broken.png", reason: expect.any(String) }]);
      const description = JSON.parse(await readFile(join(cwd, name, "classifier.json"), "utf8")) as typeof printed;
      expect(description).toMatchObject({ classes: CLASSES, images: printed.images, format: "pudnet-classifier" });

      const text = await runPudnet([...args, "--out", name, "--force"], { cwd });
      const counts =
        /^read 27 images of 9 classes: 1 3, 10 3, 2 3, <b>& 3, __proto__ 3, a 3, a "quoted" name 3, constr/m;
      expect(text.stdout).toMatch(counts);
    },
  );

  it("have that order in classify's JSON too", async () => {
    await runPudnet(["predict", "pets", "--model", model, "--out", "all", "--force"], { cwd });
    const { stdout } = await runPudnet(["classify", "all", "pets/__proto__/0.png", "--top", "9", "--json"], { cwd });
    const { classes, images } = jsonOf("classify", stdout);
    expect(classes).toEqual(CLASSES);
    expect(images[0]!.labels.map(({ label }) => label).toSorted()).toEqual(CLASSES.toSorted());
  });
});

it("evaluate --model prints what its schema says", async () => {
  await writeFile(join(cwd, "split.json"), JSON.stringify({ test: CLASSES.slice(3) }));
  const shape = ["--ways", "2", "--shots", "1", "--generation", "2", "--test", "1", "--groups", "1"];
  const args = ["evaluate", "--model", model, "--data", "pets", "--split", "split.json", ...shape, "--json"];
  const { stdout } = await runPudnet(args, { cwd });
  const { accuracy } = jsonOf("evaluate-model", stdout);
  expect(accuracy["running/centroids of all"]).toMatchObject({ ci95: null, n: 1 });
});

it.each([
  ["predict", "nothing", "--out", "x"],
  ["finetune", "nothing", "--out", "x"],
  ["classify", "nothing", "x.png"],
  ["evaluate", "--model", "nothing.safetensors", "--data", "pets"],
])("%s %s fails with nothing on stdout", async (...args) => {
  const { code, stdout, stderr } = await runPudnet([...args, "--json"], { cwd });
  expect([code === 1 || code === 2, stdout]).toEqual([true, ""]);
  expect(stderr).toMatch(/^error: .*\n(hint: .*\n)?$/);
});
