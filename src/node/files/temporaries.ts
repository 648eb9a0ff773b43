// Temporaries: what is being written lies under a name of its own until it is whole. The name says which process of which
// machine writes it, so that what a killed process left can be removed, and nobody else's.

import { createHash } from "node:crypto";
import { readdir, rm, stat } from "node:fs/promises";
import { hostname } from "node:os";
import { basename, join, resolve } from "node:path";
import { processNamespace } from "../this-machine.ts";

const PATTERN = /^(.*)\.tmp-(?:([0-9a-f]{6})-)?(\d+)-\d+(-old)?$/s;
/** Processes of other machines and containers cannot be asked: theirs are left alone while they may still be written. */
const FOREIGN_MILLISECONDS = 3_600_000;

let made = 0;
/** Those that this process is writing now. */
const inFlight = new Set<string>();

/**
 * An absolute path beside `path` to write to, until `settle` is told that it was renamed or removed.
 * @example temporaryFor("runs/rows.csv") // the absolute path of "runs/rows.csv.tmp-3fa92c-812-0"
 */
export function temporaryFor(path: string): string {
  const temporary = `${resolve(path)}.tmp-${machine()}-${process.pid}-${made++}`;
  inFlight.add(temporary);
  return temporary;
}

/** The name of the file that a temporary was to become; undefined for other names. */
export function temporaryTarget(name: string): string | undefined {
  return PATTERN.exec(name)?.[1];
}

/** This process writes to `temporary` no longer. */
export function settle(temporary: string): void {
  inFlight.delete(temporary);
}

/**
 * Removes the temporaries (files and folders) that killed processes left in `folder`, not below it; `of` names the file
 * that they were to become, by default any. Returns their names.
 */
export async function removeStaleTemporaries(folder: string, of?: string): Promise<string[]> {
  const stale = await staleTemporaries(folder, of);
  for (const name of stale) await rm(join(folder, name), { recursive: true, force: true });
  return stale;
}

/** The names of the temporaries that killed processes left in `folder`. */
export async function staleTemporaries(folder: string, of?: string): Promise<string[]> {
  const stale: string[] = [];
  for (const name of await readdir(folder)) {
    const [, target, where, pid, old = ""] = PATTERN.exec(name) ?? [];
    if (target === undefined || (of !== undefined && target !== basename(of))) continue;
    const path = resolve(folder, name);
    const written = path.slice(0, path.length - old.length);
    if (where === machine() ? isLeft(Number(pid), written) : await isOutdated(path)) stale.push(name);
  }
  return stale;
}

/** Whether a process with this id runs on this machine. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM"; // alive, but another user's
  }
}

/** Process ids are used again, soon so in containers: an older process may have had ours. */
function isLeft(pid: number, temporary: string): boolean {
  return pid === process.pid ? !inFlight.has(temporary) : !isAlive(pid);
}

async function isOutdated(path: string): Promise<boolean> {
  const found = await stat(path).catch(() => undefined); // undefined: somebody was quicker
  return found !== undefined && Date.now() - found.mtimeMs > FOREIGN_MILLISECONDS;
}

let known: string | undefined;

/** Stands for all that see each other's processes: a machine, or a container. */
function machine(): string {
  known ??= createHash("sha256")
    .update(`${hostname()} ${processNamespace() ?? ""}`)
    .digest("hex")
    .slice(0, 6);
  return known;
}
