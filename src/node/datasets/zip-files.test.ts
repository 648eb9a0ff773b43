import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { strToU8, type Zippable, zipSync } from "fflate";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { writeProjectZip } from "../../formats/project-zip-writer.ts";
import { bytesHash } from "../files/file-hash.ts";
import { PETS, writePictures } from "../../../test/pictures.ts";
import { readImages } from "./decode-image.ts";
import { listImageFolder } from "./image-listing.ts";
import { readImageFolder } from "./image-folder.ts";
import { readPictureFile } from "./picture-file.ts";
import { listPictures } from "./picture-list.ts";
import { Zips } from "./zip-files.ts";

let folder: string;
let png: Uint8Array;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "pudnet-zip-"));
  await writePictures(join(folder, "pets"), PETS, 3);
  png = await readFile(join(folder, "pets/cat/0.png"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** The files of the folder pets, as a zip. */
async function pets(): Promise<Zippable> {
  const names = (await readdir(join(folder, "pets"), { recursive: true })).filter((name) => name.endsWith(".png"));
  const files = names.map(
    async (name) => [name.replaceAll("\\", "/"), await readFile(join(folder, "pets", name))] as const,
  );
  return Object.fromEntries(await Promise.all(files));
}

async function written(name: string, files: Zippable): Promise<string> {
  await writeFile(join(folder, name), zipSync(files));
  return join(folder, name);
}

interface Class {
  readonly name: string;
  readonly enabled?: boolean;
  readonly files: readonly string[];
}

async function project(...classes: readonly Class[]): Promise<string> {
  const picture = { content: bytesHash(png), read: async () => png };
  const all = classes.map(({ name, enabled = true, files }) => ({
    name,
    enabled,
    pictures: files.map((file) => ({ name: file, ...picture })),
  }));
  const pieces: Uint8Array[] = [];
  for await (const piece of writeProjectZip({ name: "p", classes: all })) pieces.push(piece);
  await writeFile(join(folder, "project.zip"), Buffer.concat(pieces));
  return join(folder, "project.zip");
}

const options = { side: 8, cache: false } as const;

describe("a zip of class folders", () => {
  it("is read as the folder is, nothing of it on the disk", async () => {
    const zip = await written("pets.zip", await pets());
    const before = await readdir(folder, { recursive: true });
    const [zipped, plain] = [await readImageFolder(zip, options), await readImageFolder(join(folder, "pets"), options)];
    expect(zipped.dataset.images).toEqual(plain.dataset.images);
    expect(zipped.dataset.labels).toEqual(plain.dataset.labels);
    expect(zipped.hashes).toEqual(plain.hashes);
    expect(zipped.dataset.sources).toEqual(plain.dataset.sources!.map((path) => path.replace("pets", "pets.zip")));
    expect(await readdir(folder, { recursive: true })).toEqual(before);
  });

  it("lists what is no picture, damaged or empty, with its path in the zip", async () => {
    const files = {
      ...(await pets()),
      "cat/notes.txt": strToU8("x"),
      "cat/no.png": strToU8("x"),
      "dog/0.jpg": strToU8(""),
    };
    const zip = await written("pets.zip", files);
    const bytes = await readFile(zip);
    bytes[bytes.indexOf("cat/1.png") + 40]! ^= 1;
    await writeFile(zip, bytes);
    const { skipped, dataset } = await readImageFolder(zip, options);
    expect(dataset.classes).toEqual(["cat", "dog"]);
    expect(Object.fromEntries(skipped.map(({ path, reason }) => [path.slice(zip.length + 1), reason]))).toEqual({
      [join("cat", "notes.txt")]: "not the name of a picture",
      [join("cat", "no.png")]: expect.stringContaining("not a picture that can be read"),
      [join("dog", "0.jpg")]: "an empty file",
      [join("cat", "1.png")]: expect.stringMatching(/^damaged: /),
    });
  });

  it("may be led into, and pictures of it given alone", async () => {
    const zip = await written("sets.zip", {
      train: { a: { "1.png": png }, b: { "1.png": png } },
      test: { a: { "2.png": png } },
    });
    const { classes } = await listImageFolder(join(zip, "train"));
    expect(classes.map(({ name, files }) => [name, files.length])).toEqual([
      ["a", 1],
      ["b", 1],
    ]);
    const one = join(zip, "test/a/2.png");
    expect(await listPictures([one])).toEqual({ paths: [one], missing: [], leftOut: [] });
    expect((await listPictures([zip])).paths).toHaveLength(3);
    expect((await readImages([one, join(zip, "test/a"), join(zip, "no.png")], 8)).skipped).toEqual([
      { path: join(zip, "test/a"), reason: "a folder, not a picture" },
      { path: join(zip, "no.png"), reason: "no such file" },
    ]);
    await expect(listImageFolder(zip)).rejects.toMatchObject({
      message: expect.stringContaining("look like parts of a dataset"),
      hint: expect.stringContaining(join(zip, "train")),
    });
  });

  it("of one class is one, named as the file", async () => {
    const zip = await written("Class 1-samples.zip", { "0.png": png, "1.png": png });
    expect((await listImageFolder(zip, { leastClasses: 1 })).classes.map(({ name }) => name)).toEqual(["Class 1"]);
    await expect(listImageFolder(zip)).rejects.toThrow("only one class in");
  });

  it("that is none, or bad, is said", async () => {
    await writeFile(join(folder, "no.zip"), "text");
    await expect(listImageFolder(join(folder, "no.zip"))).rejects.toThrow("it is a file, and no zip");
    await expect(listImageFolder(await written("up.zip", { "../1.png": png }))).rejects.toThrow("leads out of the zip");
    await expect(listPictures([await written("up.zip", { "../1.png": png })])).rejects.toThrow("leads out of the zip");
  });

  it("is opened once for a piece of work", async () => {
    const zip = await written("pets.zip", { a: { "1.png": png } });
    const zips = new Zips();
    expect(await readPictureFile(join(zip, "a/1.png"), zips)).toMatchObject({ sha256: bytesHash(png) });
    expect(await zips.find(zip)).toBe(await zips.find(zip));
    expect(await zips.find(join(folder, "pets/cat/0.png"))).toBeUndefined();
    expect(await zips.find(join(folder, "pets"))).toBeUndefined();
  });
});

describe("the zip of a project", () => {
  it("gives classes by their names and all pictures that it knows, whatever they are called", async () => {
    const zip = await project(
      { name: "b/../<i>\n", files: ["photo", "photo", "x.png"] },
      { name: ".a", files: ["1.txt", "2.png"] },
      { name: "off", enabled: false, files: ["1.png"] },
    );
    const { dataset, skipped } = await readImageFolder(zip, options);
    expect(dataset.classes).toEqual([".a", "b/../<i>\n"]);
    expect([...dataset.labels]).toEqual([0, 0, 1, 1, 1]);
    const inZip = (...parts: string[]) => join(zip, ...parts);
    expect(dataset.sources).toEqual([
      inZip("a", "1.txt"),
      inZip("a", "2.png"),
      inZip("b_.._i_", "photo"),
      inZip("b_.._i_", "photo-2"),
      inZip("b_.._i_", "x.png"),
    ]);
    expect(skipped).toEqual([
      { path: inZip("off"), reason: "lies beside the class folders (a class that is switched off in the project)" },
    ]);
  });

  it("says which pictures were taken in one go, where it does", async () => {
    const picture = (burst?: string) => ({
      name: burst ? "1.png" : "2.png",
      content: bytesHash(png),
      burst,
      read: async () => png,
    });
    const classes = ["a", "b"].map((name) => ({ name, enabled: true, pictures: [picture(name), picture()] }));
    const pieces: Uint8Array[] = [];
    for await (const piece of writeProjectZip({ name: "p", classes })) pieces.push(piece);
    await writeFile(join(folder, "burst.zip"), Buffer.concat(pieces));
    expect((await readImageFolder(join(folder, "burst.zip"), options)).bursts).toEqual([
      "a",
      undefined,
      "b",
      undefined,
    ]);
    const files = ["1.png", "2.png"];
    const without = await project({ name: "a", files }, { name: "b", files });
    expect(await readImageFolder(without, options)).not.toHaveProperty("bursts");
  });

  it("is refused where two classes have one name, or a class has none", async () => {
    const files = ["1.png", "2.png"];
    await expect(listImageFolder(await project({ name: "a", files }, { name: "a", files }))).rejects.toThrow(
      'two classes are called "a"',
    );
    await expect(listImageFolder(await project({ name: "", files }, { name: "a", files }))).rejects.toThrow(
      "without a name",
    );
    const { classes } = await listImageFolder(
      await project({ name: "a", files }, { name: "a", files, enabled: false }, { name: "b", files }),
    );
    expect(classes.map(({ name }) => name)).toEqual(["a", "b"]);
  });
});

it("a folder whose name ends as those of zips is a folder", async () => {
  await mkdir(join(folder, "x.zip"));
  await writePictures(join(folder, "x.zip"), PETS, 2);
  expect((await listImageFolder(join(folder, "x.zip"))).classes).toHaveLength(Object.keys(PETS).length);
});
