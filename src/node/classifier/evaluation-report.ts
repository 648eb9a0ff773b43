// An evaluation of a classifier as one HTML page, with the mistakes that it is most sure of as pictures.

import { dirname } from "node:path";
import { UserError } from "../../errors.ts";
import type { Judgement } from "../../report/judgement.ts";
import { confusionCounts, mostConfidentMistakes, type Prediction } from "../../report/predictions.ts";
import { REPORT_MARK, reportHtml, type ReportPicture } from "../../report/report.ts";
import { explainWriteError, writeFileAtomic } from "../files/atomic-file.ts";
import { readPictureFile } from "../datasets/picture-file.ts";
import { harmlessPixels, kindOf } from "../datasets/picture-kind.ts";
import type { SampleRanges } from "../datasets/sample-range.ts";
import { Zips } from "../datasets/zip-files.ts";
import { inFolder, makeFolder, unmakeFolder } from "../files/make-folder.ts";
import { provenance } from "../provenance.ts";
import { readWhole } from "../files/read-file.ts";
import { requireWritable } from "../files/sealed-folder.ts";
import { originFacts, pngPicture } from "./report-parts.ts";

export interface ReportedEvaluation {
  /** A judgement, what was judged, and the file of each prediction. */
  readonly evaluation: Judgement & {
    readonly predictions: readonly Prediction[];
    readonly sources: readonly string[];
  };
  /** As for the evaluation: what is white in deep pictures. */
  readonly ranges?: SampleRanges | undefined;
  readonly classes: readonly string[];
  /** What the page says at the top, and where its numbers come from. */
  readonly title: string;
  readonly lead: string;
  readonly facts: readonly (readonly [name: string, value: string])[];
}

const MISTAKES = 32;
/** Pixels of a picture in the page: more than networks see, so that people recognise it. */
const SIDE = 128;
/** Of pictures that are shown with sharp pixels, as they are. */
const SMALL_PIXELS = 64 * 64;
const SMALL_BYTES = 2 ** 15;
/** A figure of more classes can no longer be read. */
const MOST_IN_FIGURE = 100;

/**
 * Makes the folder of the page; gives the way back, for when there will be none. Call it before long work.
 * @throws UserError where the page cannot be written, or another file is in its place
 */
export async function prepareReportPlace(path: string): Promise<() => Promise<void>> {
  const topmost = await makeFolder(dirname(path));
  await requireWritable(dirname(path));
  const found = await readWhole(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return undefined;
    throw explainWriteError(error, path);
  });
  if (found === undefined || found.includes(REPORT_MARK)) return () => unmakeFolder(dirname(path), topmost);
  throw new UserError(`"${path}" is in the way and no report of pudnet`, {
    hint: "choose another file for --report, or move that file away",
    exitCode: 2,
  });
}

/**
 * Writes the page; a report that is already there is replaced.
 * @throws UserError where it cannot be written
 */
export async function writeEvaluationReport(path: string, given: ReportedEvaluation): Promise<void> {
  const html = await evaluationHtml(given);
  await inFolder(dirname(path), () => writeFileAtomic(path, html));
}

/** The page itself. For example: `await saveClassifier("out/pets", classifier, { report: await evaluationHtml(given) });` */
export async function evaluationHtml(given: ReportedEvaluation): Promise<string> {
  const { evaluation, ranges, classes, facts, ...page } = given;
  const origin = await provenance();
  return reportHtml({
    ...page,
    methods: [],
    judgement: evaluation,
    classes,
    ...(classes.length <= MOST_IN_FIGURE ? { confusion: confusionCounts(evaluation.predictions, classes.length) } : {}),
    pictures: [],
    mistakes: await mistakePictures(evaluation, ranges),
    facts: [...facts, ...originFacts(origin)],
    command: origin.command,
    created: new Date().toISOString(),
  });
}

/** Read once more, larger than the network sees them; one that is gone meanwhile is left out. */
async function mistakePictures(
  { predictions, sources }: ReportedEvaluation["evaluation"],
  ranges: SampleRanges | undefined,
): Promise<ReportPicture[]> {
  const chosen = mostConfidentMistakes(predictions, MISTAKES);
  const small = new Map<string, string>();
  const zips = new Zips();
  for (const i of chosen) {
    const image = await smallPicture(sources[i]!, zips);
    if (image !== undefined) small.set(sources[i]!, image);
  }
  const others = chosen.map((i) => sources[i]!).filter((source) => !small.has(source));
  const decoded = await decodedPictures(others, { ranges, zips });
  return chosen.flatMap((i) => {
    const source = sources[i]!;
    const picture = small.has(source) ? { image: small.get(source)!, side: 0 } : decoded.get(source);
    return picture ? [{ ...predictions[i]!, ...picture, source }] : [];
  });
}

/** A PNG of few pixels and bytes is shown as it is: then no decoder need be loaded. */
async function smallPicture(path: string, zips: Zips): Promise<string | undefined> {
  const file = await readPictureFile(path, zips);
  if (typeof file === "string" || typeof file.input === "string" || file.input.length > SMALL_BYTES) return undefined;
  const kind = kindOf(file.head);
  if (kind.name !== "PNG" || (harmlessPixels(kind, file.input) ?? Infinity) > SMALL_PIXELS) return undefined;
  return `data:image/png;base64,${Buffer.from(file.input).toString("base64")}`;
}

async function decodedPictures(
  paths: readonly string[],
  options: { readonly ranges: SampleRanges | undefined; readonly zips: Zips },
): Promise<Map<string, Pick<ReportPicture, "image" | "side">>> {
  if (paths.length === 0) return new Map();
  const { readImages } = await import("../datasets/decode-image.ts");
  const { images, read } = await readImages(paths, SIDE, options);
  const pictures = read.map(async (path, at) => [path, await pngPicture({ images, side: SIDE }, at)] as const);
  return new Map(await Promise.all(pictures));
}
