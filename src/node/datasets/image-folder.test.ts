import { createHash } from "node:crypto";
import { existsSync, writeFileSync } from "node:fs";
import {
  chmod,
  link,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  realpath,
  rename,
  rm,
  symlink,
  truncate,
  utimes,
  writeFile,
} from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import sharp from "sharp";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { failure } from "../../../test/failure.ts";
import { tiff } from "../../../test/tiff.ts";
import { asNobody } from "../../../test/as-nobody.ts";
import { makePipe } from "../../../test/named-pipe.ts";
import { cacheKey, writeCache } from "./decoded-cache.ts";
import { SYSTEM_ENTRIES } from "../../formats/picture-names.ts";
import { readImageFolder, requireFits } from "./image-folder.ts";

let root = "";
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "pudnet-folder-"));
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(root, { recursive: true, force: true });
});

/** Writes files below a folder; a number is a 2x2 PNG of that grey. */
async function tree(files: Record<string, number | string>, folder = join(root, "pets")): Promise<string> {
  await mkdir(folder, { recursive: true });
  for (const [name, content] of Object.entries(files)) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), typeof content === "string" ? content : await grey(content));
  }
  return folder;
}

const grey = (value: number): Promise<Buffer> =>
  sharp(new Uint8Array(4).fill(value), { raw: { width: 2, height: 2, channels: 1 } })
    .png()
    .toBuffer();

const pets = { "dog/10.png": 10, "dog/9.png": 9, "cat/b.PNG": 2, "cat/a.png": 1, "Zebra/z.png": 30, "Zebra/y.png": 31 };

