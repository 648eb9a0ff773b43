// Files that are written together, and replace others only where that was asked for.

import { lstat } from "node:fs/promises";
import { dirname } from "node:path";
import { UserError } from "../../errors.ts";
import { writeFileAtomic } from "./atomic-file.ts";
import { makeFolder } from "./make-folder.ts";

/** @throws UserError where something is at one of the places, unless it may be replaced. Call it before long work. */
export async function requireFreeFiles(
  paths: readonly string[],
  { force }: { readonly force: boolean },
): Promise<void> {
  if (force) return;
  for (const path of paths) {
    const isThere = await lstat(path).then(
      () => true,
      (error: unknown) =>
        (error as NodeJS.ErrnoException).code !== "ENOENT" && (error as NodeJS.ErrnoException).code !== "ENOTDIR",
    );
    if (!isThere) continue;
    const hint = "choose another file with --out, or replace it with --force";
    throw new UserError(`there is "${path}" already`, { hint, exitCode: 2 });
  }
}

/**
 * Writes each of the files whole, in folders that are made where they are missing.
 * @throws UserError where they cannot be written, or are there and may not be replaced
 * @example await writeFiles([{ path: "site/pets.js", bytes: new Uint8Array(3) }], { force: false });
 */
export async function writeFiles(
  files: readonly { readonly path: string; readonly bytes: Uint8Array }[],
  options: { readonly force: boolean },
): Promise<void> {
  await requireFreeFiles(
    files.map(({ path }) => path),
    options,
  );
  for (const { path, bytes } of files) {
    await makeFolder(dirname(path));
    await writeFileAtomic(path, bytes);
  }
}
