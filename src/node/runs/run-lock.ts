// One process at a time in a run folder: a lock file that names its owner. The lock of a killed process is taken over.

import { readFileSync } from "node:fs";
import { link, readFile, rename, rm, writeFile } from "node:fs/promises";
import { hostname } from "node:os";
import { join, resolve } from "node:path";
import { UserError } from "../../errors.ts";
import { explainWriteError } from "../atomic-file.ts";
import { isAlive, removeStaleTemporaries, settle, temporaryFor } from "../temporaries.ts";

export interface Owner {
  readonly pid: number;
  readonly host: string;
  /** When the process started, where the system tells: process ids are used again, soon so in containers. */
  readonly started: string;
}

/** The lock's name in its folder. */
export const LOCK = "lock";
/** Locks that this very process holds. */
const held = new Set<string>();

/**
 * Takes the lock of `folder`; returns the function that gives it back.
 * @throws UserError while another process (or this one) has the folder open
 */
export async function lockFolder(folder: string): Promise<() => Promise<void>> {
  const path = resolve(folder, LOCK);
  if (held.has(path)) throw new BusyError(folder, "this process");
  held.add(path);
  try {
    await takeLock(folder, path);
  } catch (error) {
    held.delete(path);
    throw error;
  }
  return async () => {
    if (held.delete(path)) await rm(path, { force: true });
  };
}

async function takeLock(folder: string, path: string): Promise<void> {
  for (let attempt = 0; attempt < 20; attempt++) {
    try {
      await writeFile(path, JSON.stringify(ownerOf(process.pid)), { flag: "wx" });
      return;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw explainWriteError(error, path);
    }
    const owner = await readOwner(path);
    if (owner && isHeld(owner)) throw new BusyError(folder, `process ${owner.pid} on ${owner.host}`);
    await removeStale(folder, path);
  }
  throw new BusyError(folder, "other processes");
}

/** Moves the lock away before deleting it: were it a fresh one of a process as quick as us, it is put back. */
async function removeStale(folder: string, path: string): Promise<void> {
  await removeStaleTemporaries(folder, path); // of a process that was killed right here
  const aside = temporaryFor(path);
  try {
    await rename(path, aside);
    const owner = await readOwner(aside);
    if (owner && isHeld(owner)) await link(aside, path);
    await rm(aside, { force: true });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return; // someone else was quicker
    throw explainWriteError(error, path);
  } finally {
    settle(aside);
  }
}

/** Undefined for a lock that is gone, or that was never written to its end. */
async function readOwner(path: string): Promise<Owner | undefined> {
  for (let attempt = 0; attempt < 5; attempt++) {
    try {
      return JSON.parse(await readFile(path, "utf8")) as Owner;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
      if (!(error instanceof SyntaxError)) throw error;
      await new Promise((done) => setTimeout(done, 20)); // created, but not yet filled
    }
  }
  return undefined;
}

/** Whether the owner may still be at work; processes of other machines cannot be asked, so their locks count. */
function isHeld({ pid, host, started }: Owner): boolean {
  if (host !== hostname()) return true;
  return pid !== process.pid && isAlive(pid) && startOf(pid) === started;
}

/** What the lock of a process of this machine says. */
export function ownerOf(pid: number): Owner {
  return { pid, host: hostname(), started: startOf(pid) };
}

function startOf(pid: number): string {
  try {
    const boot = readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    return `${boot} ${stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19]}`; // field 22, counted after the name
  } catch {
    return "unknown"; // not Linux: the process id alone must do
  }
}

/** Another process is at work there. */
export class BusyError extends UserError {
  /** Who: "process 12 on mars". */
  readonly owner: string;

  constructor(folder: string, owner: string) {
    super(`"${folder}" is in use by ${owner}`, {
      hint: `wait for it or stop it; if it runs no more, delete "${join(folder, LOCK)}"`,
    });
    this.owner = owner;
  }
}
