// Bad input: each is told in a message with a hint and the right exit code, and nothing is left half-written.

import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import {
  chmod,
  copyFile,
  mkdir,
  readdir,
  readFile,
  rename,
  rm,
  statfs,
  symlink,
  truncate,
  writeFile,
} from "node:fs/promises";
import { dirname, join } from "node:path";
import sharp from "sharp";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { makePipe } from "../named-pipe.ts";
import { loadCheckpoint } from "../../src/node/checkpoints/checkpoint.ts";
import { smallDisk } from "../small-disk.ts";
import { tiff } from "../tiff.ts";
import { writeTinyTraining } from "./tiny-training.ts";
import {
  expectFailure,
  expectNothingAt,
  jsonOf,
  MAIN,
  PETS,
  runPudnet,
  temporaryFolder,
  tinyCheckpoint,
  writePictures,
} from "./pudnet.ts";

let home: Awaited<ReturnType<typeof temporaryFolder>>;
let cwd: string;
let model: string;
beforeAll(async () => {
  home = await temporaryFolder();
  model = await tinyCheckpoint(home.path);
  await tinyCheckpoint(home.path, { arch: "resnet-18" });
});
afterAll(() => home[Symbol.asyncDispose]());

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
beforeEach(async () => {
  folder = await temporaryFolder();
  cwd = folder.path;
  await writePictures(join(cwd, "pets"), PETS, 4);
});
afterEach(() => folder[Symbol.asyncDispose]());

const predict = (...more: string[]): string[] => ["predict", "pets", "--out", "out", "--model", model, ...more];

describe("folders that hold no dataset", () => {
  it.each([
    [
      "a missing folder",
      () => rm(join(cwd, "pets"), { recursive: true }),
      /"pets": there is no such folder/,
      /pets\/cat/,
    ],
    ["an empty folder", emptyPets, /no class folders in "pets": found nothing/, /a folder a class/],
    [
      "one class only",
      () => rm(join(cwd, "pets/dog"), { recursive: true }),
      /only one class in "pets": "cat"/,
      /two class/,
    ],
    ["a class with one picture", lonelyDog, /too few pictures in "pets": "dog" has 1;/, /add pictures/],
    [
      "a class without pictures",
      () => mkdir(join(cwd, "pets/emu")),
      /too few pictures in "pets": "emu" has none/,
      /add/,
    ],
    ["a class of texts", textDogs, /too few readable pictures in "pets": "dog" has none/, /add pictures/],
  ] as const)("%s", async (_, prepare, message, hint) => {
    await prepare();
    await expectFailure(predict(), { code: 2, message, hint }, { cwd });
    await expectNothingAt(cwd, "out");
  });
});

async function emptyPets(): Promise<void> {
  await rm(join(cwd, "pets"), { recursive: true });
  await mkdir(join(cwd, "pets"));
}

async function lonelyDog(): Promise<void> {
  for (const i of [1, 2, 3]) await rm(join(cwd, `pets/dog/${i}.png`));
}

async function textDogs(): Promise<void> {
  for (const i of [0, 1, 2, 3]) await writeFile(join(cwd, `pets/dog/${i}.png`), "a text");
}

