// pudnet classify: pictures -> labels with scores, by a classifier that `pudnet predict` made.

import { Command } from "@commander-js/extra-typings";
import { type NearPicture, NearestPictures } from "../classifier/nearest-pictures.ts";
import { loadClassifier, loadKeptPictures } from "../node/classifier/classifier-folder.ts";
import { readImages } from "../node/datasets/decode-image.ts";
import type { Skipped } from "../node/datasets/folder-walk.ts";
import { oneColourNote } from "../node/datasets/one-colour.ts";
import { listPictures } from "../node/datasets/picture-list.ts";
import { sampleRangesOf } from "../node/datasets/sample-range.ts";
import { Zips } from "../node/datasets/zip-files.ts";
import { type Answer, ClassifierSession } from "../classifier/classify.ts";
import { imageSource } from "../predict/image-source.ts";
import type { ClassifyJson } from "./json.ts";
import { deviceOption, threadsOption, wholeNumber } from "./options.ts";
import { print, printError, printJson } from "./output.ts";
import { noteLines, skippedLines } from "./skipped.ts";

const EXAMPLES = `
Files that cannot be read are listed, the others are classified; the exit code is then 1. Of folders, all files named as
pictures are taken, at any depth, each once; other files are listed, those of the system (.DS_Store, @eaDir, ...) are not.

Examples:
  pudnet classify pets-classifier photo.jpg
  pudnet classify pets-classifier holidays/ --top 1
  pudnet classify pets-classifier photo.jpg --why 3
  pudnet classify pets-classifier photo.jpg --json`;

/** Pictures read and classified at a time, so that memory does not grow with their number. */
const BATCH = 256;

interface Classified extends Answer {
  readonly path: string;
  readonly nearest?: readonly NearPicture[];
}

export function classifyCommand() {
  return new Command("classify")
    .argument("<dir>", "a classifier made by `pudnet predict`")
    .argument("<image...>", "pictures, or folders or zips of them")
    .option("--top <n>", "labels a picture", wholeNumber(1), 3)
    .option("--why <n>", "name the n pictures that it was made from which are most like each", wholeNumber(1))
    .option("--json", "print one JSON object instead of text")
    .addOption(deviceOption())
    .addOption(threadsOption())
    .addHelpText("after", EXAMPLES)
    .action(async (dir, images, { top, why, json, device, threads }) => {
      const { classifier, description } = await loadClassifier(dir);
      const kept = why === undefined ? undefined : await loadKeptPictures(dir, classifier, description);
      const zips = new Zips();
      const { paths, missing, leftOut } = await listPictures(images, zips);
      const session = await ClassifierSession.create(classifier, { device, threads });
      const nearest = kept && (await NearestPictures.create(classifier, kept, { device, threads }));
      const failed: Skipped[] = [...missing];
      const all: Classified[] = [];
      const notes: string[] = [];
      const { side } = classifier.arch;
      const decoding = { resize: classifier.resize, ranges: sampleRangesOf(description), zips };
      try {
        for (let from = 0; from < paths.length; from += BATCH) {
          const read = await readImages(paths.slice(from, from + BATCH), side, decoding);
          failed.push(...read.skipped);
          notes.push(...oneColourNote({ images: read.images, side, sources: read.read }));
          if (read.read.length === 0) continue;
          const squares = imageSource(read.images, 3 * side ** 2);
          const answers = await session.answer(squares, top);
          const near = await nearest?.of(squares, why!);
          const classified = read.read.map((path, i) => ({
            path,
            ...answers[i]!,
            ...(near ? { nearest: near[i]! } : {}),
          }));
          if (json) all.push(...classified);
          else print(...classified.flatMap(lines));
        }
      } finally {
        await session.release();
        await nearest?.release();
      }
      const lists = { failed, skipped: leftOut, notes };
      if (json) printJson(report(classifier.classes, all, lists));
      else printError(...about(lists));
      if (failed.length > 0) process.exitCode = 1;
    });
}

type Lists = Pick<ClassifyJson, "failed" | "skipped" | "notes">;

function report(classes: readonly string[], images: readonly Classified[], lists: Lists): ClassifyJson {
  return { format: "pudnet-classify", version: 1, classes, images, ...lists };
}

function about({ failed, skipped, notes }: Lists): string[] {
  return [...skippedLines(failed), ...skippedLines(skipped, "passed over"), ...noteLines(notes)];
}

function lines({ path, labels, unknown, nearest = [] }: Classified): string[] {
  const scores = labels.map(({ label, score }) => `${label} ${(100 * score).toFixed(1)} %`).join(", ");
  const alike = nearest.map((one) => `  like ${one.path} (${one.label}, ${one.similarity.toFixed(2)})`);
  return [`${path}: ${unknown ? `unknown (${scores})` : scores}`, ...alike];
}
