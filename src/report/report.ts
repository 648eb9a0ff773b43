// The report of a prediction as one HTML file that needs nothing else: no scripts, no network, pictures inside.

import { invariant } from "../errors.ts";
import type { Judgement } from "./judgement.ts";
import { confusionFigure } from "./confusion-figure.ts";
import { isMistake, mostConfusedPairs, type Prediction, wilsonInterval } from "./predictions.ts";
import { formatDuration } from "./progress-table.ts";
import { REPORT_STYLE } from "./report-style.ts";
import { escapeXml as escape } from "./svg.ts";

/** Ends every report: so a page that may be replaced is told from a user's own. */
export const REPORT_MARK = "<footer>Made by PudNet,";

export interface ReportMethod {
  readonly name: string;
  /** What was done, in one line. */
  readonly note?: string;
  /** 0 to 1, over `n` pictures. */
  readonly accuracy: number;
  readonly n: number;
  /** Until the classifier is ready. */
  readonly seconds: number;
  /** The method the page is about; the times of the others are told as multiples of its. */
  readonly isOurs?: boolean;
}

export interface ReportPicture extends Prediction {
  /** data:image/...;base64,... */
  readonly image: string;
  /** The picture's width or height in pixels, whichever is larger: small ones are shown with sharp pixels. */
  readonly side?: number;
  /** File name or position, shown on hovering. */
  readonly source?: string;
}

export interface ReportInput {
  readonly title: string;
  /** One or two sentences below the title. */
  readonly lead?: string;
  /** The first is the baseline of the ratios unless one `isOurs`; none for an unlabelled dataset. */
  readonly methods: readonly ReportMethod[];
  /** Of one classifier, instead of methods that are compared. */
  readonly judgement?: Judgement;
  readonly classes: readonly string[];
  /** [k, k], confusion[actual][predicted] of all held-out pictures, where their labels are known. */
  readonly confusion?: readonly (readonly number[])[];
  /** Shown as a grid; `balancedSample` chooses fairly. */
  readonly pictures: readonly ReportPicture[];
  /** Wrong predictions with the highest scores first; see `mostConfidentMistakes`. */
  readonly mistakes: readonly ReportPicture[];
  /** Seed, versions, machine, files: whatever is needed to make the numbers again. */
  readonly facts: readonly (readonly [name: string, value: string])[];
  /** The command that makes this page again. */
  readonly command?: string;
  /** ISO 8601. */
  readonly created: string;
}

/**
 * The whole page. For example: `await writeFileAtomic("report.html", reportHtml(input));`
 */
export function reportHtml(input: ReportInput): string {
  const body = [
    `<h1>${escape(input.title)}</h1>`,
    input.lead ? `<p class="lead">${escape(input.lead)}</p>` : "",
    numbers(input.judgement ? judgementCards(input.judgement, input.classes) : comparisonCards(input)),
    methodsSection(input.methods),
    picturesSection(input),
    confusionSection(input),
    classesSection(input),
    mistakesSection(input),
    factsSection(input),
    `${REPORT_MARK} ${escape(input.created.slice(0, 16).replace("T", " "))}. This page is one file: keep or send it as it is.</footer>`,
  ];
  return [
    '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">',
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    // The browser itself guarantees that the page runs and loads nothing.
    `<meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; style-src 'unsafe-inline'">`,
    `<title>${escape(input.title)}</title>\n<style>${REPORT_STYLE}</style>\n</head>\n<body>`,
    ...body.filter((part) => part !== ""),
    "</body>\n</html>\n",
  ].join("\n");
}

function oursOf(methods: readonly ReportMethod[]): ReportMethod | undefined {
  return methods.find(({ isOurs }) => isOurs) ?? methods[0];
}

type Card = [name: string, value: string, note: string];

function numbers(cards: readonly Card[]): string {
  if (cards.length === 0) return "";
  const items = cards.map(
    ([name, value, note]) => `<div><dt>${name}</dt><dd>${value}<small>${escape(note)}</small></dd></div>`,
  );
  return `<dl class="numbers">${items.join("")}</dl>`;
}

