// A classifier on disk, one folder: weights.safetensors (torchvision's names, and "centroids" or "fc"), classifier.onnx
// (pixels in, probabilities out) and classifier.json (the rest, and where it came from). classifier.json is the seal: it is
// written last, and holds the checksums of the others.

import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { FormatError, issueLines, UserError } from "../../errors.ts";
import { canonicalJson, parseJson } from "../../formats/json.ts";
import { readSafetensors, writeSafetensors } from "../../formats/safetensors.ts";
import { requireVersion } from "../../formats/version.ts";
import { type ArchName, ARCHITECTURES, featureSize } from "../../models/architectures.ts";
import { fromStateDict, stateDict } from "../../models/network.ts";
import { RESIZE_RULES, UNNAMED_RESIZE } from "../../data/square.ts";
import type { HostTensor, Shape } from "../../tensor/tree.ts";
import type { Classifier } from "../../classifier/classifier.ts";
import type { ClassifierHead } from "../../heads/classifier-head.ts";
import { exportOnnx, preprocessing } from "../../classifier/export-onnx.ts";
import { explainWriteError } from "../files/atomic-file.ts";
import { isPassedOver } from "../datasets/folder-walk.ts";
import { provenance } from "../provenance.ts";
import { bytesHash } from "../files/file-hash.ts";
import { explainReadError, readWhole } from "../files/read-file.ts";
import { hasForeignLock, LOCK } from "../files/folder-lock.ts";
import { finishSealed, nextTarget, requireWritable, type SealedNames, writeSealed } from "../files/sealed-folder.ts";
import { temporaryTarget } from "../files/temporaries.ts";

const FORMAT = "pudnet-classifier";
/** Since 2 the description is under a checksum too; folders of version 1 are read as they are. */
const VERSION = 2;
const OLDEST = 1;
const JSON_FILE = "classifier.json";
const WEIGHTS = "weights.safetensors";
const ONNX = "classifier.onnx";
/** Written beside by others. */
const REPORT = "report.html";
/** What may lie in a classifier folder and be replaced with it. */
const OURS: readonly string[] = [JSON_FILE, WEIGHTS, ONNX, REPORT];
const NAMES: SealedNames = { seal: JSON_FILE, parts: [WEIGHTS, ONNX], obsolete: [REPORT] };
const CENTROIDS = "centroids";
/** As torchvision's ResNets call their linear layer. */
const LINEAR = { weight: "fc.weight", bias: "fc.bias" } as const;
/** Longer lists of names (in characters of JSON) are in classifier.json alone: headers of safetensors files are bounded. */
const LONGEST_NAMES = 2 ** 18;
const DAMAGED = "the folder was copied in part or changed: copy it again, or make it again";

export interface SaveOptions {
  /** Replaces a classifier that is already there. */
  readonly force?: boolean;
  /** What else belongs into classifier.json: how it was made, from what, how good it is. */
  readonly facts?: Readonly<Record<string, unknown>>;
}

const colours = (value: z.ZodNumber) => z.tuple([value, value, value]).readonly();
const common = z.looseObject({
  format: z.literal(FORMAT),
  version: z.literal([OLDEST, VERSION]),
  arch: z.object({
    name: z.enum(Object.keys(ARCHITECTURES) as ArchName[]),
    stem: z.enum(["3x3", "7x7+pool"]),
    width: z.int().min(1),
    side: z.int().min(8),
  }),
  classes: z
    .array(z.string())
    .min(2)
    .refine((classes) => new Set(classes).size === classes.length, "two classes of one name"),
  resize: z.enum(RESIZE_RULES).default(UNNAMED_RESIZE),
  normalization: z.object({ mean: colours(z.number()), deviation: colours(z.number().positive()) }),
  sha256: z.strictObject({ [WEIGHTS]: z.string(), [ONNX]: z.string(), description: z.string().optional() }),
});
const descriptionSchema = z.discriminatedUnion("head", [
  common.extend({ head: z.literal("centroids"), temperature: z.number().positive() }),
  common.extend({ head: z.literal("linear") }),
]);
/** What folders are that do not say which head they have: linear ones came later. */
const FIRST_HEAD = { head: "centroids" } as const;

