// The one way through folders of pictures: what an entry is, which are passed over, each folder entered once.
import { lstat, readdir, readlink, realpath, stat } from "node:fs/promises";
import { dirname, join, sep } from "node:path";
import pMap from "p-map";
import { UserError } from "../../errors.ts";
import { isPassedOver } from "../../formats/picture-names.ts";
import type { Zips } from "./zip-files.ts";

export interface Skipped {
  readonly path: string;
  /** Why it is left out, for people. */
  readonly reason: string;
}

interface Named {
  readonly name: string;
  readonly path: string;
}

/** What lies in a folder, links followed. `id` is the same for all names of one file or folder. */
export type Entry = FolderEntry | FileEntry | OddEntry;
export type FolderEntry = Named & { readonly kind: "folder"; readonly id: string };
export type FileEntry = Named & {
  readonly kind: "file";
  readonly id: string;
  readonly bytes: number;
  /** Said by a project, whatever the name is. */
  readonly isPicture?: true;
  /** Said by a project: the same for pictures that were taken in one go. */
  readonly burst?: string;
};
/** Pipes and the like, and what nobody can say what it is: dangling links. */
type OddEntry = Named & { readonly kind: "other" | "unreadable"; readonly reason: string };

export interface Walked {
  /** All files at any depth, in the order of their paths. */
  readonly files: readonly FileEntry[];
  /** What is no file that can be read: pipes, dangling links. */
  readonly unreadable: readonly Skipped[];
  /** Folders that may not be read: nobody knows what is missed there. */
  readonly closed: readonly Skipped[];
  /** Folders that were entered before on another path, and links to folders around this one: nothing is missed there. */
  readonly repeated: readonly Skipped[];
}

/** Folders that are not to be entered (again): the path that each was found at, by its id. */
export type Visited = Map<string, string>;

export const LAYOUT_HINT =
  'expected a folder a class with its pictures inside: "pets/cat/1.jpg", "pets/dog/1.jpg", ...';
const DENIED = "permission denied";
/** Why nothing can be told of a path: nothing is there, not even a broken link. */
export const NOWHERE = "no such file or folder";

/** The order of everything that is found: by code point, the same on every machine and in every language. */
export function byCodePoint(a: string, b: string): number {
  // Halves of pairs stand for what comes behind all single code units.
  const rank = (unit: number): number => (unit >= 0xd800 && unit < 0xe000 ? unit + 0x10000 : unit);
  for (let i = 0; i < Math.min(a.length, b.length); i++) {
    const [x, y] = [a.charCodeAt(i), b.charCodeAt(i)];
    if (x !== y) return rank(x) - rank(y);
  }
  return a.length - b.length;
}

/**
 * Visible entries in the order of their names, of a zip as of a folder.
 * @throws UserError for a folder that is not there or may not be read
 */
export async function entriesOf(folder: string, zips: Zips): Promise<readonly Entry[]> {
  const found = await readEntries(folder, zips);
  if (typeof found !== "string") return found;
  const hint = found === DENIED ? "change its permissions, or choose another folder" : LAYOUT_HINT;
  throw new UserError(`cannot read the folder "${folder}": ${found}`, { hint, exitCode: 2 });
}

const whatFile = (path: string): string =>
  path.toLowerCase().endsWith(".zip") ? "it is a file, and no zip, whatever its name says" : "it is a file";

/** What is at a path, links followed; a zip is a folder, and may be led into. */
export async function entryIn(zips: Zips, path: string): Promise<Entry> {
  const found = await entryAt(path);
  if (found.kind !== "file" && found.kind !== "unreadable") return found;
  return (await zips.find(path))?.entry ?? found;
}

/** What is at a path, links followed. */
export async function entryAt(path: string, name: string = path): Promise<Entry> {
  try {
    const found = await stat(path, { bigint: true });
    const id = `${found.dev}:${found.ino}`;
    if (found.isDirectory()) return { kind: "folder", name, path, id };
    if (found.isFile()) return { kind: "file", name, path, id, bytes: Number(found.size) };
    const what = found.isFIFO() ? "a named pipe" : found.isSocket() ? "a socket" : "a device";
    return { kind: "other", name, path, reason: `${what}, not a file` };
  } catch (error) {
    return { kind: "unreadable", name, path, reason: await whyUnreadable(path, error as NodeJS.ErrnoException) };
  }
}

