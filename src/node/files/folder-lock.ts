// One process at a time in a folder: a lock file that names its owner. Whether a process of this machine lives can be
// asked. Those of other machines and containers cannot: they touch their locks, and one that is no longer touched is taken
// over. An owner that was held up for so long finds out before it writes, and leaves the folder to the other.

import { readFileSync } from "node:fs";
import { link, open, rename, rm, stat, writeFile } from "node:fs/promises";
import { hostname } from "node:os";
import { join, resolve } from "node:path";
import { z } from "zod";
import { UserError } from "../../errors.ts";
import { explainWriteError } from "./atomic-file.ts";
import { explainReadError, readWhole } from "./read-file.ts";
import { isAlive, removeStaleTemporaries, settle, temporaryFor } from "./temporaries.ts";
import { processNamespace } from "../this-machine.ts";

const ownerSchema = z.object({
  pid: z.int(),
  host: z.string(),
  /** When the process started, where the system tells: process ids are used again, soon so in containers. */
  started: z.string(),
  /** Whose process ids these are: each container has its own. */
  processes: z.string().optional(),
  /** Seconds between two touches; absent in locks of version 0.1, which are never touched. */
  touched: z.number().optional(),
});

export type Owner = Readonly<z.infer<typeof ownerSchema>>;

/** The lock's name in its folder. */
export const LOCK = "lock";
const TOUCH_SECONDS = 15;
/** So long without a touch, and the owner is taken for gone. */
export const GONE_SECONDS = 120;

/** Locks that this very process holds. */
const held = new Set<string>();

/** A folder that is this process's own until `release`. */
export class FolderLock {
  readonly #folder: string;
  readonly #path: string;
  readonly #timer: NodeJS.Timeout;
  #lostTo: Owner | undefined;
  #isReleased = false;
  /** Ends with the last touch under way. */
  #touched: Promise<unknown> = Promise.resolve();

  constructor(folder: string, path: string) {
    this.#folder = folder;
    this.#path = path;
    this.#timer = setInterval(() => void this.touch().catch(() => undefined), 1000 * TOUCH_SECONDS);
    this.#timer.unref();
  }

