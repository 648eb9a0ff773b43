// The page of the speed study, from its CSV.

import { median } from "pudnet/evaluation";
import { blocks, bulletList, formatDuration, groupedBy, markdownTable } from "pudnet/files";
import { TABLE_1, TABLE_7 } from "../../recipes/printed.ts";
import { BATCH, CLASSIFICATION, CLOSED_FORM, COMPILATION, EPOCH, PREDICTION } from "./blocks.ts";
import { REPRODUCE } from "../../command.ts";
import type { StudyPage, StudyValue } from "../study.ts";

export const ID = "speed";
export const TITLE = "Speed: one prediction against training from scratch";
/** Epochs that a prediction is compared with. */
const EPOCHS = 30;
const TARGET_RATIO = 300;

/** A measurement: a row of seconds.csv. */
export interface SpeedRow {
  readonly arch: string;
  readonly width: number;
  readonly block: number;
  readonly what: string;
  readonly seconds: number;
  /** System load when the block began. */
  readonly load: number;
  readonly threads: number;
  readonly machine: string;
  /** Hash of what was measured: a block of another plan is measured anew. */
  readonly recipe: string;
}

const PAPER = {
  "convnet-3": { title: "ConvNet-3", where: "Table VII", of: (row: string) => TABLE_7(row, "convnet-3") },
  "resnet-18": { title: "ResNet-18", where: "Table I", of: (row: string) => TABLE_1(row, "cifar-100-set") },
};

/** README.md from at least one block. */
export function speedPage(rows: readonly SpeedRow[], budget: string): StudyPage {
  const summaries = Array.from(groupedBy(rows, ({ arch }) => arch).values(), summarise);
  const table = speedTable(summaries);
  const results = bulletList(summaries.map(verdict));
  const readme = blocks(
    `# ${TITLE}`,
    results,
    table,
    "## Notes",
    "A prediction is the sketch of 2,500 images of five unseen classes of CIFAR-100-set, AHRU and the weight generators: it ends " +
      `with all convolution kernels. Training is ${EPOCHS} epochs of Adam on the same images, ${BATCH} images a step. Both run ` +
      "in one process with the same threads, in turns: half of a block's predictions, the training, the other half.",
    bulletList(conditionLines(rows, summaries)),
    `\`${REPRODUCE} ${ID} --budget ${budget}\` makes this page; delete [seconds.csv](seconds.csv), which has every ` +
      "measurement, to measure anew.",
  );
  return {
    headline: blocks(results, table),
    files: { "README.md": `${readme}\n` },
    values: Object.fromEntries(summaries.flatMap(ratios)),
  };
}

/** How many times as fast: "convnet-3/weights", and with heads and 500 answers. */
function ratios({ arch, ratio, centroidsRatio, closedFormRatio }: SpeedSummary): [string, StudyValue][] {
  const paper = paperRatio(arch);
  return [
    [`${arch}/weights`, { value: ratio.median, ...(paper === undefined ? {} : { paper }) }],
    // how many times the weights' time a part of the epochs takes
    ...[2, 3].map((epochs): [string, StudyValue] => [
      `${arch}/weights-of-${epochs}-epochs`,
      { value: (ratio.median * epochs) / EPOCHS },
    ]),
    [`${arch}/centroids`, { value: centroidsRatio.median }],
    [`${arch}/closed-form`, { value: closedFormRatio.median }],
  ];
}

/** A median with the smallest and the largest. */
export interface Spread {
  readonly median: number;
  readonly low: number;
  readonly high: number;
}

export interface SpeedSummary {
  readonly arch: string;
  readonly blocks: number;
  /** Epochs measured a block. */
  readonly epochs: number;
  readonly prediction: Spread;
  readonly classification: Spread;
  readonly closedForm: Spread;
  /** Of 30 epochs, over blocks. */
  readonly training: Spread;
  /** Training by the median prediction of the same block, over blocks. */
  readonly ratio: Spread;
  /** Training by the median prediction with ten-shot centroids and 500 images classified. */
  readonly centroidsRatio: Spread;
  /** Training by the median prediction with a closed-form head and 500 images classified. */
  readonly closedFormRatio: Spread;
  readonly compilation: { readonly prediction: number; readonly training: number };
}

