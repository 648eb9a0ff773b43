// A dataset as a folder with a sub-folder per class: decoded in parallel, or taken from the cache of what was decoded.
import { constants } from "node:buffer";
import { basename, resolve } from "node:path";
import type { ImageDataset } from "../../data/dataset.ts";
import type { ResizeRule } from "../../data/square.ts";
import { UserError } from "../../errors.ts";
import { CHANGED, type Decoded, keepReadable, mayPass, type ReadOptions } from "./decoded.ts";
import { cacheFolder, cacheKey, readCache, writeCache } from "./decoded-cache.ts";
import type { Skipped } from "./folder-walk.ts";
import { type FolderListing, listImageFolder, requireTwoEach } from "./image-listing.ts";
import { oneColourNote } from "./one-colour.ts";
import { type Hashed, hashPictures } from "./picture-file.ts";
import { rangeNotes, rangesOf, type SampleRanges } from "./sample-range.ts";
import { copiesNote, severalClassesNote } from "./same-pictures.ts";
import { Zips } from "./zip-files.ts";

export interface ImageFolderOptions extends ReadOptions {
  /** Height and width of the decoded images, in pixels. */
  readonly side: number;
  /** How pictures become squares; `square-1` by default. */
  readonly resize?: ResizeRule | undefined;
  /** Folder of the cache, or false for none. Default: `$PUDNET_CACHE` (none for `off`), else `~/.cache/pudnet`. */
  readonly cache?: string | false | undefined;
}

export interface LoadedDataset {
  readonly dataset: ImageDataset;
  /** Files left out, with reasons. */
  readonly skipped: readonly Skipped[];
  /** SHA-256 of the file of each image, for folders of pictures. */
  readonly hashes?: readonly string[];
  /** Of each image, where a project says it: the same for pictures that were taken in one go. */
  readonly bursts?: readonly (string | undefined)[];
  /** Things worth telling that stop nothing, such as a cache that could not be written. */
  readonly notes: readonly string[];
  /** What is white in pictures of more than 8 bits a channel, where there are such: pictures to be classified need it. */
  readonly ranges?: SampleRanges;
}

type Readable = Hashed & { readonly label: number; readonly sha256: string; readonly burst: string | undefined };

/**
 * Reads a folder with a sub-folder per class, or a zip of one or of a project. Pictures at any depth below a class folder belong to the class; classes and
 * files are in the order of their names (by code point). What is hidden or left by a system (`SYSTEM_ENTRIES`) is passed
 * over; files that are no pictures or damaged are left out and listed.
 * Throws UserError when the folder is missing, is laid out otherwise, holds classes or folders that cannot be read, or a
 * class has fewer than 2 readable pictures.
 * @example const { dataset, skipped } = await readImageFolder("pets", { side: 32 });
 */
export async function readImageFolder(folder: string, given: ImageFolderOptions): Promise<LoadedDataset> {
  const zips = given.zips ?? new Zips();
  const options = { ...given, zips };
  const listing = await listImageFolder(folder, { zips });
  const files = listing.classes.flatMap((ofClass, label) =>
    ofClass.files.map(({ path, burst }) => ({ path, label, burst })),
  );
  requireEnough(listing, files, { what: "pictures", skipped: listing.odd });
  requireFits(listing, files.length, options.side);
  const found = await hashPictures(files, options);
  const readable = found.filter((file): file is Readable => file.sha256 !== undefined);
  const { decoded, notes } = await decodedOrCached(readable, options);
  const reasons = new Map(readable.map(({ path }, i) => [path, decoded.reasons[i]]));
  const damaged = found.flatMap(({ path, reason = reasons.get(path) }) =>
    reason === undefined ? [] : [{ path, reason }],
  );
  const kept = readable.filter((_, i) => decoded.reasons[i] === undefined);
  const skipped = [...listing.odd, ...damaged];
  requireEnough(listing, kept, { what: "readable pictures", skipped });
  const dataset: ImageDataset = {
    name: basename(resolve(folder)),
    side: options.side,
    images: decoded.images,
    labels: Uint16Array.from(kept, ({ label }) => label),
    classes: listing.classes.map(({ name }) => name),
    sources: kept.map(({ path }) => path),
  };
  const { ranges, notes: deepNotes } = deepRanges(readable, decoded);
  const told = [
    ...listing.notes,
    ...severalClassesNote(kept),
    ...copiesNote(kept),
    ...deepNotes,
    ...oneColourNote(dataset),
    ...notes,
  ];
  const hashes = kept.map(({ sha256 }) => sha256);
  const bursts = kept.some(({ burst }) => burst !== undefined) ? kept.map(({ burst }) => burst) : undefined;
  return { dataset, hashes, skipped, notes: told, ...(ranges ? { ranges } : {}), ...(bursts ? { bursts } : {}) };
}

