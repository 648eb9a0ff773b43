// pudnet finetune: a folder of pictures -> a classifier, predicted and then trained on by a few epochs.

import { relative, resolve } from "node:path";
import { Command } from "@commander-js/extra-typings";
import { classCounts } from "../data/dataset.ts";
import { listed, shellWord } from "../names.ts";
import { pictureFacts } from "../node/classifier/training-pictures.ts";
import { type LoadedDataset, readImageFolder } from "../node/datasets/image-folder.ts";
import { fileHash } from "../node/files/file-hash.ts";
import { chooseModel } from "../node/checkpoints/shipped.ts";
import { type Column, tableHead, tableLine, tableRow } from "../report/progress-table.ts";
import {
  fineTuneClassifier,
  type FineTuned,
  type FineTuneOptions,
  type FineTuneStage,
} from "../classifier/finetune.ts";
import type { PudNetModel } from "../predict/model.ts";
import { imageSource } from "../predict/image-source.ts";
import type { FinetuneJson } from "./json.ts";
import { deviceOption, positiveNumber, threadsOption, wholeNumber } from "./options.ts";
import { classifierPlace, OUT_HELP } from "./classifier-place.ts";
import { print, printJson } from "./output.ts";
import { decodingProgress } from "./progress.ts";
import { STOPPED, stopOnSignals } from "./signals.ts";
import { aboutData } from "./skipped.ts";

const EXAMPLES = `
FOLDER holds a folder a class with its pictures inside, at any depth: pets/cat/1.jpg, pets/dog/1.jpg, ...
A tenth of each class is held out, and never trained on. DIR becomes the classifier after the last epoch:
weights.safetensors, classifier.onnx, classifier.json.

Examples:
  pudnet finetune pets
  pudnet finetune pets --out pets-classifier
  pudnet finetune samples/fashion-unseen --out out/fashion-tuned --epochs 10 --no-compare
  pudnet classify pets-classifier photo.jpg`;

const COLUMNS: readonly Column[] = [
  { name: "weights", kind: "text", width: 25 },
  { name: "epoch", kind: "count", width: 5 },
  { name: "loss", kind: "loss" },
  { name: "training", kind: "percent" },
  { name: "held out", kind: "percent" },
  { name: "95 % interval", kind: "text", width: 14 },
  { name: "time", kind: "duration", width: 9 },
];

export function finetuneCommand() {
  return new Command("finetune")
    .argument("<folder>", "a folder with a sub-folder of pictures for each class")
    .option("--out <dir>", OUT_HELP)
    .option("--arch <name>", "network to predict, such as resnet-18 (default: the model's)")
    .option("--model <checkpoint>", "PudNet to predict with (default: the one that comes with the package)")
    .option("--epochs <n>", "times each picture is trained on", wholeNumber(1), 5)
    .option("--learning-rate <rate>", "of the linear head; all else learns at a tenth of it", positiveNumber, 1e-3)
    .option("--no-compare", "leave out the same training from random weights, which shows what prediction brings")
    .option("--seed <n>", "decides which pictures are held out, their order and the random weights", wholeNumber(0), 0)
    .option("--force", "replace a classifier that is already in DIR")
    .option("--json", "print one JSON object instead of text")
    .addOption(deviceOption())
    .addOption(threadsOption())
    .addHelpText("after", EXAMPLES)
    .action(async (folder, { out: wanted, arch, model: checkpoint, force = false, json = false, ...options }) => {
      const place = await classifierPlace(folder, { out: wanted, force });
      const stop = new AbortController();
      const release = stopOnSignals(
        stop,
        `stopping, without writing ${place.folder === undefined ? "a classifier" : `"${place.folder}"`}`,
      );
      try {
        const { file, model } = await chooseModel({ model: checkpoint, arch });
        const { side } = model.arch;
        const loaded = await readImageFolder(folder, { side, onProgress: decodingProgress(), signal: stop.signal });
        if (!json) print(...introduction(loaded, model, file));
        const made = await tune(loaded, model, {
          ...settingsOf(options),
          device: options.device,
          threads: options.threads,
          signal: stop.signal,
          ...(json ? {} : { onStage: (stage) => print(row(stage)) }),
        });
        stop.signal.throwIfAborted();
        const facts = {
          ...factsOf(loaded, made),
          settings: { ...settingsOf(options), device: options.device },
          model: { file, sha256: await fileHash(file) },
          data: resolve(folder),
        };
        const out = await place.save(made.classifier, { ...facts, ...pictureFacts(trainedOn(loaded, made)) });
        if (json) printJson(report(out, facts, loaded));
        else print(...conclusion(out, made));
      } catch (error) {
        if (!stop.signal.aborted || error !== stop.signal.reason) throw error;
        process.exitCode = STOPPED;
      } finally {
        release();
      }
    });
}

