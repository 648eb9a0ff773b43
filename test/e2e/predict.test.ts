// What a user does: predict a classifier for a folder of pictures, classify pictures with it, evaluate a checkpoint.

import { copyFile, mkdir, readdir, readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { zipSync } from "fflate";
import { describe, expect, it } from "vitest";
import { loadRuntime } from "../../src/tensor/runtime.ts";
import { savePudNet } from "../../src/node/checkpoints/pudnet.ts";
import { changingPudNet } from "../tiny-pudnet.ts";
import {
  expectFailure,
  expectNothingAt,
  jsonOf,
  PETS,
  ROOT,
  runPudnet,
  temporaryFolder,
  tinyCheckpoint,
  writePictures,
} from "./pudnet.ts";

const SAMPLES = join(ROOT, "samples/fashion-unseen");

describe("pudnet predict and classify", () => {
  it("make a classifier of the sample pictures and use it", async () => {
    await using folder = await temporaryFolder();
    const model = await tinyCheckpoint(folder.path, { side: 28, width: 8 });
    const out = join(folder.path, "deep/fashion");
    const made = await runPudnet(["predict", SAMPLES, "--out", out, "--model", model]);
    expect(made).toMatchObject({ code: 0, stderr: "" });
    expect(made.stdout).toMatch(/^read 1000 images of 4 classes: ankle-boot 250, bag 250, coat 250, trouser 250$/m);
    expect(made.stdout).toMatch(/^forward pass: [\d.]+ m?s for all weights \(compiling took .*, the first pass .*\)$/m);
    expect(made.stdout).toMatch(
      /^head: (closed form|centroids) \(pictures left out: [\d.]+ % right; (centroids|closed form) [\d.]+ %\)$/m,
    );
    const accuracy = /^held-out accuracy: ([\d.]+) % \(95 % interval .* 200 images held back/m.exec(made.stdout)?.[1];
    expect(Number(accuracy)).toBeGreaterThan(60); // untrained, but its batch norm is fitted and its head is made
    const files = ["classifier.json", "classifier.onnx", "pictures.safetensors", "report.html", "weights.safetensors"];
    expect((await readdir(out)).toSorted()).toEqual(files);
    const description = JSON.parse(await readFile(join(out, "classifier.json"), "utf8")) as Record<string, unknown>;
    expect(description).toMatchObject({
      classes: ["ankle-boot", "bag", "coat", "trouser"],
      images: { total: 1000, skipped: 0 },
      heldOut: { n: 200, accuracy: expect.closeTo(Number(accuracy) / 100, 2) },
      model: { file: model, sha256: expect.stringMatching(/^[0-9a-f]{64}$/) },
    });

    const bag = join(SAMPLES, "bag");
    const classified = await runPudnet(["classify", out, join(SAMPLES, "coat/0000.png"), bag, "--json"]);
    expect(classified).toMatchObject({ code: 0, stderr: "" });
    const { classes, images, failed } = jsonOf("classify", classified.stdout);
    expect([classes, images.length, failed]).toEqual([["ankle-boot", "bag", "coat", "trouser"], 251, []]);
    for (const { labels } of images) {
      expect(labels.length).toBe(3);
      expect(labels[0]!.score).toBeGreaterThanOrEqual(labels[1]!.score);
    }
    expect(images.slice(1).filter(({ labels }) => labels[0]!.label === "bag").length).toBeGreaterThan(125);
    await expectSameInOnnx(join(out, "classifier.onnx"));
  });

  it("same pictures, seed and model: the same weights; --force replaces, nothing else does", async () => {
    await using folder = await temporaryFolder();
    const model = await tinyCheckpoint(folder.path);
    await writePictures(join(folder.path, "pets"), PETS, 6);
    const predict = (...more: string[]) =>
      runPudnet(["predict", "pets", "--out", "out", "--model", model, ...more], { cwd: folder.path });
    const weights = () => readFile(join(folder.path, "out/weights.safetensors"));
    expect((await predict()).code).toBe(0);
    const first = await weights();
    const refused = await predict();
    expect([refused.code, refused.stderr]).toEqual([2, expect.stringMatching(/already\nhint: .*--force/)]);
    expect((await predict("--force", "--norm", "running")).code).toBe(0);
    expect((await weights()).equals(first)).toBe(false);
    const again = await predict("--force", "--json");
    expect((await weights()).equals(first)).toBe(true);
    const classes = ["cat", "dog"].map((name) => ({ name, n: 6 }));
    expect(jsonOf("predict", again.stdout)).toMatchObject({ images: { total: 12, classes }, skipped: [] });
    expect(await readdir(folder.path)).toEqual(expect.not.arrayContaining([expect.stringMatching(/tmp/)]));
  });

  it("judges the pictures held back on a page, in JSON and in a few lines", async () => {
    await using folder = await temporaryFolder();
    const cwd = folder.path;
    const model = await tinyCheckpoint(cwd);
    const hostile = "<script>&'";
    const alike = { cat: [200, 60, 60], dog: [200, 60, 60], [hostile]: [200, 60, 60] } as const; // mistakes are certain
    await writePictures(join(cwd, "pets"), alike, 10);
    const predict = (...more: string[]) =>
      runPudnet(["predict", "pets", "--out", "out", "--model", model, "--force", ...more], { cwd });
    const { heldOut, report } = jsonOf("predict", (await predict("--json")).stdout);
    const { n, accuracy, classes, confusion, confused, mistakes } = heldOut;
    const right = confusion!.map((row, c) => row[c]!);
    expect([report, n]).toEqual(["out/report.html", 6]);
    expect(classes.map((one) => [one.name, one.n, one.right])).toEqual(
      [hostile, "cat", "dog"].map((name, c) => [name, 2, right[c]]),
    );
    expect(right.reduce((sum, one) => sum + one, 0)).toBeCloseTo(accuracy * n);
    expect(mistakes.length).toBe(n - Math.round(accuracy * n));
    expect(confused.reduce((sum, pair) => sum + pair.n, 0)).toBe(mistakes.length);
    expect(mistakes.length).toBeGreaterThan(0);

    const page = await readFile(join(cwd, report), "utf8");
    expect(page).not.toContain("<script");
    expect(page).toContain("&lt;script&gt;&amp;");
    expect(page.match(/src="data:image\/png;base64,[^"]+"/g)?.length).toBeGreaterThanOrEqual(mistakes.length);
    expect(page).toContain(`<dt>Accuracy</dt><dd>${(100 * accuracy).toFixed(1)}\u00a0%<`);
    for (const { path } of mistakes) expect(page).toContain(path.replace(hostile, "").split("/").at(-1)!);

    const { stdout } = await predict();
    const worst = confused[0]!;
    expect(stdout).toMatch(
      /^scores: .* \(calibration error [\d.]+ over 6 images, too few to rely on\)\nlowest F1: .*\nmost often mistaken:\n/m,
    );
    expect(stdout).toContain(`  ${worst.actual} taken for ${worst.predicted}: ${worst.n} (`);
    expect(stdout).toMatch(/^report: out\/report.html$/m);
    const description = JSON.parse(await readFile(join(cwd, "out/classifier.json"), "utf8")) as object;
    const { calibrationError, interval95, meanScore } = heldOut;
    expect(description).toMatchObject({ heldOut: { n, accuracy, interval95, meanScore, calibrationError } });

    // A replaced classifier's page does not stay beside one that has none.
    const tuned = ["finetune", "pets", "--out", "out", "--model", model, "--force", "--epochs", "1", "--no-compare"];
    expect((await runPudnet(tuned, { cwd })).code).toBe(0);
    expect(await readdir(join(cwd, "out"))).not.toContain("report.html");
  });

  it("a zip stands wherever a folder of class folders does", async () => {
    await using folder = await temporaryFolder();
    const cwd = folder.path;
    const model = await tinyCheckpoint(cwd);
    await writePictures(join(cwd, "pets"), PETS, 6);
    const names = (await readdir(join(cwd, "pets"), { recursive: true })).filter((name) => name.endsWith(".png"));
    const files = names.map(async (name) => [name, await readFile(join(cwd, "pets", name))] as const);
    await writeFile(join(cwd, "pets.zip"), zipSync({ all: Object.fromEntries(await Promise.all(files)) }));
    const run = async (...args: string[]) => (await runPudnet([...args, "--json"], { cwd })).stdout;
    const [zipped, plain] = [
      jsonOf("predict", await run("predict", "pets.zip", "--model", model)),
      jsonOf("predict", await run("predict", "pets", "--model", model)),
    ];
    expect([zipped.out, plain.out].map((out) => out.replaceAll("\\", "/"))).toEqual([
      "predictions/pets-1",
      "predictions/pets-2",
    ]);
    expect(zipped.images).toEqual(plain.images);
    expect({ ...zipped.heldOut, mistakes: [] }).toEqual({ ...plain.heldOut, mistakes: [] });
    const both = await Promise.all([zipped, plain].map(({ out }) => readFile(join(cwd, out, "weights.safetensors"))));
    expect(both[0]!.equals(both[1]!)).toBe(true);
    const classified = jsonOf("classify", await run("classify", zipped.out, "pets.zip", "pets/cat/0.png"));
    expect(classified.images).toHaveLength(names.length + 1);
    expect(classified.images[0]!.path.replaceAll("\\", "/")).toBe("pets.zip/cat/0.png");
    const judged = jsonOf(
      "evaluate-classifier",
      await run("evaluate", "--classifier", zipped.out, "--data", "pets.zip"),
    );
    expect(judged.n).toBe(names.length);
    expect(judged.notes.join()).toContain("from these very images");
    await writeFile(join(cwd, "bad.zip"), zipSync({ "../cat/1.png": await readFile(join(cwd, "pets/cat/0.png")) }));
    const expected = {
      code: 1,
      message: /^error: bad.zip: "..\/cat\/1.png": a path that leads out/m,
      hint: /rename/,
    } as const;
    await expectFailure(["predict", "bad.zip", "--model", model], expected, { cwd });
  });

  it("--head names the head; shots belong to centroids", async () => {
    await using folder = await temporaryFolder();
    const cwd = folder.path;
    const model = await tinyCheckpoint(cwd);
    await writePictures(join(cwd, "pets"), PETS, 6);
    const predict = (...more: string[]) =>
      runPudnet(["predict", "pets", "--out", "out", "--model", model, "--force", "--json", ...more], { cwd });
    const auto = jsonOf("predict", (await predict()).stdout);
    expect(auto.settings.head).toBe("auto");
    expect(Object.keys(auto.chosen.leftOut)).toEqual(["closed-form", "centroids"]);
    for (const head of ["closed-form", "centroids"] as const) {
      const made = jsonOf("predict", (await predict("--head", head)).stdout);
      expect([made.settings.head, made.chosen.kind]).toEqual([head, head]);
      expect(made.chosen.leftOut[head]).toEqual(auto.chosen.leftOut[head]);
      const description = JSON.parse(await readFile(join(cwd, "out/classifier.json"), "utf8")) as object;
      expect(description).toMatchObject({ head, version: 3, chosen: { kind: head } });
      const { stdout } = await runPudnet(["classify", "out", "pets/cat/0.png", "--top", "1"], { cwd });
      expect(stdout).toMatch(/0.png: (cat|dog) [\d.]+ %\n$/);
      const judged = await runPudnet(["evaluate", "--classifier", "out", "--data", "pets", "--json"], { cwd });
      expect(jsonOf("evaluate-classifier", judged.stdout).n).toBe(12);
    }
    const shots = jsonOf("predict", (await predict("--shots", "3")).stdout);
    expect(shots).toMatchObject({ settings: { head: "centroids", shots: 3 }, chosen: { kind: "centroids" } });
    for (const head of ["auto", "closed-form"]) {
      const message = new RegExp(`3 shots with head "${head}"\nhint: shots are the images that centroids are made of`);
      expect(await predict("--shots", "3", "--head", head)).toMatchObject({
        code: 2,
        stderr: expect.stringMatching(message),
      });
    }
  });

  it("as much of a change is made as the pictures prefer, or as --strength says", async () => {
    await using folder = await temporaryFolder();
    const cwd = folder.path;
    await savePudNet(join(cwd, "better"), changingPudNet("better"));
    await savePudNet(join(cwd, "worse"), changingPudNet("worse"));
    await writePictures(join(cwd, "pets"), PETS, 6);
    const run = (command: "predict" | "finetune", model: string, ...more: string[]) =>
      runPudnet([command, "pets", "--out", "out", "--model", model, "--force", ...more], { cwd });
    const number = String.raw`\d\.\d{3}`;
    const line = (text: string) =>
      new RegExp(`^strength of the change: ${text.replaceAll("N", number)} \\([\\d., ]+\\)$`, "m");
    const better = line("1: left-out error N; none N, half N: better than none by more than one standard error");
    const base = String.raw`0 \(the base network as it is\)`;
    const worse = line(`${base}: left-out error N; half N, whole N: no gain beyond one standard error`);
    expect(await run("predict", "better")).toMatchObject({
      code: 0,
      stderr: "",
      stdout: expect.stringMatching(better),
    });
    expect((await run("predict", "worse")).stdout).toMatch(worse);
    expect((await run("finetune", "worse", "--epochs", "1", "--no-compare")).stdout).toMatch(worse);

    const made = jsonOf("predict", (await run("predict", "better", "--json")).stdout);
    expect(made).toMatchObject({ settings: { strength: "auto" }, change: { strength: 1, leftOut: { images: 12 } } });
    const description = JSON.parse(await readFile(join(cwd, "out/classifier.json"), "utf8")) as typeof made;
    expect([description.change, description.settings]).toEqual([made.change, made.settings]);
    const half = jsonOf("predict", (await run("predict", "better", "--json", "--strength", "0.5")).stdout);
    expect([half.settings.strength, half.change]).toEqual([0.5, { strength: 0.5 }]);
    expect((await run("predict", "better", "--strength", "0.5")).stdout).toMatch(
      /^strength of the change: 0.5, as asked for$/m,
    );
    const tuned = await run("finetune", "better", "--epochs", "1", "--no-compare", "--json", "--strength", "0");
    expect(jsonOf("finetune", tuned.stdout)).toMatchObject({ settings: { strength: 0 }, change: { strength: 0 } });
  });

  it("of a checkpoint that predicts no change nothing is said of one, and none can be asked for", async () => {
    await using folder = await temporaryFolder();
    const cwd = folder.path;
    const model = await tinyCheckpoint(cwd);
    await writePictures(join(cwd, "pets"), PETS, 4);
    for (const command of ["predict", "finetune"]) {
      const args = [command, "pets", "--out", "out", "--model", model];
      const message = /strength (auto|0) of a change, but this PudNet predicts none/;
      for (const strength of ["auto", "0"]) {
        await expectFailure([...args, "--strength", strength], { code: 2, message, hint: /predict: change/ }, { cwd });
      }
      const wild = await runPudnet([...args, "--strength", "0.4"], { cwd });
      expect([wild.code, wild.stderr]).toEqual([2, expect.stringMatching(/Expected one of: auto, 0, 0.5, 1/)]);
    }
    await expectNothingAt(cwd, "out");
    const text = await runPudnet(["predict", "pets", "--out", "out", "--model", model], { cwd });
    expect(text.stdout).not.toMatch(/strength|change/);
    expect(await readFile(join(cwd, "out/classifier.json"), "utf8")).not.toMatch(/"strength"|"change"/);
  });

  it("two pictures a class are enough; ResNet-18 too", async () => {
    await using folder = await temporaryFolder();
    const model = await tinyCheckpoint(folder.path, { arch: "resnet-18" });
    await writePictures(join(folder.path, "pets"), PETS, 2);
    const made = await runPudnet(["predict", "pets", "--out", "out", "--model", model, "--arch", "resnet-18"], {
      cwd: folder.path,
    });
    expect(made).toMatchObject({ code: 0, stdout: expect.stringMatching(/2 images held back/) });
    const text = await runPudnet(["classify", "out", "pets/cat/0.png", "--top", "1"], { cwd: folder.path });
    expect(text).toMatchObject({ code: 0, stdout: expect.stringMatching(/^pets\/cat\/0.png: (cat|dog) [\d.]+ %\n$/) });
  });
});

/** The file opens without our library, and gives probabilities for one picture and for seven. */
async function expectSameInOnnx(file: string): Promise<void> {
  const { ort } = await loadRuntime("node");
  const session = await ort.InferenceSession.create(await readFile(file));
  for (const count of [1, 7]) {
    const images = new ort.Tensor("uint8", new Uint8Array(count * 3 * 28 * 28).fill(100), [count, 3, 28, 28]);
    const { probabilities } = await session.run({ images });
    expect(probabilities!.dims).toEqual([count, 4]);
    const sum = (probabilities!.data as Float32Array).reduce((total, p) => total + p, 0);
    expect(sum).toBeCloseTo(count, 4);
  }
  await session.release();
}

describe("pudnet evaluate", () => {
  it("goes on behind the last rows of its records and ends as in one go", async () => {
    await using folder = await temporaryFolder();
    const cwd = folder.path;
    const model = await tinyCheckpoint(cwd);
    await writePictures(join(cwd, "sets"), { ...PETS, fox: [230, 140, 30], owl: [120, 110, 200] }, 8);
    await writeFile(join(cwd, "split.json"), JSON.stringify({ test: ["dog", "fox", "owl"] }));
    const evaluate = (groups: number, out: string, ...more: string[]) => {
      const shape = ["--ways", "2", "--shots", "2", "--generation", "5", "--test", "3", "--baseline-groups", "2"];
      const data = ["--model", model, "--data", "sets", "--split", "split.json"];
      return runPudnet(["evaluate", ...data, ...shape, "--groups", String(groups), "--out", out, ...more], { cwd });
    };
    /** The rows of each record by its name, without times. */
    const rowsOf = async (out: string): Promise<Record<string, string[]>> => {
      const names = (await readdir(join(cwd, out))).filter((name) => name.endsWith(".csv"));
      const texts = await Promise.all(names.map((name) => readFile(join(cwd, out, name), "utf8")));
      return Object.fromEntries(
        names.map((name, i) => [name, texts[i]!.split("\n").map((row) => row.split(",").slice(0, 4).join())]),
      );
    };
    expect((await evaluate(2, "a")).code).toBe(0);
    const two = await rowsOf("a");
    expect(Object.values(two).map(({ length }) => length)).toEqual([4, 4, 4, 4]); // with the header and the end
    const resumed = await evaluate(3, "a");
    expect(resumed.stdout).toMatch(/^PudNet, running statistics( +[\d.]+ ± [\d.]+){3} +3$/m);
    expect(resumed.stdout).toMatch(/^raw pixels .* 2$/m);
    expect(resumed.stdout).toMatch(/baselines were evaluated on the first 2 groups only/);
    const three = await rowsOf("a");
    for (const [name, rows] of Object.entries(two)) expect(three[name]!.slice(0, 3)).toEqual(rows.slice(0, 3));
    expect((await evaluate(3, "b")).code).toBe(0);
    expect(await rowsOf("b")).toEqual(three);
    // Another seed is another evaluation: it is kept beside the first.
    expect((await evaluate(3, "a", "--seed", "1")).code).toBe(0);
    const both = await rowsOf("a");
    expect(both).toMatchObject(three);
    expect(Object.keys(both)).toHaveLength(8);

    // Rows of other pictures under the same names are no rows of this evaluation, nor are those of another split.
    await rename(join(cwd, "sets/owl/0.png"), join(cwd, "owl.png"));
    await copyFile(join(cwd, "sets/dog/0.png"), join(cwd, "sets/owl/0.png"));
    const refused = {
      code: 2,
      stderr: expect.stringMatching(/begun with another sets@16 than the one at hand\nhint: /),
    };
    expect(await evaluate(4, "a")).toMatchObject(refused);
    expect(await evaluate(3, "a")).toMatchObject(refused); // also where no group is missing
    await rename(join(cwd, "owl.png"), join(cwd, "sets/owl/0.png"));
    await writeFile(join(cwd, "split.json"), JSON.stringify({ test: ["cat", "fox", "owl"] }));
    const split = { code: 2, stderr: expect.stringMatching(/begun with another class split split.json/) };
    expect(await evaluate(4, "a")).toMatchObject(split);
    expect(await rowsOf("a")).toEqual(both);
  });

  it("has the gate choose for each group where that is asked for, and keeps that apart", async () => {
    await using folder = await temporaryFolder();
    const cwd = folder.path;
    await savePudNet(join(cwd, "changing"), changingPudNet("worse"));
    const plain = await tinyCheckpoint(cwd);
    await writePictures(join(cwd, "sets"), { ...PETS, fox: [230, 140, 30] }, 4);
    await writeFile(join(cwd, "split.json"), JSON.stringify({ test: Object.keys(PETS) }));
    const shape = ["--ways", "2", "--shots", "2", "--generation", "3", "--test", "1", "--groups", "1"];
    const args = ["--data", "sets", "--split", "split.json", ...shape, "--strength", "auto", "--out", "rows"];
    const gated = await runPudnet(["evaluate", "--model", "changing", ...args, "--json"], { cwd });
    expect(jsonOf("evaluate-model", gated.stdout)).toMatchObject({ strength: "auto", groups: 1 });
    const records = (await readdir(join(cwd, "rows"))).filter((name) => name.endsWith(".json"));
    const recipes = await Promise.all(records.map((name) => readFile(join(cwd, "rows", name), "utf8")));
    expect(recipes.filter((text) => text.includes('"strength"')).length).toBe(2); // of either batch norm
    const message = /strength auto of a change, but this PudNet predicts none/;
    await expectFailure(
      ["evaluate", "--model", plain, ...args],
      { code: 2, message, hint: /predict: change/ },
      { cwd },
    );
  });

  it("keeps nothing without --out, and refuses a CSV as a folder", async () => {
    await using folder = await temporaryFolder();
    const cwd = folder.path;
    const model = await tinyCheckpoint(cwd);
    await writePictures(join(cwd, "sets"), { ...PETS, fox: [230, 140, 30] }, 4);
    await writeFile(join(cwd, "split.json"), JSON.stringify({ test: Object.keys(PETS).slice(0, 2) }));
    const shape = ["--ways", "2", "--shots", "1", "--generation", "2", "--test", "1", "--groups", "1"];
    const args = ["evaluate", "--model", model, "--data", "sets", "--split", "split.json", ...shape];
    const before = await readdir(cwd);
    expect(await runPudnet(args, { cwd })).toMatchObject({ code: 0, stderr: "" });
    const csv = await runPudnet([...args, "--out", "rows.csv"], { cwd });
    expect(csv).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/rows.csv is .* a file.*\nhint: .*--out rows;/),
    });
    expect(await readdir(cwd)).toEqual(before);
  });
});