describe("readImageFolder", () => {
  it("reads classes and files in the order of their names", async () => {
    const folder = await tree({ ...pets, ".DS_Store": "x", "cat/.hidden.png": "x", ".git/a.png": 7, ".git/b.png": 7 });
    const { dataset, skipped, notes } = await readImageFolder(folder, { side: 2, cache: false });
    expect(dataset).toMatchObject({ name: "pets", side: 2, classes: ["Zebra", "cat", "dog"] });
    expect([...dataset.labels]).toEqual([0, 0, 1, 1, 2, 2]);
    expect([...dataset.images]).toEqual([31, 30, 1, 2, 10, 9].flatMap((v) => Array<number>(12).fill(v)));
    expect(dataset.sources).toEqual(
      ["Zebra/y.png", "Zebra/z.png", "cat/a.png", "cat/b.PNG", "dog/10.png", "dog/9.png"].map((f) => join(folder, f)),
    );
    expect(skipped).toEqual([]);
    const named = "Zebra/y.png (red 31, green 31, blue 31), Zebra/z.png (red 30, green 30, blue 30)";
    const first = named.replaceAll(/Zebra\/..png/g, (name) => `"${join(folder, name)}"`);
    expect(notes).toEqual([expect.stringContaining(`6 pictures have nothing to see, all pixels are alike: ${first}`)]);
  });

  it("skips and lists what is damaged or odd", async () => {
    const folder = await tree({
      ...pets,
      "cat/aa.png": "text",
      "cat/notes.txt": "x",
      "readme.md": "x",
      "dog/sub/readme.md": "x",
    });
    await symlink(join(root, "gone.png"), join(folder, "dog", "link.png"));
    const { dataset, skipped } = await readImageFolder(folder, { side: 2, cache: false });
    expect([...dataset.labels]).toEqual([0, 0, 1, 1, 2, 2]);
    expect([...dataset.images.subarray(24, 48)]).toEqual([1, 2].flatMap((v) => Array<number>(12).fill(v)));
    expect(Object.fromEntries(skipped.map(({ path, reason }) => [path.slice(folder.length + 1), reason]))).toEqual({
      "readme.md": "lies beside the class folders",
      "cat/notes.txt": "not the name of a picture",
      "dog/sub/readme.md": "not the name of a picture",
      "cat/aa.png": expect.stringContaining("not a picture"),
      "dog/link.png": `a link to "${join(root, "gone.png")}", which is not there`,
    });
  });

  it("follows links to class folders", async () => {
    const folder = await tree(pets);
    await rename(join(folder, "dog"), join(root, "elsewhere"));
    await symlink(join(root, "elsewhere"), join(folder, "hound"));
    const { dataset } = await readImageFolder(folder, { side: 2, cache: false });
    expect(dataset.classes).toEqual(["Zebra", "cat", "hound"]);
    expect(dataset.sources).toContain(join(folder, "hound/9.png"));
  });

  it("takes pictures at any depth for their class, in the order of their paths", async () => {
    const folder = await tree({
      "cat/b/2/x.png": 4,
      "cat/b.png": 3,
      "cat/b-1.png": 2,
      "cat/a/x.png": 1,
      "dog/1.png": 5,
      "dog/y/2.png": 6,
    });
    const { dataset, skipped } = await readImageFolder(folder, { side: 2, cache: false });
    expect(dataset.sources).toEqual(
      ["cat/a/x.png", "cat/b-1.png", "cat/b.png", "cat/b/2/x.png", "dog/1.png", "dog/y/2.png"].map((f) =>
        join(folder, f),
      ),
    );
    expect(Array.from(dataset.images.filter((_, i) => i % 12 === 0))).toEqual([1, 2, 3, 4, 5, 6]);
    expect(skipped).toEqual([]);
  });

  it("passes over what systems leave behind, and nothing else", async () => {
    const left = Object.fromEntries(
      SYSTEM_ENTRIES.flatMap((name) => [
        [`${name}/a.png`, 9],
        [`cat/${name}/a.png`, 9],
      ]),
    );
    const folder = await tree({
      ...pets,
      ...left,
      "cat/.ipynb_checkpoints/a.png": 9,
      "macosx/a.png": 7,
      "macosx/b.png": 8,
    });
    const { dataset, skipped } = await readImageFolder(folder, { side: 2, cache: false });
    expect(dataset.classes).toEqual(["Zebra", "cat", "dog", "macosx"]);
    expect(dataset.labels.length).toBe(8);
    expect(skipped).toEqual([]);
  });

  it("ends where links lead in a circle, and says so", async () => {
    const folder = await tree(pets);
    await symlink("..", join(folder, "cat/up"));
    await symlink("../../..", join(folder, "cat/out"));
    await symlink(".", join(folder, "cat/self"));
    await symlink("../dog", join(folder, "cat/other"));
    await symlink("../cat", join(folder, "dog/back"));
    const { dataset, skipped, notes } = await readImageFolder(folder, { side: 2, cache: false });
    const names = dataset.sources!.map((path) => path.slice(folder.length + 1));
    expect(names).toEqual([
      "Zebra/y.png",
      "Zebra/z.png",
      "cat/a.png",
      "cat/b.PNG",
      "cat/other/10.png",
      "cat/other/9.png",
      "dog/10.png",
      "dog/9.png",
      "dog/back/a.png",
      "dog/back/b.PNG",
    ]);
    expect(Object.fromEntries(skipped.map(({ path, reason }) => [path.slice(folder.length + 1), reason]))).toEqual({
      "cat/other/back": `the same folder as "${join(folder, "cat")}"`,
      "cat/out": `the same folder as "${await realpath(tmpdir())}"`,
      "cat/self": `the same folder as "${join(folder, "cat")}"`,
      "cat/up": `the same folder as "${folder}"`,
      "dog/back/other": `the same folder as "${join(folder, "dog")}"`,
      "dog/back/out": `the same folder as "${await realpath(tmpdir())}"`,
      "dog/back/self": `the same folder as "${join(folder, "dog/back")}"`,
      "dog/back/up": `the same folder as "${folder}"`,
    });
    expect(notes[0]).toMatch(/^4 pictures are in more than one class, and kept in each/);
  });

  it("takes no link to the dataset itself, nor to a folder around it, for a class", async () => {
    const folder = await tree(pets);
    await symlink(".", join(folder, "self"));
    await symlink("..", join(folder, "up"));
    const { dataset, skipped } = await readImageFolder(folder, { side: 2, cache: false });
    expect(dataset.classes).toEqual(["Zebra", "cat", "dog"]);
    expect(dataset.labels.length).toBe(6);
    expect(skipped).toEqual([
      { path: join(folder, "self"), reason: `the same folder as "${folder}"` },
      { path: join(folder, "up"), reason: `the same folder as "${await realpath(root)}"` },
    ]);
  });

  it("names pictures that are in two classes, and copies within one", async () => {
    const folder = await tree({ ...pets, "cat/c.png": 10, "dog/copy.png": 9, "dog/sub/copy.png": 9 });
    await link(join(folder, "Zebra/y.png"), join(folder, "dog/hard.png"));
    const { dataset, notes } = await readImageFolder(folder, { side: 2, cache: false });
    expect(dataset.labels.length).toBe(10);
    const [across, copies] = notes.map((note) => note.replaceAll(folder + "/", ""));
    expect(across).toBe(
      '2 pictures are in more than one class, and kept in each, where no classifier can be right about all: "Zebra/y.png" is also "dog/hard.png", "cat/c.png" is also "dog/10.png"',
    );
    expect(copies).toMatch(/^2 pictures are copies of others in the same class \("dog\/9.png" and "dog\/copy.png"\)/);
  });

  it("says which classes people cannot tell apart", async () => {
    const folder = await tree({
      ...pets,
      "Cat/a.png": 3,
      "Cat/b.png": 4,
      "caf\u00e9/1.png": 5,
      "caf\u00e9/2.png": 6,
      "cafe\u0301/1.png": 7,
      "cafe\u0301/2.png": 8,
    });
    const { dataset, notes } = await readImageFolder(folder, { side: 2, cache: false });
    expect(dataset.classes.length).toBe(6);
    expect(notes.slice(0, 2)).toEqual([
      'the classes "Cat" and "cat" differ only in capital letters',
      'the classes "cafe\u0301" and "caf\u00e9" differ only in how Unicode encodes them (NFC, NFD), and look the same',
    ]);
  });

  it.each([
    [
      "named as parts",
      { "train/1.png": 1, "train/2.png": 2, "test/1.png": 3, "test/2.png": 4 },
      /named as parts of a dataset/,
    ],
    [
      "with the same folders",
      { "a/2020/1.png": 1, "a/2021/1.png": 2, "b/2020/1.png": 3, "b/2021/1.png": 4 },
      /all classes hold the same folders \("2020", "2021"\)/,
    ],
  ])("asks whether classes %s are classes", async (_, files, expected) => {
    const folder = await tree(files);
    const { dataset, notes } = await readImageFolder(folder, { side: 2, cache: false });
    expect(dataset.labels.length).toBe(4);
    expect(notes).toContainEqual(expect.stringMatching(expected));
  });

  it.each([
    [
      "a dangling link",
      (at: string) => symlink("/nowhere/emu", at),
      /cannot read "emu" \(a link to "\/nowhere\/emu", which is not there\) in ".*pets": a class would be missing/,
      /mend the links/,
    ],
    [
      "a link to itself",
      (at: string) => symlink("emu", at),
      /"emu" \(a link that leads round in a circle\)/,
      /mend the links/,
    ],
    [
      "a second name of a class",
      (at: string) => symlink("dog", at),
      /the classes "dog" and "emu" in ".*pets" are one folder/,
      /remove one/,
    ],
  ] as const)("refuses %s among the classes", async (_, make, message, hint) => {
    const folder = await tree(pets);
    await make(join(folder, "emu"));
    const error = await failure(readImageFolder(folder, { side: 2, cache: false }));
    expect(error.message).toMatch(message);
    expect(error.hint).toMatch(hint);
    expect(error.exitCode).toBe(2);
  });

  it("opens no pipe, and names it", async () => {
    const folder = await tree(pets);
    for (const name of ["pipe.png", "dog/pipe.png"]) makePipe(join(folder, name));
    const { skipped } = await readImageFolder(folder, { side: 2, cache: false });
    expect(skipped.map(({ path, reason }) => [path.slice(folder.length + 1), reason])).toEqual([
      ["pipe.png", "lies beside the class folders (a named pipe, not a file)"],
      ["dog/pipe.png", "a named pipe, not a file"],
    ]);
  });

  it.skipIf(process.platform !== "linux")("says which names are no text, of classes and of pictures", async () => {
    const folder = await tree(pets);
    await writeFile(
      Buffer.concat([Buffer.from(join(folder, "cat/")), Buffer.from([0xe9, 0x2e, 0x70, 0x6e, 0x67])]),
      "x",
    );
    const { skipped } = await readImageFolder(folder, { side: 2, cache: false });
    expect(skipped).toEqual([
      { path: join(folder, "cat/\uFFFD.png"), reason: "its name is not valid UTF-8: rename it" },
    ]);
    await mkdir(Buffer.concat([Buffer.from(`${folder}/`), Buffer.from([0xe9])]));
    const error = await failure(readImageFolder(folder, { side: 2, cache: false }));
    expect(error.message).toMatch(/cannot read "\uFFFD" \(its name is not valid UTF-8: rename it\)/);
  });

  it("lists what it skips by code point, as everything else", async () => {
    const folder = await tree(pets);
    for (const name of ["\u{1f600}.txt", "\uff5e.txt"]) await writeFile(join(folder, "cat", name), "");
    const { skipped } = await readImageFolder(folder, { side: 2, cache: false });
    expect(skipped.map(({ path }) => basename(path))).toEqual(["\uff5e.txt", "\u{1f600}.txt"]);
  });

  it("takes a folder named as a picture for a folder", async () => {
    const folder = await tree({ ...pets, "cat/x.jpg/1.png": 3 });
    const { dataset, skipped } = await readImageFolder(folder, { side: 2, cache: false });
    expect([dataset.labels.length, skipped]).toEqual([7, []]);
  });

  it("refuses folders that may not be read, wherever they lie, and lists such files", async () => {
    const folder = await tree({ ...pets, "cat/deep/sub/1.png": 3, "cat/locked.png": 4 });
    await chmod(root, 0o755);
    await chmod(join(folder, "cat/locked.png"), 0);
    const { skipped } = await asNobody(() => readImageFolder(folder, { side: 2, cache: false }));
    expect(skipped).toEqual([{ path: join(folder, "cat/locked.png"), reason: "permission denied" }]);
    for (const [place, message] of [
      ["cat/deep/sub", /cannot read the folder ".*cat\/deep\/sub" \(permission denied\)/],
      ["dog", /cannot read the folder ".*pets\/dog" \(permission denied\)/],
      [".", /cannot read the folder ".*pets": permission denied/],
    ] as const) {
      await chmod(join(folder, place), 0);
      const error = await asNobody(() => failure(readImageFolder(folder, { side: 2, cache: false })));
      await chmod(join(folder, place), 0o755);
      expect(error.message).toMatch(message);
      expect(error.exitCode).toBe(2);
    }
  });

  it("holds thousands of classes", async () => {
    const names = Array.from({ length: 1000 }, (_, i) => `class-${i}`);
    const originals = await tree({ "1.png": 1, "2.png": 2 }, join(root, "originals"));
    for (const name of names) {
      await mkdir(join(root, "many", name), { recursive: true });
      for (const png of ["1.png", "2.png"]) await link(join(originals, png), join(root, "many", name, png));
    }
    const { dataset, notes } = await readImageFolder(join(root, "many"), { side: 2, cache: false });
    expect(dataset.classes).toEqual(names.toSorted());
    expect(dataset.labels.length).toBe(2000);
    for (const note of notes) expect(note.length).toBeLessThan(800);
  });

  it("says why the files of a class with too few pictures were left out, by their reasons", async () => {
    const texts = Object.fromEntries(Array.from({ length: 9 }, (_, i) => [`dodo/${i}.txt`, ""]));
    await tree({ ...pets, "dodo/a.png": 1, "dodo/b.png": "", "dodo/c.png": "", "cat/bad.png": "", ...texts });
    const { message } = await failure(readImageFolder(join(root, "pets"), { side: 2, cache: false }));
    const [head, ...lines] = message.replaceAll(join(root, "pets"), "pets").split("\n");
    expect(head).toBe('too few readable pictures in "pets": "dodo" has 1; each class needs at least 2');
    expect(lines).toEqual([
      '  "dodo": 9 files left out, such as "pets/dodo/0.txt": not the name of a picture',
      expect.stringMatching(/^ {2}"dodo": 2 files left out, such as "pets\/dodo\/b.png": .*empty/),
    ]);
  });

  it.each([
    [
      "a missing folder",
      {},
      /cannot read the folder ".*nowhere": there is no such folder/,
      /a folder a class/,
      "nowhere",
    ],
    ["a file", { x: "" }, /it is a file/, /a folder a class/, "pets/x"],
    ["an empty folder", {}, /no class folders in .*: found nothing/, /a folder a class/, "pets"],
    [
      "pictures lying in it",
      { "a.png": 1, "b.jpg": "" },
      /found 2 pictures directly in it/,
      /sort the pictures/,
      "pets",
    ],
    ["one class", { "cat/a.png": 1, "cat/b.png": 1 }, /only one class in .*: "cat"/, /at least two/, "pets"],
    [
      "a class with one picture",
      { ...pets, "dodo/a.png": 1 },
      /too few pictures .*"dodo" has 1;/,
      /add pictures/,
      "pets",
    ],
    ["a class of texts", { ...pets, "dodo/a.txt": "", "dodo/b.txt": "" }, /"dodo" has none/, /add pictures/, "pets"],
    [
      "damaged ones",
      { ...pets, "dodo/a.png": "", "dodo/b.png": 1 },
      /readable pictures .*"dodo" has 1;/,
      /add/,
      "pets",
    ],
    [
      "one level too many",
      { "train/cat/a.png": 1, "test/cat/a.png": 1 },
      /"test" and "train" in ".*pets" look like parts of a dataset, not like classes: each holds folders such as "cat"/,
      /one level deeper/,
      "pets",
    ],
  ] as const)("explains %s", async (_, files, message, hint, path) => {
    await tree(files);
    const error = await failure(readImageFolder(join(root, path), { side: 2, cache: false }));
    expect(error.message).toMatch(message);
    expect(error.hint).toMatch(hint);
    expect(error.exitCode).toBe(2);
  });
});

