// A classifier as the bytes of its files: weights.safetensors (torchvision's names, and those of the head), classifier.onnx
// (pixels in, probabilities out) and classifier.json (the rest, and where it came from), which holds the checksums of all.

import { z } from "zod";
import { RESIZE_RULES, UNNAMED_RESIZE } from "../data/square.ts";
import { FormatError, issueLines, UserError } from "../errors.ts";
import { canonicalJson, parseJson } from "../formats/json.ts";
import { readSafetensors, type WriteOptions, writeSafetensors } from "../formats/safetensors.ts";
import { sha256 } from "../formats/sha256.ts";
import { requireVersion } from "../formats/version.ts";
import type { ClassifierHead } from "../heads/classifier-head.ts";
import { archSchema } from "../models/arch-schema.ts";
import { featureSize } from "../models/architectures.ts";
import { fromStateDict, stateDict } from "../models/network.ts";
import type { HostTensor, Shape } from "../tensor/tree.ts";
import type { Classifier } from "./classifier.ts";
import { exportOnnx } from "./export-onnx.ts";
import { preprocessing } from "./preprocessing.ts";

export const DESCRIPTION = "classifier.json";
export const WEIGHTS = "weights.safetensors";
export const ONNX = "classifier.onnx";

const FORMAT = "pudnet-classifier";
/** Since 3 there are closed-form heads; since 2 the description is under a checksum too. Files of 1 are read as they are. */
const VERSION = 3;
const OLDEST = 1;
const CENTROIDS = "centroids";
const CLOSED_FORM = { mean: "closed_form.mean", weight: "closed_form.weight" } as const;
const UNKNOWN = "unknown.centroids";
/** As torchvision's ResNets call their linear layer. */
const LINEAR = { weight: "fc.weight", bias: "fc.bias" } as const;
/** Longer lists of names (in characters of JSON) are in classifier.json alone: headers of safetensors files are bounded. */
const LONGEST_NAMES = 2 ** 18;
const DAMAGED = "the folder was copied in part or changed: copy it again, or make it again";

const colours = (value: z.ZodNumber) => z.tuple([value, value, value]).readonly();
const common = z.looseObject({
  format: z.literal(FORMAT),
  version: z.int().min(OLDEST).max(VERSION),
  arch: archSchema,
  classes: z
    .array(z.string())
    .min(2)
    .refine((classes) => new Set(classes).size === classes.length, "two classes of one name"),
  resize: z.enum(RESIZE_RULES).default(UNNAMED_RESIZE),
  normalization: z.object({ mean: colours(z.number()), deviation: colours(z.number().positive()) }),
  unknown: z.object({ threshold: z.number() }).optional(),
  sha256: z.strictObject({ [WEIGHTS]: z.string(), [ONNX]: z.string(), description: z.string().optional() }),
});
const descriptionSchema = z.discriminatedUnion("head", [
  common.extend({ head: z.literal("centroids"), temperature: z.number().positive() }),
  common.extend({ head: z.literal("closed-form"), temperature: z.number().positive() }),
  common.extend({ head: z.literal("linear") }),
]);
/** What files are that do not say which head they have: the others came later. */
const FIRST_HEAD = { head: "centroids" } as const;

export type ClassifierDescription = z.infer<typeof descriptionSchema>;

/** The files of a classifier, by name. */
export interface ClassifierFiles {
  readonly "classifier.json": Uint8Array;
  readonly "weights.safetensors": Uint8Array;
  readonly "classifier.onnx": Uint8Array;
}

/**
 * The files of a classifier.
 * @param facts what else belongs into classifier.json: how it was made, from what, how good it is
 * @throws UserError where numbers are not finite
 */
export async function classifierFiles(
  classifier: Classifier,
  facts: Readonly<Record<string, unknown>> = {},
): Promise<ClassifierFiles> {
  const { arch, classes, normalization, resize, head, unknown } = classifier;
  const weights = writeWeights(classifier);
  const onnx = exportOnnx(classifier);
  const identity = {
    format: FORMAT,
    version: VERSION,
    created: new Date().toISOString(),
    arch,
    classes,
    normalization,
    resize,
    head: head.kind,
    ...(head.kind === "linear" ? {} : { temperature: head.temperature }),
    ...(unknown ? { unknown: { threshold: unknown.threshold } } : {}),
    preprocessing: preprocessing(classifier),
  };
  const hashes = { [WEIGHTS]: await sha256(weights), [ONNX]: await sha256(onnx) };
  // Identity twice: first in the file, and not to be overwritten by a fact.
  const description = { ...identity, ...facts, ...identity, sha256: hashes };
  const whole = { ...description, sha256: { ...hashes, description: await descriptionHash(description) } };
  const json = new TextEncoder().encode(`${JSON.stringify(whole, undefined, 2)}\n`);
  return { [DESCRIPTION]: json, [WEIGHTS]: weights, [ONNX]: onnx };
}

/**
 * The numbers of a classifier as a safetensors file.
 * @param facts what else its metadata say
 * @throws UserError where numbers are not finite, or too large for 16 bits
 */