/** What the measurements of one architecture come to. Training is scaled to 30 epochs where fewer were measured. */
export function summarise(rows: readonly SpeedRow[]): SpeedSummary {
  const of = (what: string, among = rows): number[] =>
    among.filter((row) => row.what === what).map(({ seconds }) => seconds);
  const perBlock = Array.from(groupedBy(rows, ({ block }) => String(block)).values(), (ofBlock) => {
    const epochs = of(EPOCH, ofBlock);
    const training = (epochs.reduce((a, b) => a + b, 0) * EPOCHS) / epochs.length;
    const ratioTo = (what: string): number => training / median(of(what, ofBlock));
    const withHead = { centroidsRatio: ratioTo(CLASSIFICATION), closedFormRatio: ratioTo(CLOSED_FORM) };
    return { epochs: epochs.length, training, ratio: ratioTo(PREDICTION), ...withHead };
  });
  return {
    arch: rows[0]!.arch,
    blocks: perBlock.length,
    epochs: perBlock[0]!.epochs,
    prediction: spread(of(PREDICTION)),
    classification: spread(of(CLASSIFICATION)),
    closedForm: spread(of(CLOSED_FORM)),
    training: spread(perBlock.map(({ training }) => training)),
    ratio: spread(perBlock.map(({ ratio }) => ratio)),
    centroidsRatio: spread(perBlock.map(({ centroidsRatio }) => centroidsRatio)),
    closedFormRatio: spread(perBlock.map(({ closedFormRatio }) => closedFormRatio)),
    compilation: { prediction: median(of(COMPILATION.prediction)), training: median(of(COMPILATION.training)) },
  };
}

function spread(values: readonly number[]): Spread {
  return { median: median(values), low: Math.min(...values), high: Math.max(...values) };
}

function speedTable(summaries: readonly SpeedSummary[]): string {
  const right = (name: string) => ({ name, align: "right" as const });
  return markdownTable(
    [
      { name: "network" },
      right("one prediction"),
      right("and 10-shot centroids, 500 images classified"),
      right("and closed form on all 2,500, 500 classified"),
      right(`training, ${EPOCHS} epochs`),
      right("training / prediction"),
      right("training / all with centroids"),
      right("training / all with closed form"),
      right("the paper"),
      right("blocks"),
    ],
    summaries.map(({ blocks: count, ...found }) => [
      titleOf(found.arch),
      range(found.prediction, formatDuration),
      range(found.classification, formatDuration),
      range(found.closedForm, formatDuration),
      range(found.training, formatDuration),
      `**${range(found.ratio, times)}**`,
      range(found.centroidsRatio, times),
      range(found.closedFormRatio, times),
      paperText(found.arch),
      String(count),
    ]),
  );
}

function range({ median: middle, low, high }: Spread, text: (value: number) => string): string {
  return low === high ? text(middle) : `${text(middle)} (${text(low)} to ${text(high)})`;
}

const times = (value: number): string => `${value.toLocaleString("en-US", { maximumSignificantDigits: 3 })} ×`;
const titleOf = (arch: string): string => (isPrinted(arch) ? PAPER[arch].title : arch);
const isPrinted = (arch: string): arch is keyof typeof PAPER => Object.hasOwn(PAPER, arch);

function paperText(arch: string): string {
  const [seconds, ratio] = [paperSeconds(arch), paperRatio(arch)];
  if (!seconds || ratio === undefined) return "";
  const { where, training, prediction } = seconds;
  return `${times(ratio)} (${where}: ${training} s / ${prediction} s, on a graphics card)`;
}

function paperRatio(arch: string): number | undefined {
  const seconds = paperSeconds(arch);
  return seconds && seconds.training / seconds.prediction;
}

function paperSeconds(arch: string) {
  if (!isPrinted(arch)) return undefined;
  const { where, of } = PAPER[arch];
  const [training, prediction] = [of(`adam-${EPOCHS}`)?.seconds, of("pudnet")?.seconds];
  return training === undefined || prediction === undefined ? undefined : { where, training, prediction };
}

function verdict({ arch, ratio, epochs }: SpeedSummary): string {
  const goal = ratio.median >= TARGET_RATIO ? "reached" : "not reached";
  const scaled = epochs < EPOCHS ? `, scaled up from ${epochs} of ${EPOCHS} epochs` : "";
  return `${titleOf(arch)}: a prediction is ${range(ratio, times)} as fast as training from scratch${scaled}; the aim of ${TARGET_RATIO} × is ${goal}.`;
}

function conditionLines(rows: readonly SpeedRow[], summaries: readonly SpeedSummary[]): string[] {
  const loads = Array.from(
    groupedBy(rows, ({ arch, block }) => `${titleOf(arch)} ${block + 1}`),
    ([name, ofBlock]) => `${name}: ${ofBlock[0]!.load.toFixed(2)}`,
  );
  const { threads, machine, width } = rows[0]!;
  const compiled = summaries.map(
    ({ arch, compilation: { prediction, training } }) =>
      `${titleOf(arch)} ${formatDuration(prediction)} for the prediction, ${formatDuration(training)} for the training`,
  );
  return [
    `Medians, in brackets the smallest and the largest. Predictions are warm; ratios are taken block by block.`,
    `Compilation is not included, nor is reading images: ${compiled.join("; ")}.`,
    `${machine}, ${threads} ${threads === 1 ? "thread" : "threads"}, 32 px, width ${width}, ResNet-18 with a 7x7 stem and pooling. PudNet's weights are random: they change nothing of the time.`,
    "Load of the machine in the minute before each block (the second block on counts this study itself; anything well above 0 at the " +
      `first block means that other programs were at work): ${loads.join(", ")}.`,
  ];
}
