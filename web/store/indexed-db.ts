// The project in IndexedDB: classes as records, bytes of pictures apart, so that a change writes what changed and no more.

import { type DBSchema, type IDBPDatabase, openDB } from "idb";
import type { Bytes, ClassCard, Project } from "../model/project.ts";
import type { NewPicture, Store, Trouble } from "./store.ts";

interface Schema extends DBSchema {
  /** One, under "project": its name and the order of its classes. */
  project: { key: string; value: { readonly name: string; readonly classes: readonly string[] } };
  classes: { key: string; value: ClassCard };
  /** Under "zip": the project that last left as one. */
  notes: { key: string; value: { readonly project?: Project } };
  // by a picture's id
  files: { key: string; value: Bytes };
  squares: { key: string; value: Uint8Array };
  thumbnails: { key: string; value: Bytes };
}

type Database = IDBPDatabase<Schema>;
const STORES = ["project", "classes", "notes", "files", "squares", "thumbnails"] as const;
const BYTES = ["files", "squares", "thumbnails"] as const;
const PROJECT = "project";
const ZIP = "zip";

/** Milliseconds between two writes: a folder that is dropped comes picture by picture. */
const PACE = 200;
/** What one write takes of pictures, in bytes and in number, if it is more than one. */
const MOST_AT_ONCE = { bytes: 2 ** 24, pictures: 100 } as const;
/** Pictures in a row that there is no room for, after which none is tried until the next change. */
const MOST_MISSES = 3;
/** Bytes of files that are held until they are written; of what waits beyond that the files are read again. */
const MOST_HELD = 2 ** 26;
/** Milliseconds that the tab before this one has to let go, such as when it is loaded again. */
const LETS_GO = 1500;

export interface StoreOptions {
  /** Is told what keeps the project from being kept, and undefined once it is kept again. */
  readonly onTrouble: (trouble: Trouble | undefined) => void;
  readonly name?: string;
  /** Resolves when it is time for the next write. */
  readonly pause?: () => Promise<void>;
}

/** Opens the one project of this browser. Never fails: what cannot be kept is told to `onTrouble`. */
export async function openStore({ onTrouble, name = "pudnet", pause = nextWrite }: StoreOptions): Promise<Store> {
  let trouble: Trouble | undefined;
  const tell = (found: Trouble | undefined): void => {
    if (found !== trouble) onTrouble((trouble = found));
  };
  const isMine = await takeLock(name, () => tell("left"));
  const database = await openDatabase(name).catch(() => undefined);
  if (!database) tell("forbidden");
  else if (!isMine) tell("elsewhere");
  return new KeptProject(database, pause, database && isMine ? tell : undefined);
}

async function openDatabase(name: string): Promise<Database> {
  return await openDB<Schema>(name, 1, {
    upgrade: (database) => STORES.forEach((store) => void database.createObjectStore(store)),
  });
}

/** Held as long as the page is open; false where another tab has it, and `onLeft` when that is closed. */
async function takeLock(name: string, onLeft: () => void): Promise<boolean> {
  const { locks } = navigator as Partial<Navigator>; // not there without https
  if (!locks) return true;
  return await new Promise((done) => {
    let isLate = false;
    const timer = setTimeout(() => {
      isLate = true;
      done(false);
    }, LETS_GO);
    void locks.request(`${name} project`, () => {
      clearTimeout(timer);
      if (isLate) onLeft();
      done(true);
      return new Promise<never>(() => {}); // until the page is gone
    });
  });
}

class KeptProject implements Store {
  #database: Database | undefined;
  readonly #pause: () => Promise<void>;
  /** Nothing is written without it. */
  #tell: ((trouble: Trouble | undefined) => void) | undefined;
  /** Pictures that are not written: not yet, for a trouble, or as the project does not have them any more. */
  readonly #waiting = new Map<string, NewPicture>();
  /** Of the files that wait. */
  #heldBytes = 0;
  #latest: Project | undefined;
  /** As the database has it: without pictures that there is no room for. */
  #written: Project | undefined;
  /** What that was made of. */
  #done: Project | undefined;
  #writing: Promise<void> | undefined;

  constructor(
    database: Database | undefined,
    pause: () => Promise<void>,
    tell: ((trouble: Trouble | undefined) => void) | undefined,
  ) {
    this.#database = database;
    this.#pause = pause;
    this.#tell = tell;
  }

