// Writes a file so that readers see either the old bytes or the new ones, never a half: temporary name in the same
// folder, fsync, rename. A process killed in between leaves only a temporary, which the next writer of the file clears.

import { open, realpath, rename, rm } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { UserError } from "../../errors.ts";
import { removeStaleTemporaries, settle, temporaryFor } from "./temporaries.ts";

type Bytes = Uint8Array | string | AsyncIterable<Uint8Array>;

/** Paths beside which this process has cleared what killed ones left. */
const cleared = new Set<string>();

/**
 * Replaces the file at `path` by `bytes` (a string is written as UTF-8, pieces one after the other) and returns once they are on disk.
 * On failure the old file is untouched and no temporary stays. A linked file is written through its link.
 * @throws UserError when the disk is full, the folder is missing or not writable, or `path` is a folder.
 * @example await writeFileAtomic("config.yaml", "seed: 7\n");
 */
export async function writeFileAtomic(path: string, bytes: Bytes): Promise<void> {
  const place = await realpath(path).catch(() => resolve(path)); // a link stays one
  await clearOnce(place); // beforehand: it may be what fills the disk
  const temporary = temporaryFor(place);
  try {
    await writeThrough(temporary, bytes);
    await rename(temporary, place);
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => undefined); // the first error is the one to report
    throw explainWriteError(error, path);
  } finally {
    settle(temporary);
  }
  await syncFolder(dirname(place));
}

async function clearOnce(path: string): Promise<void> {
  if (cleared.has(path)) return;
  cleared.add(path);
  await removeStaleTemporaries(dirname(path), path).catch(() => undefined); // a folder that cannot be listed may be written to
}

/** What a failed write, in a folder, means for the user; errors that are not about the file system come back as they are. */
export function explainWriteError(error: unknown, path: string, folder: string = dirname(path)): unknown {
  const reasons: Record<string, [what: string, hint: string]> = {
    ENOSPC: ["no space left on the disk", "free some space, or choose a folder on another disk, and run it again"],
    EDQUOT: ["your disk quota is used up", "free some space, or choose a folder on another disk, and run it again"],
    EACCES: ["permission denied", `choose a folder you may write to, or change the permissions of "${folder}"`],
    EPERM: ["operation not permitted", `choose a folder you may write to, or change the permissions of "${folder}"`],
    EROFS: ["the file system is read-only", "choose a folder on a disk that can be written to"],
    ENOTDIR: ["a part of this path is a file, not a folder", "choose another folder, or move that file away"],
    ENOENT: [`the folder "${folder}" does not exist`, "create it, or check the path for typing mistakes"],
    EISDIR: ["this is a folder, expected a file", "choose another file name, or move the folder away"],
    EFTYPE: ["this is a pipe, a socket or a device, expected a file", "choose another file name"],
    ENOTEMPTY: ["this is a folder, expected a file", "choose another file name, or move the folder away"],
    EEXIST: ["a file is in the way", "choose another name, or move that file away"],
    ELOOP: ["a link leads round in a circle", "remove that link, or choose another folder"],
    EBUSY: ["it is in use or mounted by itself", "mount the folder around it instead, or choose another place"],
    EIO: ["the disk reports an error", "check the disk and its connection, or choose another one"],
    EMFILE: ["too many files are open", "raise the limit with ulimit -n, or close other programs"],
    ENFILE: ["too many files are open on this machine", "close other programs"],
    ENAMETOOLONG: ["this name is too long for the file system", "choose a shorter name"],
  };
  const reason = reasons[(error as NodeJS.ErrnoException | undefined)?.code ?? ""];
  if (!reason) return error;
  return new UserError(`cannot write "${path}": ${reason[0]}`, { hint: reason[1], cause: error });
}

/** Writes a new file and returns once it is on disk. */
async function writeThrough(path: string, bytes: Bytes): Promise<void> {
  const file = await open(path, "wx");
  try {
    if (typeof bytes === "string" || bytes instanceof Uint8Array) await file.writeFile(bytes);
    else for await (const piece of bytes) await file.writeFile(piece); // from where the last one ended
    await file.sync();
  } finally {
    await file.close();
  }
}

/** Makes the rename itself survive a power cut. Some file systems and Windows cannot open folders: then best effort. */
export async function syncFolder(folder: string): Promise<void> {
  try {
    const handle = await open(folder, "r");
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === undefined) throw error;
  }
}