describe("odd pictures", () => {
  it("damaged ones are listed and skipped, all other kinds are read", async () => {
    await writeOddPictures(join(cwd, "pets/cat"));
    const { code, stdout, stderr } = await runPudnet(predict(), { cwd });
    expect([code, stderr]).toEqual([0, ""]);
    expect(stdout).toMatch(/^read 15 images of 2 classes: cat 11, dog 4$/m); // 7 of the odd ones
    expect(stdout).toMatch(/^skipped 3 files:$/m);
    expect(stdout).toMatch(/^ {2}pets\/cat\/notes.txt: not the name of a picture$/m);
    expect(stdout).toMatch(/^ {2}pets\/cat\/text.png: not a picture that can be read/m);
    expect(stdout).toMatch(/^ {2}pets\/cat\/truncated.jpg: damaged or truncated/m);
  });

  it("at most 20 skipped files are listed, the rest are counted", async () => {
    for (let i = 0; i < 25; i++) await writeFile(join(cwd, `pets/cat/bad-${i}.png`), "a text");
    const { code, stdout } = await runPudnet(predict(), { cwd });
    expect(code).toBe(0);
    expect(stdout.match(/^ {2}pets\/cat\/bad-/gm)?.length).toBe(20);
    expect(stdout).toMatch(/^ {2}and 5 more$/m);
  });

  it("classify lists what cannot be read, classifies the rest and ends with 1", async () => {
    expect((await runPudnet(predict(), { cwd })).code).toBe(0);
    await writeFile(join(cwd, "text.png"), "a text");
    await mkdir(join(cwd, "nothing"));
    const args = ["classify", "out", "text.png", "pets/cat/0.png", "missing.jpg", "nothing"];
    const { code, stdout, stderr } = await runPudnet(args, { cwd });
    expect(code).toBe(1);
    expect(stdout).toMatch(/^pets\/cat\/0.png: (cat|dog) [\d.]+ %, (cat|dog) [\d.]+ %\n$/);
    expect(stderr).toMatch(/^skipped 3 files:$/m);
    for (const reason of [/text.png: not a picture/, /missing.jpg: no such file/, /nothing: a folder without pictures/])
      expect(stderr).toMatch(reason);
    expect(stderr).not.toMatch(/passed over/);
    const json = await runPudnet([...args, "--json"], { cwd });
    const { images, failed } = jsonOf("classify", json.stdout);
    expect([json.code, images.length, failed.length]).toEqual([1, 1, 3]);
  });
});

describe("links and folders that lead elsewhere", () => {
  it("a class that is a dangling link is no class less, but an error", async () => {
    await symlink("/nowhere/emu", join(cwd, "pets/emu"));
    const expected = {
      code: 2,
      message:
        /cannot read "emu" \(a link to "\/nowhere\/emu", which is not there\) in "pets": a class would be missing/,
      hint: /mend the links/,
    } as const;
    await expectFailure(predict(), expected, { cwd });
    await expectNothingAt(cwd, "out");
  });

  it("pictures in sub-folders belong to their class, for predict as for classify", async () => {
    await mkdir(join(cwd, "pets/cat/2021/may"), { recursive: true });
    for (const i of [2, 3]) await rename(join(cwd, `pets/cat/${i}.png`), join(cwd, `pets/cat/2021/may/${i}.png`));
    await writeFile(join(cwd, "pets/cat/2021/notes.txt"), "x");
    const { code, stdout } = await runPudnet(predict(), { cwd });
    expect(code).toBe(0);
    expect(stdout).toMatch(/^read 8 images of 2 classes: cat 4, dog 4$/m);
    expect(stdout).toMatch(/^skipped 1 file:\n {2}pets\/cat\/2021\/notes.txt: not the name of a picture$/m);
    const classified = await runPudnet(["classify", "out", "pets/cat"], { cwd });
    expect(classified.code).toBe(0);
    expect(classified.stdout.match(/^.*\.png(?=:)/gm)).toEqual(
      ["0.png", "1.png", "2021/may/2.png", "2021/may/3.png"].map((name) => `pets/cat/${name}`),
    );
    expect(classified.stderr).toBe("passed over 1 file:\n  pets/cat/2021/notes.txt: not the name of a picture\n");
  });

  it("circles of links end: each picture is taken once, by predict and by classify", async () => {
    for (const [name, to] of Object.entries({ up: "..", self: ".", out: "../.." }))
      await symlink(to, join(cwd, "pets/cat", name));
    const { code, stdout } = await runPudnet(predict(), { cwd });
    expect(code).toBe(0);
    expect(stdout).toMatch(/^read 8 images of 2 classes: cat 4, dog 4$/m);
    expect(stdout).toMatch(/^ {2}pets\/cat\/up: the same folder as "pets"$/m);
    const classified = await runPudnet(["classify", "out", "pets"], { cwd });
    expect([classified.code, classified.stdout.trim().split("\n").length]).toEqual([0, 8]);
  });

  it("what systems leave behind is no class, and no picture", async () => {
    for (const place of ["__MACOSX", "@eaDir", "pets/__MACOSX", "pets/@eaDir", "pets/cat/@eaDir"]) {
      await mkdir(join(cwd, place), { recursive: true });
      await copyFile(join(cwd, "pets/cat/0.png"), join(cwd, place, "0.png"));
    }
    const { code, stdout } = await runPudnet(predict(), { cwd });
    expect(code).toBe(0);
    expect(stdout).toMatch(/^read 8 images of 2 classes: cat 4, dog 4$/m);
    expect(stdout).not.toMatch(/skipped|note:/);
  });

  it("a picture in two classes is told with both names", async () => {
    await copyFile(join(cwd, "pets/cat/0.png"), join(cwd, "pets/dog/same.png"));
    const { code, stdout } = await runPudnet(predict(), { cwd });
    expect(code).toBe(0);
    expect(stdout).toMatch(
      /^note: 1 picture is in more than one class, .*: "pets\/cat\/0.png" is also "pets\/dog\/same.png"$/m,
    );
  });

  it("an empty name is not this folder", async () => {
    expect((await runPudnet(predict(), { cwd })).code).toBe(0);
    const expected = { code: 2, message: /an empty name/, hint: /a variable of the shell/ } as const;
    await expectFailure(["classify", "out", ""], expected, { cwd });
    await expectFailure(["predict", "", "--out", "x", "--model", model], expected, { cwd });
  });
});

