// Runs that were killed while they started: a folder without run.json holds nothing, and goes when the next run starts.

import { readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { temporaryTarget } from "../temporaries.ts";
import { BusyError, LOCK, lockFolder } from "../folder-lock.ts";

/** What a run makes before its run.json. */
const FIRST: readonly string[] = [LOCK, "config.yaml", "metrics.csv", "metrics.jsonl", "checkpoints", "figures"];

/**
 * Removes the folders `parent/NAME-N` of runs that never came to start. Their locks tell that they are such, and whether
 * their processes are gone; a folder that holds anything else stays.
 */
export async function removeUnstarted(parent: string, name: string): Promise<void> {
  for (const other of await readdir(parent)) {
    const isNumbered = other.startsWith(`${name}-`) && /^\d+$/.test(other.slice(name.length + 1));
    const path = join(parent, other);
    if (!isNumbered || !(await isUnstarted(path))) continue;
    const lock = await lockFolder(path).catch((error: unknown) => {
      if (error instanceof BusyError) return undefined; // it starts right now
      throw error;
    });
    try {
      if (lock && (await isUnstarted(path))) await rm(path, { recursive: true });
    } finally {
      await lock?.release();
    }
  }
}

async function isUnstarted(path: string): Promise<boolean> {
  const names = await readdir(path, { recursive: true }).catch((error: NodeJS.ErrnoException): string[] => {
    if (error.code === "ENOENT" || error.code === "ENOTDIR") return []; // gone meanwhile, or a file
    throw error;
  });
  const isFirst = (name: string): boolean =>
    FIRST.includes(name) || [...FIRST, "run.json"].includes(temporaryTarget(name)!);
  return names.includes(LOCK) && names.every(isFirst);
}
