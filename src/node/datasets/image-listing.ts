// What lies in a dataset folder: a sub-folder per class with its pictures. Says what is wrong when it is laid out otherwise.
import { readdir, stat } from "node:fs/promises";
import { extname, join } from "node:path";
import pMap from "p-map";
import { UserError } from "../../errors.ts";
import type { Skipped } from "./decode-image.ts";

/** Names that are worth decoding; what the decoder then makes of a file decides. */
const PICTURE_NAMES = new Set(".jpg .jpeg .jpe .jfif .png .webp .gif .tif .tiff .avif .bmp .heic".split(" "));
const MOST_CLASSES = 65_536; // labels are 16 bits
const LAYOUT_HINT = 'expected a folder a class with its pictures inside: "pets/cat/1.jpg", "pets/dog/1.jpg", ...';

export interface ListedFile {
  readonly path: string;
  readonly bytes: number;
  readonly modifiedMs: number;
}

export interface FolderListing {
  readonly folder: string;
  /** Classes by name, files by path. */
  readonly classes: readonly { readonly name: string; readonly files: readonly ListedFile[] }[];
  /** What lies in the folder and is no picture. */
  readonly odd: readonly Skipped[];
}

export interface ListingOptions {
  /** Class folders that there must be: two to make a classifier (default), one to try it. */
  readonly leastClasses?: 1 | 2;
}

/** Lists the classes and files of a dataset folder. Throws UserError when it is not laid out as one. */
export async function listImageFolder(
  folder: string,
  { leastClasses = 2 }: ListingOptions = {},
): Promise<FolderListing> {
  const { folders, files } = await entriesOf(folder);
  if (folders.length === 0) {
    const pictures = files.filter(({ path }) => isPicture(path)).length;
    const found = pictures > 0 ? `${pictures} pictures directly in it` : "nothing";
    throw new UserError(`no class folders in "${folder}": found ${files.length === 0 ? "nothing" : found}`, {
      hint: pictures > 0 ? "sort the pictures into a folder for each class: " + LAYOUT_HINT : LAYOUT_HINT,
      exitCode: 2,
    });
  }
  if (folders.length < leastClasses) {
    throw new UserError(`only one class in "${folder}": "${folders[0]}"`, {
      hint: "a classifier needs at least two class folders; is this the folder above or below the right one?",
      exitCode: 2,
    });
  }
  if (folders.length > MOST_CLASSES)
    throw new UserError(`${folders.length} classes in "${folder}", at most ${MOST_CLASSES}`);
  const odd: Skipped[] = files.map(({ path }) => ({ path, reason: "lies beside the class folders" }));
  const classes: { name: string; files: ListedFile[] }[] = [];
  for (const name of folders) classes.push({ name, files: await listClass(join(folder, name), odd) });
  return { folder, classes, odd };
}

async function listClass(folder: string, odd: Skipped[]): Promise<ListedFile[]> {
  const { folders, files } = await entriesOf(folder);
  for (const name of folders) odd.push({ path: join(folder, name), reason: "a folder inside a class folder" });
  for (const { path } of files) if (!isPicture(path)) odd.push({ path, reason: "not the name of a picture" });
  const pictures = files.filter(({ path }) => isPicture(path));
  if (pictures.length === 0 && folders.length > 0) {
    throw new UserError(`no pictures in the class folder "${folder}", only folders ("${folders[0]}", ...)`, {
      hint: `the classes may lie one level deeper: give "${folder}" itself as the dataset`,
      exitCode: 2,
    });
  }
  return pictures;
}

/** Visible entries in the order of their names, with symbolic links followed. */
async function entriesOf(folder: string): Promise<{ folders: string[]; files: ListedFile[] }> {
  const names = (await readFolder(folder)).filter((name) => !name.startsWith(".")).toSorted();
  const stats = await pMap(names, (name) => stat(join(folder, name)).catch(() => undefined), { concurrency: 16 });
  const folders: string[] = [];
  const files: ListedFile[] = [];
  names.forEach((name, i) => {
    const found = stats[i];
    if (found?.isDirectory()) folders.push(name);
    // A dangling link stays a file of size 0: decoding it will say what is wrong.
    else files.push({ path: join(folder, name), bytes: found?.size ?? 0, modifiedMs: found?.mtimeMs ?? 0 });
  });
  return { folders, files };
}

async function readFolder(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code;
    const what = { ENOENT: "there is no such folder", ENOTDIR: "it is a file", EACCES: "permission denied" }[
      code ?? ""
    ];
    if (!what) throw cause;
    const hint = code === "EACCES" ? "change its permissions, or choose another folder" : LAYOUT_HINT;
    throw new UserError(`cannot read the folder "${folder}": ${what}`, { hint, cause, exitCode: 2 });
  }
}

/**
 * The pictures that files and folders stand for: files as they are, of folders all files named as pictures, at any depth
 * and in the order of their paths. What is not there, or a folder without pictures, is in `missing` with the reason.
 */
export async function listPictures(places: readonly string[]): Promise<{ paths: string[]; missing: Skipped[] }> {
  const paths: string[] = [];
  const missing: Skipped[] = [];
  for (const place of places) {
    const found = await stat(place).catch(() => undefined);
    if (!found?.isDirectory()) {
      if (found) paths.push(place);
      else missing.push({ path: place, reason: "no such file or folder" });
      continue;
    }
    const names = await readdir(place, { recursive: true }).catch((error: Error) => error);
    if (names instanceof Error) {
      missing.push({ path: place, reason: `cannot be read (${names.message})` });
      continue;
    }
    const pictures = names.filter((name) => isPicture(name) && !/(^|[\\/])\./.test(name)).toSorted();
    if (pictures.length === 0) missing.push({ path: place, reason: "a folder without pictures" });
    paths.push(...pictures.map((name) => join(place, name)));
  }
  return { paths, missing };
}

function isPicture(path: string): boolean {
  return PICTURE_NAMES.has(extname(path).toLowerCase());
}

/** Throws UserError unless each class has at least 2 of `what`. */
export function requireTwoEach(
  folder: string,
  counts: readonly (readonly [name: string, count: number])[],
  what: string,
): void {
  const poor = counts.filter(([, count]) => count < 2);
  if (poor.length === 0) return;
  const shown = poor.slice(0, 5).map(([name, count]) => `"${name}" has ${count === 0 ? "none" : count}`);
  const more = poor.length > shown.length ? ` and ${poor.length - shown.length} more classes` : "";
  throw new UserError(`too few ${what} in "${folder}": ${shown.join(", ")}${more}; each class needs at least 2`, {
    hint: "add pictures (.jpg, .png, .webp) to these class folders, or move the folders away",
    exitCode: 2,
  });
}