describe("what is left out of a data set", () => {
  const left = /^skipped 1 file:\n {2}pictures\/class-0\/deep\/notes.txt: not the name of a picture\n$/;
  beforeEach(async () => {
    await writeTinyTraining(cwd);
    await mkdir(join(cwd, "pictures/class-0/deep"));
    await writeFile(join(cwd, "pictures/class-0/deep/notes.txt"), "x");
  });

  it("is told by train", async () => {
    const short = ["--set", "steps=20", "--set", "validation.every=20"];
    const { code, stderr } = await runPudnet(["train", "--config", "config.yaml", ...short], { cwd });
    expect([code, stderr]).toEqual([0, expect.stringMatching(left)]);
  });

  it("is told by evaluate, in its JSON and at once", async () => {
    await writeFile(join(cwd, "split.json"), JSON.stringify({ test: ["class-1", "class-2", "class-3"] }));
    const shape = ["--ways", "2", "--shots", "1", "--generation", "2", "--test", "1", "--groups", "1"];
    const args = ["evaluate", "--model", model, "--data", "pictures", "--split", "split.json", ...shape, "--json"];
    const { code, stdout, stderr } = await runPudnet(args, { cwd });
    expect([code, stderr]).toEqual([0, expect.stringMatching(left)]);
    const { skipped, notes } = jsonOf("evaluate-model", stdout);
    expect(skipped).toEqual([{ path: "pictures/class-0/deep/notes.txt", reason: "not the name of a picture" }]);
    expect(notes).toEqual([]);
  });
});

describe.skipIf(process.platform === "win32")("pipes, which nobody writes into, are no files for", () => {
  const data = ["--data", "pets"];
  const expected = { message: /cannot read ".*pipe.*": it is a pipe/ } as const;
  it.each([
    ["--model", ["evaluate", ...data, "--split", "s.json", "--model", "pipe"], 1, /save what comes through/],
    ["--split", ["evaluate", ...data, "--split", "pipe.json"], 2, /JSON file/],
    ["--config", ["train", "--config", "pipe"], 2, /configs/],
    ["--classifier", ["evaluate", ...data, "--classifier", "pipes"], 1, /save what comes through/],
  ] as const)("%s", async (_, args, code, hint) => {
    await mkdir(join(cwd, "pipes"));
    for (const path of ["pipe", "pipe.json", "pipes/classifier.json"]) makePipe(join(cwd, path));
    const all = (args as readonly string[]).includes("pipe.json") ? [...args, "--model", model] : args;
    await expectFailure(all, { ...expected, code, hint }, { cwd });
  });
});

describe("deep pictures", () => {
  it("of 12 bits in 16 are scaled by one range, kept with the classifier; others are refused", async () => {
    for (const [name, base] of [
      ["cat", 500],
      ["dog", 2500],
    ] as const)
      for (const i of [0, 1, 2, 3]) await writeDeep(join(cwd, "deep", name, `${i}.tif`), base + 400 * i);
    const { code, stdout } = await runPudnet(["predict", "deep", "--out", "out", "--model", model], { cwd });
    expect(code).toBe(0);
    expect(stdout).toMatch(/^note: the 8 pictures of 16 bits use 12 of them: white is taken to be 4095$/m);
    const description = JSON.parse(await readFile(join(cwd, "out/classifier.json"), "utf8")) as Record<string, unknown>;
    expect(description["sampleRanges"]).toEqual({ ushort: 4095 });
    await writeDeep(join(cwd, "new.tif"), 700);
    await writeDeep(join(cwd, "other.tif"), 60_000);
    const classified = await runPudnet(["classify", "out", "new.tif", "other.tif"], { cwd });
    expect(classified.code).toBe(1);
    expect(classified.stdout).toMatch(/^new.tif: /);
    expect(classified.stderr).toMatch(
      /other.tif: 16-bit samples of up to 60\d+, where those of the other pictures end at 4095/,
    );
  });
});

