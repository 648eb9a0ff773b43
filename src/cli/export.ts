// pudnet export: a classifier as a file that runs elsewhere.

import { join } from "node:path";
import { Command } from "@commander-js/extra-typings";
import type { Numbers } from "../export/about.ts";
import {
  EXPORT_FORMATS,
  exportClassifier,
  type ExportFormat,
  fileNames,
  numbersOf,
  requireNumbers,
} from "../export/export-classifier.ts";
import { identifier } from "../export/c.ts";
import { UserError } from "../errors.ts";
import { shellWord } from "../names.ts";
import { calibrationPictures } from "../node/classifier/calibration-pictures.ts";
import { loadClassifier } from "../node/classifier/classifier-folder.ts";
import { sampleRangesOf } from "../node/datasets/sample-range.ts";
import { requireFreeFiles, writeFiles } from "../node/files/several-files.ts";
import { provenance } from "../node/provenance.ts";
import { exportPlace, kilobytes } from "./export-place.ts";
import { exportedBy } from "./exported-by.ts";
import type { ExportJson } from "./json.ts";
import { oneOf, required } from "./options.ts";
import { print, printJson } from "./output.ts";
import { decodingProgress } from "./progress.ts";
import { exportProject } from "./export-project.ts";
import { aboutData } from "./skipped.ts";

const EXAMPLES = `
onnx: any onnxruntime. safetensors: the weights, by torchvision's names. js: one ES module, nothing else needed. html: a page that
opens from a disk. c: header and source for microcontrollers, always of 8 bits. zip: a project with the pictures themselves (those that the
classifier was made from, unless --pictures names others), which pudnet serve opens and pudnet predict takes.
--int8 makes files about a third as large, and needs pictures to find the range of each activation on (256 of them, whatever their
labels): best those that the classifier was made from. docs/exports.md says more.

Examples:
  pudnet export pets-classifier --format onnx
  pudnet export pets-classifier --format js --int8 --calibrate pets --out site/pets.js
  pudnet export pets-classifier --format c --calibrate pets --out firmware/pets.c
  pudnet export pets-classifier --format safetensors --float16 --force
  pudnet export pets-classifier --format zip --out pets-project.zip`;

const FORMATS = [...EXPORT_FORMATS, "zip"] as const;

export function exportCommand() {
  return new Command("export")
    .argument("<dir>", "a classifier made by `pudnet predict` or `finetune`")
    .option("--format <format>", FORMATS.join(", "), oneOf(FORMATS))
    .option("--int8", "numbers of 8 bits (onnx, js, html, c)")
    .option("--float16", "numbers of 16 bits (safetensors)")
    .option("--calibrate <folder>", "pictures for --int8, at any depth")
    .option("--pictures <folder>", "pictures of a project, a folder a class (zip)")
    .option("--out <file>", "file to write (default: named after DIR, in the current folder)")
    .option("--force", "replace what is already there")
    .option("--json", "print one JSON object instead of text")
    .addHelpText("after", EXAMPLES)
    .action(async (dir, { format: asked, int8, float16, calibrate, pictures, out, force = false, json }) => {
      const format = required(asked, "--format <format>", "export");
      if (format === "zip") {
        if (int8 || float16 || calibrate !== undefined) throw idleInProject();
        return exportProject(dir, { pictures, out, force, json });
      }
      if (pictures !== undefined) throw idlePictures(format);
      const numbers = askedNumbers(format, { int8, float16 });
      requireNumbers(format, numbers);
      if (numbers !== "int8" && calibrate !== undefined) throw idleCalibrate();
      const names = (called: string) => fileNames(format, called);
      const { folder, name, paths } = exportPlace(dir, out, { format, names });
      if (format === "c") identifier(name); // refused before the work
      const { classifier, description } = await loadClassifier(dir);
      if (numbers === "int8" && calibrate === undefined) throw noPictures(description["data"]);
      await requireFreeFiles(paths, { force });
      const read =
        calibrate === undefined
          ? undefined
          : await calibrationPictures(calibrate, classifier, { description, onProgress: decodingProgress() });
      const { pudnet } = await provenance();
      const command = exportedBy(dir, { format, int8, float16, calibrate, out });
      const sampleRanges = sampleRangesOf(description);
      const options = {
        format,
        numbers,
        name,
        pudnet,
        command,
        sampleRanges,
        ...(read ? { pictures: read.pictures } : {}),
      };
      const { files, notes, memory } = await exportClassifier(classifier, options);
      const placed = files.map((file) => ({ path: join(folder, file.name), bytes: file.bytes }));
      await writeFiles(placed, { force });
      const report: ExportJson = {
        format: "pudnet-export",
        version: 1,
        classifier: dir,
        exported: format,
        numbers,
        classes: classifier.classes,
        files: placed.map(({ path, bytes }) => ({ path, bytes: bytes.length })),
        ...(memory ? { memory } : {}),
        ...(read ? { calibration: { folder: calibrate!, n: read.pictures.count } } : {}),
        skipped: read?.skipped ?? [],
        notes: [...notes, ...(read?.notes ?? [])],
      };
      if (json) printJson(report);
      else print(...summary(report));
    });
}

function askedNumbers(
  format: ExportFormat,
  { int8, float16 }: { int8?: true | undefined; float16?: true | undefined },
): Numbers {
  if (int8 && float16) {
    throw new UserError("--int8 and --float16 together", { hint: "give one of them", exitCode: 2 });
  }
  return int8 ? "int8" : float16 ? "float16" : numbersOf(format)[0];
}

function idleInProject(): UserError {
  const hint = "leave them out: a project holds pictures, and no numbers of a network";
  return new UserError("--int8, --float16 and --calibrate say nothing with --format zip", { hint, exitCode: 2 });
}

function idlePictures(format: ExportFormat): UserError {
  const hint = `leave it out, or add --format zip in place of ${format}`;
  return new UserError("--pictures says nothing without --format zip", { hint, exitCode: 2 });
}

function idleCalibrate(): UserError {
  const hint = "add --int8, or leave --calibrate out: only numbers of 8 bits need pictures";
  return new UserError("--calibrate says nothing without --int8", { hint, exitCode: 2 });
}

function noPictures(madeFrom: unknown): UserError {
  const folder = typeof madeFrom === "string" ? madeFrom : "FOLDER";
  return new UserError(
    "numbers of 8 bits need pictures, and a classifier keeps only hashes of those it was made from",
    {
      hint: `give them again: --calibrate ${shellWord(folder)}`,
      exitCode: 2,
    },
  );
}

function summary({ files, exported, numbers, classes, calibration, memory, skipped, notes }: ExportJson): string[] {
  return [
    ...aboutData({ skipped, notes }),
    ...(calibration
      ? [`found the range of each activation on ${calibration.n} pictures of ${calibration.folder}`]
      : []),
    `exported ${classes.length} classes: ${exported}, ${numbers!}`,
    ...files.map(({ path, bytes }) => `wrote ${path} (${kilobytes(bytes)})`),
    ...(memory
      ? [`it takes ${kilobytes(memory.flash)} of flash (and some 5 kB of code) and ${kilobytes(memory.ram)} of RAM`]
      : []),
  ];
}
