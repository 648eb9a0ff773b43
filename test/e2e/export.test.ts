// `pudnet export` as a user runs it, and what it refuses.

import { cp, mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { strFromU8, unzipSync } from "fflate";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readProjectZip } from "../../src/formats/project-zip.ts";
import { start } from "../built-program.ts";
import { expectFailure, jsonOf, PETS, runPudnet, temporaryFolder, tinyCheckpoint, writePictures } from "./pudnet.ts";

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let cwd: string;
beforeAll(async () => {
  folder = await temporaryFolder();
  cwd = folder.path;
  await writePictures(join(cwd, "pets"), PETS, 6);
  const model = await tinyCheckpoint(cwd);
  expect((await runPudnet(["predict", "pets", "--out", "my pets", "--model", model], { cwd })).code).toBe(0);
});
afterAll(() => folder[Symbol.asyncDispose]());

const run = (...args: string[]) => runPudnet(["export", "my pets", ...args], { cwd });

describe("pudnet export", () => {
  it("writes a module that labels pictures as pudnet does", async () => {
    const made = await run("--format", "js", "--int8", "--calibrate", "pets", "--out", "site/pets.js");
    expect(made).toMatchObject({ code: 0, stderr: "" });
    expect(made.stdout).toMatch(
      /^found the range of each activation on 12 pictures of pets\nexported 2 classes: js, int8\nwrote site\/pets\.js \([\d.]+ kB\)\n$/,
    );
    const file = pathToFileURL(join(cwd, "site/pets.js")).href;
    await writeFile(
      join(cwd, "use.mjs"),
      `import { about, classify, labels } from ${JSON.stringify(file)};
      const data = Uint8Array.from({ length: 3 * 20 * 20 }, (_, i) => [40, 200, 60][i % 3]);
      console.log(JSON.stringify({ about, labels, best: classify({ data, width: 20, height: 20 }, 1) }));`,
    );
    const used = await start([], { cwd, program: join(cwd, "use.mjs") }).ended;
    expect(used).toMatchObject({ code: 0 });
    expect(JSON.parse(used.stdout)).toMatchObject({
      about: {
        command: "pudnet export 'my pets' --format js --int8 --calibrate pets --out pets.js", // names alone
        pudnet: expect.stringMatching(/^\d+\.\d+\.\d+/),
      },
      labels: ["cat", "dog"],
      best: [{ label: "dog", score: expect.any(Number) }],
    });
  });

  /** What project.json says, as far as it is looked at. */
  interface ToldProject {
    readonly about: { readonly command: string };
  }

  it("writes C, and says what memory it takes", async () => {
    const made = await run("--format", "c", "--calibrate", "pets", "--out", "firmware/pets.c");
    expect(made).toMatchObject({ code: 0, stderr: "" });
    expect(made.stdout).toMatch(
      /^wrote firmware\/pets\.c .*\nwrote firmware\/pets\.h .*\nit takes [\d.]+ kB of flash .* and [\d.]+ kB of RAM\n$/m,
    );
    expect((await readdir(join(cwd, "firmware"))).toSorted()).toEqual(["pets.c", "pets.h"]);
  });

  it("writes a project with the pictures, which predict takes and gives the same classifier of", async () => {
    const made = await run("--format", "zip", "--out", "deep/pets.zip");
    expect(made).toMatchObject({ code: 0, stderr: "" });
    expect(made.stdout).toMatch(
      /^exported 2 classes: a project with 12 pictures\nwrote deep\/pets\.zip \([\d.]+ kB\)\n$/,
    );
    const project = await readProjectZip(new Blob([await readFile(join(cwd, "deep/pets.zip"))]), "pets.zip");
    expect(project).toMatchObject({ name: "pets", isProject: true, leftOut: [] });
    expect(project.classes.map(({ name, enabled, pictures }) => [name, enabled, pictures.length])).toEqual([
      ["cat", true, 6],
      ["dog", true, 6],
    ]);
    const original = await readFile(join(cwd, "pets/dog/3.png"));
    expect(Buffer.from(await project.classes[1]!.pictures[3]!.read()).equals(original)).toBe(true);

    const model = join(cwd, "tiny-convnet-3.safetensors");
    const again = await runPudnet(["predict", "deep/pets.zip", "--out", "again", "--model", model], { cwd });
    expect(again.code).toBe(0);
    const weights = await Promise.all(
      ["my pets", "again"].map((dir) => readFile(join(cwd, dir, "weights.safetensors"))),
    );
    expect(weights[0]!.equals(weights[1]!)).toBe(true);

    const zipped = await runPudnet(["export", "again", "--format", "zip", "--json"], { cwd });
    expect(jsonOf("export", zipped.stdout)).toMatchObject({ exported: "zip", pictures: { n: 12 }, notes: [] });
    const files = await Promise.all(["deep/pets.zip", "again.zip"].map((file) => readFile(join(cwd, file))));
    const told = files.map((bytes) => JSON.parse(strFromU8(unzipSync(bytes)["project.json"]!)) as ToldProject);
    expect(told.map(({ about }) => about.command)).toEqual([
      "pudnet export 'my pets' --format zip --out pets.zip",
      "pudnet export again --format zip",
    ]);
    expect(told[0]!.about).toMatchObject({ labels: ["cat", "dog"], preprocessing: { side: 16 } });
    const same = told.map(({ about, ...rest }) => ({ ...rest, name: "pets", about: { ...about, command: "" } }));
    expect(same[0]).toEqual(same[1]);
  });

  it("says which pictures of a project are others, and asks for those that are gone", async () => {
    await writePictures(join(cwd, "others"), { cat: [9, 9, 200], dog: [200, 9, 9] }, 2);
    const made = await run("--format", "zip", "--pictures", "others", "--json", "--force");
    const { pictures, notes } = jsonOf("export", made.stdout);
    expect(pictures).toEqual({ folder: "others", n: 4 });
    expect(notes).toEqual(["4 of these 4 pictures are not among those that the classifier was made from"]);
    await cp(join(cwd, "my pets"), join(cwd, "moved"), { recursive: true });
    await rename(join(cwd, "pets/cat"), join(cwd, "elsewhere"));
    const zip = (...args: string[]) => runPudnet(["export", "moved", "--format", "zip", "--force", ...args], { cwd });
    try {
      const some = await zip("--json");
      const told = jsonOf("export", some.stdout);
      const note = expect.stringMatching(/^6 of the 12 pictures .* gone, or others now/);
      expect(some.code).toBe(1); // the zip is there, but whoever takes it for a backup hears of it
      expect(told).toMatchObject({ pictures: { n: 6 }, notes: [note] });
      expect(told.skipped[0]).toEqual({ path: join(cwd, "pets/cat/0.png"), reason: "no such file" });
      await rename(join(cwd, "pets"), join(cwd, "all"));
      const gone = { code: 2, message: /none of the pictures .* can be read/, hint: /--pictures FOLDER/ } as const;
      await expectFailure(["export", "moved", "--format", "zip", "--force"], gone, { cwd });
      await rm(join(cwd, "moved/pictures.safetensors"));
      const older = { code: 2, message: /are no longer at ".*pets"/, hint: /--pictures FOLDER/ } as const;
      await expectFailure(["export", "moved", "--format", "zip", "--force"], older, { cwd });
    } finally {
      await rename(join(cwd, "all"), join(cwd, "pets"));
      await rename(join(cwd, "elsewhere"), join(cwd, "pets/cat"));
    }
    expect((await zip("--pictures", "pets")).stdout).toContain("12 pictures of pets");
    await writePictures(join(cwd, "foreign"), { cat: [9, 9, 200], bird: [200, 9, 9] }, 2);
    const foreign = {
      code: 2,
      message: /is no class of the classifier: "bird"/,
      hint: /it knows "cat", "dog"/,
    } as const;
    await expectFailure(["export", "my pets", "--format", "zip", "--pictures", "foreign", "--force"], foreign, { cwd });
    const idle = { code: 2, message: /say nothing with --format zip/, hint: /leave them out/ } as const;
    await expectFailure(["export", "my pets", "--format", "zip", "--int8"], idle, { cwd });
    const other = { code: 2, message: /--pictures says nothing/, hint: /--format zip in place of js/ } as const;
    await expectFailure(["export", "my pets", "--format", "js", "--pictures", "pets"], other, { cwd });
  });

  it("names files after the classifier, and replaces them only with --force", async () => {
    const first = await run("--format", "safetensors", "--float16", "--json");
    expect(jsonOf("export", first.stdout)).toMatchObject({
      classifier: "my pets",
      exported: "safetensors",
      numbers: "float16",
      classes: ["cat", "dog"],
      files: [{ path: "my-pets.safetensors", bytes: expect.any(Number) }],
      notes: [],
    });
    const before = await readFile(join(cwd, "my-pets.safetensors"));
    const args = ["export", "my pets", "--format", "safetensors"];
    await expectFailure(args, { code: 2, message: /there is "my-pets.safetensors" already/, hint: /--force/ }, { cwd });
    expect((await readFile(join(cwd, "my-pets.safetensors"))).equals(before)).toBe(true);
    expect((await run("--format", "safetensors", "--force")).code).toBe(0);
    expect((await readFile(join(cwd, "my-pets.safetensors"))).length).toBeGreaterThan(before.length);
  });
});

