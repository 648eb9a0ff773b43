// pudnet finetune: real pictures in, a classifier out that answers as was reported; and what can go wrong on the way.

import { spawn } from "node:child_process";
import { copyFile, mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { readImageFolder } from "../../src/node/datasets/image-folder.ts";
import { fold, key } from "../../src/tensor/random.ts";
import { heldOutSplit } from "../../src/classifier/held-out.ts";
import {
  expectFailure,
  expectNothingAt,
  jsonOf,
  MAIN,
  PETS,
  ROOT,
  runPudnet,
  temporaryFolder,
  tinyCheckpoint,
  writePictures,
} from "./pudnet.ts";

const SAMPLES = join(ROOT, "samples/fashion-unseen");
const SHIPPED = join(ROOT, "checkpoints/fashion-convnet-3.safetensors");

let home: Awaited<ReturnType<typeof temporaryFolder>>;
let model: string;
beforeAll(async () => {
  home = await temporaryFolder();
  model = await tinyCheckpoint(home.path);
});
afterAll(() => home[Symbol.asyncDispose]());

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let cwd: string;
beforeEach(async () => {
  folder = await temporaryFolder();
  cwd = folder.path;
});
afterEach(() => folder[Symbol.asyncDispose]());

/** The first pictures of each class of the sample. */
async function copySamples(to: string, perClass: number): Promise<void> {
  for (const name of await readdir(SAMPLES)) {
    await mkdir(join(to, name), { recursive: true });
    const files = (await readdir(join(SAMPLES, name))).sort().slice(0, perClass);
    for (const file of files) await copyFile(join(SAMPLES, name, file), join(to, name, file));
  }
}

describe("pudnet finetune", () => {
  it("writes a classifier that answers as was reported for the pictures held out", async () => {
    await copySamples(join(cwd, "fashion"), 40);
    const args = ["finetune", "fashion", "--out", "out", "--epochs", "2", "--seed", "3", "--model", SHIPPED, "--json"];
    const made = await runPudnet(args, { cwd });
    expect(made).toMatchObject({ code: 0, stderr: "" });
    const report = jsonOf("finetune", made.stdout);
    expect(report).toMatchObject({
      images: { total: 160, trained: 144, heldOut: 16, skipped: 0 },
      settings: { epochs: 2, learningRate: 1e-3, seed: 3, compare: true, device: "cpu" },
    });
    const order = report.stages.map(({ weights, epoch }) => [weights, epoch]);
    expect(order).toEqual(["predicted", "random"].flatMap((weights) => [0, 1, 2].map((epoch) => [weights, epoch])));
    expect(report.stages[0]!.heldOut.accuracy).toBeGreaterThan(0.7);
    expect(report.stages[2]!.training!.loss).toBeLessThan(report.stages[1]!.training!.loss);
    expect(report.stages[2]!.heldOut).toEqual(report.heldOut);

    expect((await readdir(join(cwd, "out"))).toSorted()).toEqual([
      "classifier.json",
      "classifier.onnx",
      "weights.safetensors",
    ]);
    const description = JSON.parse(await readFile(join(cwd, "out/classifier.json"), "utf8")) as object;
    expect(description).toMatchObject({ head: "linear", heldOut: report.heldOut, model: { file: SHIPPED } });
    expect(await accuracyOnHeldOut(3)).toBe(report.heldOut.accuracy);
    const again = await runPudnet(["evaluate", "--classifier", "out", "--data", "fashion", "--json"], { cwd });
    expect(jsonOf("evaluate-classifier", again.stdout).familiar?.n).toBe(144); // those held out are new to it
  });

  it("prints a row a judgement and what to make of them; --no-compare leaves the random weights out", async () => {
    await writePictures(join(cwd, "pets"), PETS, 6);
    const args = ["finetune", "pets", "--out", "out", "--epochs", "1", "--model", model];
    const both = await runPudnet(args, { cwd });
    expect(both).toMatchObject({ code: 0, stderr: "" });
    expect(both.stdout).toMatch(/^read 12 images of 2 classes: cat 6, dog 6$/m);
    for (const weights of ["predicted", "random"]) {
      expect(both.stdout).toMatch(
        new RegExp(`^\\| +${weights}, with (?:closed form|centroids) \\| +0 \\| +\\| +\\| +[\\d.]+ % \\|`, "m"),
      );
      expect(both.stdout).toMatch(
        new RegExp(`^\\| +${weights}, fine-tuned \\| +1 \\| +[\\d.]+ \\| +[\\d.]+ % \\|`, "m"),
      );
    }
    expect(both.stdout).toMatch(/^trained on 10 images, judged by the 2 held back$/m);
    expect(both.stdout).toMatch(
      /^held-out accuracy: .* %; before training: .* %; the same training from random weights: .* %$/m,
    );
    const refused = await runPudnet(args, { cwd });
    expect([refused.code, refused.stderr]).toEqual([2, expect.stringMatching(/already\nhint: .*--force/)]);
    const weights = await readFile(join(cwd, "out/weights.safetensors"));
    const alone = await runPudnet([...args, "--no-compare", "--force"], { cwd });
    expect(alone).toMatchObject({ code: 0, stdout: expect.not.stringContaining("random") });
    expect((await readFile(join(cwd, "out/weights.safetensors"))).equals(weights)).toBe(true);
  });

  it("--seconds keeps the better of predicted and fine-tuned, and says so", async () => {
    await writePictures(join(cwd, "pets"), PETS, 20);
    const args = ["finetune", "pets", "--out", "out", "--seconds", "0.001", "--model", model];
    const made = await runPudnet(args, { cwd });
    expect(made).toMatchObject({ code: 0, stderr: "" });
    expect(made.stdout).toMatch(/^kept: the (fine-tuned network|network before training)/m);
    expect(made.stdout).toMatch(
      /^held-out accuracy: .* each half of them judged by what the other half would keep\)$/m,
    );
    expect(made.stdout).not.toContain("random");
    const again = await runPudnet([...args, "--force", "--json"], { cwd });
    const { settings, kept, stages, chosen } = jsonOf("finetune", again.stdout);
    expect(settings).toMatchObject({ seconds: 0.001, compare: false });
    expect(settings).not.toHaveProperty("epochs");
    expect(stages.map(({ epoch, head }) => [epoch, head])).toEqual([
      [0, chosen.kind],
      [1, "linear"],
    ]);
    const description = JSON.parse(await readFile(join(cwd, "out/classifier.json"), "utf8")) as object;
    expect(description).toMatchObject({ head: kept === "tuned" ? "linear" : chosen.kind, kept });
  });

  it("fine-tunes a ResNet-18 too", async () => {
    const resnet = await tinyCheckpoint(cwd, { arch: "resnet-18" });
    await writePictures(join(cwd, "pets"), PETS, 3);
    const args = ["finetune", "pets", "--out", "out", "--epochs", "1", "--no-compare", "--model", resnet];
    expect(await runPudnet(args, { cwd })).toMatchObject({ code: 0, stderr: "" });
    const labels = await runPudnet(["classify", "out", "pets/cat/0.png", "--top", "1"], { cwd });
    expect(labels).toMatchObject({ code: 0, stdout: expect.stringMatching(/0.png: (cat|dog) [\d.]+ %\n$/) });
  });
});

