// Files on their way into the project: decoded in the order in which they came, added some at a time.

import { batch, computed, type ReadonlySignal, type Signal, signal } from "@preact/signals";
import { PictureRefused } from "../engine/protocol.ts";
import { addClass, addPictures, freeName } from "../model/changes.ts";
import { type Placed, sortedIntoClasses } from "../model/folders.ts";
import type { Picture, Project } from "../model/project.ts";
import { put } from "../model/put.ts";
import type { NewPicture } from "../store/store.ts";
import { TEXTS } from "../texts.ts";
import type { Session } from "./session.ts";

/** What is on its way into a class, and what did not become a picture of it. */
export interface CardState {
  readonly waiting: number;
  /** Reasons and the names of the files. */
  readonly refused: ReadonlyMap<string, readonly string[]>;
}

export interface Incoming {
  readonly name: string;
  readonly file: Blob;
  /** Pictures of one press of the camera button share it. */
  readonly burst?: string | undefined;
}

const NOTHING: CardState = { waiting: 0, refused: new Map() };
/** Milliseconds in which decoded pictures are gathered to one change: few are seen to come in, of many each change takes time. */
const GATHER = { few: 200, many: 1000 };
const MANY = 500;
/** Bytes of files that are worth a change at once: what is gathered is kept nowhere yet. */
const MUCH = 2 ** 24;
/** Squares that are given to the engine at once when the project is brought back. */
const AT_ONCE = 500;

interface Arrived {
  readonly classId: string;
  readonly group: string;
  readonly picture: Picture;
  readonly kept: NewPicture;
}

