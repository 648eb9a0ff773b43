// pudnet quickstart: a network predicted for real pictures of classes the hypernetwork has never seen, beside training.

import { join, relative } from "node:path";
import { Command } from "@commander-js/extra-typings";
import { secondsSince } from "../clock.ts";
import { gatherImages, type ImageDataset, positionsByClass } from "../data/dataset.ts";
import { sampleTestGroup } from "../data/tasks.ts";
import { UserError } from "../errors.ts";
import { listed, shellWord } from "../names.ts";
import { type ComparisonFiles, prepareFolder, writeComparison } from "../node/classifier/comparison-report.ts";
import { pictureFacts } from "../node/classifier/training-pictures.ts";
import { readImageFolder } from "../node/datasets/image-folder.ts";
import { fileHash } from "../node/files/file-hash.ts";
import { PACKAGE_ROOT } from "../node/package-root.ts";
import { chooseModel } from "../node/checkpoints/shipped.ts";
import { wilsonInterval } from "../report/predictions.ts";
import { type Column, formatDuration, tableHead, tableLine, tableRow } from "../report/progress-table.ts";
import { type Comparison, type ComparisonData, compareMethods, type Method } from "../classifier/comparison.ts";
import type { PudNetModel } from "../predict/model.ts";
import { fold, key } from "../tensor/random.ts";
import { oneOf, requireOutside, threadsOption, wholeNumber } from "./options.ts";
import { live, print } from "./output.ts";
import { decodingProgress } from "./progress.ts";
import { aboutData } from "./skipped.ts";

const SAMPLE = join(PACKAGE_ROOT, "samples", "fashion-unseen");
const GENERATION = 150;
const HELD_OUT = 100;
const NORMS = ["running", "generation"] as const;

const COLUMNS: readonly Column[] = [
  { name: "method", kind: "text", width: 24 },
  { name: "accuracy", kind: "percent" },
  { name: "95 % interval", kind: "text", width: 14 },
  { name: "time", kind: "duration", width: 9 },
  { name: "ratio", kind: "text", width: 8 },
];

export function quickstartCommand() {
  return new Command("quickstart")
    .option("--data <folder>", "pictures, a folder a class (default: the sample that comes with the repository)")
    .option("--model <checkpoint>", "PudNet to predict with (default: the one that comes with the package)")
    .option("--out <dir>", "where the classifier and the report are written", "quickstart-results")
    .option(
      "--norm <mode>",
      "batch norm of the prediction: running (as in the paper) or generation",
      oneOf(NORMS),
      "running",
    )
    .option("--epochs <n>", "of the training from scratch", wholeNumber(1), 30)
    .option("--seed <n>", "decides which pictures are held out, and the random weights", wholeNumber(0), 0)
    .addOption(threadsOption())
    .addHelpText("after", "\nExamples:\n  pudnet quickstart\n  pudnet quickstart --seed 1 --epochs 50 --out out/again")
    .action(async ({ data = SAMPLE, out, ...options }) => {
      requireOutside(data, out);
      const { files, unprepare } = await prepareFolder(out);
      try {
        await compareOn({ data, ...options }, files);
      } catch (error) {
        await unprepare();
        throw error;
      }
    });
}

interface QuickstartOptions {
  readonly data: string;
  readonly model?: string | undefined;
  readonly norm: (typeof NORMS)[number];
  readonly epochs: number;
  readonly seed: number;
  readonly threads?: number | undefined;
}

async function compareOn(
  { data: folder, model: checkpoint, norm, epochs, seed, threads }: QuickstartOptions,
  files: ComparisonFiles,
): Promise<void> {
  const start = performance.now();
  const { file, model } = await chooseModel({ model: checkpoint });
  const loaded = await readImageFolder(folder, { side: model.arch.side, onProgress: decodingProgress() });
  const { dataset, ranges, hashes = [] } = loaded;
  requireUnseen(dataset, model);
  print(...aboutData(loaded)); // beforehand: what was left out may be what is missing
  const { data, positions } = split(dataset, seed);
  print(...introduction(folder, dataset, model), "");
  const options = { seed, norm, epochs, onMethod, onEpoch, threads };
  const comparison = await compareMethods(model, data, options);
  print("", ...resultTable(comparison), "");
  const facts = [
    ["Pictures", `${shown(folder)}: ${GENERATION} a class to learn from, ${HELD_OUT} a class held out`],
    ["Seed", String(seed)],
    ["Batch norm", norm === "running" ? "running statistics of meta-training" : "fitted to the pictures"],
    ["Hypernetwork", `${shown(file)}, SHA-256 ${(await fileHash(file)).slice(0, 12)}`],
    ["Meta-trained on", model.trainClasses.join(", ")],
  ] as const;
  const page = { title: `${model.arch.name} for classes never seen`, lead: lead(dataset, model), facts };
  const learnt = positions.generation.map((position) => hashes[position]!);
  const kept = pictureFacts({ ...(ranges ? { ranges } : {}), hashes: learnt });
  await writeComparison(files, { comparison, dataset, pictureFacts: kept, positions: positions.heldOut, ...page });
  print(...whereTo(files, secondsSince(start)));
}

