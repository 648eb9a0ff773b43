// A judgement as lines for a terminal: accuracy beside what guessing would get, a table of classes, mistakes.

import { listed, printable } from "../names.ts";
import type { ClassJudgement, Judgement } from "./judgement.ts";
import { type Column, tableHead, tableLine, tableRow } from "./progress-table.ts";

/** A wrong answer, for people. */
export interface NamedMistake {
  readonly path: string;
  readonly actual: string;
  readonly predicted: string;
  readonly score: number;
}

/** Classes in the table and the matrix; of more, those that fare worst are shown. */
const MOST_ROWS = 30;
const MOST_COLUMNS = 12;
const PAIRS = 10;
const MISTAKES = 10;
/** Ten a bin: of fewer pictures the error is mostly chance. */
const CALIBRATED = 100;
/** Where few lines are to do. */
const FEW = 3;

/**
 * What is worth knowing, the most important first; `mistakes` are all wrong answers, the most confident first.
 * @example
 * const predictions = [{ predicted: 1, score: 0.9, label: 1 }, { predicted: 1, score: 0.6, label: 0 }];
 * judgementLines(judge(predictions, 2), ["cat", "dog"], []);
 */
export function judgementLines(
  judgement: Judgement,
  names: readonly string[],
  mistakes: readonly NamedMistake[],
): string[] {
  const classes = names.map(printable); // before columns are filled up to their width
  return [
    ...headLines(judgement, classes),
    ...classTable(judgement, classes),
    ...(classes.length <= MOST_COLUMNS ? confusionMatrix(judgement, classes) : []),
    ...confusedLines(judgement, classes),
    ...mistakeLines(mistakes),
  ];
}

/**
 * The same in a few lines: how far scores can be trusted, the classes with the lowest F1, the most frequent mistakes.
 * For example: `weaknessLines(judge(predictions, 2), ["cat", "dog"]);`
 */
export function weaknessLines(judgement: Judgement, names: readonly string[]): string[] {
  const classes = names.map(printable);
  const weakest = byF1(judgement.classes)
    .filter((c) => judgement.classes[c]!.f1! < 1)
    .map((c) => {
      const { f1, recall, n } = judgement.classes[c]!;
      return `${classes[c]!} ${percent(f1!)} (recall ${percent(recall!)}, n = ${n})`;
    });
  return [
    scoresLine(judgement),
    ...(weakest.length > 0 ? [`lowest F1: ${listed(weakest, FEW)}`] : []),
    ...confusedLines(judgement, classes, FEW),
  ];
}

function headLines(judgement: Judgement, classes: readonly string[]): string[] {
  const { n, right, accuracy, interval, chance, majority, balancedAccuracy, meanF1 } = judgement;
  const without = classes.filter((_, c) => judgement.classes[c]!.n === 0);
  return [
    `accuracy: ${percent(accuracy)} (95 % interval ${number(interval[0])} to ${percent(interval[1])}; ${right} of ${n} images)`,
    `to compare: ${percent(chance)} by guessing, ${percent(majority.accuracy)} by always answering "${classes[majority.label]}"`,
    `mean of the classes: recall ${percent(balancedAccuracy)}, F1 ${percent(meanF1)}`,
    scoresLine(judgement),
    ...(without.length > 0
      ? [`no images of ${without.length} of ${classes.length} classes: ${listed(without, MOST_COLUMNS)}`]
      : []),
  ];
}

function scoresLine({ n, meanScore, accuracy, calibrationError }: Judgement): string {
  const distance = 100 * (meanScore - accuracy);
  return (
    `scores: ${percent(meanScore)} on average, ${Math.abs(distance).toFixed(1)} points ${distance < 0 ? "below" : "above"} ` +
    `the accuracy (calibration error ${number(calibrationError)} over ${n} images${n < CALIBRATED ? ", too few to rely on" : ""})`
  );
}