/** A TIFF of 16 bits with some texture above `base`. */
async function writeDeep(path: string, base: number): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  const samples = Uint16Array.from({ length: 12 * 12 }, (_, i) => base + ((i * 37) % 300));
  await writeFile(path, tiff({ width: 12, height: 12, channels: 1, samples }));
}

/** Seven pictures that can be read, three files that cannot. */
async function writeOddPictures(place: string): Promise<void> {
  const red = { r: 220, g: 60, b: 40 };
  const blank = (width: number, height: number, alpha?: number) =>
    sharp({
      create: {
        width,
        height,
        channels: alpha === undefined ? 3 : 4,
        background: { ...red, ...(alpha === undefined ? {} : { alpha }) },
      },
    });
  const deep = new Uint16Array(16 * 16 * 3).fill(0x8080);
  const frames = new Uint8Array(8 * 16 * 3).fill(90);
  await blank(1, 1).png().toFile(join(place, "1x1.png"));
  await blank(10_000, 10_000).png({ compressionLevel: 1 }).toFile(join(place, "10000x10000.png"));
  await blank(20, 20).greyscale().png().toFile(join(place, "grey.png"));
  await blank(20, 20, 0.5).png().toFile(join(place, "alpha.png"));
  await sharp(deep, { raw: { width: 16, height: 16, channels: 3 } })
    .toColourspace("rgb16")
    .png()
    .toFile(join(place, "16-bit.png"));
  await blank(20, 20).toColourspace("cmyk").jpeg().toFile(join(place, "cmyk.jpg"));
  await sharp(frames, { raw: { width: 8, height: 16, channels: 3, pageHeight: 8 } })
    .gif({ delay: [100, 100] })
    .toFile(join(place, "animated.gif"));
  const jpeg = await sharp({
    create: {
      width: 200,
      height: 200,
      channels: 3,
      background: red,
      noise: { type: "gaussian", mean: 128, sigma: 60 },
    },
  })
    .jpeg()
    .toBuffer();
  await writeFile(join(place, "truncated.jpg"), jpeg.subarray(0, jpeg.length / 2));
  await writeFile(join(place, "text.png"), "this is a text");
  await writeFile(join(place, "notes.txt"), "neither is this a picture");
}

describe("checkpoints", () => {
  it.each([
    ["a missing one", () => Promise.resolve(), 2, /no checkpoint at "bad.safetensors"/, /typing/],
    ["a truncated one", truncated, 1, /bad.safetensors: truncated: .* bytes/, /copy or download it again/],
    ["one cut within the header", cutHeader, 1, /bad.safetensors: truncated: the header/, /copy or download/],
    ["an empty file", () => writeFile(join(cwd, "bad.safetensors"), ""), 1, /the file is empty/, /copy/],
    [
      "a text",
      () => writeFile(join(cwd, "bad.safetensors"), "hello, world"),
      1,
      /not a safetensors file/,
      /safetensors/,
    ],
    ["a damaged one", flipped, 1, /corrupted: its content does not match its checksum/, /copy or download it again/],
    ["another model's weights", foreign, 1, /safetensors, but not a checkpoint of pudnet/, /pudnet train/],
    [
      "a folder",
      () => mkdir(join(cwd, "bad.safetensors")),
      2,
      /is a folder, expected a checkpoint/,
      /best.safetensors/,
    ],
  ] as const)("%s", async (_, prepare, code, message, hint) => {
    await prepare();
    const args = ["predict", "pets", "--out", "out", "--model", "bad.safetensors"];
    await expectFailure(args, { code, message, hint }, { cwd });
    await expectNothingAt(cwd, "out");
  });

  it("one for another architecture", async () => {
    const expected = { code: 2, message: /predicts weights of convnet-3, not of resnet-18/, hint: /--arch/ } as const;
    await expectFailure(predict("--arch", "resnet-18"), expected, { cwd });
    await expectNothingAt(cwd, "out");
  });

  it("none shipped for an architecture", async () => {
    const args = ["predict", "pets", "--out", "out", "--arch", "resnet-34"];
    const expected = {
      code: 2,
      message: /no PudNet for resnet-34 comes with this package/,
      hint: /pudnet train/,
    } as const;
    await expectFailure(args, expected, { cwd });
  });
});

