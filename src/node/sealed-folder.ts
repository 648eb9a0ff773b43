// A folder of files that belong together, written so that readers never take a half or a mixture for the whole: all lies
// complete under temporary names in the folder itself before the first file takes its place, and one file, the seal, is
// taken away first and put back last. The folder is never replaced: it may be mounted, linked, or in a parent that is
// read-only.

import { open, rename, rm } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { UserError } from "../errors.ts";
import { explainWriteError, syncFolder, writeThrough } from "./atomic-file.ts";
import { makeFolder, unmakeFolder } from "./make-folder.ts";
import { lockFolder } from "./runs/run-lock.ts";
import { removeStaleTemporaries, settle, temporaryFor } from "./temporaries.ts";

export interface SealedFiles {
  /** What readers look for first: without it, the folder is not finished. */
  readonly seal: readonly [name: string, bytes: Uint8Array | string];
  readonly parts: Readonly<Record<string, Uint8Array | string>>;
  /** Files of what was there before that are not written anew. */
  readonly obsolete: readonly string[];
}

/**
 * Writes the files into `folder`, which is made where it is missing. A failure while they are written leaves what was
 * there, and a kill either that, or the new files, or a folder without its seal.
 * @param check is called once no other process writes there
 * @throws UserError where the folder cannot be written to, or another process does
 */
export async function writeSealed(folder: string, files: SealedFiles, check?: () => Promise<void>): Promise<void> {
  const place = resolve(folder);
  const made = await makeFolder(folder);
  try {
    const lock = await lockFolder(place).catch((error: unknown) => {
      throw causeOf(error);
    });
    try {
      await check?.();
      await removeStaleTemporaries(place);
      await replaceFiles(place, files);
    } finally {
      await lock.release();
    }
    await removeStaleTemporaries(dirname(place), place).catch(() => undefined); // of versions that replaced folders
  } catch (error) {
    await unmakeFolder(place, made);
    throw explainWriteError(error, folder);
  }
}

/**
 * Throws UserError where nothing can be written to `folder`, which need not be there yet. Call it before long work.
 */
export async function requireWritable(folder: string): Promise<void> {
  const place = resolve(folder);
  const made = await makeFolder(folder);
  const probe = temporaryFor(join(place, "probe"));
  try {
    await (await open(probe, "wx")).close();
  } catch (error) {
    throw explainWriteError(error, folder);
  } finally {
    await rm(probe, { force: true });
    settle(probe);
    await unmakeFolder(place, made);
  }
}

/** Temporaries in the order in which they take their places. */
async function replaceFiles(place: string, { seal, parts, obsolete }: SealedFiles): Promise<void> {
  const written: { readonly temporary: string; readonly path: string }[] = [];
  try {
    for (const [name, bytes] of [...Object.entries(parts), seal]) {
      const path = join(place, name);
      const temporary = temporaryFor(path);
      written.push({ temporary, path });
      await writeThrough(temporary, bytes);
    }
    await rm(join(place, seal[0]), { force: true });
    await syncFolder(place);
    for (const name of obsolete) await rm(join(place, name), { force: true });
    for (const { temporary, path } of written) await rename(temporary, path);
    await syncFolder(place);
  } finally {
    for (const { temporary } of written) {
      await rm(temporary, { force: true }).catch(() => undefined); // the first error is the one to report
      settle(temporary);
    }
  }
}

/** What the file system said of the lock: users are told of their folder. */
function causeOf(error: unknown): unknown {
  return error instanceof UserError && (error.cause as NodeJS.ErrnoException | undefined)?.code ? error.cause : error;
}
