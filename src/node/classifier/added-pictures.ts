// Pictures of class folders that a classifier is to know as well, as it sees them.

import type { Classifier } from "../../classifier/classifier.ts";
import type { AddedPicture } from "../../classifier/update-classifier.ts";
import { listed } from "../../names.ts";
import { imageSource, type ImageSource } from "../../predict/image-source.ts";
import { decodeInto } from "../datasets/decode-image.ts";
import { keepReadable, type ReadOptions } from "../datasets/decoded.ts";
import type { Skipped } from "../datasets/folder-walk.ts";
import { listImageFolder } from "../datasets/image-listing.ts";
import { oneColourNote } from "../datasets/one-colour.ts";
import { hashPictures } from "../datasets/picture-file.ts";
import { sampleRangesOf } from "../datasets/sample-range.ts";
import { Zips } from "../datasets/zip-files.ts";

export interface AddedPictures {
  readonly images: ImageSource;
  readonly pictures: readonly AddedPicture[];
  readonly skipped: readonly Skipped[];
  readonly notes: readonly string[];
}

/**
 * Reads a folder laid out as for `predict`, or a zip of one; one class and one picture is enough.
 * @param description what `loadClassifier` gives beside the classifier: how deep pictures are read
 * @throws UserError where it is laid out otherwise
 * @example (await addedPictures(classifier, "pets")).pictures.length // 8
 */
export async function addedPictures(
  { arch: { side }, resize }: Pick<Classifier, "arch" | "resize">,
  folder: string,
  { description = {}, ...options }: ReadOptions & { readonly description?: Readonly<Record<string, unknown>> } = {},
): Promise<AddedPictures> {
  const zips = new Zips();
  const listing = await listImageFolder(folder, { leastClasses: 1, zips });
  const files = listing.classes.flatMap((one) => one.files.map(({ path }) => ({ path, class: one.name })));
  const found = await hashPictures(files, { zips, signal: options.signal });
  const readable = found.flatMap(({ path, class: name, sha256 }) =>
    sha256 === undefined ? [] : [{ path, class: name, sha256 }],
  );
  const paths = readable.map(({ path }) => path);
  const squares = new Uint8Array(paths.length * 3 * side ** 2);
  const { reasons } = await decodeInto(squares, paths, side, {
    ...options,
    resize,
    zips,
    ranges: sampleRangesOf(description),
    hashes: readable.map(({ sha256 }) => sha256),
  });
  const images = keepReadable(squares, 3 * side ** 2, reasons);
  const pictures = readable.filter((_, i) => reasons[i] === undefined);
  const unreadable = [...found, ...readable.map(({ path }, i) => ({ path, reason: reasons[i] }))];
  return {
    images: imageSource(images, 3 * side ** 2),
    pictures,
    skipped: [
      ...listing.odd,
      ...unreadable.flatMap(({ path, reason }) => (reason === undefined ? [] : [{ path, reason }])),
    ],
    notes: [
      ...listing.notes,
      ...emptyClassesNote(
        listing.classes.map(({ name }) => name),
        pictures,
      ),
      ...oneColourNote({ images, side, sources: pictures.map(({ path }) => path) }),
    ],
  };
}

function emptyClassesNote(classes: readonly string[], pictures: readonly { readonly class: string }[]): string[] {
  const known = new Set(pictures.map((one) => one.class));
  const empty = classes.filter((name) => !known.has(name));
  return empty.length === 0 ? [] : [`no picture that can be read of ${listed(empty.map((name) => `"${name}"`))}`];
}