  async load(): Promise<Project | undefined> {
    if (!this.#database) return undefined;
    try {
      this.#written = this.#done = await readProject(this.#database);
    } catch {
      this.#tell?.("unreadable");
      this.#tell = this.#database = undefined; // what is there stays as it is
      return undefined;
    }
    const drop = this.#written && this.#tell && dropUnnamed(this.#database, this.#written);
    await drop?.catch(() => {}); // at the next start, then
    return this.#written;
  }

  save(project: Project, added: readonly NewPicture[] = []): void {
    this.#latest = project;
    for (const picture of added) this.#wait(picture);
    if (this.#database && this.#tell) this.#writing ??= this.#write(this.#database, this.#tell);
  }

  /** With the bytes of its file where there is room for them. */
  #wait({ bytes, ...picture }: NewPicture): void {
    const isHeld = bytes !== undefined && this.#heldBytes + bytes.byteLength <= MOST_HELD;
    if (isHeld) this.#heldBytes += bytes.byteLength;
    this.#waiting.set(picture.id, isHeld ? { ...picture, bytes } : picture);
  }

  #isWritten({ id, bytes }: NewPicture): void {
    if (this.#waiting.delete(id)) this.#heldBytes -= bytes?.byteLength ?? 0;
  }

  async settled(): Promise<void> {
    await this.#writing;
  }

  /** Ends when all is written that there is room for, or with a trouble: the next `save` tries again. */
  async #write(database: Database, tell: (trouble: Trouble | undefined) => void): Promise<void> {
    const noRoomFor = new Set<string>();
    let most: number = MOST_AT_ONCE.pictures;
    let misses = 0;
    try {
      while (this.#latest && (this.#latest !== this.#done || this.#next(noRoomFor).length > 0)) {
        await this.#pause();
        const latest = this.#latest;
        const added = someOf(this.#next(noRoomFor), most);
        const project = withoutOthers(latest, this.#waiting, added);
        const isKept = await hasRoom(write(database, changesOf(this.#written, project), added), added.length > 0);
        if (isKept) {
          for (const picture of added) this.#isWritten(picture);
          this.#written = project;
          this.#done = latest;
          most = Math.min(2 * most, MOST_AT_ONCE.pictures);
          misses = 0;
          if (noRoomFor.size === 0) tell(undefined);
        } else if (added.length > 1) most = Math.ceil(added.length / 2);
        else {
          const isFull = ++misses === MOST_MISSES;
          for (const { id } of isFull ? this.#next(noRoomFor) : added) noRoomFor.add(id);
          tell("full");
        }
      }
    } catch (error) {
      tell(isOf("QuotaExceededError", error) ? "full" : "failed");
    } finally {
      this.#writing = undefined;
    }
  }

  /** What waits and the project has: what was deleted before it was written may come back, but needs no room until then. */
  #next(noRoomFor: ReadonlySet<string>): readonly NewPicture[] {
    if (this.#waiting.size === 0) return [];
    const named = new Set(this.#latest?.classes.flatMap(({ pictures }) => pictures.map(({ id }) => id)));
    return [...this.#waiting.values()].filter(({ id }) => named.has(id) && !noRoomFor.has(id));
  }

  thumbnails(ids: readonly string[]): Promise<ReadonlyMap<string, Bytes>> {
    return this.#each(
      "thumbnails",
      ids,
      ({ thumbnail }) => thumbnail,
      (thumbnail) => thumbnail,
    );
  }

  squares(ids: readonly string[]): Promise<ReadonlyMap<string, Uint8Array>> {
    return this.#each(
      "squares",
      ids,
      ({ planes }) => planes,
      (planes) => planes,
    );
  }

  async file(id: string): Promise<Blob | undefined> {
    const ofWaiting = ({ file, bytes }: NewPicture): Blob => (bytes ? asBlob({ type: file.type, bytes }) : file);
    return (await this.#each("files", [id], ofWaiting, asBlob)).get(id);
  }

  async withoutFile(ids: readonly string[]): Promise<readonly string[]> {
    const kept = new Set(await this.#database?.getAllKeys("files"));
    const isThere = await Promise.all(ids.map(async (id) => kept.has(id) || (await canBeRead(this.#waiting.get(id)))));
    return ids.filter((_, i) => !isThere[i]);
  }

  /** What waits to be written is not in the database, and may never be. */
  async #each<Name extends (typeof BYTES)[number], T>(
    name: Name,
    ids: readonly string[],
    ofWaiting: (picture: NewPicture) => T,
    ofStored: (stored: Schema[Name]["value"]) => T,
  ): Promise<ReadonlyMap<string, T>> {
    const found = new Map<string, T>();
    const store = this.#database?.transaction(name).store;
    const read = async (id: string): Promise<void> => {
      const waiting = this.#waiting.get(id);
      const stored = waiting ? undefined : await store?.get(id);
      if (waiting) found.set(id, ofWaiting(waiting));
      else if (stored !== undefined) found.set(id, ofStored(stored));
    };
    await Promise.all(ids.map(read));
    return found;
  }

  async noteZip(project: Project): Promise<void> {
    if (this.#tell) await this.#database?.put("notes", { project }, ZIP);
  }

  async lastZip(): Promise<Project | undefined> {
    return (await this.#database?.get("notes", ZIP))?.project;
  }

  async persistent(ask?: "ask"): Promise<boolean> {
    const { storage } = navigator as Partial<Navigator>; // not there without https
    return (await (ask ? storage?.persist() : storage?.persisted())) ?? false;
  }
}

/** False where there is no room for the pictures of a write; without pictures that is a failure as any other. */
async function hasRoom(writing: Promise<void>, hasPictures: boolean): Promise<boolean> {
  try {
    await writing;
    return true;
  } catch (error) {
    if (hasPictures && isOf("QuotaExceededError", error)) return false;
    throw error;
  }
}

/** Whether the file of a picture that waits is where it was. */
async function canBeRead(picture: NewPicture | undefined): Promise<boolean> {
  if (!picture || picture.bytes) return picture !== undefined;
  const first = await picture.file.slice(0, 1).arrayBuffer().catch(() => undefined); // prettier-ignore
  return first !== undefined;
}

/** The first of what waits, as much as one write takes, and at most so many. */
function someOf(waiting: Iterable<NewPicture>, most: number): readonly NewPicture[] {
  const some: NewPicture[] = [];
  let total = 0;
  for (const picture of waiting) {
    total += picture.bytes?.byteLength ?? picture.file.size; // a file's size is asked of the disk, while the page waits
    if (some.length === most || (total > MOST_AT_ONCE.bytes && some.length > 0)) break;
    some.push(picture);
  }
  return some;
}

/** The project as far as its pictures are kept with this write, so that it is whole whenever the page is closed. */
function withoutOthers(
  project: Project,
  waiting: ReadonlyMap<string, NewPicture>,
  added: readonly NewPicture[],
): Project {
  if (added.length === waiting.size) return project;
  const now = new Set(added.map(({ id }) => id));
  const isLater = ({ id }: { readonly id: string }): boolean => waiting.has(id) && !now.has(id);
  const cut = (card: ClassCard): ClassCard =>
    card.pictures.some(isLater) ? { ...card, pictures: card.pictures.filter((one) => !isLater(one)) } : card;
  return { ...project, classes: project.classes.map(cut) };
}

interface Changes {
  readonly project: Schema["project"]["value"];
  readonly classes: readonly ClassCard[];
  readonly dropped: readonly string[];
}

/** Projects are values: what is the same object has not changed. */
function changesOf(before: Project | undefined, project: Project): Changes {
  const known = new Map(before?.classes.map((card) => [card.id, card]));
  const ids = project.classes.map(({ id }) => id);
  return {
    project: { name: project.name, classes: ids },
    classes: project.classes.filter((card) => known.get(card.id) !== card),
    dropped: [...known.keys()].filter((id) => !ids.includes(id)),
  };
}

/** All of it, or nothing. No Blobs: browsers have lost what lay behind them in their databases. Bytes of pictures that went stay: undo brings them back. */
async function write(database: Database, { project, classes, dropped }: Changes, added: readonly NewPicture[]) {
  const stored = await Promise.all(
    added.map(async ({ id, file, bytes, planes, thumbnail }) => {
      const read = bytes ?? (await file.arrayBuffer().catch(() => undefined)); // moved or edited since it was decoded
      return { id, file: read && { type: file.type, bytes: read }, planes, thumbnail };
    }),
  );
  const transaction = database.transaction(STORES, "readwrite", { durability: "relaxed" });
  const of = <Name extends (typeof STORES)[number]>(name: Name) => transaction.objectStore(name);
  const puts = [
    () => of("project").put(project, PROJECT),
    ...classes.map((card) => () => of("classes").put(card, card.id)),
    ...dropped.map((id) => () => of("classes").delete(id)),
    ...stored.flatMap(({ id, file, planes, thumbnail }) => [
      ...(file ? [() => of("files").put(file, id)] : []),
      () => of("squares").put(planes, id),
      () => of("thumbnails").put(thumbnail, id),
    ]),
  ];
  try {
    await Promise.all([...puts.map(async (put) => put()), transaction.done]);
  } catch (error) {
    throw transaction.error ?? error; // requests that were under way say no more than that it was given up
  }
}

async function readProject(database: Database): Promise<Project | undefined> {
  const transaction = database.transaction(["project", "classes"]);
  const [project, classes] = await Promise.all([
    transaction.objectStore("project").get(PROJECT),
    transaction.objectStore("classes").getAll(),
  ]);
  const byId = new Map(classes.map((card) => [card.id, card]));
  return project && { name: project.name, classes: project.classes.flatMap((id) => byId.get(id) ?? []) };
}

/** Bytes of pictures that no class has any more: at the start there is nothing to undo. */
async function dropUnnamed(database: Database, { classes }: Project): Promise<void> {
  const named = new Set(classes.flatMap(({ pictures }) => pictures.map(({ id }) => id)));
  const transaction = database.transaction(BYTES, "readwrite");
  const dropIn = async (name: (typeof BYTES)[number]): Promise<void> => {
    const store = transaction.objectStore(name);
    const ids = await store.getAllKeys();
    await Promise.all(ids.filter((id) => !named.has(id)).map((id) => store.delete(id)));
  };
  await Promise.all([...BYTES.map(dropIn), transaction.done]);
}

const asBlob = ({ type, bytes }: Bytes): Blob => new Blob([bytes], { type });

/** A while after the last one; at once when the page is left. */
function nextWrite(): Promise<void> {
  return new Promise((done) => {
    const go = (): void => {
      document.removeEventListener("visibilitychange", go);
      clearTimeout(timer);
      done();
    };
    const timer = setTimeout(go, PACE);
    document.addEventListener("visibilitychange", go);
  });
}

const isOf = (name: string, error: unknown): boolean => error instanceof DOMException && error.name === name;