interface Settings {
  readonly epochs: number;
  readonly learningRate: number;
  readonly seed: number;
  readonly compare: boolean;
}

const settingsOf = ({ epochs, learningRate, seed, compare }: Settings): Settings => ({
  epochs,
  learningRate,
  seed,
  compare,
});

function tune({ dataset }: LoadedDataset, model: PudNetModel, options: FineTuneOptions): Promise<FineTuned> {
  const images = imageSource(dataset.images, 3 * dataset.side ** 2);
  return fineTuneClassifier(model, images, dataset.labels, dataset.classes, options);
}

/** Of those held out nothing is in the classifier: an evaluation may count them as new to it. */
function trainedOn({ ranges, hashes = [] }: LoadedDataset, made: FineTuned): Parameters<typeof pictureFacts>[0] {
  return { ...(ranges ? { ranges } : {}), hashes: made.trainedOn.map((position) => hashes[position]!) };
}

function factsOf({ dataset, skipped }: LoadedDataset, { stages, images }: FineTuned) {
  return {
    images: { total: dataset.labels.length, classes: classCounts(dataset), skipped: skipped.length, ...images },
    heldOut: estimateOf(lastOf(stages, "predicted")),
    stages: stages.map((stage) => ({
      weights: stage.start,
      epoch: stage.epoch,
      ...(stage.training ? { training: stage.training } : {}),
      seconds: stage.seconds,
      heldOut: estimateOf(stage),
    })),
  };
}

type Facts = Omit<FinetuneJson, "format" | "version" | "out" | "skipped" | "notes">;

function report(out: string, facts: Facts, { skipped, notes }: LoadedDataset): FinetuneJson {
  return { format: "pudnet-finetune", version: 1, out, ...facts, skipped, notes };
}

const estimateOf = ({ heldOut: { accuracy, interval, n, meanScore } }: FineTuneStage) => ({
  accuracy,
  interval95: interval,
  n,
  meanScore,
});

const lastOf = (stages: readonly FineTuneStage[], start: FineTuneStage["start"]): FineTuneStage =>
  stages.findLast((stage) => stage.start === start)!;

function introduction({ dataset, skipped, notes }: LoadedDataset, { arch }: PudNetModel, file: string): string[] {
  const counts = classCounts(dataset).map(({ name, n }) => `${name} ${n}`);
  return [
    `read ${dataset.labels.length} images of ${dataset.classes.length} classes: ${listed(counts)}`,
    ...aboutData({ skipped, notes }),
    `network: ${arch.name} (width ${arch.width}, ${arch.side} x ${arch.side} px), predicted with ${relative(process.cwd(), file)}`,
    ...tableHead(COLUMNS),
  ];
}

function row({ start, epoch, training, seconds, heldOut: { accuracy, interval } }: FineTuneStage): string {
  const [low, high] = interval;
  return tableRow(COLUMNS, {
    weights: epoch === 0 ? `${start}, with centroids` : `${start}, fine-tuned`,
    epoch,
    loss: training?.loss,
    training: training?.accuracy,
    "held out": accuracy,
    "95 % interval": `${(100 * low).toFixed(1)} to ${(100 * high).toFixed(1)}`,
    time: seconds,
  });
}

function conclusion(out: string, { stages, images }: FineTuned): string[] {
  const percent = ({ heldOut }: FineTuneStage): string => `${(100 * heldOut.accuracy).toFixed(1)} %`;
  const [before, after] = [stages[0]!, lastOf(stages, "predicted")];
  const random = stages.findLast(({ start }) => start === "random");
  const isWorse = after.heldOut.accuracy < before.heldOut.accuracy;
  const isNeedless = random !== undefined && random.heldOut.accuracy >= after.heldOut.accuracy;
  return [
    tableLine(COLUMNS),
    `trained on ${images.trained} images, judged by the ${images.heldOut} held back`,
    `held-out accuracy: ${percent(after)}; predicted, without training: ${percent(before)}` +
      (random ? `; the same training from random weights: ${percent(random)}` : ""),
    ...(isWorse ? ["note: training did not help here; `pudnet predict` makes the classifier of the first row"] : []),
    ...(isNeedless ? ["note: random weights came as far here, so these pictures did not need the prediction"] : []),
    `classifier: ${out} (weights.safetensors, classifier.onnx, classifier.json)`,
    `try it: pudnet classify ${shellWord(out)} IMAGE...`,
  ];
}
