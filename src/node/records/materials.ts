// What a result is made from besides its settings: images, class splits, a trained network. Their hashes stand beside the
// result, so that what was begun with some images or weights is never continued with others.

import { createHash } from "node:crypto";
import type { ImageDataset } from "../../data/dataset.ts";
import type { ClassSplit } from "../../data/splits.ts";
import { UserError } from "../../errors.ts";

/** Hashes (the first 64 bits of SHA-256, in hexadecimal) by what they are of. */
export type Materials = Readonly<Record<string, string>>;

/**
 * @param known of what is on disk; undefined for what was written before it was noted, which is not compared
 * @throws UserError where something on disk was made from other things than those at hand
 */
export function checkMaterials(
  place: string,
  known: Materials | undefined,
  own: Materials,
  way: { readonly hint: string; readonly exitCode?: 1 | 2 },
): void {
  if (known === undefined) return;
  const changed = Object.keys(own).find((name) => known[name] !== own[name]);
  if (changed === undefined) return;
  throw new UserError(`"${place}" was begun with another ${changed} than the one at hand`, way);
}

/** @throws UserError where a result on disk was made from other things than those at hand */
export function checkResult(place: string, known: Materials | undefined, own: Materials): void {
  const hint =
    "the two do not belong together: delete it to make it anew (an evaluation's JSON with its CSV), or give --out another folder";
  checkMaterials(place, known, own, { hint, exitCode: 2 });
}

/** Of data sets in memory: many results are of one. */
const hashes = new WeakMap<ImageDataset, string>();

/** "cifar-100@32": class names, labels, parts and images. */
export function imageMaterials(dataset: ImageDataset): Materials {
  const hash = hashes.get(dataset) ?? datasetHash(dataset);
  hashes.set(dataset, hash);
  return { [`${dataset.name}@${dataset.side}`]: hash };
}

function datasetHash({ classes, labels, part, images }: ImageDataset): string {
  const hash = createHash("sha256").update(JSON.stringify(classes));
  const bytes = (array: Uint8Array | Uint16Array): Uint8Array =>
    new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
  // In pieces, since one update stops at 2 GiB.
  for (const array of [labels, ...(part ? [part] : []), images])
    for (let at = 0; at < array.byteLength; at += 2 ** 28) hash.update(bytes(array).subarray(at, at + 2 ** 28));
  return hash.digest("hex").slice(0, 16);
}

/** "class split fashion-set": the classes of each part. */
export function splitMaterials(name: string, { train, val, test }: ClassSplit): Materials {
  const hash = createHash("sha256").update(JSON.stringify({ train, val, test }));
  return { [`class split ${name}`]: hash.digest("hex").slice(0, 16) };
}

/** Of a data set and a split of its classes together. */
export function contentsHash(dataset: ImageDataset, name: string, split: ClassSplit): string {
  const parts = [...Object.values(imageMaterials(dataset)), ...Object.values(splitMaterials(name, split))];
  return createHash("sha256").update(parts.join()).digest("hex").slice(0, 16);
}