export function writeWeights(
  { classes, network, head, unknown }: Pick<Classifier, "classes" | "network" | "head" | "unknown">,
  facts: Readonly<Record<string, string>> = {},
  options: WriteOptions = {},
): Uint8Array {
  const tensors = new Map([...stateDict(network.weights, network.stats), ...headTensors(head)]);
  if (unknown) tensors.set(UNKNOWN, unknown.centroids);
  for (const [name, { data }] of tensors) {
    if (!(data instanceof Float32Array) || data.every(Number.isFinite)) continue;
    throw new UserError(`no classifier: "${name}" holds numbers that are not finite`, {
      hint: "the training or prediction that made them went wrong: make them again",
    });
  }
  const names = JSON.stringify(classes);
  const metadata = { format: "pt", made_by: FORMAT, version: String(VERSION), ...facts };
  return writeSafetensors(tensors, names.length > LONGEST_NAMES ? metadata : { ...metadata, classes: names }, options);
}

type Checksums = Readonly<Record<string, unknown>>;

/** SHA-256 of all that a description says, whatever the order of its keys, but for this hash itself. */
export function descriptionHash(description: { readonly sha256: Checksums }): Promise<string> {
  const checksums = { ...description.sha256, description: undefined };
  return sha256(canonicalJson({ ...description, sha256: checksums }));
}

function headTensors(head: ClassifierHead): [name: string, tensor: HostTensor][] {
  switch (head.kind) {
    case "centroids":
      return [[CENTROIDS, head.centroids]];
    case "closed-form":
      return [
        [CLOSED_FORM.mean, head.mean],
        [CLOSED_FORM.weight, head.weight],
      ];
    case "linear":
      return [
        [LINEAR.weight, head.weight],
        [LINEAR.bias, head.bias],
      ];
  }
}

/**
 * A classifier from the bytes of its classifier.json and its weights.safetensors, as browsers fetch them.
 * For example: `const { classifier } = await readClassifier(description, weights);`
 * @throws FormatError for damaged and foreign ones, and for those that do not belong together
 */
export async function readClassifier(
  description: Uint8Array,
  weights: Uint8Array,
): Promise<{ classifier: Classifier; description: ClassifierDescription }> {
  const read = await readDescription(description, DESCRIPTION);
  return { classifier: await readWeights(read, weights, WEIGHTS), description: read };
}

/** @param file names it in errors. @throws FormatError for a damaged or foreign one */
export async function readDescription(bytes: Uint8Array, file: string): Promise<ClassifierDescription> {
  const hint = DAMAGED;
  const json = parseJson(bytes, file, hint);
  const { format, version } = (json ?? {}) as { format?: unknown; version?: unknown };
  if (format === FORMAT) requireVersion(file, "classifier", version, VERSION, OLDEST);
  const parsed = descriptionSchema.safeParse({ ...FIRST_HEAD, ...(json as object) }, { reportInput: true });
  if (!parsed.success) {
    const details = issueLines(parsed.error.issues);
    throw new FormatError(file, "not the description of a classifier", { details, hint });
  }
  const { sha256: known } = parsed.data;
  if (
    version === OLDEST
      ? "description" in known
      : known.description !== (await descriptionHash(json as { sha256: Checksums }))
  ) {
    throw new FormatError(file, "changed since it was written: its checksum is another", {
      hint: `${DAMAGED}; names of classes come from the names of the folders`,
    });
  }
  return parsed.data;
}

/** @param file names it in errors. @throws FormatError for a damaged one, and one of another description */
export async function readWeights(
  description: ClassifierDescription,
  bytes: Uint8Array,
  file: string,
): Promise<Classifier> {
  const { tensors, metadata } = readSafetensors(bytes, file);
  // older folders have weights without a version
  const isOfVersion = (metadata["version"] ?? "1") === String(description.version);
  if ((await sha256(bytes)) !== description.sha256[WEIGHTS] || !isOfVersion) {
    throw new FormatError(file, `does not belong to the ${DESCRIPTION} beside it: its checksum is another`, {
      hint: DAMAGED,
    });
  }
  const read = (name: string, shape: Shape): HostTensor => {
    const found = tensors.get(name);
    const what = found ? `shape [${found.shape.join(", ")}]` : "nothing";
    if (found?.shape.join() !== shape.join()) {
      throw new FormatError(file, `"${name}": found ${what}, expected [${shape.join(", ")}]`, { hint: DAMAGED });
    }
    if (!(found.data instanceof Float32Array && found.data.every(Number.isFinite))) {
      throw new FormatError(file, `"${name}": expected finite 32-bit numbers throughout`, { hint: DAMAGED });
    }
    return found;
  };
  const { arch, classes, normalization, resize, unknown } = description;
  return {
    arch,
    classes,
    normalization,
    resize,
    network: fromStateDict(arch, read),
    head: readHead(description, read),
    ...(unknown ? { unknown: { ...unknown, centroids: read(UNKNOWN, [classes.length, featureSize(arch)]) } } : {}),
  };
}

function readHead(
  description: ClassifierDescription,
  read: (name: string, shape: Shape) => HostTensor,
): ClassifierHead {
  const { arch, classes, head: kind } = description;
  const d = featureSize(arch);
  const shape = [classes.length, d];
  if (kind === "linear") return { kind, weight: read(LINEAR.weight, shape), bias: read(LINEAR.bias, [classes.length]) };
  const { temperature } = description;
  if (kind === "centroids") return { kind, centroids: read(CENTROIDS, shape), temperature };
  return { kind, mean: read(CLOSED_FORM.mean, [d]), weight: read(CLOSED_FORM.weight, shape), temperature };
}
