// Numbers that processes share: trees and batches as plain bytes in files that lie in memory, since Node's processes have no
// other memory in common. Who may read and write which is told by messages.

import { closeSync, existsSync, fstatSync, openSync, readvSync, writevSync } from "node:fs";
import { mkdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { invariant } from "../../errors.ts";
import { removeStaleTemporaries, settle, temporaryFor } from "../files/temporaries.ts";
import { bytesOf, sizeOf } from "./tree-bytes.ts";

/** Linux keeps this folder in memory; elsewhere the system's cache of files has to do. */
const MEMORY = "/dev/shm";
const NAME = "pudnet-groups";

/** A new folder in memory; what killed processes left of theirs is removed. Call `removeSharedFolder` when done. */
export async function makeSharedFolder(): Promise<string> {
  const parent = existsSync(MEMORY) ? MEMORY : tmpdir();
  await removeStaleTemporaries(parent, NAME).catch(() => undefined); // others' may be not ours to remove
  const folder = temporaryFor(join(parent, NAME));
  await mkdir(folder, { mode: 0o700 });
  return folder;
}

export async function removeSharedFolder(folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true });
  settle(folder);
}

/** Writes the numbers of a tree one after the other. */
export function writeTree(path: string, tree: object): void {
  const file = openSync(path, "w");
  try {
    eachOf(bytesOf(tree), (left) => writevSync(file, left));
  } finally {
    closeSync(file);
  }
}

/** Reads what `writeTree` wrote of a tree of the same structure and types into the memory of `tree`. */
export function readTree<H extends object>(path: string, tree: H): H {
  const parts = bytesOf(tree);
  const file = openSync(path, "r");
  try {
    const size = sizeOf(parts);
    invariant(fstatSync(file).size === size, () => `${path} is not of ${size} bytes`);
    eachOf(parts, (left) => readvSync(file, left));
  } finally {
    closeSync(file);
  }
  return tree;
}

/** So many at once at most: the limit of Linux. */
const MOST_PARTS = 1024;

/** Moves all bytes of the parts, as many at once as the system does. */
function eachOf(parts: readonly Uint8Array[], move: (left: readonly Uint8Array[]) => number): void {
  let left = parts.filter(({ length }) => length > 0);
  while (left.length > 0) {
    let moved = move(left.slice(0, MOST_PARTS));
    while (left.length > 0 && moved >= left[0]!.length) {
      moved -= left[0]!.length;
      left = left.slice(1);
    }
    if (moved > 0) left = [left[0]!.subarray(moved), ...left.slice(1)];
  }
}
