// Every format: what numbers it can hold, and the files that a classifier becomes in it.

import { UserError } from "../errors.ts";
import type { ImageSource } from "../predict/image-source.ts";
import type { Classifier } from "../classifier/classifier.ts";
import { writeWeights } from "../classifier/classifier-file.ts";
import { exportOnnx } from "../classifier/export-onnx.ts";
import { aboutStrings, type Exporter, type Numbers } from "./about.ts";
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
  /** Pictures of any size become squares in the file. */
  readonly makesSquares?: true;
  readonly files: (job: Job) => ExportedFile[] | Promise<ExportedFile[]>;
}

const text = (name: string, content: string): ExportedFile => ({ name, bytes: new TextEncoder().encode(content) });

const ROWS = {
  onnx: {
    numbers: ["float32", "int8"],
    files: ({ classifier, plan, name, numbers, ...exporter }) => {
      const facts = aboutStrings(classifier, numbers, exporter);
      const bytes = plan ? exportOnnxInt8(classifier, plan, facts) : exportOnnx(classifier, facts);
      return [{ name: `${name}.onnx`, bytes }];
    },
  },
  safetensors: {
    numbers: ["float32", "float16"],
    files: ({ classifier, name, numbers, ...exporter }) => {
      const facts = aboutStrings(classifier, numbers, exporter);
      return [
        { name: `${name}.safetensors`, bytes: writeWeights(classifier, facts, { float16: numbers === "float16" }) },
      ];
    },
  },
  js: {
    numbers: ["float32", "int8"],
    makesSquares: true,
    files: ({ classifier, plan, name, ...exporter }) => [
      text(`${name}.js`, exportJs(classifier, plan ?? planOf(classifier), exporter)),
    ],
  },
} satisfies Record<string, FormatRow>;

export type ExportFormat = keyof typeof ROWS;
export const EXPORT_FORMATS = Object.keys(ROWS) as ExportFormat[];
const FORMATS: Readonly<Record<ExportFormat, FormatRow>> = ROWS;

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
  const files = await FORMATS[format].files({ ...exporter, classifier, numbers, name, plan });
  return { files, notes: FORMATS[format].makesSquares ? squareNote(classifier) : [] };
}

function squareNote({ resize }: Classifier): string[] {
  if (resize === "square-1") return [];
  return [
    `the classifier was made of squares by ${resize}, and the exported file makes them by square-1: make it again`,
  ];
}

/** @throws UserError where a format has no such numbers */
export function requireNumbers(format: ExportFormat, numbers: Numbers): void {
  const known = numbersOf(format);
  if (known.includes(numbers)) return;
  throw new UserError(`${format} has no numbers of ${numbers}`, {
    hint: `it has ${known.join(" and ")}; ${EXPORT_FORMATS.filter((other) => numbersOf(other).includes(numbers)).join(" and ")} can hold ${numbers}`,
    exitCode: 2,
  });
}