const copyModel = async (): Promise<Buffer> => {
  const bytes = await readFile(model);
  await writeFile(join(cwd, "bad.safetensors"), bytes);
  return bytes;
};
const truncated = async () => truncate(join(cwd, "bad.safetensors"), (await copyModel()).length - 100);
const cutHeader = () => copyModel().then(() => truncate(join(cwd, "bad.safetensors"), 100));

async function flipped(): Promise<void> {
  const bytes = await copyModel();
  bytes[bytes.length - 5]! ^= 0x10;
  await writeFile(join(cwd, "bad.safetensors"), bytes);
}

async function foreign(): Promise<void> {
  expect((await runPudnet(predict(), { cwd })).code).toBe(0);
  await writeFile(join(cwd, "bad.safetensors"), await readFile(join(cwd, "out/weights.safetensors")));
  await rm(join(cwd, "out"), { recursive: true });
}

describe("classifier folders", () => {
  it.each([
    ["a missing one", () => rm(join(cwd, "out"), { recursive: true }), 2, /no classifier at "out"/],
    ["cut weights", () => truncate(join(cwd, "out/weights.safetensors"), 900), 1, /weights.safetensors: truncated/],
    ["a foreign description", () => writeFile(join(cwd, "out/classifier.json"), "{}"), 1, /not the description/],
    ["a cut description", () => truncate(join(cwd, "out/classifier.json"), 40), 1, /classifier.json: not JSON/],
    ["no weights", () => rm(join(cwd, "out/weights.safetensors")), 1, /weights.safetensors is missing/],
  ] as const)("%s", async (_, damage, code, message) => {
    expect((await runPudnet(predict(), { cwd })).code).toBe(0);
    await damage();
    await expectFailure(["classify", "out", "pets/cat/0.png"], { code, message, hint: /pudnet predict|copy/ }, { cwd });
  });
});

describe("places that cannot take the classifier", () => {
  it("a file, another folder, the dataset itself", async () => {
    await writeFile(join(cwd, "file"), "mine");
    await mkdir(join(cwd, "photos"));
    await writeFile(join(cwd, "photos/holiday.jpg"), "mine");
    const to = (out: string) => ["predict", "pets", "--out", out, "--model", model, "--force"];
    await expectFailure(to("file"), { code: 2, message: /a file is in the way/, hint: /--out/ }, { cwd });
    await expectFailure(to("photos"), { code: 2, message: /"holiday.jpg"/, hint: /move what is there away/ }, { cwd });
    await expectFailure(
      to("pets/out"),
      { code: 2, message: /lies in the folder of pictures/, hint: /beside/ },
      { cwd },
    );
    expect([await readFile(join(cwd, "file"), "utf8"), await readdir(join(cwd, "photos"))]).toEqual([
      "mine",
      ["holiday.jpg"],
    ]);
  });

  it.skipIf(process.getuid?.() === 0)("a folder without permission to write", async () => {
    await mkdir(join(cwd, "locked"));
    await chmod(join(cwd, "locked"), 0o500);
    const args = ["predict", "pets", "--out", "locked/out", "--model", model];
    await expectFailure(
      args,
      { code: 1, message: /permission denied/, hint: /choose a folder you may write/ },
      { cwd },
    );
    expect(await readdir(join(cwd, "locked"))).toEqual([]);
  });
});

