import { mkdir, mkdtemp, rm, symlink, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import sharp from "sharp";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { failure } from "../../../test/failure.ts";
import { PETS, writePictures } from "../../../test/pictures.ts";
import { positionsByClass } from "../../data/dataset.ts";
import { type ResizeRule, squarePlanes } from "../../data/square.ts";
import { FormatError } from "../../errors.ts";
import { key, uniform } from "../../tensor/random.ts";
import { DATASETS, datasetFolder, datasetName, loadClassSplit, loadDataset } from "./load-dataset.ts";

let root = "";
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "pudnet-load-"));
});
afterEach(() => rm(root, { recursive: true, force: true }));

const be32 = (...values: number[]): number[] =>
  values.flatMap((v) => [v >>> 24, (v >>> 16) & 255, (v >>> 8) & 255, v & 255]);

async function put(name: string, bytes: Uint8Array | string): Promise<void> {
  const path = join(root, name);
  await mkdir(join(path, ".."), { recursive: true });
  await writeFile(path, bytes);
}

/** 4 training and 2 test images; image i is all i (test: 100 + i), of class i. */
async function putFashion(ending: "" | ".gz", pack = ending === ".gz"): Promise<void> {
  for (const [prefix, count, base] of [
    ["train", 4, 0],
    ["t10k", 2, 100],
  ] as const) {
    const images = Array.from({ length: count }, (_, i) => Array<number>(784).fill(base + i)).flat();
    const files = {
      "images-idx3-ubyte": Uint8Array.from([...be32(0x803, count, 28, 28), ...images]),
      "labels-idx1-ubyte": Uint8Array.from([...be32(0x801, count), ...Array.from({ length: count }, (_, i) => i)]),
    };
    for (const [name, bytes] of Object.entries(files)) {
      await put(`fashion-mnist/${prefix}-${name}${ending}`, pack ? gzipSync(bytes) : bytes);
    }
  }
}

describe("fashion-mnist", () => {
  it.each([
    ["gzipped", ".gz", true],
    ["unpacked", "", false],
    ["unpacked on the way, under the name of the gzipped file", ".gz", false],
  ] as const)("is read %s", async (_, ending, pack) => {
    await putFashion(ending, pack);
    const { dataset } = await loadDataset("fashion-mnist", { root });
    expect(dataset).toMatchObject({ name: "fashion-mnist", side: 28 });
    expect(dataset.classes).toHaveLength(10);
    expect([...dataset.labels]).toEqual([0, 1, 2, 3, 0, 1]);
    expect([...dataset.part!]).toEqual([0, 0, 0, 0, 1, 1]);
    expect(dataset.images.length).toBe(6 * 3 * 784);
    expect(dataset.images.every((v, i) => v === [0, 1, 2, 3, 100, 101][Math.floor(i / 2352)])).toBe(true);
    expect(dataset.sources!.slice(3, 5)).toEqual(["train#3", "t10k#0"]);
  });

  it("is resized when another side is asked for", async () => {
    await putFashion(".gz");
    const { dataset } = await loadDataset("fashion-mnist", { root, side: 32 });
    expect(dataset.side).toBe(32);
    expect(dataset.images.length).toBe(6 * 3 * 1024);
    expect([...dataset.images.subarray(-3)]).toEqual([101, 101, 101]);
  });

  it("says how to get missing files", async () => {
    const nothing = await failure(loadDataset("fashion-mnist", { root }));
    expect(nothing.hint).toMatch(/^pudnet data fetch fashion-mnist/);
    await putFashion(".gz");
    await rm(join(root, "fashion-mnist/t10k-labels-idx1-ubyte.gz"));
    const one = await failure(loadDataset("fashion-mnist", { root }));
    expect(one.message).toMatch(/not complete: no file ".*t10k-labels-idx1-ubyte.gz"/);
    expect(one.hint).toMatch(/^pudnet data fetch/);
  });

  it("names a damaged file", async () => {
    await putFashion(".gz");
    await truncate(join(root, "fashion-mnist/train-images-idx3-ubyte.gz"), 30);
    const error = await failure(loadDataset("fashion-mnist", { root }));
    expect(error).toBeInstanceOf(FormatError);
    expect(error.message).toMatch(/train-images-idx3-ubyte\.gz: not a whole gzip file/);
  });
});

