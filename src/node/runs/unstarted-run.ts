// Runs that were killed while they started: a folder without run.json holds nothing, and goes when the next run starts.

import { readdir, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { numberOf } from "../files/numbered-folder.ts";
import {
  removeStaleTemporaries,
  settle,
  staleTemporaries,
  temporaryFor,
  temporaryTarget,
} from "../files/temporaries.ts";
import { BusyError, LOCK, lockFolder } from "../files/folder-lock.ts";

/** What a run makes before its run.json. */
const FIRST: readonly string[] = [LOCK, "config.yaml", "metrics.csv", "metrics.jsonl", "checkpoints", "figures"];

/**
 * Removes the folders `parent/NAME-N` of runs that never came to start. Their locks tell that they are such, and whether
 * their processes are gone; a folder that holds anything else stays.
 */
export async function removeUnstarted(parent: string, name: string): Promise<void> {
  const isOfName = (other: string): boolean => numberOf(other, name) !== undefined;
  for (const other of await readdir(parent)) {
    const target = temporaryTarget(other);
    // what a process left that was killed while it removed one
    if (target !== undefined && isOfName(target)) await removeStaleTemporaries(parent, target);
    const path = join(parent, other);
    if (!isOfName(other) || !(await isUnstarted(path))) continue;
    const lock = await lockFolder(path).catch((error: unknown) => {
      if (error instanceof BusyError) return undefined; // it starts right now
      throw error;
    });
    try {
      if (lock && (await isUnstarted(path))) await removeWhole(path);
    } finally {
      await lock?.release();
    }
  }
}

/** Under another name first: a folder of which a part is gone could no longer be told from somebody's own. */
async function removeWhole(path: string): Promise<void> {
  const aside = temporaryFor(path);
  try {
    await rename(path, aside);
    await rm(aside, { recursive: true });
  } finally {
    settle(aside);
  }
}

async function isUnstarted(path: string): Promise<boolean> {
  const names = await readdir(path, { recursive: true }).catch(noneThere);
  const isFirst = (name: string): boolean =>
    FIRST.includes(name) || [...FIRST, "run.json"].includes(temporaryTarget(name)!);
  if (!names.every(isFirst)) return false;
  // a lock under another name is one whose process is gone: killed before it gave it its name, or after it took another's
  return names.includes(LOCK) || (await staleTemporaries(path, LOCK).catch(noneThere)).length > 0;
}

/** Gone meanwhile, or a file. */
function noneThere(error: NodeJS.ErrnoException): string[] {
  if (error.code === "ENOENT" || error.code === "ENOTDIR") return [];
  throw error;
}
