// pudnet finetune: a folder of pictures -> a classifier, predicted and then trained on by a few epochs, or for some seconds.

import { relative, resolve } from "node:path";
import { Command } from "@commander-js/extra-typings";
import { classCounts } from "../data/dataset.ts";
import { predictsKernels } from "../hypernet/pudnet.ts";
import { listed, shellWord } from "../names.ts";
import { pictureFacts } from "../node/classifier/training-pictures.ts";
import { type LoadedDataset, readImageFolder } from "../node/datasets/image-folder.ts";
import { fileHash } from "../node/files/file-hash.ts";
import { chooseModel } from "../node/checkpoints/shipped.ts";
import { type Column, formatDuration, tableHead, tableLine, tableRow } from "../report/progress-table.ts";
import {
  fineTuneClassifier,
  type FineTuned,
  type FineTuneOptions,
  type FineTuneStage,
} from "../classifier/finetune.ts";
import type { Better } from "../classifier/better-of.ts";
import type { HeldOutEstimate } from "../classifier/held-out-estimate.ts";
import { type PairedTest, pairedTest } from "../statistics.ts";
import type { StrengthChoice } from "../train/change-strengths.ts";
import { strengthsOf } from "../train/gate.ts";
import type { HeadChoice } from "../heads/head-choices.ts";
import type { PudNetModel } from "../predict/model.ts";
import { imageSource } from "../predict/image-source.ts";
import type { FinetuneJson } from "./json.ts";
import {
  deviceOption,
  headOption,
  modelOption,
  positiveNumber,
  refuseIdle,
  strengthOption,
  threadsOption,
  wholeNumber,
} from "./options.ts";
import { classifierPlace, OUT_HELP } from "./classifier-place.ts";
import { HEAD_NAMES } from "./head-line.ts";
import { strengthLine, strengthSetting } from "./strength-line.ts";
import { live, print, printJson } from "./output.ts";
import { decodingProgress, trainingProgress } from "./progress.ts";
import { STOPPED, stopOnSignals } from "./signals.ts";
import { aboutData } from "./skipped.ts";

const EXAMPLES = `
FOLDER holds a folder a class with its pictures inside, at any depth: pets/cat/1.jpg, pets/dog/1.jpg, ... A zip of such a folder, or of a
project, is as good.
A tenth of each class is held out, and never trained on. DIR becomes the classifier after the last epoch:
weights.safetensors, classifier.onnx, classifier.json. With --seconds it becomes the better one of that and what was
predicted, by the pictures held out: each half of them is judged by what the other half would keep.

Examples:
  pudnet finetune pets
  pudnet finetune pets --out pets-classifier
  pudnet finetune samples/fashion-unseen --out out/fashion-tuned --epochs 10 --no-compare
  pudnet finetune samples/fashion-unseen --out out/fashion-tuned --seconds 30 --force
  pudnet classify pets-classifier photo.jpg`;

const COLUMNS: readonly Column[] = [
  { name: "weights", kind: "text", width: 28 },
  { name: "epoch", kind: "count", width: 5 },
  { name: "loss", kind: "loss" },
  { name: "training", kind: "percent" },
  { name: "held out", kind: "percent" },
  { name: "95 % interval", kind: "text", width: 14 },
  { name: "time", kind: "duration", width: 9 },
];

