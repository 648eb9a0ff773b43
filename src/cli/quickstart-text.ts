// What the quickstart tells: on the screen, and at the top of its page.

import { relative } from "node:path";
import type { ImageDataset } from "../data/dataset.ts";
import { predictsKernels } from "../hypernet/pudnet.ts";
import { listed, shellWord } from "../names.ts";
import type { ComparisonFiles } from "../node/classifier/comparison-report.ts";
import { wilsonInterval } from "../report/predictions.ts";
import { type Column, formatDuration, tableHead, tableLine, tableRow } from "../report/progress-table.ts";
import type { Comparison, Method } from "../classifier/comparison.ts";
import type { PudNetModel } from "../predict/model.ts";
import { live, print } from "./output.ts";

const COLUMNS: readonly Column[] = [
  { name: "method", kind: "text", width: 28 },
  { name: "accuracy", kind: "percent" },
  { name: "95 % interval", kind: "text", width: 14 },
  { name: "time", kind: "duration", width: 9 },
  { name: "ratio", kind: "text", width: 8 },
];
/** More of them fill the screen. */
const NAMED_CLASSES = 30;

/** The path from here, where that is shorter to read. */
export function shown(path: string): string {
  const short = relative(process.cwd(), path);
  return short !== "" && !short.startsWith("..") ? short : path;
}

export function introduction(
  folder: string,
  { classes }: ImageDataset,
  model: PudNetModel,
  perClass: { readonly generation: number; readonly heldOut: number },
): string[] {
  const { arch } = model;
  const how = predictsKernels(model.config)
    ? "hypernetwork: meta-trained once, on other classes"
    : "weights: trained once, on other pictures";
  return [
    `pictures: ${folder}, ${classes.length} classes (${listed(classes)}), ${perClass.generation} a class to learn from, ${perClass.heldOut} held out`,
    `network: ${arch.name}, width ${arch.width}, ${arch.side} x ${arch.side} px`,
    `${how} (${trainedOn(model)})`,
  ];
}

/** The classes themselves where they are few. */
export function trainedOn({ trainClasses }: PudNetModel): string {
  if (trainClasses.length <= NAMED_CLASSES) return listed(trainClasses);
  const domains = new Set(trainClasses.filter((name) => name.includes("/")).map((name) => name.split("/")[0]!));
  const of = domains.size > 0 ? ` of ${domains.size} kinds of pictures: ${[...domains].join(", ")}` : "";
  return `${trainClasses.length} classes${of}`;
}

/** What is not so new to the network. */
export function knownLines(classes: readonly string[]): string[] {
  return classes.length === 0
    ? []
    : [`note: it was trained on other pictures of classes of these names: ${listed(classes)}`];
}

export function onMethod({ name, accuracy, seconds }: Method): void {
  live();
  print(`${name}: ${(100 * accuracy).toFixed(1)} %, ${formatDuration(seconds)}`);
}

/** A live line on a terminal. */
export function onEpoch({ epoch, loss, seconds }: { epoch: number; loss: number; seconds: number }): void {
  live(`training from scratch: epoch ${epoch}, loss ${loss.toPrecision(3)}, ${formatDuration(seconds)}`);
}

export function resultTable({ methods, times }: Comparison, { config }: PudNetModel): string[] {
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
  const isPredicted = predictsKernels(config);
  const weights = isPredicted ? ` weights ${formatDuration(times.coldPass)},` : "";
  const first = `compiling ${formatDuration(times.compile)},${weights} classifier ${formatDuration(times.coldClassifier)}`;
  return [
    ...tableHead(COLUMNS),
    ...rows,
    tableLine(COLUMNS),
    `n = ${ours.n} held-out pictures. Time: until the classifier is ready, compiling left out (training: ${formatDuration(times.trainingCompile)}).`,
    ...(isPredicted
      ? [
          `All weights in one forward pass: ${formatDuration(times.pass)}; the rest of its ${formatDuration(ours.seconds)} makes batch norm, head and temperature.`,
        ]
      : []),
    `Cold, the first time in this process: ${first}.`,
    isPredicted
      ? "The prediction takes no training, but its hypernetwork was meta-trained before, on other classes."
      : "The general network takes no training either, but was trained before, on other pictures.",
  ];
}

export function title({ arch, config }: PudNetModel): string {
  return predictsKernels(config) ? `${arch.name} for classes never seen` : "A general network for new pictures";
}

export function lead({ classes }: ImageDataset, { arch, config, trainClasses }: PudNetModel): string {
  const what = predictsKernels(config)
    ? `All convolution weights of a ${arch.name} for ${classes.length} classes, predicted in one forward pass by a hypernetwork ` +
      `that was meta-trained on ${trainClasses.length} other classes`
    : `A ${arch.name} that was trained once, on other pictures of ${trainClasses.length} classes, with batch norm and a head fitted to ` +
      `${classes.length} classes`;
  return `${what}, beside training the same network from scratch.`;
}

export function whereTo({ classifier, onnx, report, table }: ComparisonFiles, seconds: number): string[] {
  return [
    `report:     ${report}`,
    `classifier: ${classifier}`,
    `ONNX file:  ${onnx}`,
    `table:      ${table}`,
    `done in ${formatDuration(seconds)}; try it: pudnet classify ${shellWord(classifier)} IMAGE...`,
  ];
}
