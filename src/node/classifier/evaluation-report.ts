// An evaluation of a classifier as one HTML page, with the mistakes that it is most sure of as pictures.

import { dirname } from "node:path";
import { UserError } from "../../errors.ts";
import { confusionCounts, mostConfidentMistakes } from "../../report/predictions.ts";
import { REPORT_MARK, reportHtml, type ReportPicture } from "../../report/report.ts";
import { explainWriteError, writeFileAtomic } from "../files/atomic-file.ts";
import { readImages } from "../datasets/decode-image.ts";
import type { SampleRanges } from "../datasets/sample-range.ts";
import { inFolder, makeFolder, unmakeFolder } from "../files/make-folder.ts";
import { provenance } from "../provenance.ts";
import { readWhole } from "../files/read-file.ts";
import { requireWritable } from "../files/sealed-folder.ts";
import type { FolderEvaluation } from "./evaluate-folder.ts";
import { originFacts, reportPicture } from "./report-parts.ts";

export interface ReportedEvaluation {
  readonly evaluation: FolderEvaluation;
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
  const { evaluation, ranges, classes, facts, ...page } = given;
  const origin = await provenance();
  const html = reportHtml({
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
  await inFolder(dirname(path), () => writeFileAtomic(path, html));
}

/** Read once more, larger than the network sees them; one that is gone meanwhile is left out. */
async function mistakePictures(
  { predictions, sources }: FolderEvaluation,
  ranges: SampleRanges | undefined,
): Promise<ReportPicture[]> {
  const chosen = mostConfidentMistakes(predictions, MISTAKES);
  const read = await readImages(
    chosen.map((i) => sources[i]!),
    SIDE,
    { ranges },
  );
  const bySource = new Map(chosen.map((i) => [sources[i]!, predictions[i]!]));
  const found = { images: read.images, side: SIDE, sources: read.read };
  return Promise.all(read.read.map((source, at) => reportPicture(found, at, bySource.get(source)!)));
}
