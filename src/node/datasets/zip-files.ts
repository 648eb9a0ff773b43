// Pictures in zips by paths as if the zip were a folder: "pets.zip/cat/1.jpg". Nothing is unpacked to the disk.
import { open, stat } from "node:fs/promises";
import { dirname, join, relative, resolve, sep } from "node:path";
import { FormatError } from "../../errors.ts";
import type { ZippedPicture, ZippedProject } from "../../formats/project-zip.ts";
import type { ByteSource } from "../../formats/zip.ts";
import { safeFileName, uniqueNames } from "../../names.ts";
import { byCodePoint, type Entry, type FileEntry, type FolderEntry } from "./folder-walk.ts";

/** What a path in a zip leads to. */
export type InZip =
  | { readonly entry: FolderEntry; readonly entries: readonly Entry[] }
  | { readonly entry: FileEntry; readonly picture: ZippedPicture | undefined };

/** A zip by its place, and all that is in it by paths with "/". */
interface Opened {
  readonly place: string;
  readonly found: ReadonlyMap<string, InZip>;
}

/** The zips that one piece of work looks into: each is opened once. */
export class Zips {
  readonly #opened = new Map<string, Promise<Opened | undefined>>();

  /**
   * What lies at a path that leads to a zip or into one; undefined for all others.
   * @throws FormatError where a zip is none that pictures should come in
   */
  async find(path: string): Promise<InZip | undefined> {
    const full = resolve(path);
    for (let at = full, last = ""; at !== last; [at, last] = [dirname(at), at]) {
      const known = this.#opened.get(at) ?? ((await isFile(at)) ? this.#open(at, path) : undefined);
      const opened = await known;
      if (opened) return opened.found.get(relative(opened.place, full).split(sep).join("/"));
      if (known) return undefined;
    }
    return undefined;
  }

  #open(place: string, path: string): Promise<Opened | undefined> {
    const inside = resolve(path).length - place.length;
    const opening = openZip(place, inside === 0 ? path : path.slice(0, -inside));
    this.#opened.set(place, opening);
    return opening;
  }
}

async function isFile(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isFile(),
    () => false,
  );
}

/** @param shown the place as it was given */
async function openZip(place: string, shown: string): Promise<Opened | undefined> {
  const { size } = await stat(place);
  const source: ByteSource = { size, read: (from, to) => readRange(place, from, to) };
  const head = await source.read(0, Math.min(4, size)).catch(() => undefined); // who reads it next tells why
  const { beginsAsZip } = await import("../../formats/zip.ts"); // loaded where a file is in place of a folder
  if (head === undefined || !beginsAsZip(head)) return undefined;
  const { readProjectZip } = await import("../../formats/project-zip.ts");
  const tree = new Tree(place, shown);
  const project = await readProjectZip(source, shown);
  if (project.isProject) putProject(tree, project, shown);
  else putFolders(tree, project);
  return { place, found: tree.sorted() };
}

/** Opened for each piece: then there is nothing to be closed in the end. */
async function readRange(place: string, from: number, to: number): Promise<Uint8Array> {
  const file = await open(place);
  try {
    const bytes = new Uint8Array(to - from);
    const { bytesRead } = await file.read(bytes, 0, bytes.length, from);
    return bytes.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}

function putFolders(tree: Tree, { classes, leftOut }: ZippedProject): void {
  for (const { name, pictures } of classes) {
    for (const picture of pictures) tree.put([name, ...picture.name.split("/")], picture);
  }
  for (const { path } of leftOut) tree.put(path.split("/"), undefined);
}

/** Classes by their names, whatever stands in them; paths are made of names as folders have them. */
function putProject(tree: Tree, { classes, leftOut }: ZippedProject, shown: string): void {
  const folders = uniqueNames(classes.map(({ name }) => safeFileName(name, "class")));
  const names = new Set<string>();
  for (const [c, { name, enabled, pictures }] of classes.entries()) {
    const folder = folders[c]!;
    if (!enabled) {
      tree.putOdd(folder, name, "a class that is switched off in the project");
      continue;
    }
    if (name === "" || names.has(name)) throw unclear(shown, name);
    names.add(name);
    tree.putFolder([folder], name);
    const files = uniqueNames(pictures.map(({ path }) => path.slice(path.lastIndexOf("/") + 1)));
    for (const [i, picture] of pictures.entries()) {
      const { burst } = picture;
      tree.put([folder, files[i]!], picture, { isPicture: true, ...(burst === undefined ? {} : { burst }) });
    }
  }
  for (const { path, reason } of leftOut) tree.putOdd(path, path, reason);
}

function unclear(shown: string, name: string): FormatError {
  return new FormatError(shown, name === "" ? "a class without a name" : `two classes are called "${name}"`, {
    hint: "rename one of them where the project was made, or switch it off",
    exitCode: 2,
  });
}

/** The folders and files of a zip. */
class Tree {
  readonly #place: string;
  readonly #shown: string;
  readonly #folders = new Map<string, { readonly entry: FolderEntry; readonly entries: Entry[] }>();
  readonly #files = new Map<string, InZip>();

  constructor(place: string, shown: string) {
    this.#place = place;
    this.#shown = shown;
    this.#folders.set("", { entry: { kind: "folder", ...this.#named([]) }, entries: [] });
  }

  /** A folder, and those around it. */
  putFolder(parts: readonly string[], name?: string): Entry[] {
    const key = parts.join("/");
    const known = this.#folders.get(key);
    if (known) return known.entries;
    const entry: FolderEntry = { kind: "folder", ...this.#named(parts, name) };
    this.putFolder(parts.slice(0, -1)).push(entry);
    const entries: Entry[] = [];
    this.#folders.set(key, { entry, entries });
    return entries;
  }

  put(
    parts: readonly string[],
    picture: ZippedPicture | undefined,
    more: Pick<FileEntry, "isPicture" | "burst"> = {},
  ): void {
    const entry: FileEntry = { kind: "file", ...this.#named(parts), bytes: picture?.size ?? 0, ...more };
    this.putFolder(parts.slice(0, -1)).push(entry);
    this.#files.set(parts.join("/"), { entry, picture });
  }

  /** What is told of at the top, and left out. */
  putOdd(path: string, name: string, reason: string): void {
    this.#folders.get("")!.entries.push({ kind: "other", name, path: join(this.#shown, path), reason });
  }

  sorted(): Map<string, InZip> {
    for (const { entries } of this.#folders.values()) entries.sort((a, b) => byCodePoint(a.name, b.name));
    return new Map([...this.#files, ...this.#folders]);
  }

  #named(parts: readonly string[], name: string = parts.at(-1) ?? this.#shown) {
    return { name, path: join(this.#shown, ...parts), id: `${this.#place}:${parts.join("/")}` };
  }
}
