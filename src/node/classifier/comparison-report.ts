// A comparison on disk: the predicted classifier's folder, the table as CSV, and a page with pictures and predictions.

import { join } from "node:path";
import type { ImageDataset } from "../../data/dataset.ts";
import { csvText } from "../../formats/csv.ts";
import { balancedSample, confusionCounts, mostConfidentMistakes, wilsonInterval } from "../../report/predictions.ts";
import { formatDuration } from "../../report/progress-table.ts";
import { reportHtml, type ReportPicture } from "../../report/report.ts";
import type { Comparison } from "../../classifier/comparison.ts";
import { writeFileAtomic } from "../files/atomic-file.ts";
import { makeFolder, unmakeFolder } from "../files/make-folder.ts";
import { prepareClassifierPlace, saveClassifier } from "./classifier-folder.ts";
import { type Provenance, provenance } from "../provenance.ts";
import { originFacts, reportPicture } from "./report-parts.ts";

/** Where the parts lie. */
export interface ComparisonFiles {
  readonly classifier: string;
  readonly onnx: string;
  readonly report: string;
  readonly table: string;
}

interface ReportedComparison {
  readonly comparison: Comparison;
  readonly dataset: ImageDataset;
  /** What the classifier keeps of the pictures that it was made from. */
  readonly pictureFacts: Readonly<Record<string, unknown>>;
  /** Positions in the dataset of the pictures that the predictions are for. */
  readonly positions: readonly number[];
  /** What the page says at the top, and how to make its numbers again. */
  readonly title: string;
  readonly lead: string;
  readonly facts: readonly (readonly [name: string, value: string])[];
}

const PICTURES = 48;
const MISTAKES = 16;

function comparisonFiles(folder: string): ComparisonFiles {
  const classifier = join(folder, "classifier");
  return {
    classifier,
    onnx: join(classifier, "classifier.onnx"),
    report: join(folder, "report.html"),
    table: join(folder, "comparison.csv"),
  };
}

/**
 * Makes the folder; gives its files and the way back, for when there will be none. Call it before long work.
 * @throws UserError where it cannot be written to
 */
export async function prepareFolder(
  folder: string,
): Promise<{ files: ComparisonFiles; unprepare: () => Promise<void> }> {
  const topmost = await makeFolder(folder);
  const unprepare = (): Promise<void> => unmakeFolder(folder, topmost);
  const files = comparisonFiles(folder);
  try {
    await prepareClassifierPlace(files.classifier, { force: true });
  } catch (error) {
    await unprepare();
    throw error;
  }
  return { files, unprepare };
}

/**
 * Writes everything; what an earlier run left there is replaced.
 * @throws UserError where something else is in the way, or the disk is full or not writable
 */
export async function writeComparison(files: ComparisonFiles, given: ReportedComparison): Promise<void> {
  const { comparison } = given;
  const origin = await provenance();
  const [ours] = comparison.methods;
  const facts = { heldOut: { accuracy: ours!.accuracy, n: ours!.n }, seconds: comparison.times, ...given.pictureFacts };
  await saveClassifier(files.classifier, comparison.classifier, { force: true, facts });
  await writeFileAtomic(files.table, comparisonCsv(comparison));
  await writeFileAtomic(files.report, await comparisonHtml(given, origin));
}

function comparisonCsv({ methods }: Comparison): string {
  const rows = methods.map(({ name, accuracy, n, seconds }) => {
    const [low, high] = wilsonInterval(accuracy, n);
    return [name, accuracy, low, high, n, seconds, seconds / methods[0]!.seconds];
  });
  return csvText([["method", "accuracy", "low95", "high95", "n", "seconds", "ratio"], ...rows]);
}

async function comparisonHtml(given: ReportedComparison, origin: Provenance): Promise<string> {
  const { comparison, dataset, title, lead } = given;
  const { methods, predictions, classifier } = comparison;
  const pictures = (chosen: readonly number[]): Promise<ReportPicture[]> =>
    Promise.all(chosen.map((i) => reportPicture(dataset, given.positions[i]!, predictions[i]!)));
  return reportHtml({
    title,
    lead,
    methods,
    classes: classifier.classes,
    confusion: confusionCounts(predictions, classifier.classes.length),
    pictures: await pictures(balancedSample(predictions, PICTURES)),
    mistakes: await pictures(mostConfidentMistakes(predictions, MISTAKES)),
    facts: [...given.facts, ...timeFacts(comparison), ...originFacts(origin)],
    command: origin.command,
    created: new Date().toISOString(),
  });
}

function timeFacts({ times }: Comparison): [string, string][] {
  const cold = `${formatDuration(times.compile)} for compiling, then ${formatDuration(times.coldPass)} for all weights`;
  return [
    ["Forward pass", `${formatDuration(times.pass)} for all weights, once warm`],
    ["Cold start", `${cold}; ${formatDuration(times.coldClassifier)} for the first classifier`],
    ["Training", `${formatDuration(times.trainingCompile)} for compiling, not counted in the table`],
  ];
}
