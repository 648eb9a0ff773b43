// Datasets by name or folder: one table of sources, a row each, from the files of their publishers to an ImageDataset.
import { existsSync } from "node:fs";
import { access, readdir } from "node:fs/promises";
import { basename, isAbsolute, join, resolve } from "node:path";
import { promisify } from "node:util";
import { gunzip } from "node:zlib";
import { CIFAR_10_CLASSES, CIFAR_LAYOUTS, CIFAR_SIDE, parseCifar } from "../../data/cifar.ts";
import type { ImageDataset } from "../../data/dataset.ts";
import { parseIdxImages, parseIdxLabels, replicateGrey } from "../../data/idx.ts";
import type { ResizeRule } from "../../data/square.ts";
import { resizePlanes } from "../../data/resize.ts";
import { CLASS_SPLITS, type ClassSplit, classSplit, parseClassSplit } from "../../data/splits.ts";
import { FormatError, UserError, closest } from "../../errors.ts";
import { explainReadError, readText, readWhole } from "../files/read-file.ts";
import type { ReadOptions } from "./decoded.ts";
import { entryAt, NOWHERE } from "./folder-walk.ts";
import { type LoadedDataset, readImageFolder } from "./image-folder.ts";

export interface LoadOptions extends ReadOptions {
  /** The folder that holds the named datasets. */
  readonly root: string;
  /** Height and width wanted, in pixels; default: the dataset's own, 32 for a folder of the user's. */
  readonly side?: number | undefined;
  /** How pictures of a folder of the user's become squares: `square-1` by default. */
  readonly resize?: ResizeRule | undefined;
  /** Folder of the cache of decoded image folders, or false for none. */
  readonly cache?: string | false | undefined;
}

interface Source {
  /** The side its images have, and the one it is loaded at unless another is asked for. */
  readonly side: number;
  /** Folder below the root. */
  readonly folder: string;
  /** How to get it, as a hint. */
  readonly get: (root: string) => string;
  readonly load: (
    folder: string,
    name: string,
    options: LoadOptions & { readonly side: number },
  ) => Promise<LoadedDataset>;
}

/** Room for 60,000 images of 28 x 28; a few bytes of gzip can stand for gigabytes. */
const LARGEST_UNPACKED = 2 ** 26;
const USER_FOLDER_SIDE = 32;
const FASHION_CLASSES = "T-shirt/top,Trouser,Pullover,Dress,Coat,Sandal,Shirt,Sneaker,Bag,Ankle boot".split(",");

export const DATASETS = {
  "fashion-mnist": {
    side: 28,
    folder: "fashion-mnist",
    get: (root) => `pudnet data fetch fashion-mnist --root "${root}"`,
    load: loadFashionMnist,
  },
  "cifar-10": { side: CIFAR_SIDE, folder: "cifar-10-batches-bin", get: cifarHint("cifar-10"), load: loadCifar10 },
  "cifar-100": { side: CIFAR_SIDE, folder: "cifar-100-binary", get: cifarHint("cifar-100"), load: loadCifar100 },
  "mini-imagenet": imageFolder("mini-imagenet", "a folder a class named WNID_name (n01855672_goose, ...)"),
  "animals-10": imageFolder("animals-10", "a folder a class"),
  "imagenet-1k": imageFolder("imagenet-1k", "a folder a class named by WordNet id (n01440764, ...)"),
  dtd: imageFolder("dtd", "a folder a class (banded, blotchy, ...)"),
  "dtd-10": imageFolder("dtd-10", "a folder a class (banded, blotchy, ...)"),
} as const satisfies Record<string, Source>;

export type DatasetName = keyof typeof DATASETS;

/**
 * Loads a dataset of the table from `root`, or any folder with a sub-folder per class, there or anywhere, at the side asked for.
 * Throws UserError when it is neither, or its files are missing (the hint says how to get them); FormatError when a file
 * is damaged. For example: `const { dataset } = await loadDataset("fashion-mnist", { root: "data", side: 32 });`
 */
export async function loadDataset(nameOrFolder: string, options: LoadOptions): Promise<LoadedDataset> {
  if (Object.hasOwn(DATASETS, nameOrFolder)) {
    const source: Source = DATASETS[nameOrFolder as DatasetName];
    const folder = join(options.root, source.folder);
    await requireFiles(folder, nameOrFolder, source.get(options.root));
    const side = options.side ?? source.side;
    const loaded = await source.load(folder, nameOrFolder, { ...options, side });
    return { ...loaded, dataset: { ...atSide(loaded.dataset, side), name: nameOrFolder } };
  }
  const folder = await folderAt(nameOrFolder, options.root);
  return readImageFolder(folder, { ...options, side: options.side ?? USER_FOLDER_SIDE });
}