export function finetuneCommand() {
  return new Command("finetune")
    .argument("<folder>", "a folder with a sub-folder of pictures for each class, or a zip of one")
    .option("--out <dir>", OUT_HELP)
    .option("--arch <name>", "network to predict, such as resnet-18 (default: the model's)")
    .addOption(modelOption())
    .option("--epochs <n>", "times each picture is trained on (default: 5)", wholeNumber(1))
    .option("--seconds <s>", "in place of --epochs: train for about so long, and keep the better", positiveNumber)
    .addOption(strengthOption())
    .addOption(headOption())
    .option("--learning-rate <rate>", "of the linear head; all else learns at a tenth of it", positiveNumber, 1e-3)
    .option("--no-compare", "leave out the same training from random weights, which shows what prediction brings")
    .option("--seed <n>", "decides which pictures are held out, their order and the random weights", wholeNumber(0), 0)
    .option("--force", "replace a classifier that is already in DIR")
    .option("--json", "print one JSON object instead of text")
    .addOption(deviceOption())
    .addOption(threadsOption())
    .addHelpText("after", EXAMPLES)
    .action(
      async (folder, { out: wanted, arch, model: checkpoint, force = false, json = false, ...options }, command) => {
        if (options.seconds !== undefined) {
          refuseIdle(command, "--seconds", ["epochs", "compare"], (flag) => `leave out ${flag}, or --seconds`);
        }
        const place = await classifierPlace(folder, { out: wanted, force });
        const stop = new AbortController();
        const release = stopOnSignals(
          stop,
          `stopping, without writing ${place.folder === undefined ? "a classifier" : `"${place.folder}"`}`,
        );
        try {
          const { file, model } = await chooseModel({ model: checkpoint, arch });
          strengthsOf(model, options.strength);
          const { side } = model.arch;
          const loaded = await readImageFolder(folder, { side, onProgress: decodingProgress(), signal: stop.signal });
          if (!json) print(...introduction(loaded, model, file));
          const made = await tune(loaded, model, {
            ...settingsOf(options),
            ...(options.strength === undefined ? {} : { strength: options.strength }),
            device: options.device,
            threads: options.threads,
            signal: stop.signal,
            ...(json
              ? {}
              : {
                  onStage: (stage) => showStage(stage, startWords(model)),
                  onProgress: trainingProgress(options.seconds),
                }),
          });
          stop.signal.throwIfAborted();
          const facts = {
            ...factsOf(loaded, made),
            settings: { ...settingsOf(options), ...strengthSetting(made, options.strength), device: options.device },
            model: { file, sha256: await fileHash(file) },
            data: resolve(folder),
          };
          const out = await place.save(made.classifier, {
            facts: { ...facts, ...pictureFacts(trainedOn(loaded, made)) },
          });
          if (json) printJson(report(out, facts, loaded));
          else print(...conclusion(out, made, loaded.dataset.labels, options));
        } catch (error) {
          if (!stop.signal.aborted || error !== stop.signal.reason) throw error;
          process.exitCode = STOPPED;
        } finally {
          release();
        }
      },
    );
}

interface Options {
  readonly epochs?: number | undefined;
  readonly seconds?: number | undefined;
  readonly strength?: StrengthChoice | undefined;
  readonly head?: HeadChoice | undefined;
  readonly learningRate: number;
  readonly seed: number;
  readonly compare: boolean;
}

function settingsOf({ epochs = 5, seconds, head = "auto", learningRate, seed, compare }: Options) {
  const length = seconds === undefined ? { epochs } : { seconds };
  return { ...length, head, learningRate, seed, compare: compare && seconds === undefined };
}

function tune({ dataset }: LoadedDataset, model: PudNetModel, options: FineTuneOptions): Promise<FineTuned> {
  const images = imageSource(dataset.images, 3 * dataset.side ** 2);
  return fineTuneClassifier(model, images, dataset.labels, dataset.classes, options);
}

/** Of those held out nothing is in the classifier: an evaluation may count them as new to it. */
function trainedOn({ ranges, hashes = [] }: LoadedDataset, made: FineTuned): Parameters<typeof pictureFacts>[0] {
  return { ...(ranges ? { ranges } : {}), hashes: made.trainedOn.map((position) => hashes[position]!) };
}

function factsOf({ dataset, skipped }: LoadedDataset, { stages, images, chosen, change, better }: FineTuned) {
  return {
    images: { total: dataset.labels.length, classes: classCounts(dataset), skipped: skipped.length, ...images },
    heldOut: estimateFacts(better?.heldOut ?? lastOf(stages, "predicted").heldOut),
    chosen,
    ...(change ? { change } : {}),
    kept: better?.kept ?? ("tuned" as const),
    stages: stages.map((stage) => ({
      weights: stage.start,
      epoch: stage.epoch,
      head: stage.head,
      ...(stage.training ? { training: stage.training } : {}),
      seconds: stage.seconds,
      heldOut: estimateFacts(stage.heldOut),
    })),
  };
}

type Facts = Omit<FinetuneJson, "format" | "version" | "out" | "skipped" | "notes">;

function report(out: string, facts: Facts, { skipped, notes }: LoadedDataset): FinetuneJson {
  return { format: "pudnet-finetune", version: 1, out, ...facts, skipped, notes };
}

const estimateFacts = ({ accuracy, interval, n, meanScore }: HeldOutEstimate) => ({
  accuracy,
  interval95: interval,
  n,
  meanScore,
});

const lastOf = (stages: readonly FineTuneStage[], start: FineTuneStage["start"]): FineTuneStage =>
  stages.findLast((stage) => stage.start === start)!;