/** Of `pudnet classify out` on the pictures that the seed holds out. */
async function accuracyOnHeldOut(seed: number): Promise<number> {
  const { dataset } = await readImageFolder(join(cwd, "fashion"), { side: 28, cache: false });
  const { heldOut } = heldOutSplit(dataset.labels, 4, 0.1, fold(key(seed), "held-out"));
  const paths = heldOut.map((position) => dataset.sources![position]!);
  const { stdout } = await runPudnet(["classify", "out", ...paths, "--json"], { cwd });
  const { images } = jsonOf("classify", stdout);
  const right = images.filter(
    ({ labels }, i) => labels[0]!.label === dataset.classes[dataset.labels[heldOut[i]!]!],
  ).length;
  return right / heldOut.length;
}

describe("pudnet finetune refuses", () => {
  const finetune = (...more: string[]) => ["finetune", "pets", "--out", "out", "--model", model, ...more];
  beforeEach(() => writePictures(join(cwd, "pets"), PETS, 4));

  it.each([
    [
      "a missing folder",
      () => rm(join(cwd, "pets"), { recursive: true }),
      /"pets": there is no such folder/,
      /pets\/cat/,
    ],
    ["one class", () => rm(join(cwd, "pets/dog"), { recursive: true }), /only one class in "pets": "cat"/, /two class/],
    ["one picture in a class", lonelyDog, /too few pictures in "pets": "dog" has 1;/, /add pictures/],
    ["something else at --out", foreignOut, /"out" is in the way/, /another folder/],
  ] as const)("%s", async (_, prepare, message, hint) => {
    await prepare();
    await expectFailure(finetune(), { code: 2, message, hint }, { cwd });
    expect(await readdir(cwd)).toEqual(expect.not.arrayContaining([expect.stringMatching(/tmp/)]));
  });

  it.each([
    [["finetune", "pets", "--force"], /--force says nothing without --out/],
    [["finetune", "pets", "--out", "pets/out"], /lies in the folder of pictures/],
    [["finetune", "pets", "--out", "out", "--epochs", "0"], /whole number of at least 1/],
    [["finetune", "pets", "--seconds", "9", "--epochs", "2"], /--epochs says nothing with --seconds/],
    [["finetune", "pets", "--seconds", "9", "--no-compare"], /--no-compare says nothing with --seconds/],
    [["finetune", "pets", "--seconds", "0"], /number above 0/],
    [["finetune", "pets", "--head", "closed"], /Expected one of: auto, closed-form, centroids/],
    [["finetune", "pets", "--out", "out", "--learning-rate", "-1"], /number above 0, such as 0.001/],
    [["finetune", "pets", "--out", "out", "--arch", "resnet18"], /"resnet18"\nhint: did you mean "resnet-18"\?/],
  ] as const)("pudnet %j", async (args, message) => {
    const { code, stderr } = await runPudnet(args, { cwd });
    expect(stderr).toMatch(message);
    expect(code).toBe(2);
  });

  it.each([
    ["1e38", "5", /the score of image 0 is (NaN|Infinity)/, /with a smaller learning rate/],
    ["1e39", "1", /after step \d+ ".+" holds numbers that are not finite/, /such as 0.001$/],
  ] as const)("numbers that are not finite, and leaves nothing: rate %s", async (rate, epochs, message, hint) => {
    const args = finetune("--learning-rate", rate, "--epochs", epochs);
    await expectFailure(args, { code: 1, message, hint }, { cwd });
    await expectNothingAt(cwd, "out");
  });

  it("to write anything after Ctrl-C", async () => {
    const child = spawn(process.execPath, [MAIN, ...finetune("--epochs", "100000")], { cwd });
    let [stdout, stderr] = ["", ""];
    child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      if (!stdout.includes("fine-tuned") && (stdout += text).includes("fine-tuned")) child.kill("SIGINT");
    });
    const code = await new Promise((done) => child.on("close", done));
    expect([code, stderr]).toEqual([130, expect.stringMatching(/stopping, without writing "out"/)]);
    await expectNothingAt(cwd, "out");
  });
});

async function lonelyDog(): Promise<void> {
  for (const i of [1, 2, 3]) await rm(join(cwd, `pets/dog/${i}.png`));
}

async function foreignOut(): Promise<void> {
  await mkdir(join(cwd, "out"));
  await writeFile(join(cwd, "out/notes.txt"), "mine");
}

it("pudnet finetune --help has examples", async () => {
  const { code, stdout } = await runPudnet(["finetune", "--help"]);
  expect([code, stdout]).toEqual([0, expect.stringMatching(/Examples:\n {2}pudnet finetune/)]);
});
