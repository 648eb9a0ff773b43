// What lies in a dataset folder: a sub-folder per class with its pictures. Says what is wrong when it is laid out otherwise.
import { join, relative, resolve, sep } from "node:path";
import pMap from "p-map";
import { UserError } from "../../errors.ts";
import { isPictureName } from "../../formats/picture-names.ts";
import {
  byCodePoint,
  around,
  entriesOf,
  type Entry,
  type FileEntry,
  type FolderEntry,
  LAYOUT_HINT,
  sameFolder,
  type Skipped,
  type Visited,
  type Walked,
  walkFolder,
} from "./folder-walk.ts";
import { listed } from "../../names.ts";
import { classNameNotes } from "./class-names.ts";
import { leftOutLines } from "./left-out.ts";
import { Zips } from "./zip-files.ts";

const MOST_CLASSES = 65_536; // labels are 16 bits
const SHOWN = 5;

export interface FolderListing {
  readonly folder: string;
  /** Classes by name, files by path: those of sub-folders at any depth belong to the class. */
  readonly classes: readonly { readonly name: string; readonly files: readonly FileEntry[] }[];
  /** What lies in the folder and is no picture, or cannot be read. */
  readonly odd: readonly Skipped[];
  /** What is worth telling and stops nothing. */
  readonly notes: readonly string[];
}

export interface ListingOptions {
  /** Class folders that there must be: two to make a classifier (default), one to try it. */
  readonly leastClasses?: 1 | 2;
  readonly zips?: Zips | undefined;
}

/**
 * Lists the classes and files of a dataset folder, or of a zip of one.
 * @throws UserError when it is not laid out as one, and for whatever at the level of the classes, or a folder at any level,
 * that cannot be read: classes or an unknown number of pictures would be missing
 */
export async function listImageFolder(
  folder: string,
  { leastClasses = 2, zips = new Zips() }: ListingOptions = {},
): Promise<FolderListing> {
  const entries = await entriesOf(folder, zips);
  requireReadable(folder, entries);
  const outside = await around(folder, zips);
  const classes = entries.filter((entry) => entry.kind === "folder").filter(({ id }) => !outside.has(id));
  requireClasses(folder, { classes, entries, leastClasses });
  const odd = entries.flatMap((entry) => besideClasses(entry, outside));
  const walk = async (one: FolderEntry): Promise<FoundClass> => ({
    ...one,
    walked: await walkFolder(one.path, zips, new Map(), outside),
  });
  const found = await pMap(classes, walk, { concurrency: 8 });
  requireOpen(found);
  requireRightLevel(folder, found);
  return {
    folder,
    classes: found.map(({ name, walked }) => ({ name, files: walked.files.filter(isPicture) })),
    odd: [...odd, ...found.flatMap(({ walked }) => oddOf(walked))],
    notes: [...classNameNotes(found.map(({ name }) => name)), ...levelNotes(folder, found)],
  };
}

/** What cannot be entered may be a class. */
function requireReadable(folder: string, entries: readonly Entry[]): void {
  const bad = entries.flatMap((entry) => (entry.kind === "unreadable" ? [`"${entry.name}" (${entry.reason})`] : []));
  if (bad.length === 0) return;
  throw new UserError(`cannot read ${listed(bad, SHOWN)} in "${folder}": a class would be missing`, {
    hint: "mend the links or permissions, or move what is broken away",
    exitCode: 2,
  });
}

interface Level extends Required<Pick<ListingOptions, "leastClasses">> {
  readonly classes: readonly FolderEntry[];
  readonly entries: readonly Entry[];
}

function requireClasses(folder: string, { classes, entries, leastClasses }: Level): void {
  if (classes.length === 0) {
    const pictures = entries.filter(isPicture).length;
    const found = pictures > 0 ? `${pictures} pictures directly in it` : "nothing";
    throw new UserError(`no class folders in "${folder}": found ${found}`, {
      hint: pictures > 0 ? "sort the pictures into a folder for each class: " + LAYOUT_HINT : LAYOUT_HINT,
      exitCode: 2,
    });
  }
  if (classes.length < leastClasses) {
    throw new UserError(`only one class in "${folder}": "${classes[0]!.name}"`, {
      hint: "a classifier needs at least two class folders; is this the folder above or below the right one?",
      exitCode: 2,
    });
  }
  if (classes.length > MOST_CLASSES)
    throw new UserError(`${classes.length} classes in "${folder}", at most ${MOST_CLASSES}`, { exitCode: 2 });
  const byId = new Map<string, string>();
  for (const { name, id } of classes) {
    const other = byId.get(id);
    byId.set(id, name);
    if (other === undefined) continue;
    throw new UserError(`the classes "${other}" and "${name}" in "${folder}" are one folder, by a link`, {
      hint: "no classifier can tell them apart: remove one of the two",
      exitCode: 2,
    });
  }
}