async function whyUnreadable(path: string, { code, message }: NodeJS.ErrnoException): Promise<string> {
  if (code === "ELOOP") return "a link that leads round in a circle";
  if (isDenied(code)) return DENIED;
  if (code !== "ENOENT" && code !== "ENOTDIR") return `cannot be read (${code ?? message})`;
  const isLink = await lstat(path).then(
    (found) => found.isSymbolicLink(),
    () => false,
  );
  if (isLink) return `a link to "${await readlink(path)}", which is not there`;
  return path.includes("\uFFFD") ? "its name is not valid UTF-8: rename it" : NOWHERE;
}

const isDenied = (code: string | undefined): boolean => code === "EACCES" || code === "EPERM";

/** Visible entries, or why there are none. */
async function readEntries(folder: string, zips: Zips): Promise<readonly Entry[] | string> {
  try {
    const names = (await readdir(folder)).filter((name) => !isPassedOver(name));
    const entry = (name: string): Promise<Entry> => entryAt(join(folder, name), name);
    return await pMap(names.toSorted(byCodePoint), entry, { concurrency: 16 });
  } catch (error) {
    const zipped = await zips.find(folder);
    if (zipped && "entries" in zipped) return zipped.entries;
    const found = await entryAt(folder);
    if (found.kind === "unreadable") return found.reason === NOWHERE ? "there is no such folder" : found.reason;
    if (found.kind !== "folder") return found.kind === "file" ? whatFile(folder) : `it is ${found.reason}`;
    const { code, message } = error as NodeJS.ErrnoException;
    return isDenied(code) ? DENIED : `it cannot be read (${code ?? message})`;
  }
}

/**
 * A folder, so that no link inside leads back to it, and those around it, so that none leads out to them. In a zip there are
 * no links.
 */
export async function around(folder: string, zips: Zips): Promise<Visited> {
  const visited: Visited = new Map();
  if ((await zips.find(folder)) !== undefined) return visited;
  const real = await realpath(folder);
  for (let at = real, last = ""; at !== last; [at, last] = [dirname(at), at]) {
    const found = await entryAt(at);
    if (found.kind === "folder" && !visited.has(found.id)) visited.set(found.id, at === real ? folder : at);
  }
  return visited;
}

/** Why a folder is not entered (again). */
export const sameFolder = (before: string): string => `the same folder as "${before}"`;

/**
 * All files below a folder that can be read. A folder is entered once, on its first path; `entered` takes in what is
 * entered here. Links to folders `outside` are not followed: by default to this one and those around it.
 */
export async function walkFolder(folder: string, zips: Zips, entered: Visited, outside?: Visited): Promise<Walked> {
  const closedTo = outside ?? (await around(folder, zips));
  const top = await entryIn(zips, folder);
  if (top.kind === "folder") entered.set(top.id, folder);
  const files: FileEntry[] = [];
  const unreadable: Skipped[] = [];
  const closed: Skipped[] = [];
  const repeated: Skipped[] = [];
  const walk = async (place: string): Promise<void> => {
    const entries = await readEntries(place, zips);
    if (typeof entries === "string") closed.push({ path: place, reason: entries });
    else for (const entry of entries) await take(entry);
  };
  const take = async (entry: Entry): Promise<void> => {
    const { path } = entry;
    if (entry.kind === "file") files.push(entry);
    else if (entry.kind !== "folder") unreadable.push({ path, reason: entry.reason });
    else {
      const before = closedTo.get(entry.id) ?? entered.get(entry.id);
      if (before !== undefined) return void repeated.push({ path, reason: sameFolder(before) });
      entered.set(entry.id, path);
      await walk(path);
    }
  };
  await walk(folder);
  return {
    files: files.toSorted((a, b) => byCodePoint(slashed(a.path), slashed(b.path))),
    unreadable,
    closed,
    repeated,
  };
}

/** So that folders are in the same order where separators are others. */
const slashed = (path: string): string => (sep === "/" ? path : path.replaceAll(sep, "/"));