describe("pudnet export refuses", () => {
  it.each([
    { args: [], message: /--format <format> is missing/, hint: /export --help/ },
    { args: ["--format", "tflite"], message: /Expected one of: onnx/, hint: /export --help/ },
    { args: ["--format", "js", "--float16"], message: /js has no numbers of float16/, hint: /float32 and int8/ },
    { args: ["--format", "js", "--int8", "--float16"], message: /--int8 and --float16 together/, hint: /one of them/ },
    { args: ["--format", "onnx", "--int8"], message: /keeps only hashes/, hint: /--calibrate \/.*pets$/ },
    { args: ["--format", "onnx", "--calibrate", "pets"], message: /nothing without --int8/, hint: /add --int8/ },
    { args: ["--format", "js", "--out", "pets.txt"], message: /"pets.txt" does not end as files/, hint: /pets\.js$/ },
    {
      args: ["--format", "js", "--int8", "--calibrate", "nowhere"],
      message: /no readable pictures in "nowhere"/,
      hint: /give a folder with pictures/,
    },
    {
      args: ["--format", "js", "--int8", "--calibrate", "none"],
      message: /no readable pictures in "none"/,
      hint: /give a folder with pictures/,
    },
  ])("$args", async ({ args, message, hint }) => {
    await mkdir(join(cwd, "none"), { recursive: true });
    const before = await readdir(cwd);
    await expectFailure(["export", "my pets", ...args], { code: 2, message, hint }, { cwd });
    expect(await readdir(cwd)).toEqual(before);
  });

  it("a place within the classifier, --force or not, and names of C's own headers", async () => {
    const inside = "my pets/weights.safetensors";
    await expectFailure(
      ["export", "my pets", "--format", "safetensors", "--out", inside, "--force"],
      { code: 2, message: /lies in the classifier "my pets"/, hint: /--out weights\.safetensors/ },
      { cwd },
    );
    const header = { code: 2, message: /"time\.h" is a header of C/, hint: /time-classifier\.c/ } as const;
    await expectFailure(["export", "my pets", "--format", "c", "--calibrate", "pets", "--out", "time.c"], header, {
      cwd,
    });
    const noFile = { code: 2, message: /does not end as files/, hint: /--out site\/my-pets\.js/ } as const;
    await expectFailure(["export", "my pets", "--format", "js", "--out", "site/"], noFile, { cwd });
  });

  it("what is no classifier", async () => {
    const expected = { code: 2, message: /no classifier at "nothing"/, hint: /pudnet predict/ } as const;
    await expectFailure(["export", "nothing", "--format", "js"], expected, { cwd });
  });
});
