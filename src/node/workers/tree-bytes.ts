// The numbers of a tree as plain bytes, one leaf after the other: how they lie in files that processes share, and travel to
// other machines.

import { UserError } from "../../errors.ts";
import { asTree, type HostTensor, leaves } from "../../tensor/tree.ts";

/** The bytes of each leaf, in the tree's own memory. */
export function bytesOf(tree: object): Uint8Array[] {
  return leaves<HostTensor>(asTree(tree)).map(
    ([, { data }]) => new Uint8Array(data.buffer, data.byteOffset, data.byteLength),
  );
}

/**
 * Fills a tree with the bytes of another of the same structure and types, which were joined.
 * @throws UserError where there are more or fewer
 */
export function fillWith<H extends object>(bytes: Uint8Array, tree: H): H {
  const parts = bytesOf(tree);
  const size = sizeOf(parts);
  if (bytes.length !== size) {
    throw new UserError(`${bytes.length} bytes came where ${size} belong`, {
      hint: "find out who else writes to the queue",
    });
  }
  let at = 0;
  for (const part of parts) {
    part.set(bytes.subarray(at, at + part.length));
    at += part.length;
  }
  return tree;
}

/** Of all parts together. */
export const sizeOf = (parts: readonly Uint8Array[]): number => parts.reduce((sum, { length }) => sum + length, 0);