it("pudnet data fetch takes files from a folder and refuses others", async () => {
  await using folder = await temporaryFolder();
  await mkdir(join(folder.path, "downloads"));
  const fetch = ["data", "fetch", "fashion-mnist", "--root", "sets", "--from", "downloads"];
  const missing = await runPudnet(fetch, { cwd: folder.path });
  expect(missing).toMatchObject({ code: 2, stderr: expect.stringMatching(/no train-images.*\nhint: give the folder/) });
  await writeFile(join(folder.path, "downloads/train-images-idx3-ubyte.gz"), "not these");
  const wrong = await runPudnet(fetch, { cwd: folder.path });
  expect(wrong).toMatchObject({ code: 1, stderr: expect.stringMatching(/not the published file.*\nhint: /) });
});

it("pudnet checks finds that everything works here", async () => {
  const { code, stdout } = await runPudnet(["checks", "--json"]);
  const { works, checks } = jsonOf("checks", stdout);
  expect([code, works]).toEqual([0, true]);
  expect(checks.find(({ name }) => name === "training step")).toMatchObject({
    status: "good",
    found: expect.stringMatching(/loss [\d.]+ -> [\d.]+/),
  });
});

describe("help and mistyped words", () => {
  it.each(["predict", "classify", "train", "evaluate", "data fetch", "checks"])(
    "%s --help has examples",
    async (name) => {
      const { code, stdout } = await runPudnet([...name.split(" "), "--help"]);
      expect(code).toBe(0);
      expect(stdout).toMatch(new RegExp(`Examples:\\n  pudnet ${name}`));
    },
  );

  it.each([
    [["predcit"], /unknown command 'predcit'\nhint: did you mean predict\?/],
    [["zzzzzz"], /unknown command 'zzzzzz'\nhint: pudnet --help shows/],
    [["help", "predcit"], /unknown command 'predcit'\nhint: did you mean predict\?/],
    [["help", "zzzzzz"], /unknown command 'zzzzzz'\nhint: pudnet --help shows/],
    [["classify", "dir"], /missing required argument 'image'\nhint: pudnet classify --help shows/],
    [["data", "fetsh"], /hint: did you mean fetch\?/],
    [["predict", "x", "--uot", "y"], /unknown option '--uot'\nhint: did you mean --out\?/],
    [["predict", "x", "--force"], /--force says nothing without --out\nhint: /],
    [["predict", "x", "--out", "y", "--arch", "resnet18"], /"resnet18"\nhint: did you mean "resnet-18"\?/],
    [["predict", "x", "--out", "y", "--device", "gpu"], /invalid. Expected one of: cpu, webgpu, cuda/],
    [["predict", "x", "--out", "y", "--seed", "1.5"], /whole number of at least 0/],
    [["data", "fetch", "fashin-mnist"], /hint: did you mean fashion-mnist\?/],
    [["evaluate", "--model", "x"], /--data <dataset> is missing/],
    [["classify", "x"], /missing required argument 'image'/],
  ] as const)("pudnet %j", async (args, message) => {
    const { code, stderr } = await runPudnet(args);
    expect(stderr).toMatch(message);
    expect(code).toBe(2);
  });
});
