// Pictures of a folder that the range of a classifier's activations is found on.

import type { Classifier } from "../../classifier/classifier.ts";
import { UserError } from "../../errors.ts";
import { CALIBRATION_PICTURES } from "../../export/quantise.ts";
import { imageSource, type ImageSource, spreadPositions } from "../../predict/image-source.ts";
import { readImages } from "../datasets/decode-image.ts";
import type { ReadOptions } from "../datasets/decoded.ts";
import type { Skipped } from "../datasets/folder-walk.ts";
import { leftOutLines } from "../datasets/left-out.ts";
import { oneColourNote } from "../datasets/one-colour.ts";
import { listPictures } from "../datasets/picture-list.ts";
import { sampleRangesOf } from "../datasets/sample-range.ts";
import { Zips } from "../datasets/zip-files.ts";

export interface CalibrationOptions extends ReadOptions {
  /** What `loadClassifier` gives beside the classifier: how deep pictures are read. */
  readonly description?: Readonly<Record<string, unknown>>;
}

/**
 * Of all pictures below a folder as many as are looked at, evenly spread.
 * @throws UserError where none can be read
 * @example (await calibrationPictures("pets", classifier)).pictures.count // 8
 */
export async function calibrationPictures(
  folder: string,
  { arch: { side }, resize }: Classifier,
  { description = {}, ...options }: CalibrationOptions = {},
): Promise<{ pictures: ImageSource; skipped: readonly Skipped[]; notes: readonly string[] }> {
  const zips = options.zips ?? new Zips();
  const { paths, missing } = await listPictures([folder], zips);
  const chosen = spreadPositions(paths.length, Math.min(CALIBRATION_PICTURES, paths.length)).map((i) => paths[i]!);
  const decoding = { ...options, zips, resize, ranges: sampleRangesOf(description) };
  const { images, read, skipped } = await readImages(chosen, side, decoding);
  const leftOut = [...missing, ...skipped];
  if (read.length === 0) {
    throw new UserError(`no readable pictures in "${folder}"`, {
      details: leftOutLines(leftOut),
      hint: "give a folder with pictures, best those that the classifier was made from",
      exitCode: 2,
    });
  }
  const notes = oneColourNote({ images, side, sources: read });
  return { pictures: imageSource(images, 3 * side ** 2), skipped: leftOut, notes };
}