function besideClasses(entry: Entry, outside: Visited): Skipped[] {
  if (entry.kind === "folder") {
    const before = outside.get(entry.id);
    return before === undefined ? [] : [{ path: entry.path, reason: sameFolder(before) }];
  }
  const what = entry.kind === "other" ? ` (${entry.reason})` : "";
  return [{ path: entry.path, reason: `lies beside the class folders${what}` }];
}

function requireOpen(classes: readonly { readonly walked: Walked }[]): void {
  const closed = classes.flatMap(({ walked }) => walked.closed);
  if (closed.length === 0) return;
  throw new UserError(
    `cannot read ${listed(
      closed.map(({ path, reason }) => `the folder "${path}" (${reason})`),
      SHOWN,
    )}`,
    {
      hint: "its pictures would be missing: change its permissions, or move it away",
      exitCode: 2,
    },
  );
}

function oddOf({ files, unreadable, repeated }: Walked): Skipped[] {
  const named = files
    .filter((file) => !isPicture(file))
    .map(({ path }) => ({ path, reason: "not the name of a picture" }));
  return [...named, ...unreadable, ...repeated].toSorted((a, b) => byCodePoint(a.path, b.path));
}

interface FoundClass extends FolderEntry {
  readonly walked: Walked;
}

/** Names of the parts that datasets come in. */
const PARTS = /^(train(ing)?|tst|test(ing)?|val|valid(ation)?|dev|eval(uation)?|hold-?out)([-_ ]?(set|data|images))?$/i;

/** Parts of a dataset, each with all classes, are no classes. */
function requireRightLevel(folder: string, classes: readonly FoundClass[]): void {
  const parts = classes.filter(
    ({ name, walked, path }) => PARTS.test(name) && subFoldersOf(path, walked) !== undefined,
  );
  const shared = sharedNames(parts);
  if (parts.length < 2 || shared.length === 0) return;
  const names = parts.map(({ name }) => `"${name}"`);
  const right = parts.find(({ name }) => /^train/i.test(name)) ?? parts[0]!;
  throw new UserError(
    `${names.join(" and ")} in "${folder}" look like parts of a dataset, not like classes: each holds folders such as "${shared[0]}", and no pictures beside them`,
    { hint: `the classes lie one level deeper: give "${right.path}" itself as the dataset`, exitCode: 2 },
  );
}

function levelNotes(folder: string, classes: readonly FoundClass[]): string[] {
  if (classes.every(({ name }) => PARTS.test(name)))
    return [`the classes of "${folder}" are named as parts of a dataset are: is this the folder of the classes?`];
  const all = classes.map(({ path, walked }) => subFoldersOf(path, walked)?.toSorted().join("/"));
  if (all[0] === undefined || all.some((names) => names !== all[0]) || !all[0].includes("/")) return [];
  const first = classes[0]!;
  const names = listed(
    all[0].split("/").map((name) => `"${name}"`),
    SHOWN,
  );
  return [
    `all classes hold the same folders (${names}) and no pictures beside them; if these are the classes, give "${first.path}" itself as the dataset`,
  ];
}

/** Names of the folders directly in a class that hold pictures; undefined where pictures lie beside them, or there are none. */
function subFoldersOf(place: string, { files }: Walked): string[] | undefined {
  const parts = files.filter(isPicture).map(({ path }) => relative(place, path).split(sep));
  if (parts.length === 0 || parts.some(({ length }) => length === 1)) return undefined;
  return [...new Set(parts.map(([first]) => first!))];
}

function sharedNames(classes: readonly FoundClass[]): string[] {
  const [first = [], ...rest] = classes.map(({ path, walked }) => subFoldersOf(path, walked) ?? []);
  return first.filter((name) => rest.every((names) => names.includes(name)));
}

export function isPicture(entry: Entry): boolean {
  return entry.kind === "file" && (entry.isPicture ?? isPictureName(entry.name));
}

/** Throws UserError unless each class has at least 2 of `what`; it says why files of the others were left out. */
export function requireTwoEach(
  folder: string,
  counts: readonly (readonly [name: string, count: number])[],
  what: string,
  skipped: readonly Skipped[],
): void {
  const poor = counts.filter(([, count]) => count < 2);
  if (poor.length === 0) return;
  const shown = poor.map(([name, count]) => `"${name}" has ${count === 0 ? "none" : count}`);
  throw new UserError(`too few ${what} in "${folder}": ${listed(shown, SHOWN)}; each class needs at least 2`, {
    details: poor
      .slice(0, SHOWN)
      .flatMap(([name]) => leftOutLines(skippedIn(join(folder, name), skipped), `"${name}": `)),
    hint: "add pictures (.jpg, .png, .webp) to these class folders, or move the folders away",
    exitCode: 2,
  });
}

function skippedIn(place: string, skipped: readonly Skipped[]): Skipped[] {
  const inside = resolve(place) + sep;
  return skipped.filter(({ path }) => resolve(path).startsWith(inside));
}