export type ClassifierDescription = z.infer<typeof descriptionSchema>;

/**
 * Writes a classifier folder.
 * @throws UserError where something else is in the way, the disk is full or not writable, or numbers are not finite; what
 *   was there stays then
 * @example await saveClassifier("out/pets", classifier, { facts: { seed: 0 } });
 */
export async function saveClassifier(folder: string, classifier: Classifier, options: SaveOptions = {}): Promise<void> {
  const { arch, classes, normalization, resize, network, head } = classifier;
  const tensors = new Map([...stateDict(network.weights, network.stats), ...headTensors(head)]);
  for (const [name, { data }] of tensors) {
    if (!(data instanceof Float32Array) || data.every(Number.isFinite)) continue;
    throw new UserError(`no classifier: "${name}" holds numbers that are not finite`, {
      hint: "the training or prediction that made them went wrong: make them again",
    });
  }
  const names = JSON.stringify(classes);
  const metadata = { format: "pt", made_by: FORMAT, version: String(VERSION) };
  const weights = writeSafetensors(tensors, names.length > LONGEST_NAMES ? metadata : { ...metadata, classes: names });
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
    ...(head.kind === "centroids" ? { temperature: head.temperature } : {}),
    preprocessing: preprocessing(classifier),
  };
  const hashes = { [WEIGHTS]: bytesHash(weights), [ONNX]: bytesHash(onnx) };
  // Identity twice: first in the file, and not to be overwritten by a fact.
  const description = { ...identity, ...options.facts, ...(await provenance()), ...identity, sha256: hashes };
  const json = `${JSON.stringify(sealed(description), undefined, 2)}\n`;
  const parts = { [WEIGHTS]: weights, [ONNX]: onnx };
  const files = { parts, seal: [JSON_FILE, json], obsolete: NAMES.obsolete } as const;
  await writeSealed(folder, files, () => requireFreePlace(folder, options));
}

type Checksums = Readonly<Record<string, unknown>>;

/** The description with a checksum of all that it says, whatever the order of its keys. */
function sealed<D extends { readonly sha256: Checksums }>(description: D): D & { sha256: { description: string } } {
  return { ...description, sha256: { ...description.sha256, description: descriptionHash(description) } };
}

/** SHA-256 of everything but this hash itself. */
export function descriptionHash(description: { readonly sha256: Checksums }): string {
  const checksums = { ...description.sha256, description: undefined };
  return bytesHash(new TextEncoder().encode(canonicalJson({ ...description, sha256: checksums })));
}

function headTensors(head: ClassifierHead): [name: string, tensor: HostTensor][] {
  if (head.kind === "centroids") return [[CENTROIDS, head.centroids]];
  return [
    [LINEAR.weight, head.weight],
    [LINEAR.bias, head.bias],
  ];
}

/**
 * Throws UserError unless a classifier may be written to `folder`: nothing there, an empty folder, or (with `force`) a
 * classifier, whole or not; what systems leave in folders does not count.
 */
export async function requireFreePlace(folder: string, { force = false }: SaveOptions = {}): Promise<void> {
  const all = await namesIn(folder);
  const isOurLock = !all.includes(LOCK) || !(await hasForeignLock(folder));
  const names = all.filter((name) => !isPassedOver(name) && !(name === LOCK && isOurLock) && finalName(name) === name);
  const isUnfinished = all.some((name) => nextTarget(name) === JSON_FILE);
  if (names.length === 0 && !isUnfinished) return;
  const foreign = names.filter((name) => !OURS.includes(name));
  if (foreign.length > 0 || !(names.includes(JSON_FILE) || isUnfinished)) {
    const found = foreign.length > 0 ? `it also holds "${foreign[0]}"` : `it has no ${JSON_FILE}`;
    throw new UserError(`"${folder}" is in the way and not (only) a classifier: ${found}`, {
      hint: "choose another folder for --out, or move what is there away",
      exitCode: 2,
    });
  }
  if (!force) {
    const what = names.includes(JSON_FILE) ? "a classifier" : "what is left of an unfinished classifier";
    throw new UserError(`there is ${what} in "${folder}" already`, {
      hint: "choose another folder for --out, or replace it with --force",
      exitCode: 2,
    });
  }
}

