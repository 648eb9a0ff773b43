// pudnet evaluate --classifier: a made classifier on labelled pictures, as text, JSON and a page; and what is refused.

import { existsSync } from "node:fs";
import { copyFile, mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { parseHTML } from "linkedom";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { writePictures } from "../pictures.ts";
import { expectFailure, jsonOf, ROOT, runPudnet, temporaryFolder } from "./pudnet.ts";

const SAMPLES = join(ROOT, "samples/fashion-unseen");
const CLASSES = ["ankle-boot", "bag", "coat", "trouser"];

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let cwd: string;
beforeAll(async () => {
  folder = await temporaryFolder();
  cwd = folder.path;
  for (const [part, from, to] of [["pictures", 0, 12] as const, ["labelled", 12, 52] as const]) {
    for (const name of CLASSES) {
      await mkdir(join(cwd, part, name), { recursive: true });
      const files = (await readdir(join(SAMPLES, name))).toSorted().slice(from, to);
      for (const file of files) await copyFile(join(SAMPLES, name, file), join(cwd, part, name, file));
    }
  }
  expect((await runPudnet(["predict", "pictures", "--out", "made"], { cwd })).code).toBe(0);
});
afterAll(() => folder[Symbol.asyncDispose]());

beforeEach(async () => {
  await rm(join(cwd, "test"), { recursive: true, force: true });
  for (const name of CLASSES) await mkdir(join(cwd, "test", name), { recursive: true });
});

/** Puts labelled pictures of a class into a class folder of the test folder. */
async function put(label: string, from: number, to: number, into = label): Promise<void> {
  const files = (await readdir(join(cwd, "labelled", label))).toSorted().slice(from, to);
  await mkdir(join(cwd, "test", into), { recursive: true });
  for (const file of files)
    await copyFile(join(cwd, "labelled", label, file), join(cwd, "test", into, `${label}-${file}`));
}

const evaluate = (...more: string[]) =>
  runPudnet(["evaluate", "--classifier", "made", "--data", "test", ...more], { cwd });

describe("pudnet evaluate --classifier", () => {
  it("gives the figures that follow from what classify answers", async () => {
    for (const name of CLASSES) await put(name, 0, 40);
    await put("coat", 0, 10, "bag"); // wrong labels
    const { code, stdout, stderr } = await evaluate("--json");
    expect([code, stderr]).toEqual([0, ""]);
    const figures = jsonOf("evaluate-classifier", stdout);
    const answers = jsonOf("classify", (await runPudnet(["classify", "made", "test", "--json"], { cwd })).stdout);
    const pairs = answers.images.map(({ path, labels }) => ({ path, actual: path.split("/")[1]!, ...labels[0]! }));
    const count = (actual: string, predicted: string): number =>
      pairs.filter((one) => one.actual === actual && one.label === predicted).length;
    expect(figures.confusion).toEqual(CLASSES.map((actual) => CLASSES.map((predicted) => count(actual, predicted))));
    const wrong = pairs.filter(({ actual, label }) => actual !== label).toSorted((a, b) => b.score - a.score);
    expect(wrong.length).toBeGreaterThanOrEqual(5);
    expect(figures.mistakes.map(({ path }) => path)).toEqual(wrong.map(({ path }) => path));
    expect(figures.mistakes[0]).toEqual({
      path: wrong[0]!.path,
      actual: wrong[0]!.actual,
      predicted: wrong[0]!.label,
      score: wrong[0]!.score,
    });
    expect(figures).toMatchObject({ n: 170, right: 170 - wrong.length, skipped: [], chance: 0.25 });
    expect(figures.accuracy).toBeGreaterThan(0.75);
    expect(figures.majority).toEqual({ accuracy: 50 / 170, label: "bag" });
    expect(figures.classes.map(({ name, n }) => [name, n])).toEqual(
      CLASSES.map((name) => [name, name === "bag" ? 50 : 40]),
    );
  });

  it("needs one picture of one class; the classes without any are said, what is left out is counted", async () => {
    await put("bag", 0, 1);
    await rm(join(cwd, "test/coat"), { recursive: true });
    await writeFile(join(cwd, "test/bag/broken.png"), "a text");
    await writeFile(join(cwd, "test/list.csv"), "a text");
    const text = await evaluate();
    expect(text).toMatchObject({ code: 0, stderr: "" });
    expect(text.stdout).toMatch(/^read 1 labelled image of test$/m);
    expect(text.stdout).toMatch(/^skipped 2 files:\n {2}test\/list.csv: .*\n {2}test\/bag\/broken.png: not a picture/m);
    expect(text.stdout).toMatch(/^accuracy: (100|0).0 % \(95 % interval [\d.]+ to [\d.]+ %; [01] of 1 images\)$/m);
    expect(text.stdout).toMatch(/^to compare: 25.0 % by guessing, 100.0 % by always answering "bag"$/m);
    expect(text.stdout).toMatch(/^no images of 3 of 4 classes: ankle-boot, coat, trouser$/m);
    for (const name of ["ankle-boot", "coat", "trouser"])
      await rm(join(cwd, "test", name), { recursive: true, force: true });
    expect((await evaluate()).stdout).toContain("of 1 images");
  });

  it("writes a page with the worst mistakes as pictures, which only another page may replace", async () => {
    await put("coat", 0, 6, "bag");
    await put("bag", 0, 6);
    const first = await evaluate("--report", "deep/page.html", "--json");
    expect(first).toMatchObject({ code: 0, stderr: "" });
    const { mistakes, report } = jsonOf("evaluate-classifier", first.stdout);
    expect(report).toBe("deep/page.html");
    const { document } = parseHTML(await readFile(join(cwd, "deep/page.html"), "utf8"));
    const shown = [...document.querySelectorAll(".pictures li")] as { getAttribute: (name: string) => string | null }[];
    expect(mistakes.length).toBeGreaterThanOrEqual(4);
    expect(shown.map((item) => item.getAttribute("title"))).toEqual(mistakes.map(({ path }) => path));
    expect(document.querySelectorAll(".pictures img[src^='data:image/png;base64,']")).toHaveLength(mistakes.length);
    expect(document.querySelectorAll(".figure svg")).toHaveLength(1);
    expect(document.querySelector("pre")!.textContent).toMatch(
      /^pudnet evaluate --classifier made --data test --report/,
    );
    expect((await evaluate("--report", "deep/page.html")).stdout).toMatch(/^report: deep\/page.html$/m);

    await writeFile(join(cwd, "mine.html"), "<p>my own</p>");
    await expectFailure(
      ["evaluate", "--classifier", "made", "--data", "test", "--report", "mine.html"],
      { code: 2, message: /"mine.html" is in the way and no report of pudnet/, hint: /another file for --report/ },
      { cwd },
    );
    expect(await readFile(join(cwd, "mine.html"), "utf8")).toBe("<p>my own</p>");
  });

  it("tells of pictures that the classifier was made from, whatever they are called, and leaves them out of a second figure", async () => {
    await put("coat", 0, 30, "bag");
    const none = jsonOf("evaluate-classifier", (await evaluate("--json")).stdout);
    expect(none).toMatchObject({ n: 30, familiar: { n: 0, right: 0 }, notes: [] });

    const learnt = (await readdir(join(cwd, "pictures/bag"))).slice(0, 5);
    for (const file of learnt) await copyFile(join(cwd, "pictures/bag", file), join(cwd, "test/bag", `again-${file}`));
    await copyFile(join(cwd, "test/bag", `again-${learnt[0]!}`), join(cwd, "test/coat/same.png"));
    const some = jsonOf("evaluate-classifier", (await evaluate("--json", "--report", "familiar.html")).stdout);
    expect(some).toMatchObject({ n: 36, familiar: { n: 6, right: some.right - none.right } });
    const rest = `on the other 30 its accuracy is ${(100 * none.accuracy).toFixed(1)} % (95 % interval `;
    expect(some.notes[0]).toContain(`the classifier was made from 6 of these 36 images, too; ${rest}`);
    expect(some.notes[1]).toMatch(/^1 picture is in more than one class.*"test\/coat\/same.png"/);
    expect(await readFile(join(cwd, "familiar.html"), "utf8")).toContain(
      "the classifier was made from 6 of these 36 images",
    );

    const own = await runPudnet(["evaluate", "--classifier", "made", "--data", "pictures"], { cwd });
    expect(own.stdout).toMatch(/^note: the classifier was made from these very images/m);
  });

  it("takes a name for the same however its accents are written", async () => {
    const colours = { "caf\u00e9": [220, 60, 40], tea: [40, 200, 60] } as const;
    await writePictures(join(cwd, "drinks"), colours, 3);
    expect((await runPudnet(["predict", "drinks", "--out", "drinks-made"], { cwd })).code).toBe(0);
    await rename(join(cwd, "drinks/caf\u00e9"), join(cwd, "drinks/cafe\u0301"));
    const args = ["evaluate", "--classifier", "drinks-made", "--data", "drinks", "--json"];
    const { classes } = jsonOf("evaluate-classifier", (await runPudnet(args, { cwd })).stdout);
    expect(classes.map(({ name, n }) => [name, n])).toEqual([
      ["caf\u00e9", 3],
      ["tea", 3],
    ]);
  });
});

describe("pudnet evaluate refuses", () => {
  const args = ["evaluate", "--classifier", "made", "--data", "test"];
  const cases: readonly [what: string, args: readonly string[], code: 1 | 2, message: RegExp, hint: RegExp][] = [
    [
      "neither kind",
      ["evaluate", "--data", "test"],
      2,
      /--classifier <dir> \(or --model <checkpoint>\) is missing/,
      /--help/,
    ],
    ["both kinds", [...args, "--model", "x"], 2, /--classifier and --model exclude each other/, /to evaluate/],
    [
      "data beside a config that names it",
      ["evaluate", "--model", "x", "--config", "y", "--data", "z"],
      2,
      /--data says nothing with --config/,
      /--also adds to it/,
    ],
    [
      "another sketch without a config",
      ["evaluate", "--model", "x", "--data", "y", "--sketch", "mean"],
      2,
      /--sketch says nothing with --model/,
      /give --config/,
    ],
    ["no pictures", ["evaluate", "--classifier", "made"], 2, /--data <folder> is missing/, /--help/],
    ["--seed of the other kind", [...args, "--seed", "1"], 2, /--seed says nothing with --classifier/, /leave it out/],
    ["--out of the other kind", [...args, "--out", "x.csv"], 2, /--out says nothing with --classifier/, /--report/],
    [
      "--report of the other kind",
      ["evaluate", "--model", "x", "--data", "y", "--report", "z.html"],
      2,
      /--report says nothing with --model/,
      /--out/,
    ],
    [
      "a folder for the page",
      [...args, "--report", "test"],
      1,
      /cannot write "test": this is a folder/,
      /another file/,
    ],
    [
      "no classifier",
      ["evaluate", "--classifier", "none", "--data", "test"],
      2,
      /no classifier at "none"/,
      /pudnet predict/,
    ],
    [
      "no folder",
      ["evaluate", "--classifier", "made", "--data", "none"],
      2,
      /"none": there is no such folder/,
      /a folder a class/,
    ],
    ["no pictures in it", args, 2, /no readable pictures in the class folders of "test"/, /labelled pictures/],
  ];
  it.each(cases)("%s", async (_, given, code, message, hint) => {
    await expectFailure(given, { code, message, hint }, { cwd });
    expect(existsSync(join(cwd, "z.html"))).toBe(false);
  });

  it("without leaving the folder of a page behind", async () => {
    await expectFailure(
      [...args, "--report", "new/deep/page.html"],
      { code: 2, message: /no readable pictures/, hint: /labelled pictures/ },
      { cwd },
    );
    expect(existsSync(join(cwd, "new"))).toBe(false);
  });

  it("class folders that the classifier does not know, with the nearest names", async () => {
    await put("bag", 0, 1);
    await put("bag", 0, 1, "bags");
    const one = {
      code: 2,
      message: /a folder of "test" is no class of the classifier: "bags" \(did you mean "bag"\?\)/,
    } as const;
    await expectFailure(args, { ...one, hint: /it knows "ankle-boot", "bag", "coat", "trouser"$/ }, { cwd });
    for (const name of ["Coat", "__proto__", "s1", "s2", "s3", "s4"]) await put("coat", 0, 1, name);
    const message =
      /7 folders of "test" are no classes of the classifier: "Coat" \(did you mean "coat"\?\), "__proto__", .* and 2 more/;
    await expectFailure(args, { code: 2, message, hint: /move them away/ }, { cwd });
  });
});
