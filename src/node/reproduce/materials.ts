// What a result is made from besides its recipe: images, class splits, a trained network. Their hashes stand beside the result,
// so that what was begun with some images or weights is never continued with others.

import { createHash } from "node:crypto";
import type { ImageDataset } from "../../data/dataset.ts";
import type { ClassSplit } from "../../data/splits.ts";
import { UserError } from "../../errors.ts";
import type { Workshop } from "./workshop.ts";

/** Hashes (the first 64 bits of SHA-256, in hexadecimal) by what they are of. */
export type Materials = Readonly<Record<string, string>>;

/** A data set at a side, and a split of its classes. */
export async function dataMaterials(
  workshop: Workshop,
  { dataset: name, side, split }: { readonly dataset: string; readonly side?: number; readonly split?: string },
): Promise<Materials> {
  const dataset = await workshop.dataset(name, side);
  return { ...imagesOf(dataset), ...(split === undefined ? {} : splitOf(split, await workshop.split(split, dataset))) };
}

/**
 * @param known of what is on disk; what it does not name is not compared
 * @throws UserError where something on disk was made from other things than those at hand
 */
export function checkMaterials(place: string, known: Materials, own: Materials): void {
  const changed = Object.keys(own).find((name) => name in known && known[name] !== own[name]);
  if (changed === undefined) return;
  throw new UserError(`"${place}" was begun with another ${changed} than the one at hand`, {
    hint: "the two do not belong together: delete it to make it anew (an evaluation's JSON with its CSV), or give --out another folder",
  });
}

/** Of data sets in memory: many results are of one. */
const hashes = new WeakMap<ImageDataset, string>();

/** "cifar-100@32": class names, labels, parts and images. */
function imagesOf(dataset: ImageDataset): Materials {
  const hash = hashes.get(dataset) ?? datasetHash(dataset);
  hashes.set(dataset, hash);
  return { [`${dataset.name}@${dataset.side}`]: hash };
}

function datasetHash({ classes, labels, part, images }: ImageDataset): string {
  const hash = createHash("sha256").update(JSON.stringify(classes));
  const bytes = (array: Uint8Array | Uint16Array): Uint8Array =>
    new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
  for (const array of [labels, ...(part ? [part] : []), images]) hash.update(bytes(array));
  return hash.digest("hex").slice(0, 16);
}

function splitOf(name: string, { train, val, test }: ClassSplit): Materials {
  const hash = createHash("sha256").update(JSON.stringify({ train, val, test }));
  return { [`class split ${name}`]: hash.digest("hex").slice(0, 16) };
}