function requireEnough(
  { folder, classes }: FolderListing,
  files: readonly { readonly label: number }[],
  { what, skipped }: { readonly what: string; readonly skipped: readonly Skipped[] },
): void {
  const counts = classes.map(() => 0);
  for (const { label } of files) counts[label]!++;
  requireTwoEach(
    folder,
    classes.map(({ name }, label) => [name, counts[label]!] as const),
    what,
    skipped,
  );
}

async function decodedOrCached(
  files: readonly Readable[],
  options: ImageFolderOptions,
): Promise<{ decoded: Decoded; notes: string[] }> {
  const hashes = files.map(({ sha256 }) => sha256);
  const key = cacheKey(hashes, options);
  const cache = options.cache === false ? undefined : (options.cache ?? cacheFolder());
  const cached = cache === undefined ? undefined : await readCache(key, cache);
  if (cached && (await stillFails(files, cached, options))) {
    options.onProgress?.({ done: files.length, total: files.length });
    return { decoded: cached, notes: [] };
  }
  const stride = 3 * options.side * options.side;
  const images = new Uint8Array(files.length * stride);
  const paths = files.map(({ path }) => path);
  const { decodeInto } = await import("./decode-image.ts"); // sharp is loaded where there is something to decode
  const { reasons, deep } = await decodeInto(images, paths, options.side, { ...options, hashes });
  const decoded = { images: keepReadable(images, stride, reasons), reasons, deep };
  const note = cache !== undefined && !reasons.includes(CHANGED) ? await writeCache(key, decoded, cache) : undefined;
  return { decoded, notes: note === undefined ? [] : [note] };
}

/** Whether what the decoder gave up on once is still what it cannot decode. */
async function stillFails(
  files: readonly Readable[],
  { reasons }: Decoded,
  { side, resize, signal, zips }: ImageFolderOptions,
): Promise<boolean> {
  const failed = files.filter((_, i) => mayPass(reasons[i]));
  if (failed.length === 0) return true;
  const { decodeInto } = await import("./decode-image.ts");
  const paths = failed.map(({ path }) => path);
  const hashes = failed.map(({ sha256 }) => sha256);
  const again = await decodeInto(new Uint8Array(failed.length * 3 * side * side), paths, side, {
    resize,
    hashes,
    signal,
    zips,
  });
  return again.reasons.every(mayPass);
}

function deepRanges(files: readonly Readable[], { deep }: Decoded): { ranges?: SampleRanges; notes: string[] } {
  if (deep.length === 0) return { notes: [] };
  const ranges = rangesOf(deep.map(({ samples }) => samples));
  const pictures = deep.map(({ index, samples }) => ({ path: files[index]!.path, samples }));
  return { ranges, notes: rangeNotes(pictures, ranges) };
}

/** Throws UserError for more pixels than one array holds: 4 GiB in Node 20. */
export function requireFits(
  { folder, classes }: Pick<FolderListing, "folder" | "classes">,
  count: number,
  side: number,
  most: number = constants.MAX_LENGTH,
): void {
  const bytes = 3 * side * side;
  if (count * bytes <= most) return;
  const [gigabytes, limit] = [count * bytes, most].map((value) => (value / 1e9).toFixed(1));
  throw new UserError(
    `the ${count} pictures of "${folder}" take ${gigabytes} GB at ${side}x${side} pixels, more than the ${limit} GB of one array`,
    {
      hint: `keep at most ${Math.floor(most / bytes / classes.length)} pictures in each of the ${classes.length} folders, or take smaller images`,
      exitCode: 2,
    },
  );
}
