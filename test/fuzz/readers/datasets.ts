// Readers of data sets: publishers' files, packed or not, folders of pictures, and the cache of what was decoded.

import { join } from "node:path";
import { gzipSync } from "node:zlib";
import sharp, { type Sharp } from "sharp";
import { loadDataset } from "../../../src/node/datasets/load-dataset.ts";
import type { ImageDataset } from "../../../src/data/dataset.ts";
import { decodeInto } from "../../../src/node/datasets/decode-image.ts";
import { readCache, writeCache } from "../../../src/node/datasets/decoded-cache.ts";
import { readImageFolder } from "../../../src/node/datasets/image-folder.ts";
import { demand, type Files, type Reader } from "../reader.ts";
import { mutated, text, writeFiles } from "../subjects.ts";
import { idxBytes } from "./formats.ts";
import { filesBelow } from "./ours.ts";

function isDataset({ images, labels, classes, side, part, sources }: ImageDataset): void {
  demand(images.length === labels.length * 3 * side * side, "images and labels differ in number");
  demand(
    labels.every((label) => label < classes.length),
    "a label beyond the classes",
  );
  demand(
    new Set(classes).size === classes.length && !classes.includes(""),
    "classes without names, or two of one name",
  );
  demand(part === undefined || part.length === labels.length, "parts and labels differ in number");
  demand(sources === undefined || sources.length === labels.length, "sources and labels differ in number");
}

const named = (name: string, reads: string, sample: () => Files): Reader => ({
  reads,
  accepted: "sound",
  prepare: async (folder) =>
    mutated(
      {
        samples: [sample()],
        read: async (files) => {
          writeFiles(folder, files);
          return (await loadDataset(name, { root: folder })).dataset;
        },
        check: isDataset,
      },
      "sound",
    ),
});

export const fashion: Reader = named("fashion-mnist", "Fashion-MNIST's folder, half of it gzipped", () => {
  const pixels = Uint8Array.from({ length: 2 * 784 }, (_, i) => i % 251);
  const [images, labels] = [idxBytes([2, 28, 28], pixels), idxBytes([2], Uint8Array.of(0, 9))];
  return new Map([
    ["fashion-mnist/train-images-idx3-ubyte.gz", new Uint8Array(gzipSync(images))],
    ["fashion-mnist/train-labels-idx1-ubyte.gz", new Uint8Array(gzipSync(labels))],
    ["fashion-mnist/t10k-images-idx3-ubyte", images],
    ["fashion-mnist/t10k-labels-idx1-ubyte", labels],
  ]);
});

export const cifarFolder: Reader = named("cifar-100", "CIFAR-100's folder, with its names of classes", () => {
  const record = Uint8Array.from({ length: 3074 }, (_, i) => i % 100);
  return new Map([
    ["cifar-100-binary/train.bin", record],
    ["cifar-100-binary/test.bin", record],
    ["cifar-100-binary/fine_label_names.txt", text(Array.from({ length: 100 }, (_, i) => `class_${i}\n`).join(""))],
  ]);
});

const SIDE = 16;

/** A picture with something on it, 37 x 29. */
function picture(channels: 3 | 4 = 3): Sharp {
  const [width, height] = [37, 29];
  const pixels = Uint8Array.from({ length: width * height * channels }, (_, i) => (i * 7) % 256);
  return sharp(pixels, { raw: { width, height, channels } });
}

const pictures = (reads: string, samples: readonly (() => Sharp)[], path = "picture.jpg"): Reader => ({
  reads,
  accepted: "sound",
  prepare: async (folder) => {
    const bytes = await Promise.all(samples.map((make) => make().toBuffer()));
    return mutated(
      {
        samples: bytes.map((content) => new Map([[path, new Uint8Array(content)]])),
        read: async (files) => {
          writeFiles(folder, files);
          const images = new Uint8Array(3 * SIDE * SIDE);
          const { reasons } = await decodeInto(images, [join(folder, path)], SIDE);
          const [reason] = reasons;
          demand(reason === undefined || (reason.length < 300 && reason.length > 0), "a reason that nobody reads");
          return reason === undefined ? images : undefined;
        },
      },
      "sound",
    );
  },
});

export const jpeg: Reader = pictures("pictures: JPEG", [
  () => picture().jpeg(),
  () =>
    picture()
      .jpeg({ progressive: true })
      .withExif({ IFD0: { Orientation: "6", ImageDescription: "x" } }),
  () => picture().greyscale().jpeg({ quality: 30 }),
]);
export const png: Reader = pictures("pictures: PNG", [
  () => picture(4).png(),
  () => picture().png({ palette: true, colours: 16 }),
  () => picture().png({ progressive: true }),
  () => picture().greyscale().toColourspace("grey16").png(),
]);
export const webp: Reader = pictures("pictures: WebP", [
  () => picture().webp(),
  () => picture(4).webp({ lossless: true }),
]);
export const gif: Reader = pictures("pictures: GIF", [() => picture().gif({ colours: 16 }), () => picture(4).gif()]);
export const tiff: Reader = pictures("pictures: TIFF", [
  () => picture().tiff({ compression: "lzw" }),
  () => picture().tiff({ compression: "deflate", tile: true, tileWidth: 16, tileHeight: 16 }),
  () => picture().tiff({ compression: "none" }),
  () => picture().tiff({ compression: "jpeg" }),
  () => picture().toColourspace("rgb16").tiff({ compression: "none", predictor: "none" }),
]);
export const avif: Reader = pictures("pictures: AVIF", [
  () => picture().avif({ effort: 0 }),
  () => picture(4).avif({ effort: 0, lossless: true }),
]);

export const imageFolder: Reader = {
  reads: "folders of pictures, with their cache",
  accepted: "sound",
  prepare: async (folder) => {
    const bytes = new Uint8Array(await picture().png().toBuffer());
    const names = ["cat/1.png", "cat/2.png", "cat/3.png", "dog/1.png", "dog/2.png", "dog/3.jpg", "dog/notes.txt"];
    return mutated(
      {
        samples: [new Map(names.map((name) => [name, bytes]))],
        read: async (files) => {
          writeFiles(join(folder, "data"), files);
          const options = { side: SIDE, cache: join(folder, "cache") };
          const { dataset, skipped } = await readImageFolder(join(folder, "data"), options);
          const again = await readImageFolder(join(folder, "data"), options);
          return { dataset, skipped, again, files: files.size };
        },
        check: ({ dataset, skipped, again, files }) => {
          isDataset(dataset);
          demand(dataset.labels.length + skipped.length === files, "a file that is neither read nor skipped");
          demand(Buffer.compare(again.dataset.images, dataset.images) === 0, "the cache has other pictures");
        },
      },
      "sound",
    );
  },
};

/** One of the pictures has 16 bits a channel. */
const DEEP = [{ index: 2, samples: { kind: "ushort", smallest: 3, largest: 4095 } }] as const;
const KEY = "0123456789abcdef0123456789abcdef01234567";

export const cache: Reader = {
  reads: "the cache of decoded pictures, damaged",
  accepted: "same",
  prepare: async (folder) => {
    const images = Uint8Array.from({ length: 3 * 3 * 64 }, (_, i) => i % 256);
    await writeCache(KEY, { images, reasons: [undefined, "damaged", undefined, undefined], deep: DEEP }, folder);
    return mutated(
      {
        samples: [filesBelow(folder)],
        read: async (files) => {
          writeFiles(folder, files);
          return readCache(KEY, folder);
        },
      },
      "same",
    );
  },
};