const record = (head: number[], value: number): number[] => [...head, ...Array<number>(3072).fill(value)];

it("a gzip file that unpacks to gigabytes is refused", async () => {
  await putFashion(".gz");
  const zeros = gzipSync(new Uint8Array(2 ** 24), { level: 1 });
  await put("fashion-mnist/train-images-idx3-ubyte.gz", Buffer.concat(Array<Buffer>(8).fill(zeros)));
  const error = await failure(loadDataset("fashion-mnist", { root }));
  expect(error).toBeInstanceOf(FormatError);
  expect(error.message).toMatch(/train-images-idx3-ubyte\.gz: unpacks to more than 67108864 bytes/);
});

it("cifar-100: two classes of one name are refused", async () => {
  const names = Array.from({ length: 100 }, (_, i) => `class_${i === 50 ? 7 : i}`);
  await put("cifar-100-binary/fine_label_names.txt", names.join("\n"));
  for (const file of ["train.bin", "test.bin"]) await put(`cifar-100-binary/${file}`, new Uint8Array(3074));
  expect((await failure(loadDataset("cifar-100", { root }))).message).toMatch(/two classes are named "class_7"/);
});

it("cifar-10: five batches and the test batch", async () => {
  for (let b = 1; b <= 5; b++) await put(`cifar-10-batches-bin/data_batch_${b}.bin`, Uint8Array.from(record([b], b)));
  await put("cifar-10-batches-bin/test_batch.bin", Uint8Array.from(record([9], 99)));
  const { dataset } = await loadDataset("cifar-10", { root });
  expect(dataset.classes[9]).toBe("truck");
  expect([...dataset.labels]).toEqual([1, 2, 3, 4, 5, 9]);
  expect([...dataset.part!]).toEqual([0, 0, 0, 0, 0, 1]);
  expect(dataset.images[5 * 3072]).toBe(99);
});

it("cifar-100: fine labels by name", async () => {
  const names = Array.from({ length: 100 }, (_, i) => `class_${i}`);
  await put("cifar-100-binary/fine_label_names.txt", names.join("\r\n") + "\n\n");
  await put("cifar-100-binary/train.bin", Uint8Array.from([...record([1, 50], 7), ...record([2, 99], 8)]));
  await put("cifar-100-binary/test.bin", Uint8Array.from(record([3, 0], 9)));
  const { dataset } = await loadDataset("cifar-100", { root, side: 16 });
  expect(dataset.classes).toEqual(names);
  expect([...dataset.labels]).toEqual([50, 99, 0]);
  expect([...dataset.part!]).toEqual([0, 0, 1]);
  expect(Array.from(dataset.images.filter((_, i) => i % 768 === 0))).toEqual([7, 8, 9]);
});

it("image folders: below the root by name, or anywhere by path", async () => {
  const png = await sharp({ create: { width: 5, height: 5, channels: 3, background: "#404040" } })
    .png()
    .toBuffer();
  for (const file of ["banded/1.png", "banded/2.png", "dotted/1.png", "dotted/2.png"]) await put(`dtd-10/${file}`, png);
  const named = await loadDataset("dtd-10", { root, cache: false });
  expect(named.dataset).toMatchObject({ name: "dtd-10", side: 64, classes: ["banded", "dotted"] });
  const byPath = await loadDataset(join(root, "dtd-10"), { root: "nowhere", side: 8, cache: false });
  expect(byPath.dataset).toMatchObject({ name: "dtd-10", side: 8 });
  expect([...new Set(byPath.dataset.images)]).toEqual([0x40]);
});