export class Intake {
  readonly #session: Session;
  /** By the id of a class. */
  readonly cards: Signal<ReadonlyMap<string, CardState>> = signal(new Map());
  /** Whether files are on their way into any class. */
  readonly isComing: ReadonlySignal<boolean> = computed(() =>
    [...this.cards.value.values()].some(({ waiting }) => waiting > 0),
  );
  #arrived: Arrived[] = [];
  /** Of all that is under way together: drops that overlap are undone as one, as none of them could be alone. */
  #group: string | undefined;
  /** What is under way beside single files. */
  #wholes = 0;
  /** Groups of which no more is to come. */
  readonly #stopped = new Set<string>();
  #bytes = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(session: Session) {
    this.#session = session;
    // before the store writes what it has, which it hurries to do then
    document.addEventListener("visibilitychange", () => document.hidden && this.flush());
  }

  /** Files on their way into all classes. */
  get waiting(): number {
    return [...this.cards.peek().values()].reduce((sum, { waiting }) => sum + waiting, 0);
  }

  cardState(classId: string): CardState {
    return this.cards.value.get(classId) ?? NOTHING;
  }

  /** Files to be pictures of a class; resolves when the last one is in the project or refused. */
  async add(classId: string, files: readonly Incoming[], group: string = this.#groupOfNow()): Promise<void> {
    this.#update(classId, ({ waiting, refused }) => ({ waiting: waiting + files.length, refused }));
    await Promise.all(files.map((incoming) => this.#take(classId, incoming, group)));
    this.flush();
  }

  /** Folders become classes, those that are called as one that is there go into it; loose files become one class. */
  async addFolders(placed: readonly Placed<File>[]): Promise<void> {
    const { classes, loose, leftOut } = sortedIntoClasses(placed);
    if (leftOut.length > 0) this.#session.notice(TEXTS.besideFolders(leftOut.map(({ name }) => name)));
    if (classes.size === 0 && loose.length === 0 && leftOut.length === 0) this.#session.notice(TEXTS.emptyFolder);
    const named = [...classes].map(([name, files]) => [name, files.map(incomingOf)] as const);
    const rest = loose.length > 0 ? [[undefined, loose.map(incomingOf)] as const] : [];
    await this.addClasses([...named, ...rest]);
  }

  async addClasses(
    classes: readonly (readonly [name: string | undefined, files: readonly Incoming[]])[],
  ): Promise<void> {
    const group = this.#groupOfNow();
    // at once: whoever hears that files come hears of all of them
    await batch(() => Promise.all(classes.map(([name, files]) => this.add(this.classFor(name, group), files, group))));
  }

  /** The group of a change that begins now: that of what is under way. */
  #groupOfNow(): string {
    const isUnderWay = this.waiting > 0 || this.#wholes > 0;
    if (this.#group === undefined || !isUnderWay || this.#stopped.has(this.#group)) this.#group = crypto.randomUUID();
    return this.#group;
  }

  /** What brings files in some at a time, as one change with all that comes meanwhile. */
  async asOne(bring: (group: string) => Promise<void>): Promise<void> {
    const group = this.#groupOfNow();
    this.#wholes++;
    try {
      await bring(group);
    } finally {
      this.#wholes--;
    }
  }

  /** What is still on its way of a group is left out. */
  stop(group: string): void {
    this.#stopped.add(group);
    this.flush();
  }

  /** The id of the class of that name, which is made where there is none. */
  classFor(name?: string, group?: string, enabled = true): string {
    const project = this.#session.project.peek();
    const there = name === undefined ? undefined : project.classes.find((card) => card.name === name);
    if (there) return there.id;
    const id = crypto.randomUUID();
    this.#session.change((before) => {
      const grown = addClass(before, id, name ?? freeName(before, TEXTS.newClass(before.classes.length + 1)));
      return enabled
        ? grown
        : { ...grown, classes: grown.classes.map((card) => (card.id === id ? { ...card, enabled } : card)) };
    }, group);
    return id;
  }

  dismiss(classId: string): void {
    this.#update(classId, ({ waiting }) => ({ waiting, refused: new Map() }));
  }

  /** A project that was kept: its squares go to the engine again, or are made again where the network takes others. */
  async bringBack(project: Project): Promise<void> {
    const { engine, store } = this.#session;
    const ids = project.classes.flatMap(({ pictures }) => pictures.map(({ id }) => id));
    for (let from = 0; from < ids.length; from += AT_ONCE) {
      const some = ids.slice(from, from + AT_ONCE);
      const squares = await store.squares(some);
      const { side } = await engine.ready;
      const added = await Promise.all(
        some.map(async (id) => {
          const planes = squares.get(id);
          if (planes?.length === 3 * side ** 2) return { id, planes };
          const file = await store.file(id);
          const decoded = file && (await engine.decode(file).catch(() => undefined));
          return decoded && { id, planes: decoded.planes };
        }),
      );
      await engine.add(added.filter((one) => one !== undefined));
    }
  }

  async #take(classId: string, { name, file, burst }: Incoming, group: string): Promise<void> {
    try {
      const { bytes, planes, thumbnail, content } = await this.#session.engine.decode(file);
      const id = crypto.randomUUID();
      const picture: Picture = { id, name, content, burst: burst ?? id };
      this.#arrived.push({ classId, group, picture, kept: { id, file, bytes, planes, thumbnail } });
      this.#bytes += bytes.byteLength;
      this.#timer ??= setTimeout(() => this.flush(), this.waiting > MANY ? GATHER.many : GATHER.few);
      if (this.#bytes > MUCH) this.flush();
    } catch (error) {
      this.#refuse(classId, name, error instanceof PictureRefused ? TEXTS.refusals[error.why] : TEXTS.notDecoded);
    }
  }

  /** What has arrived becomes a change of the project a group: when enough has, or when the page is left. */
  flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#bytes = 0;
    const all = this.#arrived.splice(0);
    const arrived = all.filter(({ group }) => !this.#stopped.has(group));
    for (const { classId, group } of all) if (this.#stopped.has(group)) this.#isNoLongerComing(classId);
    for (const group of new Set(arrived.map((one) => one.group)))
      this.#addGroup(
        group,
        arrived.filter((one) => one.group === group),
      );
  }

  #addGroup(group: string, arrived: readonly Arrived[]): void {
    const { engine, store } = this.#session;
    const there = contentsByClass(this.#session.project.peek());
    const added = new Map<string, Picture[]>();
    const kept: NewPicture[] = [];
    for (const one of arrived) {
      const contents = there.get(one.classId);
      if (!contents) {
        this.#refuse(one.classId, one.picture.name, TEXTS.classWent); // it may come back by undo
        continue;
      }
      const isCopy = contents.has(one.picture.content);
      if (isCopy) this.#refuse(one.classId, one.picture.name, TEXTS.alreadyThere);
      else {
        contents.add(one.picture.content);
        put(added, one.classId, one.picture);
        kept.push(one.kept);
      }
    }
    if (kept.length === 0) return;
    engine.add(kept).catch(() => {}); // a worker that died is told where something is asked of it
    const project = addPictures(this.#session.project.peek(), added);
    store.save(project, kept);
    // at once: else the last files, no longer on their way, would seem not to come, and what is learned would lack them
    batch(() => {
      for (const [classId, pictures] of added)
        this.#update(classId, ({ waiting, refused }) => ({ waiting: waiting - pictures.length, refused }));
      this.#session.change(() => project, group);
    });
  }

  #refuse(classId: string, name: string, reason: string): void {
    this.#update(classId, ({ waiting, refused }) => ({
      waiting: waiting - 1,
      refused: new Map(refused).set(reason, [...(refused.get(reason) ?? []), name]),
    }));
  }

  #isNoLongerComing(classId: string): void {
    this.#update(classId, ({ waiting, refused }) => ({ waiting: waiting - 1, refused }));
  }

  #update(classId: string, change: (state: CardState) => CardState): void {
    const before = this.cards.peek();
    this.cards.value = new Map(before).set(classId, change(before.get(classId) ?? NOTHING));
  }
}

const incomingOf = (file: File): Incoming => ({ name: file.name, file });

function contentsByClass({ classes }: Project): Map<string, Set<string>> {
  return new Map(classes.map(({ id, pictures }) => [id, new Set(pictures.map(({ content }) => content))]));
}
