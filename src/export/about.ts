// What every exported file says of itself, and names that may hold anything as parts of programs.

import type { Classifier } from "../classifier/classifier.ts";
import { preprocessing as preprocessingOf } from "../classifier/preprocessing.ts";
import { LICENCE_NOTE, PROJECT_NOTE } from "./licence.ts";

const FORMAT = "pudnet-exported-classifier";
/** Counted up where readers would misread the files. */
const VERSION = 1;

export type Numbers = "float32" | "float16" | "int8";

/** Who exports. */
export interface Exporter {
  /** As a user would type it again. */
  readonly command?: string;
  /** Of this program. */
  readonly pudnet?: string;
  /** What white is in pictures deeper than 8 bits that the classifier was made from, by kind of sample. */
  readonly sampleRanges?: Readonly<Record<string, number | undefined>>;
}

/** Where a file that makes squares itself makes them otherwise than the classifier's were made. */
export function squareNotes({ resize }: Pick<Classifier, "resize">): string[] {
  if (resize === "square-1") return [];
  return [
    `the classifier was made of squares by ${resize}, and the exported file makes them by square-1: ` +
      "scores differ from those of pudnet classify; a classifier that is made again has no such difference",
  ];
}

/** Where pictures were deeper than 8 bits, which no exported file reads. */
export function depthNotes({ sampleRanges = {} }: Exporter): string[] {
  const whites = Object.entries(sampleRanges).map(([kind, white]) => `${white} (${kind})`);
  if (whites.length === 0) return [];
  return [
    `white was ${whites.join(" and ")} in the deep pictures that the classifier was made from, and the exported file ` +
      "takes 8 bits: scale such pictures to 0 to 255 by that white",
  ];
}

/** Facts as plain JSON. */
export function aboutFile(classifier: Classifier, numbers: Numbers, exporter: Exporter) {
  return {
    format: FORMAT,
    version: VERSION,
    ...madeBy(exporter),
    licence: LICENCE_NOTE,
    arch: classifier.arch,
    numbers,
    ...answersOf(classifier),
    ...(hasRanges(exporter) ? { sampleRanges: exporter.sampleRanges, depth: depthNotes(exporter).join() } : {}),
  };
}

/**
 * What the zip of a project says beside its pictures, as plain JSON: who packed it, and of the classifier that was made of them, where one was,
 * what exports of it say. For `about` of `writeProjectZip`.
 * @example aboutProject({ command: "pudnet serve" }).command // "pudnet serve"
 */
export function aboutProject(exporter: Exporter, classifier?: Classifier) {
  return {
    ...madeBy(exporter),
    licence: PROJECT_NOTE,
    ...(classifier ? { labels: classifier.classes, arch: classifier.arch, ...answersOf(classifier) } : {}),
    ...(hasRanges(exporter) ? { sampleRanges: exporter.sampleRanges } : {}),
  };
}

const madeBy = ({ command, pudnet }: Exporter) => ({
  ...(pudnet === undefined ? {} : { pudnet }),
  ...(command === undefined ? {} : { command }),
});

const hasRanges = ({ sampleRanges = {} }: Exporter): boolean => Object.keys(sampleRanges).length > 0;

/** How pictures become answers. */
function answersOf(classifier: Classifier) {
  const { head, unknown } = classifier;
  const { input: _, ...preprocessing } = preprocessingOf(classifier);
  return {
    head: head.kind,
    ...(head.kind === "linear" ? {} : { temperature: head.temperature }),
    ...(unknown
      ? { unknown: { below: unknown.threshold, of: "the largest cosine of the features with a centroid" } }
      : {}),
    preprocessing,
  };
}

/** The same for files that make squares themselves, which they do by one rule. */
export function aboutSquaring(...[classifier, ...facts]: Parameters<typeof aboutFile>) {
  const [squares] = squareNotes(classifier);
  return { ...aboutFile({ ...classifier, resize: "square-1" }, ...facts), ...(squares ? { squares } : {}) };
}

/** The same for formats whose metadata are strings. */
export function aboutStrings(...facts: Parameters<typeof aboutFile>): Record<string, string> {
  const about = aboutFile(...facts);
  const { format, version, pudnet, command, licence, numbers, unknown, sampleRanges } = about;
  const more = {
    arch: JSON.stringify(about.arch),
    preprocessing: JSON.stringify(about.preprocessing),
    head: about.head,
    ...(about.temperature === undefined ? {} : { temperature: String(about.temperature) }),
    ...(pudnet === undefined ? {} : { pudnet }),
    ...(command === undefined ? {} : { command }),
    ...(unknown === undefined ? {} : { unknown_below: String(unknown.below) }),
    ...(sampleRanges === undefined ? {} : { sample_ranges: JSON.stringify(sampleRanges) }),
  };
  return { export_format: format, export_version: String(version), ...more, licence, numbers };
}

/**
 * A value as JSON that may stand in any script or page: ASCII, and nothing that ends one.
 * @example asciiJson("</script>\u00e9") // '"\\u003c/script>\\u00e9"'
 */
export function asciiJson(value: unknown): string {
  const escaped = (unit: string): string => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`;
  return JSON.stringify(value).replaceAll(/[^ -~]|</g, escaped);
}

/** Lines as a comment of JavaScript and C. */
export function comment(text: string): string {
  return `/*\n${text.replaceAll("*/", "* /").replaceAll("/*", "/ *").replaceAll(/^/gm, " * ").replaceAll(/ +$/gm, "")}\n */`;
}

/** Bytes in base64, in browsers too. */
export function base64(bytes: Uint8Array): string {
  const CHUNK = 2 ** 14;
  let text = "";
  for (let at = 0; at < bytes.length; at += CHUNK) text += String.fromCharCode(...bytes.subarray(at, at + CHUNK));
  return btoa(text);
}