it("image folders become squares by libvips-cover by name, by square-1 by path unless another rule is asked for", async () => {
  const noise = Uint8Array.from(uniform(key(3), 90 * 80 * 3, 0, 256));
  const png = await sharp(noise, { raw: { width: 90, height: 80, channels: 3 } })
    .png()
    .toBuffer();
  for (const file of ["banded/1.png", "banded/2.png", "dotted/1.png", "dotted/2.png"]) await put(`dtd-10/${file}`, png);
  const planes = async (name: string, resize?: ResizeRule) =>
    (await loadDataset(name, { root, resize, side: 16, cache: false })).dataset.images;
  const bare = await sharp(png).resize(16, 16, { fit: "cover" }).raw().toBuffer();
  const cover = [0, 1, 2].flatMap((c) => Array.from({ length: 256 }, (_, i) => bare[3 * i + c]!));
  const square = squarePlanes({ data: noise, width: 90, height: 80 }, 16);
  const path = join(root, "dtd-10");
  const first = async (found: Promise<Uint8Array>) => [...(await found).subarray(0, 768)];
  expect(await first(planes("dtd-10"))).toEqual(cover);
  expect(await first(planes(path))).toEqual([...square]);
  expect(await first(planes(path, "libvips-cover"))).toEqual(cover);
});

it.each(Object.keys(DATASETS))("%s: a missing folder is a UserError with a hint", async (name) => {
  const error = await failure(loadDataset(name, { root }));
  expect(error.message).toContain(`the dataset ${name} is not there`);
  expect(error.hint).toContain(root);
});

it("a folder is found where it is, or below the root; a name of the table comes first", async () => {
  for (const folder of ["signs-3", "made/signs-3"]) await writePictures(join(root, folder), PETS, 2);
  for (const name of ["signs-3", "made/signs-3", join(root, "signs-3")]) {
    const { dataset } = await loadDataset(name, { root, side: 8, cache: false });
    expect([dataset.name, dataset.classes]).toEqual(["signs-3", ["cat", "dog"]]);
    expect(datasetName(name)).toBe("signs-3");
  }
  expect(datasetFolder("signs-3", root)).toBe(join(root, "signs-3"));
  expect(datasetFolder(join(root, "signs-3"), "elsewhere")).toBe(join(root, "signs-3"));
  const error = await failure(loadDataset("sings-3", { root }));
  expect(error.message).toContain(
    `no dataset or folder "sings-3", here or below "${root}"; named datasets: fashion-mnist`,
  );
  expect(error.hint).toBe("did you mean signs-3?");
});

it("an unknown name gets the nearest one, an unknown path does not", async () => {
  expect((await failure(loadDataset("fashion-minst", { root }))).hint).toBe("did you mean fashion-mnist?");
  expect((await failure(loadDataset("./no/pets", { root }))).message).toContain('there is no folder "./no/pets"');
  expect((await failure(loadDataset("", { root }))).message).toContain('no dataset or folder ""');
  await symlink("/nowhere", join(root, "link"));
  const broken = await failure(loadDataset(join(root, "link"), { root }));
  expect(broken.message).toMatch(/cannot read the folder ".*link": a link to "\/nowhere", which is not there/);
});

it("loadClassSplit reads a split by name or from a file", async () => {
  await put("split.json", '{"test":["dog"]}');
  const split = await loadClassSplit(join(root, "split.json"), ["cat", "dog"]);
  expect([split.train, split.test]).toEqual([[0], [1]]);
  expect((await failure(loadClassSplit("fashion", ["cat"]))).message).toContain("fashion-set");
  expect((await failure(loadClassSplit("no.json", ["cat"]))).message).toContain('"no.json"');
});

it("the shipped sample is 4 classes of 250 different grey pictures", async () => {
  const folder = fileURLToPath(new URL("../../../samples/fashion-unseen", import.meta.url));
  const { dataset, skipped } = await loadDataset(folder, { root, side: 28, cache: false });
  expect(dataset.classes).toEqual(["ankle-boot", "bag", "coat", "trouser"]);
  expect(positionsByClass(dataset).map((of) => of.length)).toEqual([250, 250, 250, 250]);
  expect(skipped).toEqual([]);
  const planes = (i: number) => [0, 1, 2].map((p) => dataset.images.subarray((3 * i + p) * 784, (3 * i + p + 1) * 784));
  const isGrey = dataset.sources!.every((_, i) =>
    planes(i).every((plane) => Buffer.compare(plane, planes(i)[0]!) === 0),
  );
  expect(isGrey).toBe(true);
  expect(new Set(dataset.sources!.map((_, i) => planes(i)[0]!.join())).size).toBe(1000);
});