function judgementCards(judgement: Judgement, classes: readonly string[]): Card[] {
  const { n, accuracy, chance, majority, balancedAccuracy, meanF1, meanScore, calibrationError } = judgement;
  const present = judgement.classes.filter((one) => one.n > 0).length;
  const always = `always “${classes[majority.label]!}” would be right in ${percent(majority.accuracy)}`;
  return [
    ["Accuracy", percent(accuracy), `${interval(judgement)}, ${count(n)} pictures`],
    ["Mean recall of the classes", percent(balancedAccuracy), `mean F1 ${percent(meanF1)}`],
    ["Mean score", percent(meanScore), `calibration error ${percent(calibrationError)}, n = ${count(n)}`],
    ["Classes", String(present), `of ${classes.length}; guessing would be right in ${percent(chance)}, ${always}`],
  ];
}

function comparisonCards({ methods, classes }: ReportInput): Card[] {
  const ours = oursOf(methods);
  if (!ours) return [];
  const slowest = methods.reduce((a, b) => (b.seconds > a.seconds ? b : a));
  const cards: Card[] = [
    ["Accuracy", percent(ours.accuracy), `${interval(ours)}, ${count(ours.n)} held-out pictures`],
    ["Until it is ready", formatDuration(ours.seconds), ours.name],
    ["Classes", String(classes.length), `guessing would be right in ${percent(1 / classes.length)}`],
  ];
  if (slowest !== ours) {
    cards.splice(2, 0, [
      "Faster",
      times(slowest.seconds / ours.seconds),
      `than ${slowest.name} (${percent(slowest.accuracy)})`,
    ]);
  }
  return cards;
}

function methodsSection(methods: readonly ReportMethod[]): string {
  const ours = oursOf(methods);
  if (!ours) return "";
  const rows = methods.map((method) => {
    const { name, note, accuracy, n, seconds } = method;
    return [
      `<tr${method === ours ? ' class="ours"' : ""}><td>${escape(name)}${note ? `<small>${escape(note)}</small>` : ""}</td>`,
      `<td class="number">${percent(accuracy)}<small>${interval(method)}</small></td>`,
      `<td class="meter">${bar(accuracy)}</td>`,
      `<td class="number">${formatDuration(seconds)}</td>`,
      `<td class="number">${method === ours ? "1 ×" : times(seconds / ours.seconds)}</td>`,
      `<td class="number">${count(n)}</td></tr>`,
    ].join("");
  });
  return section(
    "How it compares",
    "Accuracy on the same held-out pictures, with its 95 % interval; time until the classifier is ready, on the same machine.",
    `<div class="scroll"><table><thead><tr><th>Method</th><th class="number">Accuracy</th><th class="meter"></th>` +
      `<th class="number">Time</th><th class="number">Ratio of times</th><th class="number">Pictures (n)</th></tr></thead>` +
      `<tbody>${rows.join("")}</tbody></table></div>`,
  );
}

function picturesSection({ pictures, classes }: ReportInput): string {
  if (pictures.length === 0) return "";
  const wrong = pictures.filter(isMistake).length;
  const labelled = pictures.some(({ label }) => label !== undefined);
  const lead = labelled
    ? `Every class in turn, not a choice of the best. The percentage is the classifier's own score. ${wrong === 0 ? "All of these are right." : `${wrong} of these ${pictures.length} ${wrong === 1 ? "is" : "are"} wrong and marked.`}`
    : "Every class in turn. The percentage is the classifier's own score.";
  return section("Pictures and predictions", lead, pictureList(pictures, classes));
}

function confusionSection({ confusion, judgement, classes }: ReportInput): string {
  const confused = judgement?.confused.slice(0, 8) ?? (confusion && mostConfusedPairs(confusion, 8));
  if (!confused) return "";
  const pairs = confused.map(
    ({ actual, predicted, count: mistaken, share }) =>
      `<tr><td>${escape(classes[actual]!)}</td><td>${escape(classes[predicted]!)}</td>` +
      `<td class="number">${count(mistaken)} <small>${percent(share)}</small></td></tr>`,
  );
  const table =
    `<div class="pairs"><h3>Most confused</h3><table><thead><tr><th>Actual</th><th>Taken for</th>` +
    `<th class="number">Pictures</th></tr></thead><tbody>${pairs.join("")}</tbody></table></div>`;
  const size = classes.length > 24 ? "figure large" : "figure";
  const figure = confusion
    ? `<div class="${size}">${confusionFigure({ labels: classes, counts: confusion })}</div>`
    : "";
  return section(
    "Which classes are confused",
    confusion
      ? "A row per actual class, a column per prediction; at the right the share of the class that was recognised."
      : "",
    `<div class="side">${figure}${pairs.length > 0 ? table : '<p class="pairs">No mistakes at all.</p>'}</div>`,
  );
}

