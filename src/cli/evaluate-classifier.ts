// pudnet evaluate --classifier: a made classifier on a folder of labelled pictures.

import { resolve } from "node:path";
import type { ClassifierDescription } from "../classifier/classifier-file.ts";
import { loadClassifier } from "../node/classifier/classifier-folder.ts";
import { evaluateFolder, type FolderEvaluation } from "../node/classifier/evaluate-folder.ts";
import { sampleRangesOf } from "../node/datasets/sample-range.ts";
import type { ReportedEvaluation } from "../node/classifier/evaluation-report.ts";
import { judgementLines } from "../report/judgement-text.ts";
import type { Device } from "../tensor/runtime.ts";
import type { EvaluateClassifierJson } from "./json.ts";
import { judgedJson, mistakesOf } from "./judgement-json.ts";
import { required } from "./options.ts";
import { print, printJson } from "./output.ts";
import { decodingProgress } from "./progress.ts";
import { aboutData } from "./skipped.ts";

/** What the options of `pudnet evaluate` say about a classifier. */
export interface EvaluateClassifierOptions {
  readonly classifier?: string | undefined;
  readonly data?: string | undefined;
  readonly report?: string | undefined;
  readonly json?: boolean | undefined;
  readonly device: Device;
  readonly threads?: number | undefined;
}

/** What was evaluated, and what came out. */
interface Evaluated {
  readonly folder: string;
  readonly description: ClassifierDescription;
  readonly data: string;
  readonly report: string | undefined;
  readonly evaluation: FolderEvaluation;
}

export async function evaluateClassifierOnFolder(options: EvaluateClassifierOptions): Promise<void> {
  const folder = required(options.classifier, "--classifier <dir>", "evaluate");
  const data = required(options.data, "--data <folder>", "evaluate");
  const { report, json = false } = options;
  // Figures are drawn for a page only, and loading what draws them takes longer than a small evaluation.
  const page = report === undefined ? undefined : await import("../node/classifier/evaluation-report.ts");
  const unprepare = report === undefined ? undefined : await page!.prepareReportPlace(report);
  try {
    const { classifier, description } = await loadClassifier(folder);
    const settings = { device: options.device, threads: options.threads, description, onProgress: decodingProgress() };
    const evaluation = await evaluateFolder(classifier, data, settings);
    const evaluated = { folder, description, data, report, evaluation };
    if (report !== undefined) await page!.writeEvaluationReport(report, pageOf(evaluated));
    if (json) printJson(figures(evaluated));
    else print(...summary(evaluated));
  } catch (error) {
    await unprepare?.();
    throw error;
  }
}

function figures({ folder, description, data, report, evaluation }: Evaluated): EvaluateClassifierJson {
  const { classes: names, sha256 } = description;
  const { predictions: _, sources: __, interval, majority, skipped, notes, ...shares } = evaluation;
  return {
    format: "pudnet-evaluate-classifier",
    version: 1,
    classifier: { folder, sha256: sha256["weights.safetensors"] },
    data: resolve(data),
    ...(report === undefined ? {} : { report }),
    ...shares,
    interval95: interval,
    majority: { accuracy: majority.accuracy, label: names[majority.label]! },
    ...judgedJson(evaluation, names),
    skipped,
    notes,
  };
}

function summary({ folder, description, data, report, evaluation }: Evaluated): string[] {
  const { arch, classes } = description;
  return [
    `classifier: ${folder} (${arch.name}, ${classes.length} classes)`,
    `read ${evaluation.n} labelled ${evaluation.n === 1 ? "image" : "images"} of ${data}`,
    ...aboutData(evaluation),
    ...judgementLines(evaluation, classes, mistakesOf(evaluation, classes)),
    ...(report === undefined ? [] : [`report: ${report}`]),
  ];
}

function pageOf({ folder, description, data, evaluation }: Evaluated): ReportedEvaluation {
  const { arch, classes, sha256 } = description;
  const { n, skipped, notes } = evaluation;
  return {
    evaluation,
    ranges: sampleRangesOf(description),
    classes,
    title: `${arch.name} on labelled pictures`,
    lead: `The classifier ${folder} (${classes.length} classes, ${arch.side} × ${arch.side} pixels) on ${n} pictures of ${data}.`,
    facts: [
      ["Classifier", `${folder}, SHA-256 of its weights ${sha256["weights.safetensors"].slice(0, 12)}`],
      ["Pictures", `${resolve(data)}: ${n} classified, ${skipped.length} left out`],
      ...notes.map((note) => ["Note", note] as const),
    ],
  };
}