/** Throws UserError where a classifier could not be written in the end. Call it before long work. */
export async function prepareClassifierPlace(folder: string, options: SaveOptions): Promise<void> {
  await requireFreePlace(folder, options);
  await requireWritable(folder);
}

/** None where no folder is. */
async function namesIn(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT") return [];
    if (code === "ENOTDIR") {
      throw new UserError(`cannot write "${folder}": a file is in the way`, {
        hint: "choose another folder for --out, or move that file away",
        cause: error,
        exitCode: 2,
      });
    }
    throw explainWriteError(error, folder);
  }
}

/**
 * Reads a classifier folder and checks it against its checksums.
 * @throws UserError where there is none, FormatError for damaged and foreign files
 * @example const { classifier } = await loadClassifier("out/pets");
 */
export async function loadClassifier(
  folder: string,
): Promise<{ classifier: Classifier; description: ClassifierDescription }> {
  const description = parseDescription(await readPart(folder, JSON_FILE), join(folder, JSON_FILE));
  const file = join(folder, WEIGHTS);
  const bytes = await readPart(folder, WEIGHTS);
  const { tensors, metadata } = readSafetensors(bytes, file);
  // older folders have weights without a version
  const isOfVersion = (metadata["version"] ?? "1") === String(description.version);
  if (bytesHash(bytes) !== description.sha256[WEIGHTS] || !isOfVersion) {
    throw new FormatError(file, `does not belong to the ${JSON_FILE} beside it: its checksum is another`, {
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
  const { arch, classes, normalization, resize } = description;
  const classifier = {
    arch,
    classes,
    normalization,
    resize,
    network: fromStateDict(arch, read),
    head: readHead(description, read),
  };
  return { classifier, description };
}

function readHead(
  description: ClassifierDescription,
  read: (name: string, shape: Shape) => HostTensor,
): ClassifierHead {
  const { arch, classes, head: kind } = description;
  const shape = [classes.length, featureSize(arch)];
  if (kind === "linear") return { kind, weight: read(LINEAR.weight, shape), bias: read(LINEAR.bias, [classes.length]) };
  return { kind, centroids: read(CENTROIDS, shape), temperature: description.temperature };
}

function parseDescription(bytes: Uint8Array, file: string): ClassifierDescription {
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
    version === OLDEST ? "description" in known : known.description !== descriptionHash(json as { sha256: Checksums })
  ) {
    throw new FormatError(file, "changed since it was written: its checksum is another", {
      hint: `${DAMAGED}; names of classes come from the names of the folders`,
    });
  }
  return parsed.data;
}

async function readPart(folder: string, name: string): Promise<Uint8Array> {
  try {
    return await readWhole(join(folder, name));
  } catch (cause) {
    if (name === JSON_FILE && (await finishSealed(folder, NAMES))) return readWhole(join(folder, name));
    const found = await stat(folder).catch(() => undefined);
    const what = !found
      ? `no classifier at "${folder}": there is no such folder`
      : !found.isDirectory()
        ? `"${folder}" is a file, expected the folder of a classifier`
        : (cause as NodeJS.ErrnoException).code === "ENOENT"
          ? `"${folder}" is not a whole classifier: ${name} is missing${(await wasInterrupted(folder)) ? ", since writing it was interrupted" : ""}`
          : undefined;
    if (what === undefined) throw explainReadError(cause, join(folder, name));
    const hint = "give a folder that `pudnet predict FOLDER --out DIR` made";
    throw new UserError(what, { hint, cause, exitCode: found?.isDirectory() ? 1 : 2 });
  }
}

/** What a file is to become that is being written. */
function finalName(name: string): string {
  const whole = temporaryTarget(name) ?? name;
  const next = nextTarget(whole);
  return next !== undefined && OURS.includes(next) ? next : whole;
}

/** Whether a process was killed, or is at work, between the old classifier and the new one. */
async function wasInterrupted(folder: string): Promise<boolean> {
  const names = await readdir(folder).catch(() => []);
  return names.some((name) => finalName(name) !== name);
}
