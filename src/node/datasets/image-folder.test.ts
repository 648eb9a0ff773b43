import { existsSync } from "node:fs";
import { chmod, mkdir, mkdtemp, readdir, rm, symlink, truncate, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import sharp from "sharp";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { UserError } from "../../errors.ts";
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

async function failure(work: Promise<unknown>): Promise<UserError> {
  const error = await work.then(
    () => undefined,
    (e: unknown) => e,
  );
  expect(error).toBeInstanceOf(UserError);
  return error as UserError;
}

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
    expect([skipped, notes]).toEqual([[], []]);
  });

  it("skips and lists what is damaged or odd", async () => {
    const folder = await tree({
      ...pets,
      "cat/aa.png": "text",
      "cat/notes.txt": "x",
      "readme.md": "x",
      "dog/sub/p.png": 1,
    });
    await symlink(join(root, "gone.png"), join(folder, "dog", "link.png"));
    const { dataset, skipped } = await readImageFolder(folder, { side: 2, cache: false });
    expect([...dataset.labels]).toEqual([0, 0, 1, 1, 2, 2]);
    expect([...dataset.images.subarray(24, 48)]).toEqual([1, 2].flatMap((v) => Array<number>(12).fill(v)));
    expect(Object.fromEntries(skipped.map(({ path, reason }) => [path.slice(folder.length + 1), reason]))).toEqual({
      "readme.md": "lies beside the class folders",
      "cat/notes.txt": "not the name of a picture",
      "dog/sub": "a folder inside a class folder",
      "cat/aa.png": expect.stringContaining("not a picture"),
      "dog/link.png": "no such file",
    });
  });

  it("follows links to class folders", async () => {
    const folder = await tree(pets);
    await symlink(join(folder, "dog"), join(folder, "hound"));
    const { dataset } = await readImageFolder(folder, { side: 2, cache: false });
    expect(dataset.classes).toEqual(["Zebra", "cat", "dog", "hound"]);
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
      /no pictures in .*test", only/,
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
    expect((await read(folder)).isDecoded).toBe(true);
    expect((await read(folder)).isDecoded).toBe(false);
  });

  it.each([
    ["planes cut short", ".planes", (path: string) => truncate(path, 10)],
    ["planes of another", ".planes", (path: string) => writeFile(path, new Uint8Array(72).fill(5))],
    ["an entry cut short", ".json", (path: string) => truncate(path, 10)],
    ["a foreign entry", ".json", (path: string) => writeFile(path, '{"format":"another"}')],
    ["planes gone", ".planes", (path: string) => rm(path)],
  ])("ignores %s and writes the entry anew", async (_, ending, damage) => {
    const folder = await tree(pets);
    const first = await read(folder);
    const name = (await readdir(cacheOf())).find((n) => n.endsWith(ending))!;
    await damage(join(cacheOf(), name));
    const second = await read(folder);
    expect(second.isDecoded).toBe(true);
    expect(second.loaded).toEqual(first.loaded);
    expect((await read(folder)).isDecoded).toBe(false);
  });

  it("leaves a note, not an error, when it cannot be written", async () => {
    const folder = await tree(pets);
    await writeFile(cacheOf(), "a file is in the way");
    const { loaded } = await read(folder);
    expect(loaded.dataset.labels.length).toBe(6);
    expect(loaded.notes).toEqual([expect.stringMatching(/not cached.*PUDNET_CACHE/)]);
  });

  it.skipIf(process.getuid?.() === 0)("leaves a note when the folder is not writable", async () => {
    const folder = await tree(pets);
    await mkdir(cacheOf());
    await chmod(cacheOf(), 0o500);
    expect((await read(folder)).loaded.notes).toEqual([expect.stringMatching(/permission denied/)]);
  });

  it("lies under $PUDNET_CACHE", async () => {
    vi.stubEnv("PUDNET_CACHE", join(root, "elsewhere"));
    await readImageFolder(await tree(pets), { side: 2 });
    expect((await readdir(join(root, "elsewhere"))).map((name) => name.replace(/^\w+/, "")).toSorted()).toEqual([
      ".json",
      ".planes",
    ]);
  });

  it("is not made where PUDNET_CACHE is off", async () => {
    vi.stubEnv("PUDNET_CACHE", "off");
    vi.stubEnv("HOME", join(root, "home"));
    const { notes } = await readImageFolder(await tree(pets), { side: 2 });
    expect([notes, existsSync(join(root, "home")), existsSync("off")]).toEqual([[], false, false]);
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
