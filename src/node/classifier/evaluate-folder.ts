// A made classifier on a folder of labelled pictures, a folder a class, read and answered batch by batch.

import pMap from "p-map";
import { UserError } from "../../errors.ts";
import type { Classifier } from "../../classifier/classifier.ts";
import { ClassifierSession } from "../../classifier/classify.ts";
import { type ClassifierEvaluation, labelledPredictions } from "../../classifier/evaluate-classifier.ts";
import { type Judgement, judge } from "../../report/judgement.ts";
import { isMistake, type Prediction, wilsonInterval } from "../../report/predictions.ts";
import type { SessionOptions } from "../../tensor/runtime.ts";
import { imageSource } from "../../predict/image-source.ts";
import { readImages } from "../datasets/decode-image.ts";
import type { Progress, ReadOptions } from "../datasets/decoded.ts";
import type { Skipped } from "../datasets/folder-walk.ts";
import { listImageFolder } from "../datasets/image-listing.ts";
import { leftOutLines } from "../datasets/left-out.ts";
import { oneColourNote } from "../datasets/one-colour.ts";
import { readPictureFile } from "../datasets/picture-file.ts";
import { severalClassesNote } from "../datasets/same-pictures.ts";
import { type SampleRanges, sampleRangesOf } from "../datasets/sample-range.ts";
import { Zips } from "../datasets/zip-files.ts";
import { labelsOfFolders } from "./class-folders.ts";
import { trainingPictures } from "./training-pictures.ts";

export interface EvaluateFolderOptions extends SessionOptions, ReadOptions {
  /** What `loadClassifier` gives beside the classifier: how deep pictures are read, and which it was made from. */
  readonly description?: Readonly<Record<string, unknown>> | undefined;
}

export interface FolderEvaluation extends ClassifierEvaluation {
  /** The file of each prediction. */
  readonly sources: readonly string[];
  /** Pictures that the classifier was made from too, and those of them that it recognises; absent where nobody knows. */
  readonly familiar?: { readonly n: number; readonly right: number };
  /** Files left out, with reasons. */
  readonly skipped: readonly Skipped[];
  /** What is worth knowing, but stops nothing. */
  readonly notes: readonly string[];
}

interface LabelledFile {
  readonly path: string;
  readonly label: number;
}

interface Answered extends LabelledFile {
  readonly sha256: string;
  readonly prediction: Prediction;
}

/** Pictures read and classified at a time, so that memory does not grow with their number. */
const BATCH = 256;

/**
 * Evaluates a classifier on a folder (or a zip of one) laid out as for `predict`, a sub-folder per class; folders and classes go together
 * by name. One picture a class is enough, and classes without pictures are fine.
 * @throws UserError for a folder that is no class of the classifier, or where no picture can be read
 * @example const { accuracy, n } = await evaluateFolder(classifier, "pets");
 */
export async function evaluateFolder(
  classifier: Classifier,
  folder: string,
  { onProgress, signal, zips = new Zips(), description = {}, ...session }: EvaluateFolderOptions = {},
): Promise<FolderEvaluation> {
  const listing = await listImageFolder(folder, { leastClasses: 1, zips });
  const labels = labelsOfFolders(
    listing.classes.map(({ name }) => name),
    classifier.classes,
    folder,
  );
  const files = listing.classes.flatMap(({ files: ofClass }, i) =>
    ofClass.map(({ path }) => ({ path, label: labels[i]! })),
  );
  const ranges = sampleRangesOf(description);
  const isKnown = trainingPictures(description);
  const answered: Answered[] = [];
  const skipped: Skipped[] = [...listing.odd];
  const notes: string[] = [...listing.notes];
  const running = await ClassifierSession.create(classifier, session);
  try {
    for (let from = 0; from < files.length; from += BATCH) {
      const progress = ({ done }: Progress): void => onProgress?.({ done: from + done, total: files.length });
      const options = { signal, zips, ranges, onProgress: progress };
      const batch = await answer(running, classifier, files.slice(from, from + BATCH), options);
      answered.push(...batch.answered);
      skipped.push(...batch.skipped);
      notes.push(...batch.notes);
    }
  } finally {
    await running.release();
  }
  if (answered.length === 0) throw nothingReadable(folder, skipped);
  const predictions = answered.map(({ prediction }) => prediction);
  const familiar = isKnown && answered.filter(({ sha256 }) => isKnown(sha256)).map(({ prediction }) => prediction);
  const judgement = judge(predictions, classifier.classes.length);
  return {
    ...judgement,
    predictions,
    sources: answered.map(({ path }) => path),
    ...(familiar ? { familiar: { n: familiar.length, right: familiar.filter((one) => !isMistake(one)).length } } : {}),
    skipped,
    notes: [...familiarNotes(judgement, familiar), ...severalClassesNote(answered), ...notes],
  };
}

/** Reads and classifies pictures; those that cannot be read are in `skipped`. */
async function answer(
  session: ClassifierSession,
  { arch, classes, resize }: Classifier,
  files: readonly LabelledFile[],
  options: ReadOptions & { readonly ranges: SampleRanges },
): Promise<{ answered: Answered[]; skipped: readonly Skipped[]; notes: readonly string[] }> {
  const { images, read, skipped } = await readImages(
    files.map(({ path }) => path),
    arch.side,
    { ...options, resize },
  );
  const labels = new Map(files.map(({ path, label }) => [path, label]));
  const ofRead = read.map((path) => labels.get(path)!);
  const hashes = await hashesOf(read, options.zips);
  const predictions = await labelledPredictions(
    session,
    classes.length,
    imageSource(images, 3 * arch.side ** 2),
    ofRead,
  );
  return {
    answered: predictions.map((prediction, i) => ({
      path: read[i]!,
      label: ofRead[i]!,
      sha256: hashes[i]!,
      prediction,
    })),
    skipped,
    notes: oneColourNote({ images, side: arch.side, sources: read }),
  };
}

/** Contents are what identifies pictures; one that is gone meanwhile is like no other. */
async function hashesOf(paths: readonly string[], zips: Zips | undefined): Promise<string[]> {
  const hash = async (path: string): Promise<string> => {
    const file = await readPictureFile(path, zips);
    return typeof file === "string" ? path : file.sha256;
  };
  return pMap(paths, hash, { concurrency: 8 });
}

function familiarNotes({ n, right }: Judgement, familiar: readonly Prediction[] | undefined): string[] {
  if (familiar === undefined)
    return ["whether the classifier was made from some of these images is not known: its classifier.json does not say"];
  if (familiar.length === 0) return [];
  if (familiar.length === n)
    return ["the classifier was made from these very images: how good it is on others, they do not tell"];
  const others = n - familiar.length;
  const accuracy = (right - familiar.filter((one) => !isMistake(one)).length) / others;
  const [low, high] = wilsonInterval(accuracy, others).map((share) => (100 * share).toFixed(1));
  return [
    `the classifier was made from ${familiar.length} of these ${n} images, too; on the other ${others} its accuracy is ` +
      `${(100 * accuracy).toFixed(1)} % (95 % interval ${low} to ${high} %)`,
  ];
}

function nothingReadable(folder: string, skipped: readonly Skipped[]): UserError {
  const found = skipped.length > 0 ? `${skipped.length} files left out` : "no files at all";
  return new UserError(`no readable pictures in the class folders of "${folder}": ${found}`, {
    details: leftOutLines(skipped),
    hint: "give a folder with labelled pictures inside class folders, such as test/cat/1.jpg",
    exitCode: 2,
  });
}