function classTable({ classes: judged, confused }: Judgement, names: readonly string[]): string[] {
  const shown = worstClasses(judged);
  const columns: readonly Column[] = [
    { name: "class", kind: "text", width: Math.min(30, Math.max(...shown.map((c) => names[c]!.length))) },
    { name: "images", kind: "count" },
    { name: "recall", kind: "percent" },
    { name: "precision", kind: "percent" },
    { name: "F1", kind: "percent" },
    { name: "mostly taken for", kind: "text", width: 24 },
  ];
  const rows = shown.map((c) => {
    const { n, recall, precision, f1 } = judged[c]!;
    const pair = confused.find(({ actual }) => actual === c);
    const taken = pair && `${names[pair.predicted]!} (${pair.count})`;
    return tableRow(columns, { class: names[c]!, images: n, recall, precision, F1: f1, "mostly taken for": taken });
  });
  const title =
    shown.length < judged.length
      ? [`the ${shown.length} of ${judged.length} classes with the lowest F1 (--json and --report have all):`]
      : [];
  return [...title, ...tableHead(columns), ...rows, tableLine(columns)];
}

/** All classes in their order, or those with the lowest F1, the worst first. */
function worstClasses(judged: readonly ClassJudgement[]): number[] {
  const all = [...judged.keys()];
  return all.length <= MOST_ROWS ? all : byF1(judged).slice(0, MOST_ROWS);
}

/** The classes that have images, the lowest F1 first. */
function byF1(judged: readonly ClassJudgement[]): number[] {
  const seen = [...judged.keys()].filter((c) => judged[c]!.n > 0);
  return seen.sort((a, b) => judged[a]!.f1! - judged[b]!.f1! || a - b);
}

/** Columns are numbered, since names are too wide for them. */
function confusionMatrix({ classes: judged, confused }: Judgement, names: readonly string[]): string[] {
  const counts = new Map(confused.map(({ actual, predicted, count }) => [`${actual} ${predicted}`, count]));
  const cell = (a: number, p: number): number => (a === p ? judged[a]!.right : (counts.get(`${a} ${p}`) ?? 0));
  const widest = Math.max(2, ...names.flatMap((_, a) => names.map((__, p) => String(cell(a, p)).length)));
  const row = (title: string, cells: readonly (number | string)[]): string =>
    `  ${title.padEnd(width)}${cells.map((value) => String(value).padStart(widest + 2)).join("")}`;
  const titles = names.map((name, c) => `${String(c + 1).padStart(2)} ${name}`);
  const width = Math.min(33, Math.max(...titles.map(({ length }) => length)));
  return [
    "confusion matrix (a row an actual class, a column a predicted one):",
    row(
      "",
      names.map((_, p) => p + 1),
    ),
    ...titles.map((title, a) =>
      row(
        title,
        names.map((_, p) => (cell(a, p) === 0 ? "." : cell(a, p))),
      ),
    ),
  ];
}

function confusedLines({ confused }: Judgement, names: readonly string[], most = PAIRS): string[] {
  if (confused.length === 0) return ["no mistakes at all"];
  const rest = confused.length - most;
  return [
    "most often mistaken:",
    ...confused
      .slice(0, most)
      .map(
        ({ actual, predicted, count, share }) =>
          `  ${names[actual]!} taken for ${names[predicted]!}: ${count} (${percent(share)} of ${names[actual]!})`,
      ),
    ...(rest > 0 ? [`  and ${rest} more pairs`] : []),
  ];
}

function mistakeLines(mistakes: readonly NamedMistake[]): string[] {
  if (mistakes.length === 0) return [];
  const rest = mistakes.length - MISTAKES;
  return [
    "most confident mistakes (wrong labels in the data are found here, too):",
    ...mistakes
      .slice(0, MISTAKES)
      .map(
        ({ path, actual, predicted, score }) => `  ${path}: is ${actual}, taken for ${predicted} (${percent(score)})`,
      ),
    ...(rest > 0 ? [`  and ${rest} more`] : []),
  ];
}

const number = (share: number): string => (100 * share).toFixed(1);
const percent = (share: number): string => `${number(share)} %`;