describe("disks", () => {
  let disk: ReturnType<typeof smallDisk>;
  beforeEach(({ skip }) => {
    disk = smallDisk(4000);
    if (!disk) skip("mounting a small disk needs root on Linux");
  });
  afterEach(() => disk?.remove());

  it("a read-only one takes no classifier and no run", async () => {
    execFileSync("mount", ["-o", "remount,ro", disk!.path]);
    const out = join(disk!.path, "out");
    const expected = { code: 1, message: /the file system is read-only/, hint: /can be written to/ } as const;
    await expectFailure(["predict", "pets", "--out", out, "--model", model], expected, { cwd });
    await writeTinyTraining(cwd);
    await expectFailure(["train", "--config", "config.yaml", "--runs", disk!.path], expected, { cwd });
    expect(await readdir(disk!.path)).toEqual([]);
  });

  it("a read-only one is told as such for folders in folders too, before any work", async () => {
    execFileSync("mount", ["-o", "remount,ro", disk!.path]);
    const out = join(disk!.path, "deep/out");
    const expected = { code: 1, message: /the file system is read-only/, hint: /can be written to/ } as const;
    await rm(join(cwd, "pets"), { recursive: true }); // it is not looked at
    for (const verb of ["predict", "finetune"]) {
      await expectFailure([verb, "pets", "--out", out, "--model", model], expected, { cwd });
    }
    await expectFailure(["quickstart", "--out", out, "--model", model], expected, { cwd });
  });

  it("a mounted folder takes a classifier, and another in its place", async () => {
    for (const more of [[], ["--force"]]) {
      const { code } = await runPudnet(["predict", "pets", "--out", disk!.path, "--model", model, ...more], { cwd });
      expect(code).toBe(0);
    }
    expect((await runPudnet(["classify", disk!.path, "pets/cat/0.png"], { cwd })).code).toBe(0);
  });

  it("a full one: predict leaves nothing, and an old classifier stays whole", async () => {
    const to = (...more: string[]) => ["predict", "pets", "--out", join(disk!.path, "out"), "--model", model, ...more];
    const expected = { code: 1, message: /no space left on the disk/, hint: /free some space/ } as const;
    await fill(disk!.path, 1);
    await expectFailure(to(), expected, { cwd });
    expect(await readdir(disk!.path)).toEqual(["ballast"]);
    await rm(join(disk!.path, "ballast"));
    expect((await runPudnet(to(), { cwd })).code).toBe(0);
    await fill(disk!.path, 1);
    await expectFailure(to("--force"), expected, { cwd });
    expect((await readdir(disk!.path)).toSorted()).toEqual(["ballast", "out"]);
    const classified = await runPudnet(["classify", join(disk!.path, "out"), "pets/cat/0.png"], { cwd });
    expect(classified.code).toBe(0);
  });

  it("a full one: training stops, its last checkpoint stays whole and the run goes on once there is space", async () => {
    await writeTinyTraining(cwd);
    await fill(disk!.path, 200); // enough for the first checkpoint (0.6 MB), not for another beside it
    const train = ["train", "--config", "config.yaml", "--runs", disk!.path, "--set", "steps=100"];
    await expectFailure(train, { code: 1, message: /no space left on the disk/, hint: /free some space/ }, { cwd });
    const checkpoints = join(disk!.path, "tiny-1/checkpoints");
    expect(await readdir(checkpoints)).toEqual(["last.safetensors"]);
    expect(Number((await loadCheckpoint(join(checkpoints, "last.safetensors"))).metadata["step"])).toBeGreaterThan(0);
    await rm(join(disk!.path, "ballast"));
    const resumed = await runPudnet(["train", "--resume", join(disk!.path, "tiny-1")], { cwd });
    expect(resumed).toMatchObject({ code: 0, stdout: expect.stringMatching(/done: /) });
  });
});

/** Leaves that many pages. */
async function fill(place: string, pages: number): Promise<void> {
  const { bfree, bsize } = await statfs(place);
  await writeFile(join(place, "ballast"), new Uint8Array((bfree - pages) * bsize));
}

