// Every format: what numbers it can hold, and the files that a classifier becomes in it.

import { UserError } from "../errors.ts";
import type { ImageSource } from "../predict/image-source.ts";
import type { Classifier } from "../classifier/classifier.ts";
import { writeWeights } from "../classifier/classifier-file.ts";
import { exportOnnx } from "../classifier/export-onnx.ts";
import { aboutStrings, depthNotes, type Exporter, type Numbers, squareNotes } from "./about.ts";
import { exportC, type Memory } from "./c.ts";
import { exportHtml } from "./html.ts";
import { exportJs } from "./js.ts";
import { exportOnnxInt8 } from "./onnx-int8.ts";
import { planOf, type WholePlan } from "./plan.ts";
import { quantised } from "./quantise.ts";

export interface ExportOptions extends Exporter {
  readonly format: ExportFormat;
  /** `int8` where the format has nothing else, else `float32`. */
  readonly numbers?: Numbers;
  /** Pictures that the range of activations is found on, for `int8`: best those that the classifier was made from. */
  readonly pictures?: ImageSource;
  /** What the files are called, without an ending. */
  readonly name?: string;
}

export interface ExportedFile {
  readonly name: string;
  readonly bytes: Uint8Array;
}

export interface Exported {
  readonly files: readonly ExportedFile[];
  /** What is worth knowing, but stops nothing. */
  readonly notes: readonly string[];
  /** Of C. */
  readonly memory?: Memory;
}

interface Job extends Exporter {
  readonly classifier: Classifier;
  readonly numbers: Numbers;
  readonly name: string;
  /** Of `int8`. */
  readonly plan: WholePlan | undefined;
}

interface FormatRow {
  /** The first is usual. */
  readonly numbers: readonly [Numbers, ...Numbers[]];
  /** Of the files; the first is what is asked for by name. */
  readonly endings: readonly [string, ...string[]];
  /** Pictures of any size become squares in the file. */
  readonly makesSquares?: true;
  /** One text or block of bytes an ending. */
  readonly contents: (job: Job) => Contents | Promise<Contents>;
}

interface Contents {
  readonly parts: readonly (string | Uint8Array)[];
  readonly memory?: Memory;
}

const ROWS = {
  onnx: {
    numbers: ["float32", "int8"],
    endings: ["onnx"],
    contents: ({ classifier, plan, numbers, ...exporter }) => {
      const facts = aboutStrings(classifier, numbers, exporter);
      return { parts: [plan ? exportOnnxInt8(classifier, plan, facts) : exportOnnx(classifier, facts)] };
    },
  },
  safetensors: {
    numbers: ["float32", "float16"],
    endings: ["safetensors"],
    contents: ({ classifier, numbers, ...exporter }) => {
      const facts = aboutStrings(classifier, numbers, exporter);
      return { parts: [writeWeights(classifier, facts, { float16: numbers === "float16" })] };
    },
  },
  js: {
    numbers: ["float32", "int8"],
    endings: ["js"],
    makesSquares: true,
    contents: ({ classifier, plan, ...exporter }) => ({
      parts: [exportJs(classifier, plan ?? planOf(classifier), exporter)],
    }),
  },
  html: {
    numbers: ["float32", "int8"],
    endings: ["html"],
    makesSquares: true,
    contents: async ({ classifier, plan, ...exporter }) => ({
      parts: [await exportHtml(classifier, plan ?? planOf(classifier), exporter)],
    }),
  },
  c: {
    numbers: ["int8"],
    endings: ["c", "h"],
    contents: ({ classifier, plan, name, ...exporter }) => {
      const { source, header, memory } = exportC(classifier, plan!, name, exporter);
      return { parts: [source, header], memory };
    },
  },
} satisfies Record<string, FormatRow>;

export type ExportFormat = keyof typeof ROWS;
export const EXPORT_FORMATS = Object.keys(ROWS) as ExportFormat[];
const FORMATS: Readonly<Record<ExportFormat, FormatRow>> = ROWS;

/** What the files of a format are called; the first is the one that is asked for. */
export const fileNames = (format: ExportFormat, name: string): [string, ...string[]] => {
  const [first, ...others] = FORMATS[format].endings;
  return [`${name}.${first}`, ...others.map((ending) => `${name}.${ending}`)];
};

/** The numbers that a format can hold, the usual ones first. */
export const numbersOf = (format: ExportFormat): readonly [Numbers, ...Numbers[]] => FORMATS[format].numbers;

/**
 * The files that a classifier becomes in a format, in browsers too.
 * @throws UserError where the format has no such numbers, or pictures are missing for `int8`
 * @example (await exportClassifier(classifier, { format: "js", name: "pets" })).files[0].name // "pets.js"
 */
export async function exportClassifier(
  classifier: Classifier,
  { format, numbers = numbersOf(format)[0], pictures, name = "classifier", ...exporter }: ExportOptions,
): Promise<Exported> {
  requireNumbers(format, numbers);
  if (numbers === "int8" && pictures === undefined) {
    throw new UserError("numbers of 8 bits need pictures, to find the range of each activation on", {
      hint: "give some of those that the classifier was made from: it keeps their hashes, not the pictures",
      exitCode: 2,
    });
  }
  const plan = numbers === "int8" ? quantised(classifier, pictures!) : undefined;
  const { contents, makesSquares } = FORMATS[format];
  const { parts, ...more } = await contents({ ...exporter, classifier, numbers, name, plan });
  const encoder = new TextEncoder();
  const bytes = parts.map((part) => (typeof part === "string" ? encoder.encode(part) : part));
  const files = fileNames(format, name).map((file, i) => ({ name: file, bytes: bytes[i]! }));
  const notes = [...(makesSquares ? squareNotes(classifier) : []), ...depthNotes(exporter)];
  return { files, notes, ...more };
}

/** @throws UserError where a format has no such numbers */
export function requireNumbers(format: ExportFormat, numbers: Numbers): void {
  const known = numbersOf(format);
  if (known.includes(numbers)) return;
  const able = EXPORT_FORMATS.filter((other) => numbersOf(other).includes(numbers));
  throw new UserError(`${format} has no numbers of ${numbers}`, {
    hint: `it has ${known.join(" and ")}; ${able.slice(0, -1).join(", ")}${able.length > 1 ? " and " : ""}${able.at(-1)} can hold ${numbers}`,
    exitCode: 2,
  });
}