  /** @throws BusyError once another process is known to have taken the folder over */
  requireHeld(): void {
    if (this.#lostTo) throw new BusyError(this.#folder, this.#lostTo, "lost");
  }

  /** Tells other machines that this process lives. @throws BusyError where one took the folder over meanwhile */
  async touch(): Promise<void> {
    if (this.#isReleased) return;
    const touching = this.#touch();
    this.#touched = Promise.allSettled([this.#touched, touching]);
    await touching;
  }

  async #touch(): Promise<void> {
    const owner = await readOwner(this.#path).catch(() => "unreadable" as const); // a disk that fails is told by who writes work
    if (owner === "unreadable") return this.requireHeld();
    if (owner && !isSame(owner, ownerOf(process.pid))) this.#lostTo = owner;
    this.requireHeld();
    if (owner) await overwriteFirstByte(this.#path).catch(() => undefined);
    else await writeLock(this.#path); // somebody removed it by hand
  }

  async release(): Promise<void> {
    if (this.#isReleased) return;
    this.#isReleased = true;
    clearInterval(this.#timer);
    await this.#touched; // it may write the lock anew
    const isOwn = await readOwner(this.#path).then(
      (owner) => owner === undefined || isSame(owner, ownerOf(process.pid)),
      () => false,
    );
    try {
      if (isOwn) await rm(this.#path, { force: true });
    } finally {
      held.delete(this.#path);
    }
  }
}

/**
 * Takes the lock of `folder`.
 * @throws BusyError while another process (or this one) has the folder open, UserError where something else has its name
 */
export async function lockFolder(folder: string): Promise<FolderLock> {
  const path = resolve(folder, LOCK);
  if (held.has(path)) throw new BusyError(folder, "this process");
  held.add(path);
  try {
    await removeStaleTemporaries(folder, path).catch(() => undefined); // a folder that is missing is told when the lock is written
    await takeLock(folder, path);
    return new FolderLock(folder, path);
  } catch (error) {
    held.delete(path);
    throw explainWriteError(error, path);
  }
}

async function takeLock(folder: string, path: string): Promise<void> {
  for (let attempt = 0; attempt < 20; attempt++) {
    if (await writeLock(path)) return;
    const owner = await readOwner(path);
    if (owner) {
      const silence = await silenceOf(owner, path);
      if (silence !== "gone") throw new BusyError(folder, owner, silence);
    }
    await removeStale(folder, path);
  }
  throw new BusyError(folder, "other processes");
}

/** False where there is a lock already. It has its name once it is whole: a process that is held up leaves no empty one. */
async function writeLock(path: string): Promise<boolean> {
  const whole = temporaryFor(path);
  try {
    await writeFile(whole, ownText());
    await link(whole, path);
    return true;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "EEXIST") return false;
    if (code !== undefined && NO_LINKS.has(code)) return await createLock(path);
    throw explainWriteError(error, path);
  } finally {
    await rm(whole, { force: true }).catch(() => undefined);
    settle(whole);
  }
}

/** What linking says on disks that know no second name of a file (exFAT, some of other machines). */
const NO_LINKS: ReadonlySet<string> = new Set(["EPERM", "ENOTSUP", "EOPNOTSUPP", "ENOSYS"]);

/** As `writeLock`, but for a moment the lock is empty: `readOwner` waits. */
async function createLock(path: string): Promise<boolean> {
  const file = await open(path, "wx").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "EEXIST") return undefined;
    throw explainWriteError(error, path); // nothing was made: what lies there, if anything, is another's
  });
  if (!file) return false;
  try {
    await file.writeFile(ownText());
    return true;
  } catch (error) {
    await rm(path, { force: true }).catch(() => undefined); // ours, and not whole: the disk is full
    throw explainWriteError(error, path);
  } finally {
    await file.close();
  }
}

const ownText = (): string => JSON.stringify(ownerOf(process.pid));

/** Moves the lock away before deleting it: were it a fresh one of a process as quick as us, it is put back. */
async function removeStale(folder: string, path: string): Promise<void> {
  const aside = temporaryFor(path);
  try {
    await rename(path, aside);
    const isStale = await readOwner(aside).then(
      async (owner) => owner === undefined || (await silenceOf(owner, aside)) === "gone",
      () => false,
    );
    if (!isStale) await putBack(aside, path);
    await rm(aside, { force: true });
  } catch (error) {
    await rm(aside, { force: true });
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "EEXIST") return; // someone else was quicker
    throw explainWriteError(error, path);
  } finally {
    settle(aside);
  }
}

async function putBack(aside: string, path: string): Promise<void> {
  await link(aside, path).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== undefined && NO_LINKS.has(error.code)) return rename(aside, path);
    throw error;
  });
}

/** Whether what has the lock's name in `folder` is no lock of ours. Call it before long work. */
export async function hasForeignLock(folder: string): Promise<boolean> {
  return readOwner(join(folder, LOCK)).then(
    () => false,
    () => true,
  );
}

/**
 * Undefined for a lock that is gone, or that was never written to its end.
 * @throws UserError for what cannot be read, or is no lock of ours
 */
async function readOwner(path: string): Promise<Owner | undefined> {
  for (let attempt = 0; attempt < 5; attempt++) {
    const bytes = await readWhole(path).catch((error: NodeJS.ErrnoException) => {
      if (error.code === "ENOENT") return undefined;
      throw error.code === "EISDIR" || error.code === "EFTYPE" ? inTheWay(path) : explainReadError(error, path);
    });
    if (bytes === undefined) return undefined;
    const text = bytes.toString();
    const owner = parseOwner(text);
    if (owner) return owner;
    if (!isCut(text)) throw inTheWay(path);
    await new Promise((done) => setTimeout(done, 20)); // created, but not yet filled, on a disk without links
  }
  return undefined;
}