describe("configs", () => {
  it.each([
    ["a key that is unknown", "optimizer.learnRate=1", 2, /learnRate/, /did you mean "learningRate"/],
    [
      "a wrong type",
      "steps=many",
      2,
      /config.yaml is not a config of a training\n {2}steps: expected number, found "many"/,
      /configs\//,
    ],
    ["too many shots", "group.shots=50", 2, /group.shots \(50\) is more than validation.generation/, /shots/],
    [
      "validation after the end",
      "validation.every=1000",
      2,
      /validation.every \(1000\) is more than steps/,
      /at most \d+/,
    ],
    ["validation between log lines", "validation.every=7", 2, /\(7\) is no multiple of logEvery \(5\)/, /every to 5/],
    ["more ways than classes", "group.ways=9", 1, /9 classes a group, but only 3/, /at most 3/],
    ["an unknown architecture", "target.arch=resnet18", 2, /unknown architecture "resnet18"/, /resnet-18/],
    ["a stem it does not have", "target.stem=7x7+pool", 2, /convnet-3 has no stem/, /3x3/],
    ["a setting within a number", "steps.x=1", 2, /"steps.x=1": steps is \d+, not a section/, /--set steps=/],
    ["a key that all objects have", "constructor.x=1", 2, /Unrecognized key: "constructor"/, /configs/],
    ["a key that objects hide", "data.__proto__=1", 2, /Unrecognized key: "__proto__"/, /configs/],
    ["a section that objects hide", "__proto__.x=1", 2, /Unrecognized key: "__proto__"/, /configs/],
    ["a setting without a value", "steps", 2, /"steps" is not key=value/, /steps=5000/],
    ["a missing dataset", "data.dataset=picturs", 2, /no dataset or folder "picturs"/, /a folder with/],
    ["a missing split", "data.split=no.json", 2, /cannot read "no.json": there is no such file/, /fashion-set/],
  ] as const)("%s", async (_, setting, code, message, hint) => {
    await writeTinyTraining(cwd);
    await expectFailure(["train", "--config", "config.yaml", "--set", setting], { code, message, hint }, { cwd });
    await expectNothingAt(join(cwd, "runs"), "tiny");
  });

  it("byte order marks, as some editors write, say nothing", async () => {
    await writeTinyTraining(cwd);
    for (const name of ["config.yaml", "split.json"]) {
      await writeFile(join(cwd, name), `\uFEFF${await readFile(join(cwd, name), "utf8")}`);
    }
    const { code } = await runPudnet(
      ["train", "--config", "config.yaml", "--set", "steps=10", "--set", "validation.every=10"],
      { cwd },
    );
    expect(code).toBe(0);
    const made = await readFile(join(cwd, "runs/tiny-1/run.json"), "utf8");
    await writeFile(join(cwd, "runs/tiny-1/run.json"), `\uFEFF${made}`);
    const own = join(cwd, "runs/tiny-1/config.yaml");
    await writeFile(own, `\uFEFF${(await readFile(own, "utf8")).replace("steps: 10", "steps: 20")}`);
    expect((await runPudnet(["train", "--resume", "runs/tiny-1"], { cwd })).code).toBe(0);
  });

  it("a run whose config was spoilt by hand is told as such", async () => {
    await writeTinyTraining(cwd);
    const short = ["--set", "steps=10", "--set", "validation.every=10"];
    expect((await runPudnet(["train", "--config", "config.yaml", ...short], { cwd })).code).toBe(0);
    await writeFile(join(cwd, "runs/tiny-1/config.yaml"), "steps: [1, 2");
    const expected = { code: 2, message: /config.yaml is not YAML: .* at line 1/, hint: /configs\// } as const;
    await expectFailure(["train", "--resume", "runs/tiny-1"], expected, { cwd });
  });

  it.each([
    ["one that is no YAML", "a: [1, 2", "config.yaml", /config.yaml is not YAML/],
    ["one that is a list", "- 1", "config.yaml", /config.yaml is not a config/],
    ["one that is not there", "", "nope.yaml", /cannot read "nope.yaml": there is no such file/],
  ] as const)("%s", async (_, text, file, message) => {
    await writeFile(join(cwd, "config.yaml"), text);
    await expectFailure(["train", "--config", file], { code: 2, message, hint: /configs\// }, { cwd });
  });
});

it("a reader that is gone, as after `| head`, ends the program without a stack trace", async () => {
  const child = spawn("sh", ["-c", 'read go; exec "$@"', "sh", process.execPath, MAIN, "--help"]);
  child.stdout.destroy();
  await once(child.stdout, "close"); // only then the program starts
  child.stdin.end("go\n");
  let stderr = "";
  child.stderr.on("data", (text) => (stderr += String(text)));
  const code = await new Promise((done) => child.on("close", done));
  expect({ code, stderr }).toEqual({ code: 141, stderr: "" });
});
