import { createHash } from "node:crypto";
import { mkdir, mkdtemp, readdir, readFile, rename, rm, statfs, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { DEAD, temporaryOf } from "../../../test/temporaries.ts";
import { smallDisk } from "../../../test/small-disk.ts";
import { colouredImages, tinyPudNet } from "../../../test/tiny-pudnet.ts";
import { FormatError, UserError } from "../../errors.ts";
import { canonicalJson } from "../../formats/json.ts";
import { readSafetensors, writeSafetensors } from "../../formats/safetensors.ts";
import { key } from "../../tensor/random.ts";
import { type HostTensor, hostTensor, mapTree } from "../../tensor/tree.ts";
import { initWeights } from "../../models/network.ts";
import type { Classifier } from "../../classifier/classifier.ts";
import type { ClosedFormHead, LinearHead } from "../../heads/classifier-head.ts";
import { classify } from "../../classifier/classify.ts";
import { lockFolder } from "../files/folder-lock.ts";
import { loadClassifier, requireFreePlace, saveClassifier } from "./classifier-folder.ts";

let parent: string;
beforeEach(async () => {
  parent = await mkdtemp(join(tmpdir(), "pudnet-classifier-"));
});
afterEach(() => rm(parent, { recursive: true }));

function someClassifier(seed = 0): Classifier {
  const { arch, normalization } = tinyPudNet();
  const drawn = initWeights(key(seed), arch);
  // the numbers alone, as a file gives them: drawn ones tell their type besides
  const weights = mapTree<HostTensor, HostTensor>(drawn.weights, ({ shape, data }) => ({
    shape,
    data,
  })) as typeof drawn.weights;
  const centroids = hostTensor([2, 4], [1, 2, 3, 4, 4, 3, 2, seed]);
  const head = { kind: "centroids", centroids, temperature: 8.5 } as const;
  return {
    arch,
    normalization,
    network: { weights, stats: drawn.stats },
    head,
    classes: ["cat", "dog"],
    resize: "square-1",
  };
}

function linearClassifier(): Classifier {
  const head = {
    kind: "linear",
    weight: hostTensor([2, 4], [1, 2, 3, 4, -4, 3, 2, 1]),
    bias: hostTensor([2], [3, -2]),
  };
  return { ...someClassifier(), head: head as LinearHead };
}

function closedFormClassifier(): Classifier {
  const head: ClosedFormHead = {
    kind: "closed-form",
    mean: hostTensor([4], [1, 0, -1, 2]),
    weight: hostTensor([2, 4], [1, 2, 3, 4, -1, -2, -3, -4]),
    temperature: 3.25,
  };
  return { ...someClassifier(), head };
}

async function failure(work: Promise<unknown>): Promise<UserError> {
  const error = await work.then(
    () => undefined,
    (e: unknown) => e,
  );
  expect(error).toBeInstanceOf(UserError);
  expect((error as UserError).hint).toBeTruthy();
  return error as UserError;
}

describe("saveClassifier and loadClassifier", () => {
  it("give the same classifier again, and torchvision's names", async () => {
    const folder = join(parent, "deep", "pets");
    const classifier = someClassifier();
    await saveClassifier(folder, classifier, { facts: { seed: 3 } });
    expect((await readdir(folder)).toSorted()).toEqual(["classifier.json", "classifier.onnx", "weights.safetensors"]);
    expect(await readdir(dirname(folder))).toEqual(["pets"]);
    const { classifier: loaded, description } = await loadClassifier(folder);
    expect(loaded).toEqual(classifier);
    expect(description).toMatchObject({ seed: 3, versions: { node: process.versions.node } });
    const { tensors } = readSafetensors(await readFile(join(folder, "weights.safetensors")), "w");
    expect([...tensors.keys()]).toContain("conv2.weight");
    expect([...tensors.keys()]).toContain("bn3.running_var");
    const { images } = colouredImages(2, 3, 8);
    expect(await classify(loaded, images)).toEqual(await classify(classifier, images));
  });

  it("let no fact stand for what a classifier is", async () => {
    const folder = join(parent, "pets");
    const classifier = someClassifier();
    const facts = {
      format: "mine",
      version: 2,
      classes: ["x"],
      head: "linear",
      sha256: {},
      pudnet: "9",
      temperature: -1,
    };
    await saveClassifier(folder, classifier, { facts });
    const { classifier: loaded, description } = await loadClassifier(folder);
    expect(loaded).toEqual(classifier);
    expect(Object.keys(description).slice(0, 2)).toEqual(["format", "version"]);
  });

  it("give a linear head again, by torchvision's names", async () => {
    const folder = join(parent, "pets");
    const classifier = linearClassifier();
    await saveClassifier(folder, classifier);
    const { classifier: loaded, description } = await loadClassifier(folder);
    expect(loaded).toEqual(classifier);
    expect(description).toMatchObject({ head: "linear" });
    expect(description).not.toHaveProperty("temperature");
    const { tensors } = readSafetensors(await readFile(join(folder, "weights.safetensors")), "w");
    expect([...tensors.keys()]).toEqual(expect.arrayContaining(["fc.weight", "fc.bias"]));
    const { images } = colouredImages(2, 3, 8);
    expect(await classify(loaded, images)).toEqual(await classify(classifier, images));
  });

  it("give a closed-form head again", async () => {
    const folder = join(parent, "pets");
    const classifier = closedFormClassifier();
    await saveClassifier(folder, classifier);
    const { classifier: loaded, description } = await loadClassifier(folder);
    expect(loaded).toEqual(classifier);
    expect(description).toMatchObject({ head: "closed-form", temperature: 3.25, version: 3 });
    const { images } = colouredImages(2, 3, 8);
    expect(await classify(loaded, images)).toEqual(await classify(classifier, images));
  });

  it("are not written with numbers that are not finite", async () => {
    const folder = join(parent, "pets");
    const head = { kind: "centroids", centroids: hostTensor([2, 4], Array(8).fill(NaN)), temperature: 8.5 } as const;
    await expect(saveClassifier(folder, { ...someClassifier(), head })).rejects.toThrow('"centroids" holds numbers');
    expect(await readdir(parent)).toEqual([]);
  });

  it("keep class names of any number and length", async () => {
    const folder = join(parent, "many");
    const classes = Array.from({ length: 20_000 }, (_, i) => `${i} ${"\u5bb6".repeat(230)}`.slice(0, 230));
    const head = { kind: "centroids", centroids: hostTensor([classes.length, 4]), temperature: 8.5 } as const;
    await saveClassifier(folder, { ...someClassifier(), classes, head });
    expect((await loadClassifier(folder)).classifier.classes).toEqual(classes);
  });

  it("read folders of version 1, also from before there were linear heads", async () => {
    const folder = join(parent, "pets");
    await saveClassifier(folder, someClassifier());
    await makeVersion1(folder);
    expect((await loadClassifier(folder)).classifier).toEqual(someClassifier());
    await edit(folder, (json) => ({ ...json, head: undefined, resize: undefined }));
    const older = { ...someClassifier(), resize: "libvips-cover" }; // which they name nowhere
    expect((await loadClassifier(folder)).classifier).toEqual(older);
  });

  it("read folders of version 2, from before there were closed-form heads", async () => {
    const folder = join(parent, "pets");
    await saveClassifier(folder, linearClassifier());
    await makeVersion2(folder);
    expect((await loadClassifier(folder)).classifier).toEqual(linearClassifier());
  });

  it("take a description whatever its spaces and the order of its keys", async () => {
    const folder = join(parent, "pets");
    await saveClassifier(folder, linearClassifier());
    await edit(folder, (json) => Object.fromEntries(Object.entries(json).toReversed()));
    expect((await loadClassifier(folder)).classifier).toEqual(linearClassifier());
  });

  it("replaces a classifier only with force, and takes an empty folder", async () => {
    const folder = join(parent, "pets");
    await mkdir(folder);
    await saveClassifier(folder, someClassifier(1));
    const error = await failure(saveClassifier(folder, someClassifier(2)));
    expect([error.exitCode, error.hint]).toEqual([2, expect.stringContaining("--force")]);
    expect((await loadClassifier(folder)).classifier).toEqual(someClassifier(1));
    await saveClassifier(folder, someClassifier(2), { force: true });
    expect((await loadClassifier(folder)).classifier).toEqual(someClassifier(2));
    expect(await readdir(parent)).toEqual(["pets"]);
  });

  it("never touches what is not a classifier, even with force", async () => {
    const folder = join(parent, "photos");
    await mkdir(folder);
    await writeFile(join(folder, "holiday.jpg"), "x");
    expect((await failure(requireFreePlace(folder, { force: true }))).message).toMatch(/"holiday.jpg"/);
    await saveClassifier(join(parent, "pets"), someClassifier());
    await writeFile(join(parent, "pets", "notes.txt"), "mine");
    await failure(saveClassifier(join(parent, "pets"), someClassifier(), { force: true }));
    expect(await readFile(join(parent, "pets", "notes.txt"), "utf8")).toBe("mine");
    await failure(saveClassifier(join(folder, "holiday.jpg"), someClassifier(), { force: true }));
    await failure(saveClassifier(join(folder, "holiday.jpg", "below"), someClassifier(), { force: true }));
    expect(await readdir(folder)).toEqual(["holiday.jpg"]);
  });

  it("loses no change that was made since what it replaces was read", async () => {
    const folder = join(parent, "a");
    await saveClassifier(folder, someClassifier());
    const { description } = await loadClassifier(folder);
    await saveClassifier(folder, someClassifier(1), { force: true, replaces: description });
    const lost = await failure(saveClassifier(folder, someClassifier(2), { force: true, replaces: description }));
    expect(lost.message).toMatch(/was changed by another process/);
    const { classifier } = await loadClassifier(folder);
    expect(classifier.head).toEqual(someClassifier(1).head);
  });

  it("never touches a file that only has the name of our lock", async () => {
    const folder = join(parent, "pets");
    await mkdir(folder);
    await writeFile(join(folder, "lock"), "mine");
    expect((await failure(requireFreePlace(folder, { force: true }))).message).toMatch(/also holds "lock"/);
    expect((await failure(saveClassifier(folder, someClassifier()))).message).toMatch(/lock" is in the way/);
    expect(await readFile(join(folder, "lock"), "utf8")).toBe("mine");
    expect(await readdir(folder)).toEqual(["lock"]);
  });

  it("takes what systems leave in folders for nothing, and keeps it", async () => {
    const folder = join(parent, "pets");
    await mkdir(folder);
    for (const name of [".DS_Store", "Thumbs.db", "desktop.ini", "._classifier.json", "lost+found"]) {
      await writeFile(join(folder, name), "x");
    }
    await saveClassifier(folder, someClassifier(1));
    await saveClassifier(folder, someClassifier(2), { force: true });
    expect((await loadClassifier(folder)).classifier).toEqual(someClassifier(2));
    expect((await readdir(folder)).length).toBe(5 + 3);
  });

  /** As a kill leaves it that comes while the files take their places. */
  async function interrupt(folder: string, ...names: string[]): Promise<void> {
    for (const name of names) await rename(join(folder, name), join(folder, `${name}.next`));
  }

  it("finishes one whose writing was interrupted, at whichever file", async () => {
    for (const from of [0, 1, 2]) {
      const folder = join(parent, `pets-${from}`);
      await saveClassifier(folder, someClassifier(from));
      await interrupt(folder, ...["weights.safetensors", "classifier.onnx", "classifier.json"].slice(from));
      expect((await loadClassifier(folder)).classifier).toEqual(someClassifier(from));
      expect((await readdir(folder)).length).toBe(3);
    }
  });

  it("tells of an unfinished one that it may not finish, and replaces it with force", async () => {
    const folder = join(parent, "pets");
    await saveClassifier(folder, someClassifier(1));
    await interrupt(folder, "classifier.onnx", "classifier.json");
    const lock = await lockFolder(folder);
    const error = await failure(loadClassifier(folder));
    await lock.release();
    expect(error.message).toMatch(
      /is not a whole classifier: classifier.json is missing, since writing it was interrupt/,
    );
    const refused = await failure(saveClassifier(folder, someClassifier(2)));
    expect(refused).toMatchObject({ message: expect.stringMatching(/unfinished classifier/), exitCode: 2 });
    await saveClassifier(folder, someClassifier(2), { force: true });
    expect((await loadClassifier(folder)).classifier).toEqual(someClassifier(2));
    expect((await readdir(folder)).length).toBe(3);
  });

  it("takes for free what was never ready", async () => {
    const folder = join(parent, "pets");
    await saveClassifier(folder, someClassifier(1));
    await interrupt(folder, "weights.safetensors", "classifier.onnx");
    await rename(join(folder, "classifier.json"), temporaryOf(DEAD, join(folder, "classifier.json.next")));
    expect((await failure(loadClassifier(folder))).message).toMatch(/classifier.json is missing, since writing it was/);
    await saveClassifier(folder, someClassifier(2));
    expect((await loadClassifier(folder)).classifier).toEqual(someClassifier(2));
    expect((await readdir(folder)).length).toBe(3);
  });

  it("clears what killed processes left of this folder, and nothing else", async () => {
    const pets = join(parent, "pets");
    const stale = [temporaryOf(DEAD, pets), `${temporaryOf(DEAD, pets)}-old`];
    const kept = [temporaryOf(DEAD, join(parent, "other")), temporaryOf(process.ppid, pets)];
    for (const path of [...stale, ...kept]) await mkdir(path);
    await saveClassifier(pets, someClassifier());
    expect((await readdir(parent)).toSorted()).toEqual(["pets", ...kept.map((path) => basename(path))].toSorted());
  });
});

/** Leaves one page. */
async function fill(disk: string): Promise<void> {
  const { bfree, bsize } = await statfs(disk);
  await writeFile(join(disk, "ballast"), new Uint8Array((bfree - 1) * bsize));
}

describe("a full disk", () => {
  const disk = smallDisk(40);
  afterEach(() => disk?.remove());
  it.skipIf(!disk)("leaves nothing of a new classifier and all of the old one", async () => {
    const folder = join(disk!.path, "new", "pets");
    await fill(disk!.path);
    const error = await failure(saveClassifier(folder, someClassifier()));
    expect(error.message).toBe(`cannot write "${folder}": no space left on the disk`);
    expect(await readdir(disk!.path)).toEqual(["ballast"]);
    await rm(join(disk!.path, "ballast"));
    await saveClassifier(folder, someClassifier(1));
    await fill(disk!.path);
    await failure(saveClassifier(folder, someClassifier(2), { force: true }));
    expect((await loadClassifier(folder)).classifier).toEqual(someClassifier(1));
  });
});

const CHANGED = /changed since it was written/;
const OTHER_COLOURS = { mean: [0.5, 0.4, 0.31], deviation: [0.3, 0.25, 0.2] };

const withoutSeal = (folder: string, version = 3): Promise<void> =>
  edit(folder, (json) => {
    const { description: _, ...checksums } = json.sha256;
    return { ...json, version, sha256: checksums };
  });

describe("loadClassifier refuses", () => {
  it("what is no classifier", async () => {
    expect((await failure(loadClassifier(join(parent, "none")))).message).toMatch(/there is no such folder/);
    expect((await failure(loadClassifier(parent))).message).toMatch(/classifier.json is missing/);
    await writeFile(join(parent, "file"), "");
    expect((await failure(loadClassifier(join(parent, "file")))).message).toMatch(/is a file/);
  });

  it.each([
    ["weights cut short", (f: string) => truncate(join(f, "weights.safetensors"), 700), FormatError, /truncated/],
    ["weights gone", (f: string) => rm(join(f, "weights.safetensors")), UserError, /weights.safetensors is missing/],
    ["weights that are no numbers", brokenWeights, FormatError, /"bn1.bias": expected finite 32-bit numbers/],
    [
      "colours divided by nothing",
      (f: string) =>
        edit(f, (json) => ({ ...json, normalization: { mean: [0, 0, 0], deviation: [1, 0, 1] } }), { seal: true }),
      FormatError,
      /not the description/,
    ],
    ["weights of another", replaceWeights, FormatError, /checksum is another/],
    ["JSON cut short", (f: string) => truncate(join(f, "classifier.json"), 50), FormatError, /not JSON/],
    ["foreign JSON", (f: string) => writeFile(join(f, "classifier.json"), "{}"), FormatError, /not the description/],
    [
      "a newer version",
      (f: string) => edit(f, (json) => ({ ...json, version: 4 })),
      FormatError,
      /version 4, made by a newer version of pudnet/,
    ],
    [
      "another head",
      (f: string) => edit(f, (json) => ({ ...json, head: "linear" }), { seal: true }),
      FormatError,
      /"fc.weight": found nothing, expected \[2, 4\]/,
    ],
    [
      "an unknown head",
      (f: string) => edit(f, (json) => ({ ...json, head: "trees" }), { seal: true }),
      FormatError,
      /not the description/,
    ],
    [
      "another width",
      (f: string) => edit(f, (json) => ({ ...json, arch: { ...(json["arch"] as object), width: 5 } }), { seal: true }),
      FormatError,
      /"conv1.weight": found shape \[4, 3, 3, 3\]/,
    ],
    [
      "a class of another name",
      (f: string) => edit(f, (json) => ({ ...json, classes: ["cat", "hog"] })),
      FormatError,
      CHANGED,
    ],
    [
      "classes in another order",
      (f: string) => edit(f, (json) => ({ ...json, classes: ["dog", "cat"] })),
      FormatError,
      CHANGED,
    ],
    ["another temperature", (f: string) => edit(f, (json) => ({ ...json, temperature: 8.4 })), FormatError, CHANGED],
    [
      "another mean",
      (f: string) => edit(f, (json) => ({ ...json, normalization: OTHER_COLOURS })),
      FormatError,
      CHANGED,
    ],
    [
      "another side",
      (f: string) => edit(f, (json) => ({ ...json, arch: { ...(json["arch"] as object), side: 9 } })),
      FormatError,
      CHANGED,
    ],
    ["a fact that was added", (f: string) => edit(f, (json) => ({ ...json, seed: 1 })), FormatError, CHANGED],
    ["a checksum that was taken out", withoutSeal, FormatError, CHANGED],
    ["a version that was set back", (f: string) => edit(f, (json) => ({ ...json, version: 1 })), FormatError, CHANGED],
    [
      "a version that was set back, without the checksum",
      (f: string) => withoutSeal(f, 1),
      FormatError,
      /checksum is another/,
    ],
    [
      "two classes of one name",
      (f: string) => edit(f, (json) => ({ ...json, classes: ["cat", "cat"] }), { seal: true }),
      FormatError,
      /two classes of one name/,
    ],
  ] as const)("%s", async (_, damage, kind, message) => {
    const folder = join(parent, "pets");
    await saveClassifier(folder, someClassifier());
    await damage(folder);
    const error = await failure(loadClassifier(folder));
    expect(error).toBeInstanceOf(kind);
    expect(error.message).toMatch(message);
  });
});

/** One number is none, with right checksums. */
async function brokenWeights(folder: string): Promise<void> {
  const file = join(folder, "weights.safetensors");
  const { tensors, metadata } = readSafetensors(await readFile(file), file);
  tensors.get("bn1.bias")!.data[1] = NaN;
  const bytes = writeSafetensors(tensors, metadata);
  await writeFile(file, bytes);
  const own = (json: Json) => ({ ...json, sha256: { ...json.sha256, "weights.safetensors": sha256(bytes) } });
  await edit(folder, own, { seal: true });
}

async function replaceWeights(folder: string): Promise<void> {
  await saveClassifier(join(parent, "other"), someClassifier(9));
  await writeFile(join(folder, "weights.safetensors"), await readFile(join(parent, "other", "weights.safetensors")));
}

type Json = Record<string, unknown> & { readonly sha256: Record<string, string> };

/** Changes classifier.json; `seal` makes its checksum right again. */
async function edit(folder: string, change: (json: Json) => object, { seal = false } = {}): Promise<void> {
  const file = join(folder, "classifier.json");
  const json = change(JSON.parse(await readFile(file, "utf8")) as Json) as Json;
  const { description: _, ...checksums } = json.sha256;
  const description = sha256(canonicalJson({ ...json, sha256: checksums }));
  await writeFile(file, JSON.stringify(seal ? { ...json, sha256: { ...checksums, description } } : json));
}

const sha256 = (content: string | Uint8Array): string => createHash("sha256").update(content).digest("hex");

/** As version 0.1 wrote it. */
async function makeVersion1(folder: string): Promise<void> {
  const weights = await rewriteWeights(folder, (metadata) => {
    const { version: _, ...rest } = metadata;
    return rest;
  });
  await edit(folder, (json) => {
    const { description: _, ...checksums } = json.sha256;
    return { ...json, version: 1, sha256: { ...checksums, "weights.safetensors": sha256(weights) } };
  });
}

async function makeVersion2(folder: string): Promise<void> {
  const weights = await rewriteWeights(folder, (metadata) => ({ ...metadata, version: "2" }));
  const change = (json: Json) => ({
    ...json,
    version: 2,
    sha256: { ...json.sha256, "weights.safetensors": sha256(weights) },
  });
  await edit(folder, change, { seal: true });
}

type Metadata = Readonly<Record<string, string>>;

/** The same weights with other metadata. */
async function rewriteWeights(folder: string, change: (metadata: Metadata) => Metadata): Promise<Uint8Array> {
  const file = join(folder, "weights.safetensors");
  const { tensors, metadata } = readSafetensors(await readFile(file), file);
  const weights = writeSafetensors(tensors, change(metadata));
  await writeFile(file, weights);
  return weights;
}