function parseOwner(text: string): Owner | undefined {
  try {
    return ownerSchema.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}

const BEGINNING = '{"pid":';

/** The beginning of a lock, or less; a power cut leaves zeros in place of what was not on disk yet. */
function isCut(text: string): boolean {
  const written = text.replace(/\0+$/, "");
  return BEGINNING.startsWith(written) || (written.startsWith(BEGINNING) && !written.includes("}"));
}

function inTheWay(path: string): UserError {
  return new UserError(`"${path}" is in the way: it is no lock that pudnet wrote`, {
    hint: "move it away, or choose another folder",
    exitCode: 2,
  });
}

/** What is known of an owner: that it lives or not, or nothing, or for how many seconds it has not touched its lock. */
type Silence = "gone" | "alive" | "unknown" | number;

async function silenceOf(owner: Owner, path: string): Promise<Silence> {
  const { pid, host, started, processes, touched } = owner;
  const own = ownerOf(process.pid);
  const isSeen = processes === undefined || (processes === own.processes && bootOf(started) === bootOf(own.started));
  if (host === own.host && isSeen) {
    return pid !== process.pid && isAlive(pid) && startOf(pid) === started ? "alive" : "gone";
  }
  if (touched === undefined) return "unknown";
  const silence = await secondsSince(path);
  return silence > GONE_SECONDS ? "gone" : silence;
}

/** Since the file was last written to, by the clock of its disk: those of two machines may differ. */
async function secondsSince(path: string): Promise<number> {
  const probe = temporaryFor(path);
  try {
    await writeFile(probe, "");
    return ((await stat(probe)).mtimeMs - (await stat(path)).mtimeMs) / 1000;
  } finally {
    await rm(probe, { force: true });
    settle(probe);
  }
}

/** With what it is: so readers never find half a lock, and the disk's own clock is asked. */
async function overwriteFirstByte(path: string): Promise<void> {
  const file = await open(path, "r+");
  try {
    await file.write("{", 0);
  } finally {
    await file.close();
  }
}

function isSame(a: Owner, b: Owner): boolean {
  return a.pid === b.pid && a.host === b.host && a.started === b.started && a.processes === b.processes;
}

/** What the lock of a process of this machine says. */
export function ownerOf(pid: number): Owner {
  return {
    pid,
    host: hostname(),
    started: startOf(pid),
    processes: processNamespace() ?? "unknown",
    touched: TOUCH_SECONDS,
  };
}

function startOf(pid: number): string {
  try {
    const boot = readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
    const text = readFileSync(`/proc/${pid}/stat`, "utf8");
    return `${boot} ${text.slice(text.lastIndexOf(")") + 2).split(" ")[19]}`; // field 22, counted after the name
  } catch {
    return "unknown"; // not Linux: the process id alone must do
  }
}

const bootOf = (started: string): string | undefined => started.split(" ")[0];

/** Another process is at work there. */
export class BusyError extends UserError {
  /** Who: "process 12 on mars". */
  readonly owner: string;

  constructor(folder: string, owner: Owner | string, silence: Silence | "lost" = "alive") {
    const who = typeof owner === "string" ? owner : `process ${owner.pid} on ${owner.host}`;
    const lock = join(folder, LOCK);
    if (silence === "lost") {
      super(`"${folder}" was taken over by ${who} while this process was held up`, {
        hint: "let that one go on, or stop it and start this one again",
      });
    } else if (typeof silence === "number") {
      super(`"${folder}" is in use by ${who}, which gave its last sign of life ${Math.round(silence)} s ago`, {
        hint: `stop it, or if it runs no more, try again in ${Math.ceil(GONE_SECONDS - silence) + 1} s: it is then taken for gone`,
      });
    } else {
      super(`"${folder}" is in use by ${who}`, {
        hint:
          silence === "unknown"
            ? `wait for it or stop it; if it runs no more, delete "${lock}": pudnet cannot ask another machine`
            : "wait for it or stop it",
      });
    }
    this.owner = who;
  }
}