/** The folder as it is named, or below the root. */
async function folderAt(folder: string, root: string): Promise<string> {
  const isBelow = folder !== "" && !isAbsolute(folder);
  for (const path of [folder, ...(isBelow ? [join(root, folder)] : [])]) {
    const found = await entryAt(path);
    if (found.kind !== "unreadable" || found.reason !== NOWHERE) return path;
  }
  throw await unknownDataset(folder, root);
}

/** What a dataset is called: a named one by its name, a folder by its own. */
export function datasetName(nameOrFolder: string): string {
  return Object.hasOwn(DATASETS, nameOrFolder) ? nameOrFolder : basename(resolve(nameOrFolder));
}

/** Where a named dataset lies below the root; a folder where it is, or else below the root, too. */
export function datasetFolder(nameOrFolder: string, root: string): string {
  if (Object.hasOwn(DATASETS, nameOrFolder)) return join(root, DATASETS[nameOrFolder as DatasetName].folder);
  return existsSync(nameOrFolder) ? nameOrFolder : join(root, nameOrFolder);
}

/** Height and width of a named dataset's own images; undefined for a folder of the user's. */
export function nativeSide(name: string): number | undefined {
  return Object.hasOwn(DATASETS, name) ? DATASETS[name as DatasetName].side : undefined;
}

/** A class split of the table by name, or a split file (JSON) by path, as indices into `classes`. */
export async function loadClassSplit(nameOrFile: string, classes: readonly string[]): Promise<ClassSplit> {
  if (Object.hasOwn(CLASS_SPLITS, nameOrFile) || !nameOrFile.endsWith(".json")) return classSplit(nameOrFile, classes);
  const hint = `give a JSON file with class names, or one of: ${Object.keys(CLASS_SPLITS).join(", ")}`;
  const text = await readText(nameOrFile, { hint, exitCode: 2 });
  return parseClassSplit(text, nameOrFile, classes);
}

async function unknownDataset(name: string, root: string): Promise<UserError> {
  const below = await readdir(root, { withFileTypes: true }).catch(() => []);
  const folders = below.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
  const near = closest(name, [...Object.keys(DATASETS), ...folders]);
  const looksLikePath = /[/\\.]/.test(name);
  const what = looksLikePath ? `there is no folder "${name}"` : `no dataset or folder "${name}"`;
  return new UserError(`${what}, here or below "${root}"; named datasets: ${Object.keys(DATASETS).join(", ")}`, {
    hint: near
      ? `did you mean ${near}?`
      : "give one of these names, or a folder with a sub-folder of pictures per class",
    exitCode: 2,
  });
}

async function requireFiles(folder: string, name: string, hint: string): Promise<void> {
  await access(folder).catch((cause: unknown) => {
    throw new UserError(`the dataset ${name} is not there: no folder "${folder}"`, { hint, cause });
  });
}

/** Where a publisher's file is not there. */
function missingFile(path: string, name: string, root: string, cause: unknown): UserError {
  return new UserError(`the dataset ${name} is not complete: no file "${path}"`, {
    hint: DATASETS[name as DatasetName].get(root),
    cause,
  });
}

function atSide(dataset: ImageDataset, side: number): ImageDataset {
  if (dataset.side === side) return dataset;
  return { ...dataset, side, images: resizePlanes(dataset.images, dataset.side, side) };
}

async function loadFashionMnist(folder: string, name: string, { root }: LoadOptions): Promise<LoadedDataset> {
  const parts = [];
  for (const [part, prefix] of ["train", "t10k"].entries()) {
    const imagesPath = join(folder, `${prefix}-images-idx3-ubyte`);
    const labelsPath = join(folder, `${prefix}-labels-idx1-ubyte`);
    const images = parseIdxImages(await readMaybeGzipped(imagesPath, name, root), imagesPath);
    const labels = parseIdxLabels(await readMaybeGzipped(labelsPath, name, root), labelsPath, images.count);
    if (images.height !== 28 || images.width !== 28) {
      throw new FormatError(imagesPath, `images of ${images.height} x ${images.width}, expected 28 x 28`);
    }
    const wild = labels.findIndex((label) => label >= FASHION_CLASSES.length);
    if (wild >= 0) throw new FormatError(labelsPath, `label ${labels[wild]} of image ${wild}, expected 0 to 9`);
    parts.push({ part, prefix, images: replicateGrey(images.pixels, 28 * 28), labels });
  }
  return joinParts(parts, { name, side: 28, classes: FASHION_CLASSES });
}

