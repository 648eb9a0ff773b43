// A folder of files that belong together, written so that a half or a mixture can be told from the whole: all lies complete
// under names of its own (NAME.next) in the folder itself before the first file takes its place. One file, the seal, is made
// ready last; from then on the new files count, and whoever comes next puts them in their places where this process was
// killed. The old seal is taken away first, the new one put in its place last, each step for good before the next. Who looks
// in between finds no seal, and is told that the folder is unfinished; who has read the old seal just before may find new
// files, so a seal holds the checksums of the others, which readers compare. The folder is never replaced: it may be
// mounted, linked, or in a parent that is read-only.

import { existsSync } from "node:fs";
import { open, rename, rm } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { UserError } from "../../errors.ts";
import { explainWriteError, syncFolder, writeFileAtomic } from "./atomic-file.ts";
import { inFolder, unmakeFolder } from "./make-folder.ts";
import { type FolderLock, lockFolder } from "./folder-lock.ts";
import { removeStaleTemporaries, settle, temporaryFor } from "./temporaries.ts";

const NEXT = ".next";
const PROBE = "probe";

export interface SealedFiles {
  /** What readers look for first: without it, the folder is not finished. */
  readonly seal: readonly [name: string, bytes: Uint8Array | string];
  readonly parts: Readonly<Record<string, Uint8Array | string>>;
  /** Files of what was there before that are not written anew; what they belonged to is whole without them. */
  readonly obsolete: readonly string[];
}

/** The names of the files alone. */
export interface SealedNames {
  readonly seal: string;
  /** Those that are always written first; one that need not be written may be obsolete, too. */
  readonly parts: readonly string[];
  readonly obsolete: readonly string[];
}

/** The name of the file that this one is ready to become; undefined for other names. */
export function nextTarget(name: string): string | undefined {
  return name.endsWith(NEXT) ? name.slice(0, -NEXT.length) : undefined;
}

/**
 * Writes the files into `folder`, which is made where it is missing. A failure while they are written leaves what was
 * there, and a kill either that or the new files, which `finishSealed` may have to put in their places.
 * @param check is called once no other process writes there
 * @throws UserError where the folder cannot be written to, or another process does
 */
export async function writeSealed(folder: string, files: SealedFiles, check?: () => Promise<void>): Promise<void> {
  const place = resolve(folder);
  const { made, lock } = await lockMade(folder);
  try {
    try {
      await check?.();
      await removeStaleTemporaries(place);
      const names = { seal: files.seal[0], parts: Object.keys(files.parts), obsolete: files.obsolete };
      if (isReady(place, names)) await takePlaces(place, names); // what is written now may yet fail
      for (const name of names.obsolete) await rm(join(place, name + NEXT), { force: true }); // left by a killed process
      await makeReady(place, files);
      await takePlaces(place, names);
    } finally {
      await lock.release();
    }
    await removeStaleTemporaries(dirname(place), place).catch(() => undefined); // of versions that replaced folders
  } catch (error) {
    await unmakeFolder(place, made);
    throw explainWriteError(causeOf(error), folder);
  }
}

/** The lock of a folder that is made where it is missing; `made` is the topmost one that had to be. */
async function lockMade(folder: string): Promise<{ readonly made: string | undefined; readonly lock: FolderLock }> {
  try {
    return await inFolder(folder, async (made) => {
      try {
        return { made, lock: await lockFolder(resolve(folder)) };
      } catch (error) {
        await unmakeFolder(folder, made);
        throw causeOf(error);
      }
    });
  } catch (error) {
    throw explainWriteError(error, folder);
  }
}

/**
 * Throws UserError where nothing can be written to `folder`, which need not be there yet. Call it before long work.
 */
export async function requireWritable(folder: string): Promise<void> {
  const place = resolve(folder);
  await inFolder(folder, async (made) => {
    await removeStaleTemporaries(place, PROBE).catch(() => undefined); // of a process that was killed right here
    const probe = temporaryFor(join(place, PROBE));
    try {
      await (await open(probe, "wx")).close();
    } catch (error) {
      throw explainWriteError(error, folder, folder);
    } finally {
      await rm(probe, { force: true });
      settle(probe);
      await unmakeFolder(place, made);
    }
  });
}

/**
 * Puts files in their places that a killed process had made ready. Gives whether the folder is whole now; it is not where
 * nothing was ready, where another process is at work, or where the folder cannot be written to.
 */
export async function finishSealed(folder: string, names: SealedNames): Promise<boolean> {
  if (!isReady(folder, names)) return false;
  try {
    const lock = await lockFolder(folder);
    try {
      if (isReady(folder, names)) await takePlaces(folder, names);
      return true;
    } finally {
      await lock.release();
    }
  } catch (error) {
    const isTold = error instanceof UserError || (error as NodeJS.ErrnoException).code !== undefined;
    if (!isTold) throw error;
    return false; // the reader says that the folder is unfinished
  }
}

function isReady(place: string, { seal }: SealedNames): boolean {
  return existsSync(join(place, seal + NEXT));
}

/** The seal last: with it, the others are complete. */
async function makeReady(place: string, { parts, seal }: SealedFiles): Promise<void> {
  const files = [...Object.entries(parts), seal];
  try {
    for (const [name, bytes] of files) await writeFileAtomic(join(place, name + NEXT), bytes);
  } catch (error) {
    for (const [name] of files.toReversed()) await rm(join(place, name + NEXT), { force: true }).catch(() => undefined); // the first error is the one to report
    throw error;
  }
}

/** May be killed and called again at any step. */
async function takePlaces(place: string, { seal, parts, obsolete }: SealedNames): Promise<void> {
  await rm(join(place, seal), { force: true });
  const isBegun = parts.length > 0 && !existsSync(join(place, parts[0]! + NEXT));
  // once parts are in their places, a file of an obsolete name is a new one
  if (!isBegun) for (const name of obsolete) await rm(join(place, name), { force: true });
  await syncFolder(place); // gone for good before the first part changes
  for (const name of parts) await takePlace(place, name);
  await syncFolder(place); // in their places for good before there is a seal
  await takePlace(place, seal);
  await syncFolder(place);
}

async function takePlace(place: string, name: string): Promise<void> {
  const ready = join(place, name + NEXT);
  if (existsSync(ready)) await rename(ready, join(place, name));
}

/** What the file system said of the lock: users are told of their folder. */
function causeOf(error: unknown): unknown {
  return error instanceof UserError && (error.cause as NodeJS.ErrnoException | undefined)?.code ? error.cause : error;
}
