// Numbers that processes share: trees and batches as plain bytes in files that lie in memory, since Node's processes have no
// other memory in common. Who may read and write which is told by messages.

import { closeSync, existsSync, openSync, readFileSync, writevSync } from "node:fs";
import { mkdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { asTree, fillTree, type HostTensor, leaves } from "../../tensor/tree.ts";
import { removeStaleTemporaries, settle, temporaryFor } from "../files/temporaries.ts";

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
  const parts = leaves<HostTensor>(asTree(tree)).map(([, { data }]) => bytesOf(data));
  const file = openSync(path, "w");
  try {
    writeAll(file, parts);
  } finally {
    closeSync(file);
  }
}

/** Reads what `writeTree` wrote of a tree of the same structure and types as `like`. */
export function readTree<H extends object>(path: string, like: H): H {
  const bytes = readFileSync(path);
  const tensors = new Map<string, HostTensor>();
  let at = 0;
  for (const [name, { shape, data }] of leaves<HostTensor>(asTree(like))) {
    const from = bytes.byteOffset + at;
    const part = bytes.buffer.slice(from, from + data.byteLength); // a copy, since numbers must lie at multiples of their size
    tensors.set(name, { shape, data: data instanceof Uint8Array ? new Uint8Array(part) : new Float32Array(part) });
    at += data.byteLength;
  }
  return fillTree<HostTensor, HostTensor>(asTree(like), tensors, (name) => tensors.get(name)!) as H;
}

const bytesOf = ({ buffer, byteOffset, byteLength }: HostTensor["data"]): Uint8Array =>
  new Uint8Array(buffer, byteOffset, byteLength);

/** So many at once at most: the limit of Linux. */
const MOST_PARTS = 1024;

function writeAll(file: number, parts: readonly Uint8Array[]): void {
  let left = parts.filter(({ length }) => length > 0);
  while (left.length > 0) {
    let written = writevSync(file, left.slice(0, MOST_PARTS));
    while (left.length > 0 && written >= left[0]!.length) written -= left.shift()!.length;
    if (written > 0) left = [left[0]!.subarray(written), ...left.slice(1)];
  }
}
