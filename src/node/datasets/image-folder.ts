// A dataset as a folder with a sub-folder per class: decoded in parallel, or taken from the cache of what was decoded.
import { constants } from "node:buffer";
import { basename, resolve } from "node:path";
import type { ImageDataset } from "../../data/dataset.ts";
import { UserError } from "../../errors.ts";
import { type Decoded, type ReadOptions, type Skipped, decodeInto, keepReadable } from "./decode-image.ts";
import { cacheFolder, cacheKey, readCache, writeCache } from "./decoded-cache.ts";
import { type FolderListing, listImageFolder, requireTwoEach } from "./image-listing.ts";

export interface ImageFolderOptions extends ReadOptions {
  /** Height and width of the decoded images, in pixels. */
  readonly side: number;
  /** Folder of the cache, or false for none. Default: `$PUDNET_CACHE` (none for `off`), else `~/.cache/pudnet`. */
  readonly cache?: string | false | undefined;
}

export interface LoadedDataset {
  readonly dataset: ImageDataset;
  /** Files left out, with reasons. */
  readonly skipped: readonly Skipped[];
  /** Things worth telling that stop nothing, such as a cache that could not be written. */
  readonly notes: readonly string[];
}

/**
 * Reads a folder with a sub-folder per class. Classes and files are in the order of their names (by code point);
 * hidden files are ignored; files that are no pictures or damaged are skipped and listed.
 * Throws UserError when the folder is missing, is laid out otherwise, or a class has fewer than 2 readable pictures.
 * @example const { dataset, skipped } = await readImageFolder("pets", { side: 32 });
 */
export async function readImageFolder(folder: string, options: ImageFolderOptions): Promise<LoadedDataset> {
  const listing = await listImageFolder(folder);
  requireTwoEach(
    listing.folder,
    listing.classes.map(({ name, files }) => [name, files.length] as const),
    "pictures",
  );
  const key = cacheKey(listing, options.side);
  const cache = options.cache === false ? undefined : (options.cache ?? cacheFolder());
  const cached = cache === undefined ? undefined : await readCache(key, cache);
  if (cached) {
    const total = listing.classes.reduce((sum, { files }) => sum + files.length, 0);
    options.onProgress?.({ done: total, total });
    return fromDecoded(listing, options.side, cached, []);
  }
  const decoded = await decodeListing(listing, options);
  const counts = countPerClass(listing, decoded.reasons);
  requireTwoEach(
    listing.folder,
    listing.classes.map(({ name }, c) => [name, counts[c]!] as const),
    "readable pictures",
  );
  const note = cache === undefined ? undefined : await writeCache(key, decoded, cache);
  return fromDecoded(listing, options.side, decoded, note === undefined ? [] : [note]);
}

async function decodeListing(listing: FolderListing, options: ImageFolderOptions): Promise<Decoded> {
  const paths = listing.classes.flatMap(({ files }) => files.map(({ path }) => path));
  const stride = 3 * options.side * options.side;
  requireFits(listing, paths.length, options.side);
  const images = new Uint8Array(paths.length * stride);
  const reasons = await decodeInto(images, paths, options.side, options);
  return { images: keepReadable(images, stride, reasons), reasons };
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

function countPerClass({ classes }: FolderListing, reasons: Decoded["reasons"]): number[] {
  let at = 0;
  return classes.map(({ files }) => files.filter(() => reasons[at++] === undefined).length);
}

function fromDecoded(
  listing: FolderListing,
  side: number,
  { images, reasons }: Decoded,
  notes: readonly string[],
): LoadedDataset {
  const files = listing.classes.flatMap((ofClass, label) => ofClass.files.map(({ path }) => ({ path, label })));
  const readable = files.filter((_, i) => reasons[i] === undefined);
  const damaged = files.flatMap(({ path }, i) => (reasons[i] === undefined ? [] : [{ path, reason: reasons[i] }]));
  const dataset = {
    name: basename(resolve(listing.folder)),
    side,
    images,
    labels: Uint16Array.from(readable, ({ label }) => label),
    classes: listing.classes.map(({ name }) => name),
    sources: readable.map(({ path }) => path),
  };
  return { dataset, skipped: [...listing.odd, ...damaged], notes };
}
