// The pictures held back, judged as an evaluation judges its own: figures, and a page beside the classifier.

import { resolve } from "node:path";
import type { HeldOutEstimate } from "../classifier/held-out-estimate.ts";
import type { ImageDataset } from "../data/dataset.ts";
import type { LoadedDataset } from "../node/datasets/image-folder.ts";
import { judge } from "../report/judgement.ts";
import type { PudNetModel } from "../predict/model.ts";
import type { JudgedPictures } from "./judgement-json.ts";

/** In a classifier's folder. */
export const REPORT = "report.html";

export function judgeHeldOut(
  { positions, predicted, scores }: HeldOutEstimate,
  { labels, classes, sources }: ImageDataset,
): JudgedPictures {
  const predictions = positions.map((position, i) => ({
    predicted: predicted[i]!,
    score: scores[i]!,
    label: labels[position]!,
  }));
  return {
    ...judge(predictions, classes.length),
    predictions,
    sources: positions.map((position) => sources![position]!), // which all folders of pictures have
  };
}

/** The page on a prediction; mistakes are read once more, larger than the network sees them. */
export async function heldOutPage(
  evaluation: JudgedPictures,
  { dataset: { classes, labels }, ranges, skipped, notes }: LoadedDataset,
  about: { readonly folder: string; readonly model: PudNetModel; readonly file: string; readonly sha256: string },
): Promise<string> {
  const { evaluationHtml } = await import("../node/classifier/evaluation-report.ts"); // not for --help
  const { name, side } = about.model.arch;
  const { n } = evaluation;
  return evaluationHtml({
    evaluation,
    ranges,
    classes,
    title: `${name} on pictures held back`,
    lead:
      `A classifier of ${about.folder} (${classes.length} classes, ${side} × ${side} pixels), made from ${labels.length - n} of its ` +
      `pictures, on the ${n} others. The classifier in this folder is made in the same way, its head from all of them.`,
    facts: [
      [
        "Pictures",
        `${resolve(about.folder)}: ${labels.length}, of them ${n} held back; ${skipped.length} files left out`,
      ],
      ["Weights", `${about.file}, SHA-256 ${about.sha256.slice(0, 12)}`],
      ...notes.map((note) => ["Note", note] as const),
    ],
  });
}