async function loadCifar10(folder: string, name: string, { root }: LoadOptions): Promise<LoadedDataset> {
  const train = [1, 2, 3, 4, 5].map((i) => `data_batch_${i}.bin`);
  const files = [...train.map((file) => ({ file, part: 0 })), { file: "test_batch.bin", part: 1 }];
  const named = readWhole(join(folder, "batches.meta.txt"));
  const classes = await named.then(
    (text) => lines(text.toString()),
    () => CIFAR_10_CLASSES,
  );
  return loadCifar(folder, name as "cifar-10", files, classes, root);
}

async function loadCifar100(folder: string, name: string, { root }: LoadOptions): Promise<LoadedDataset> {
  const namesPath = join(folder, "fine_label_names.txt");
  const classes = lines((await readOrExplain(namesPath, name, root)).toString("utf8"));
  const files = [
    { file: "train.bin", part: 0 },
    { file: "test.bin", part: 1 },
  ];
  return loadCifar(folder, name as "cifar-100", files, classes, root);
}

async function loadCifar(
  folder: string,
  name: keyof typeof CIFAR_LAYOUTS,
  files: readonly { readonly file: string; readonly part: number }[],
  classes: readonly string[],
  root: string,
): Promise<LoadedDataset> {
  const layout = CIFAR_LAYOUTS[name];
  if (classes.length !== layout.classes) {
    throw new FormatError(folder, `${classes.length} class names, ${name} has ${layout.classes}`);
  }
  const twice = classes.find((one, i) => classes.indexOf(one) < i);
  if (twice !== undefined) throw new FormatError(folder, `two classes are named "${twice}"`);
  const parts = [];
  for (const { file, part } of files) {
    const path = join(folder, file);
    parts.push({ part, prefix: file, ...parseCifar(await readOrExplain(path, name, root), layout, path) });
  }
  return joinParts(parts, { name, side: CIFAR_SIDE, classes });
}

interface Part {
  readonly part: number;
  /** Names the file in `sources`. */
  readonly prefix: string;
  readonly images: Uint8Array;
  readonly labels: Uint8Array;
}

function joinParts(parts: readonly Part[], about: Pick<ImageDataset, "name" | "side" | "classes">): LoadedDataset {
  const count = parts.reduce((sum, { labels }) => sum + labels.length, 0);
  const stride = 3 * about.side * about.side;
  const images = new Uint8Array(count * stride);
  const labels = new Uint16Array(count);
  const part = new Uint8Array(count);
  const sources: string[] = [];
  for (const { part: which, prefix, images: planes, labels: ofPart } of parts) {
    const at = sources.length;
    images.set(planes, at * stride);
    labels.set(ofPart, at);
    part.fill(which, at, at + ofPart.length);
    ofPart.forEach((_, i) => sources.push(`${prefix}#${i}`));
  }
  return { dataset: { ...about, images, labels, part, sources }, skipped: [], notes: [] };
}

function imageFolder(folder: string, layout: string): Source {
  return {
    side: 64,
    folder,
    get: (root) => `put its pictures under "${join(root, folder)}", ${layout}`,
    // Other pixels would be other materials, and no stored result could go on.
    load: (path, _, options) => readImageFolder(path, { ...options, resize: "libvips-cover" }),
  };
}

function cifarHint(name: "cifar-10" | "cifar-100"): (root: string) => string {
  return (root) => `unpack https://www.cs.toronto.edu/~kriz/${name}-binary.tar.gz in "${root}"`;
}

/** The file `path` or `path`.gz, unpacked if its first bytes say that it is packed (servers and browsers unpack too). */
async function readMaybeGzipped(path: string, name: string, root: string): Promise<Uint8Array> {
  const isPlain = await access(path).then(
    () => true,
    () => false,
  );
  const found = isPlain ? path : `${path}.gz`;
  const bytes = await readOrExplain(found, name, root);
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return bytes;
  return promisify(gunzip)(bytes, { maxOutputLength: LARGEST_UNPACKED }).catch((cause: NodeJS.ErrnoException) => {
    const isTooLarge = cause.code === "ERR_BUFFER_TOO_LARGE";
    const what = isTooLarge
      ? `unpacks to more than ${LARGEST_UNPACKED} bytes`
      : `not a whole gzip file (${cause.message})`;
    throw new FormatError(found, what, {
      hint: DATASETS[name as DatasetName].get(root),
      cause,
    });
  });
}

function readOrExplain(path: string, name: string, root: string): Promise<Buffer> {
  return readWhole(path).catch((cause: NodeJS.ErrnoException) => {
    throw cause.code === "ENOENT" ? missingFile(path, name, root, cause) : explainReadError(cause, path);
  });
}

function lines(text: string): string[] {
  return text
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "");
}
