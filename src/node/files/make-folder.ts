// A folder and those around it, made where they are missing. Node's own `mkdir` with `recursive` takes a read-only disk for
// a missing folder.

import { lstat, mkdir, rmdir, stat } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { UserError } from "../../errors.ts";
import { explainWriteError } from "./atomic-file.ts";

/**
 * Makes `folder`; gives the topmost one that had to be made, undefined where it was there.
 * @throws UserError where it cannot be made
 */
export async function makeFolder(folder: string): Promise<string | undefined> {
  const place = resolve(folder);
  try {
    return await makeMissing(place);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") {
      throw new UserError(`cannot write "${folder}": no folder can be made in "${await nearestFolder(place)}"`, {
        hint: "choose another place",
        cause: error,
      });
    }
    if (!(await isDangling(place))) throw explainWriteError(error, folder);
    throw new UserError(`cannot write "${folder}": it is a link to what is not there`, {
      hint: "make the folder that it leads to, or remove the link",
      cause: error,
    });
  }
}

/** So often another process may take the folder away again. */
const MOST_TRIES = 20;

/**
 * Works in `folder`, which is made where it is missing; `work` is told what `makeFolder` gives. Another process that made it
 * for nothing may remove it again before there is anything in it: then all is done once more.
 * @throws UserError where the folder cannot be made, and what `work` throws
 */
export async function inFolder<T>(folder: string, work: (made: string | undefined) => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    const made = await makeFolder(folder);
    try {
      return await work(made);
    } catch (error) {
      const { code, cause } = error as NodeJS.ErrnoException;
      const isMissing = (code ?? (cause as NodeJS.ErrnoException | undefined)?.code) === "ENOENT";
      if (!isMissing || attempt === MOST_TRIES) throw error;
    }
  }
}

/** Removes a folder that `makeFolder` made for nothing, and those around it up to the topmost that it made. */
export async function unmakeFolder(folder: string, topmost: string | undefined): Promise<void> {
  if (topmost === undefined) return;
  for (let at = resolve(folder); at.startsWith(topmost); at = dirname(at)) {
    await rmdir(at).catch(() => undefined); // others may use it
  }
}

async function makeMissing(place: string): Promise<string | undefined> {
  if (await madeAlone(place, "ENOENT")) return place;
  if (await isFolder(place)) return undefined;
  const topmost = dirname(place) === place ? undefined : await makeMissing(dirname(place));
  const made = await madeAlone(place, "EEXIST"); // of several at once, one makes it
  return topmost ?? (made ? place : undefined);
}

/** False where it is there, or `pardoned` is the reason why it cannot be made. */
async function madeAlone(place: string, pardoned: string): Promise<boolean> {
  for (let attempt = 1; ; attempt++) {
    try {
      await mkdir(place);
      return true;
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === pardoned) return false;
      // Systems differ in what they say of a folder that is there: that it is, or that none may be made.
      const found = await stat(place).catch(() => undefined);
      if (found?.isDirectory()) return false;
      const isGoneAgain = code === "EEXIST" && found === undefined && !(await isDangling(place));
      if (!isGoneAgain || attempt === MOST_TRIES) throw error;
    }
  }
}

/** The first that is there of a folder and those around it. */
async function nearestFolder(place: string): Promise<string> {
  return dirname(place) === place || (await isFolder(place)) ? place : nearestFolder(dirname(place));
}

function isFolder(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
}

async function isDangling(path: string): Promise<boolean> {
  const isThere = await stat(path).then(
    () => true,
    () => false,
  );
  return (
    !isThere &&
    (await lstat(path).then(
      (found) => found.isSymbolicLink(),
      () => false,
    ))
  );
}
