// A made classifier on a folder of labelled pictures, a folder a class, read and answered batch by batch.

import { closest, UserError } from "../../errors.ts";
import type { Classifier } from "../../classifier/classifier.ts";
import { ClassifierSession } from "../../classifier/classify.ts";
import { type ClassifierEvaluation, labelledPredictions } from "../../classifier/evaluate-classifier.ts";
import { judge } from "../../runs/judgement.ts";
import type { Prediction } from "../../runs/predictions.ts";
import type { SessionOptions } from "../../tensor/runtime.ts";
import { imageSource } from "../../train/predictor.ts";
import { type ReadOptions, readImages } from "../datasets/decode-image.ts";
import type { Skipped } from "../datasets/folder-walk.ts";
import { listImageFolder } from "../datasets/image-listing.ts";
import { oneColourNote } from "../datasets/one-colour.ts";
import type { SampleRanges } from "../datasets/sample-range.ts";

export interface EvaluateFolderOptions extends SessionOptions, ReadOptions {
  /** What is white in pictures of more than 8 bits a channel: `sampleRangesOf` the classifier's description. */
  readonly ranges?: SampleRanges | undefined;
}

export interface FolderEvaluation extends ClassifierEvaluation {
  /** The file of each prediction. */
  readonly sources: readonly string[];
  /** Files left out, with reasons. */
  readonly skipped: readonly Skipped[];
  /** What is worth knowing, but stops nothing. */
  readonly notes: readonly string[];
}

/** Pictures read and classified at a time, so that memory does not grow with their number. */
const BATCH = 256;
/** Folders and classes named in an error. */
const NAMED = 5;

/**
 * Evaluates a classifier on a folder laid out as for `predict`, a sub-folder per class; folders and classes go together
 * by name. One picture a class is enough, and classes without pictures are fine.
 * @throws UserError for a folder that is no class of the classifier, or where no picture can be read
 * @example const { accuracy, n } = await evaluateFolder(classifier, "pets-test");
 */
export async function evaluateFolder(
  classifier: Classifier,
  folder: string,
  { onProgress, signal, ranges, ...session }: EvaluateFolderOptions = {},
): Promise<FolderEvaluation> {
  const { classes, arch } = classifier;
  const listing = await listImageFolder(folder, { leastClasses: 1 });
  const labelOf = labelsOfFolders(
    listing.classes.map(({ name }) => name),
    classes,
    folder,
  );
  const files = listing.classes.flatMap(({ name, files: ofClass }) =>
    ofClass.map(({ path }) => ({ path, label: labelOf.get(name)! })),
  );
  const predictions: Prediction[] = [];
  const sources: string[] = [];
  const skipped: Skipped[] = [...listing.odd];
  const notes: string[] = [...listing.notes];
  const running = await ClassifierSession.create(classifier, session);
  try {
    for (let from = 0; from < files.length; from += BATCH) {
      const batch = files.slice(from, from + BATCH);
      const paths = batch.map(({ path }) => path);
      const found = await readImages(paths, arch.side, {
        signal,
        ranges,
        onProgress: ({ done }) => onProgress?.({ done: from + done, total: files.length }),
      });
      const images = imageSource(found.images, 3 * arch.side ** 2);
      const labels = new Map(batch.map(({ path, label }) => [path, label]));
      const answered = found.read.map((path) => labels.get(path)!);
      predictions.push(...(await labelledPredictions(running, classes.length, images, answered)));
      sources.push(...found.read);
      notes.push(...oneColourNote({ images: found.images, side: arch.side, sources: found.read }));
      skipped.push(...found.skipped);
    }
  } finally {
    await running.release();
  }
  if (predictions.length === 0) throw nothingReadable(folder, skipped);
  return { ...judge(predictions, classes.length), predictions, sources, skipped, notes };
}

/** The class of each folder. Names that look the same are the same: file systems differ in how they write accents. */
function labelsOfFolders(folders: readonly string[], classes: readonly string[], place: string): Map<string, number> {
  const exact = new Map(classes.map((name, label) => [name, label]));
  const normal = new Map(classes.map((name, label) => [name.normalize(), label]));
  const labels = folders.map((name) => [name, exact.get(name) ?? normal.get(name.normalize())] as const);
  const unknown = labels.filter(([, label]) => label === undefined).map(([name]) => name);
  if (unknown.length > 0) throw unknownFolders(unknown, classes, place);
  return new Map(labels as [string, number][]);
}

function unknownFolders(unknown: readonly string[], classes: readonly string[], place: string): UserError {
  const named = unknown.slice(0, NAMED).map((name) => {
    const near = closest(name, classes);
    return near === undefined ? `"${name}"` : `"${name}" (did you mean "${near}"?)`;
  });
  const rest = unknown.length - named.length;
  const what =
    unknown.length === 1
      ? `a folder of "${place}" is no class of the classifier`
      : `${unknown.length} folders of "${place}" are no classes of the classifier`;
  const known = classes.slice(0, 2 * NAMED).map((name) => `"${name}"`);
  const more = classes.length > known.length ? `, ... (${classes.length} classes)` : "";
  return new UserError(`${what}: ${named.join(", ")}${rest > 0 ? ` and ${rest} more` : ""}`, {
    hint: `call the folders as the classifier calls its classes, or move them away; it knows ${known.join(", ")}${more}`,
    exitCode: 2,
  });
}

function nothingReadable(folder: string, skipped: readonly Skipped[]): UserError {
  const [first] = skipped;
  const found = first
    ? `${skipped.length} files left out, such as "${first.path}": ${first.reason}`
    : "no files at all";
  return new UserError(`no readable pictures in the class folders of "${folder}": ${found}`, {
    hint: "give a folder with labelled pictures inside class folders, such as test/cat/1.jpg",
    exitCode: 2,
  });
}