function introduction(
  { dataset, skipped, notes }: LoadedDataset,
  { arch, config }: PudNetModel,
  file: string,
): string[] {
  const counts = classCounts(dataset).map(({ name, n }) => `${name} ${n}`);
  const from = `${predictsKernels(config) ? ", predicted with" : " of"} ${relative(process.cwd(), file)}`;
  return [
    `read ${dataset.labels.length} images of ${dataset.classes.length} classes: ${listed(counts)}`,
    ...aboutData({ skipped, notes }),
    `network: ${arch.name} (width ${arch.width}, ${arch.side} x ${arch.side} px)${from}`,
    ...tableHead(COLUMNS),
  ];
}

/** What weights that are not random are called: those of a static network are nobody's in particular. */
const startWords = ({ config }: PudNetModel): string => (predictsKernels(config) ? "predicted" : "checkpoint");

/** On a terminal the line of progress stands where the row is to be. */
function showStage(stage: FineTuneStage, words: string): void {
  live();
  print(row(stage, words));
}

function row(
  { start, epoch, head, training, seconds, heldOut: { accuracy, interval } }: FineTuneStage,
  words: string,
): string {
  const [low, high] = interval;
  return tableRow(COLUMNS, {
    weights: `${start === "predicted" ? words : start}, ${epoch === 0 ? `with ${HEAD_NAMES[head]}` : "fine-tuned"}`,
    epoch,
    loss: training?.loss,
    training: training?.accuracy,
    "held out": accuracy,
    "95 % interval": `${(100 * low).toFixed(1)} to ${(100 * high).toFixed(1)}`,
    time: seconds,
  });
}

function conclusion(out: string, made: FineTuned, labels: ArrayLike<number>, { seconds, strength }: Options): string[] {
  const { stages, images, change } = made;
  return [
    tableLine(COLUMNS),
    `trained on ${images.trained} images, judged by the ${images.heldOut} held back`,
    ...(change ? [strengthLine(change, strength)] : []),
    ...(made.better ? keptLines(made.better, seconds!) : comparisonLines(stages, labels)),
    `classifier: ${out} (weights.safetensors, classifier.onnx, classifier.json)`,
    `try it: pudnet classify ${shellWord(out)} IMAGE...`,
  ];
}

const percent = ({ accuracy }: HeldOutEstimate): string => `${(100 * accuracy).toFixed(1)} %`;

function keptLines({ kept, heldOut }: Better, seconds: number): string[] {
  const [low, high] = heldOut.interval;
  const interval = `95 % interval ${(100 * low).toFixed(1)} to ${(100 * high).toFixed(1)} %`;
  return [
    kept === "tuned"
      ? "kept: the fine-tuned network, which is right about more of all of them than the one before training"
      : `kept: the network before training, of which ${formatDuration(seconds)} made no better one`,
    `held-out accuracy: ${percent(heldOut)} (${interval}; each half of them judged by what the other half would keep)`,
  ];
}

function comparisonLines(stages: readonly FineTuneStage[], labels: ArrayLike<number>): string[] {
  const [before, after] = [stages[0]!, lastOf(stages, "predicted")];
  const random = stages.findLast(({ start }) => start === "random");
  const { n } = after.heldOut;
  const gain = gainOf(before.heldOut, after.heldOut, labels);
  const overRandom = random && gainOf(random.heldOut, after.heldOut, labels);
  return [
    `held-out accuracy: ${percent(after.heldOut)}; before training: ${percent(before.heldOut)}` +
      (random ? `; the same training from random weights: ${percent(random.heldOut)}` : ""),
    ...(gain.ci95 < -gain.mean
      ? ["note: training did harm here; `pudnet predict` makes the classifier of the first row"]
      : []),
    ...(overRandom && !(overRandom.ci95 < overRandom.mean)
      ? [
          `note: by these ${n} ${n === 1 ? "picture" : "pictures"} it cannot be told that the start was better than random weights`,
        ]
      : []),
  ];
}

/** How many more of the same pictures are right, as a share, with its 95 % interval; NaN of a single one. */
function gainOf(before: HeldOutEstimate, after: HeldOutEstimate, labels: ArrayLike<number>): PairedTest {
  const right = ({ positions, predicted }: HeldOutEstimate): number[] =>
    positions.map((position, i) => Number(labels[position] === predicted[i]));
  const [first, second] = [right(before), right(after)];
  return pairedTest(second.map((value, i) => value - first[i]!));
}
