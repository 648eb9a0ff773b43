// A classifier on disk, one folder. classifier.json is the seal: it is written last, and holds the checksums of the others.

import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import type { Classifier } from "../../classifier/classifier.ts";
import {
  classifierFiles,
  type ClassifierDescription,
  DESCRIPTION,
  ONNX,
  readDescription,
  readWeights,
  WEIGHTS,
} from "../../classifier/classifier-file.ts";
import { type KeptPictures, readKeptPictures, writeKeptPictures } from "../../classifier/kept-pictures.ts";
import { UserError } from "../../errors.ts";
import { canonicalJson } from "../../formats/json.ts";
import { isPassedOver } from "../../formats/picture-names.ts";
import { explainWriteError } from "../files/atomic-file.ts";
import { provenance } from "../provenance.ts";
import { explainReadError, readWhole } from "../files/read-file.ts";
import { hasForeignLock, LOCK } from "../files/folder-lock.ts";
import { finishSealed, nextTarget, requireWritable, type SealedNames, writeSealed } from "../files/sealed-folder.ts";
import { temporaryTarget } from "../files/temporaries.ts";

/** A page for people, which nothing reads; not all classifiers have one. */
const REPORT = "report.html";
/** Features of the pictures that it was made from, for those that are to grow. */
const PICTURES = "pictures.safetensors";
/** What may lie in a classifier folder and be replaced with it. */
const OURS: readonly string[] = [DESCRIPTION, WEIGHTS, ONNX, REPORT, PICTURES];
/** What not all classifiers have. */
const OPTIONAL = [REPORT, PICTURES];
const NAMES: SealedNames = { seal: DESCRIPTION, parts: [WEIGHTS, ONNX, ...OPTIONAL], obsolete: OPTIONAL };

export interface SaveOptions {
  /** Replaces a classifier that is already there. */
  readonly force?: boolean;
  /** What else belongs into classifier.json: how it was made, from what, how good it is. */
  readonly facts?: Readonly<Record<string, unknown>>;
  /** An HTML page on how good it is, written beside it as report.html; without one, that of a replaced classifier goes. */
  readonly report?: string | undefined;
  /** What is kept of the pictures that it was made from, as pictures.safetensors; without it, it cannot be updated. */
  readonly pictures?: KeptPictures | undefined;
  /** The description of the classifier that it was made from, where it takes the place of that one: no other change is lost. */
  readonly replaces?: ClassifierDescription | undefined;
}

/**
 * Writes a classifier folder.
 * @throws UserError where something else is in the way, another classifier than the one it replaces is there, the disk is full or not writable, or numbers are not finite; what
 *   was there stays then
 * @example await saveClassifier("out/pets", classifier, { facts: { seed: 0 } });
 */
export async function saveClassifier(folder: string, classifier: Classifier, options: SaveOptions = {}): Promise<void> {
  const files = await classifierFiles(classifier, { ...options.facts, ...(await provenance()) });
  const { report, pictures } = options;
  const parts = {
    [WEIGHTS]: files[WEIGHTS],
    [ONNX]: files[ONNX],
    ...(report === undefined ? {} : { [REPORT]: report }),
    ...(pictures === undefined ? {} : { [PICTURES]: await writeKeptPictures(pictures, files[WEIGHTS]) }),
  };
  const obsolete = OPTIONAL.filter((name) => !(name in parts));
  const sealed = { parts, seal: [DESCRIPTION, files[DESCRIPTION]], obsolete } as const;
  await writeSealed(folder, sealed, async () => {
    await requireFreePlace(folder, options);
    if (options.replaces) await requireUnchanged(folder, options.replaces);
  });
}

/** Under the folder's lock. @throws UserError where there is another classifier than the one that was read */
async function requireUnchanged(folder: string, { sha256 }: ClassifierDescription): Promise<void> {
  const path = join(folder, DESCRIPTION);
  const now = await readDescription(await readWhole(path), path);
  if (canonicalJson(now.sha256) === canonicalJson(sha256)) return;
  throw new UserError(`"${folder}" was changed by another process while this one worked`, {
    hint: "run the same again, on what is there now",
  });
}

/**
 * Throws UserError unless a classifier may be written to `folder`: nothing there, an empty folder, or (with `force`) a
 * classifier, whole or not; what systems leave in folders does not count.
 */
export async function requireFreePlace(folder: string, { force = false }: SaveOptions = {}): Promise<void> {
  const all = await namesIn(folder);
  const isOurLock = !all.includes(LOCK) || !(await hasForeignLock(folder));
  const names = all.filter((name) => !isPassedOver(name) && !(name === LOCK && isOurLock) && finalName(name) === name);
  const isUnfinished = all.some((name) => nextTarget(name) === DESCRIPTION);
  if (names.length === 0 && !isUnfinished) return;
  const foreign = names.filter((name) => !OURS.includes(name));
  if (foreign.length > 0 || !(names.includes(DESCRIPTION) || isUnfinished)) {
    const found = foreign.length > 0 ? `it also holds "${foreign[0]}"` : `it has no ${DESCRIPTION}`;
    throw new UserError(`"${folder}" is in the way and not (only) a classifier: ${found}`, {
      hint: "choose another folder for --out, or move what is there away",
      exitCode: 2,
    });
  }
  if (!force) {
    const what = names.includes(DESCRIPTION) ? "a classifier" : "what is left of an unfinished classifier";
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
 * @example const { classifier } = await loadClassifier("predictions/pets-1");
 */
export async function loadClassifier(
  folder: string,
): Promise<{ classifier: Classifier; description: ClassifierDescription }> {
  const description = await readDescription(await readPart(folder, DESCRIPTION), join(folder, DESCRIPTION));
  const classifier = await readWeights(description, await readPart(folder, WEIGHTS), join(folder, WEIGHTS));
  return { classifier, description };
}

/**
 * What a classifier folder keeps of the pictures that it was made from. For example:
 * `const { pictures } = await loadKeptPictures("predictions/pets-1", classifier, description);`
 * @throws UserError where it keeps nothing, FormatError where that is damaged or of another classifier
 */
export async function loadKeptPictures(
  folder: string,
  classifier: Classifier,
  { sha256 }: ClassifierDescription,
): Promise<KeptPictures> {
  const path = join(folder, PICTURES);
  const bytes = await readWhole(path).catch((error: NodeJS.ErrnoException) => {
    throw error.code === "ENOENT" ? keepsNothing(folder) : explainReadError(error, path);
  });
  return readKeptPictures(bytes, classifier, sha256[WEIGHTS], path);
}

/** Whether it does, as those that `pudnet predict` makes. */
export const keepsPictures = (folder: string): Promise<boolean> => isThere(join(folder, PICTURES));

/** The page on how good the classifier in a folder is; undefined where it has none. */
export async function reportOf(folder: string): Promise<string | undefined> {
  const path = join(folder, REPORT);
  return (await isThere(path)) ? path : undefined;
}

const isThere = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  );

function keepsNothing(folder: string): UserError {
  return new UserError(`the classifier in "${folder}" keeps nothing of the pictures that it was made from`, {
    hint: "those of pudnet predict do, but for older ones and fine-tuned ones: give all pictures to pudnet predict again",
  });
}

async function readPart(folder: string, name: string): Promise<Uint8Array> {
  try {
    return await readWhole(join(folder, name));
  } catch (cause) {
    if (name === DESCRIPTION && (await finishSealed(folder, NAMES))) return readWhole(join(folder, name));
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
