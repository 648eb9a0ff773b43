// Folders that are numbered, so that no work ever lands in that of another: NAME-1, NAME-2, ...

import { mkdir, readdir } from "node:fs/promises";
import { join } from "node:path";
import { explainWriteError } from "./atomic-file.ts";
import { inFolder } from "./make-folder.ts";

/**
 * Makes `parent/NAME-N` with N one above the largest there, or `number`; of processes that do so at once, each gets its own.
 * @throws UserError where it cannot be made
 * @example await makeNumberedFolder("runs", "fashion") // "runs/fashion-1", where there is none yet
 */
export async function makeNumberedFolder(parent: string, name: string, number?: number): Promise<string> {
  try {
    return await inFolder(parent, () =>
      number === undefined ? makeNext(parent, name) : makeOne(parent, name, number),
    );
  } catch (error) {
    throw explainWriteError(error, join(parent, name));
  }
}

async function makeNext(parent: string, name: string): Promise<string> {
  const taken = (await readdir(parent)).map((other) => numberOf(other, name) ?? 0);
  for (let n = Math.max(0, ...taken) + 1; ; n++) {
    try {
      return await makeOne(parent, name, n);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error; // else another process was quicker
    }
  }
}

async function makeOne(parent: string, name: string, number: number): Promise<string> {
  const path = join(parent, `${name}-${number}`);
  await mkdir(path);
  return path;
}

/**
 * The N of NAME-N; undefined for other names.
 * @example numberOf("fashion-12", "fashion") // 12
 */
export function numberOf(folder: string, name: string): number | undefined {
  const text = folder.startsWith(`${name}-`) ? folder.slice(name.length + 1) : "";
  return /^\d{1,9}$/.test(text) ? Number(text) : undefined; // longer ones are no numbers of ours
}