const cacheOf = (): string => join(root, "cache");

describe("the cache of decoded folders", () => {
  /** Whether pictures were decoded: from the cache, progress starts at its end. */
  async function read(
    folder: string,
    side = 2,
  ): Promise<{ isDecoded: boolean; loaded: Awaited<ReturnType<typeof readImageFolder>> }> {
    let isDecoded = false;
    const loaded = await readImageFolder(folder, {
      side,
      onProgress: ({ done }) => (isDecoded ||= done === 0),
      cache: cacheOf(),
    });
    return { isDecoded, loaded };
  }

  it("gives the same dataset without decoding", async () => {
    const folder = await tree({ ...pets, "cat/bad.png": "text" });
    const first = await read(folder);
    const second = await read(folder);
    expect([first.isDecoded, second.isDecoded]).toEqual([true, false]);
    expect(second.loaded).toEqual(first.loaded);
  });

  it("decodes anew at another side, with another file, or when a file changed", async () => {
    const folder = await tree(pets);
    await read(folder);
    expect((await read(folder, 3)).isDecoded).toBe(true);
    await tree({ "cat/c.png": 3 });
    expect((await read(folder)).isDecoded).toBe(true);
    await utimes(join(folder, "cat/c.png"), 1, 1);
    expect((await read(folder)).isDecoded).toBe(false); // times say nothing
    await tree({ "cat/c.png": 4 });
    expect((await read(folder)).isDecoded).toBe(true);
  });

  it("never takes one dataset for another of the same names, sizes and times", async () => {
    const [one, other] = [await tree(pets, join(root, "1/pets")), await tree(pets, join(root, "2/pets"))];
    for (const [folder, base] of [
      [one, 50],
      [other, 150],
    ] as const) {
      for (const [i, name] of Object.keys(pets).entries()) {
        const flat = { width: 2, height: 2, channels: 1 } as const;
        const samples = new Uint8Array(4).fill(base + i);
        await writeFile(join(folder, name), tiff({ ...flat, samples })); // uncompressed: all of one size
        await utimes(join(folder, name), 1, 1);
      }
    }
    const [first, second] = [await read(one), await read(other)];
    expect([first.isDecoded, second.isDecoded]).toEqual([true, true]);
    expect([Math.min(...first.loaded.dataset.images), Math.min(...second.loaded.dataset.images)]).toEqual([50, 150]);
    // The other way round: the same pictures elsewhere, with other names and times, are known.
    await rename(join(one, "cat"), join(one, "cats"));
    const again = await read(one);
    expect(again.isDecoded).toBe(false);
    expect(again.loaded.dataset.classes).toEqual(["Zebra", "cats", "dog"]);
  });

  it.each([
    ["planes cut short", ".planes", (path: string) => truncate(path, 10)],
    ["planes of another", ".planes", (path: string) => writeFile(path, new Uint8Array(72).fill(5))],
    ["an entry cut short", ".json", (path: string) => truncate(path, 10)],
    [
      "an entry with another reason",
      ".json",
      async (path: string) => writeFile(path, (await readFile(path, "utf8")).replace("holds text", "holds tent")),
    ],
    [
      "an entry about another file",
      ".json",
      async (path: string) => writeFile(path, (await readFile(path, "utf8")).replace("[[3,", "[[2,")),
    ],
    ["a foreign entry", ".json", (path: string) => writeFile(path, '{"format":"another"}')],
    ["planes gone", ".planes", (path: string) => rm(path)],
  ])("ignores %s and writes the entry anew", async (_, ending, damage) => {
    const folder = await tree({ ...pets, "cat/aa.png": "text" });
    const first = await read(folder);
    const name = (await readdir(cacheOf())).find((n) => n.endsWith(ending))!;
    await damage(join(cacheOf(), name));
    const second = await read(folder);
    expect(second.isDecoded).toBe(true);
    expect(second.loaded).toEqual(first.loaded);
    expect((await read(folder)).isDecoded).toBe(false);
  });

  it("keeps no failure of the decoder that passed, such as one of memory", async () => {
    const cut = (await grey(7)).subarray(0, 60);
    const folder = await tree({ ...pets, "cat/bad.png": 3 });
    await writeFile(join(folder, "cat/cut.png"), cut);
    const paths = ["Zebra/y", "Zebra/z", "cat/a", "cat/b", "cat/bad", "cat/cut", "dog/10", "dog/9"];
    const names = paths.map((path) => (path === "cat/b" ? `${path}.PNG` : `${path}.png`));
    const bytes = await Promise.all(names.map((name) => readFile(join(folder, name))));
    const hashes = bytes.map((one) => createHash("sha256").update(one).digest("hex"));
    const reasons = names.map((name) => (/bad|cut/.test(name) ? "damaged or truncated PNG" : undefined));
    await writeCache(cacheKey(hashes, { side: 2 }), { images: new Uint8Array(6 * 12), reasons, deep: [] }, cacheOf());
    const first = await read(folder);
    expect(first.isDecoded).toBe(true);
    expect(first.loaded.skipped).toEqual([{ path: join(folder, "cat/cut.png"), reason: "damaged or truncated PNG" }]);
    const second = await read(folder);
    expect(second.isDecoded).toBe(false); // what is damaged stays so
    expect(second.loaded).toEqual(first.loaded);
  });

  it("keeps nothing of a picture that changed while it was read", async () => {
    const folder = await tree({ ...pets, "cat/c.png": 3 });
    const other = await grey(9);
    const loaded = await readImageFolder(folder, {
      side: 2,
      cache: cacheOf(),
      onProgress: ({ done }) => done === 0 && writeFileSync(join(folder, "cat/c.png"), other), // hashed, not yet decoded
    });
    expect(loaded.skipped).toEqual([{ path: join(folder, "cat/c.png"), reason: "changed while it was read" }]);
    expect(existsSync(cacheOf())).toBe(false);
    expect((await read(folder)).loaded.skipped).toEqual([]);
  });

  it("leaves a note, not an error, when it cannot be written", async () => {
    const folder = await tree(pets);
    await writeFile(cacheOf(), "a file is in the way");
    const { loaded } = await read(folder);
    expect(loaded.dataset.labels.length).toBe(6);
    expect(loaded.notes).toContainEqual(expect.stringMatching(/not cached.*PUDNET_CACHE/));
  });

  it("leaves a note when the folder is not writable", async () => {
    const folder = await tree(pets);
    await chmod(root, 0o755);
    await mkdir(cacheOf());
    await chmod(cacheOf(), 0o500);
    const { loaded } = await asNobody(() => read(folder));
    expect(loaded.notes).toContainEqual(expect.stringMatching(/not cached.*permission denied/));
  });

  it("lies under $PUDNET_CACHE", async () => {
    vi.stubEnv("PUDNET_CACHE", join(root, "elsewhere"));
    await readImageFolder(await tree(pets), { side: 2 });
    expect((await readdir(join(root, "elsewhere"))).map((name) => name.replace(/^\w+/, "")).toSorted()).toEqual([
      ".json",
      ".planes",
    ]);
  });

  it.each(["", "relative"])("is not made where HOME is %j", async (home) => {
    vi.stubEnv("PUDNET_CACHE", undefined);
    vi.stubEnv("HOME", home);
    await readImageFolder(await tree(pets), { side: 2 });
    expect([existsSync(".cache"), existsSync("relative")]).toEqual([false, false]);
  });

  it("is not made where PUDNET_CACHE is off", async () => {
    vi.stubEnv("PUDNET_CACHE", "off");
    vi.stubEnv("HOME", join(root, "home"));
    const { notes } = await readImageFolder(await tree(pets), { side: 2 });
    expect(notes).toEqual([expect.stringContaining("nothing to see")]);
    expect([existsSync(join(root, "home")), existsSync("off")]).toEqual([false, false]);
  });
});

it("more pixels than an array holds are refused, with how many pictures fit", () => {
  const imagenet = {
    folder: "imagenet",
    classes: Array.from({ length: 1000 }, (_, i) => ({ name: `n${i}`, files: [] })),
  };
  expect(() => requireFits(imagenet, 223_000, 80, 2 ** 32)).not.toThrow();
  const tooMany = () => requireFits(imagenet, 1_281_167, 80, 2 ** 32);
  expect(tooMany).toThrow(
    'the 1281167 pictures of "imagenet" take 24.6 GB at 80x80 pixels, more than the 4.3 GB of one array',
  );
  expect(tooMany).toThrow(
    expect.objectContaining({ hint: expect.stringMatching(/^keep at most 223 pictures in each/) }),
  );
});