/** The path from here, where that is shorter to read. */
function shown(path: string): string {
  const short = relative(process.cwd(), path);
  return short !== "" && !short.startsWith("..") ? short : path;
}

function requireUnseen({ classes }: ImageDataset, { trainClasses }: PudNetModel): void {
  const plain = (name: string): string => name.toLowerCase().replaceAll(/[^a-z0-9]+/g, "-");
  const seen = classes.find((name) => trainClasses.some((other) => plain(other) === plain(name)));
  if (seen === undefined) return;
  throw new UserError(`the class "${seen}" was used to train this PudNet: nothing would be unseen`, {
    hint: "give pictures of other classes with --data, or another PudNet with --model",
    exitCode: 2,
  });
}

/** In the dataset. */
type Positions = Readonly<Record<"generation" | "heldOut", readonly number[]>>;

/** Disjoint pictures to learn from and to judge on, the same number of each class, drawn by the seed. */
function split(dataset: ImageDataset, seed: number): { data: ComparisonData; positions: Positions } {
  const shape = { ways: dataset.classes.length, generation: GENERATION, test: HELD_OUT };
  const source = fold(key(seed), "quickstart");
  const all = dataset.classes.map((_, c) => c);
  const pair = sampleTestGroup(positionsByClass(dataset), all, shape, source, { names: dataset.classes });
  const part = (positions: Int32Array) => ({
    images: gatherImages(dataset, positions),
    labels: Array.from(positions, (position) => dataset.labels[position]!),
  });
  const data = { generation: part(pair.generation), heldOut: part(pair.test), classes: dataset.classes };
  return { data, positions: { generation: Array.from(pair.generation), heldOut: Array.from(pair.test) } };
}

function introduction(folder: string, { classes }: ImageDataset, { arch, trainClasses }: PudNetModel): string[] {
  return [
    `pictures: ${shown(folder)}, ${classes.length} classes (${listed(classes)}), ${GENERATION} a class to learn from, ${HELD_OUT} held out`,
    `network: ${arch.name}, width ${arch.width}, ${arch.side} x ${arch.side} px`,
    `hypernetwork: meta-trained once, on other classes (${listed(trainClasses)})`,
  ];
}

function onMethod({ name, accuracy, seconds }: Method): void {
  live();
  print(`${name}: ${(100 * accuracy).toFixed(1)} %, ${formatDuration(seconds)}`);
}

/** A live line on a terminal. */
function onEpoch({ epoch, loss, seconds }: { epoch: number; loss: number; seconds: number }): void {
  live(`training from scratch: epoch ${epoch}, loss ${loss.toPrecision(3)}, ${formatDuration(seconds)}`);
}

function resultTable({ methods, times }: Comparison): string[] {
  const ours = methods[0]!;
  const rows = methods.map(({ name, accuracy, n, seconds }) => {
    const [low, high] = wilsonInterval(accuracy, n);
    return tableRow(COLUMNS, {
      method: name,
      accuracy,
      "95 % interval": `${(100 * low).toFixed(1)} to ${(100 * high).toFixed(1)}`,
      time: seconds,
      ratio: `${(seconds / ours.seconds).toPrecision(2)} x`,
    });
  });
  const first = `compiling ${formatDuration(times.compile)}, weights ${formatDuration(times.coldPass)}, classifier ${formatDuration(times.coldClassifier)}`;
  return [
    ...tableHead(COLUMNS),
    ...rows,
    tableLine(COLUMNS),
    `n = ${ours.n} held-out pictures. Time: until the classifier is ready, compiling left out (training: ${formatDuration(times.trainingCompile)}).`,
    `All weights in one forward pass: ${formatDuration(times.pass)}; the rest of its ${formatDuration(ours.seconds)} makes centroids and temperature.`,
    `Cold, the first time in this process: ${first}.`,
    "The prediction takes no training, but its hypernetwork was meta-trained before, on other classes.",
  ];
}

function lead({ classes }: ImageDataset, { arch, trainClasses }: PudNetModel): string {
  return (
    `All convolution weights of a ${arch.name} for ${classes.length} classes, predicted in one forward pass by a hypernetwork ` +
    `that was meta-trained on ${trainClasses.length} other classes, beside training the same network from scratch.`
  );
}

function whereTo({ classifier, onnx, report, table }: ComparisonFiles, seconds: number): string[] {
  return [
    `report:     ${report}`,
    `classifier: ${classifier}`,
    `ONNX file:  ${onnx}`,
    `table:      ${table}`,
    `done in ${formatDuration(seconds)}; try it: pudnet classify ${shellWord(classifier)} IMAGE...`,
  ];
}