function classesSection({ judgement, classes }: ReportInput): string {
  if (!judgement) return "";
  const cell = (share: number | undefined): string =>
    `<td class="number">${share === undefined ? "–" : percent(share)}</td>`;
  const rows = judgement.classes.map(
    ({ n, predicted, recall, precision, f1 }, c) =>
      `<tr><td>${escape(classes[c]!)}</td><td class="number">${count(n)}</td><td class="number">${count(predicted)}</td>` +
      `<td class="meter">${recall === undefined ? "" : bar(recall)}</td>${[recall, precision, f1].map(cell).join("")}</tr>`,
  );
  return section(
    "Every class",
    "Recall: of the class's pictures, those recognised. Precision: of the pictures taken for the class, those that are. F1: their harmonic mean.",
    `<div class="scroll"><table><thead><tr><th>Class</th><th class="number">Pictures</th><th class="number">Taken for it</th>` +
      `<th class="meter"></th><th class="number">Recall</th><th class="number">Precision</th><th class="number">F1</th></tr></thead>` +
      `<tbody>${rows.join("")}</tbody></table></div>`,
  );
}

function mistakesSection({ mistakes, classes }: ReportInput): string {
  if (mistakes.length === 0) return "";
  const lead =
    "Wrong, and sure of it: look here first for wrong labels in the data and for what the classifier cannot see.";
  return section("Most confident mistakes", lead, pictureList(mistakes, classes));
}

function factsSection({ facts, command }: ReportInput): string {
  const items = facts.map(([name, value]) => `<dt>${escape(name)}</dt><dd>${escape(value)}</dd>`).join("");
  return section(
    "How to make these numbers again",
    "",
    `<dl class="facts">${items}</dl>${command ? `<pre>${escape(command)}</pre>` : ""}`,
  );
}

function pictureList(pictures: readonly ReportPicture[], classes: readonly string[]): string {
  const items = pictures.map((picture) => {
    const { image, predicted, score, label, side, source } = picture;
    invariant(/^data:image\/[\w.+-]+[;,]/.test(image), () => "a picture of the report is not a data URI");
    const actual = label === undefined ? "" : classes[label]!;
    const alt = `${actual || "picture"}, predicted ${classes[predicted]!}`;
    return [
      `<li${isMistake(picture) ? ' class="wrong"' : ""}${source ? ` title="${escape(source)}"` : ""}>`,
      `<img src="${escape(image)}" alt="${escape(alt)}"${(side ?? 0) <= 64 ? ' class="tiny"' : ""} loading="lazy">`,
      `<b>${isMistake(picture) ? "✗ " : ""}${escape(classes[predicted]!)}</b>`,
      `<span class="score">${bar(score)}${percent(score, 0)}</span>`,
      isMistake(picture) ? `<em>is ${escape(actual)}</em>` : "",
      "</li>",
    ].join("");
  });
  return `<ul class="pictures">${items.join("\n")}</ul>`;
}

function section(title: string, lead: string, content: string): string {
  return `<section>\n<h2>${title}</h2>\n${lead === "" ? "" : `<p class="muted">${lead}</p>\n`}${content}\n</section>`;
}

function bar(share: number): string {
  return `<span class="bar"><i style="width:${(100 * share).toFixed(1)}%"></i></span>`;
}

function percent(share: number, digits = 1): string {
  return `${(100 * share).toFixed(digits)}\u00A0%`; // no line break before the sign
}

function interval({ accuracy, n }: { readonly accuracy: number; readonly n: number }): string {
  const [low, high] = wilsonInterval(accuracy, n);
  return `${(100 * low).toFixed(1)} to ${percent(high)}`;
}

function count(value: number): string {
  return value.toLocaleString("en-US");
}

function times(ratio: number): string {
  if (!Number.isFinite(ratio)) return "? ×"; // of a time too short to be measured
  return `${ratio.toLocaleString("en-US", { maximumSignificantDigits: Math.max(2, Math.ceil(Math.log10(ratio))) })} ×`;
}
