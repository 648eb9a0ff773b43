// Where a made classifier goes: --out, or else a new numbered folder below predictions/.

import { rmdir } from "node:fs/promises";
import { basename, resolve } from "node:path";
import type { Classifier } from "../classifier/classifier.ts";
import { UserError } from "../errors.ts";
import { prepareClassifierPlace, saveClassifier, type SaveOptions } from "../node/classifier/classifier-folder.ts";
import { makeNumberedFolder } from "../node/files/numbered-folder.ts";
import { requireWritable } from "../node/files/sealed-folder.ts";
import { requireOutside } from "./options.ts";

const PREDICTIONS = "predictions";
export const OUT_HELP = `folder to write the classifier to (default: a new one, ${PREDICTIONS}/NAME-1 for pictures in NAME)`;

export interface ClassifierPlace {
  /** The folder, where it is known before it is made. */
  readonly folder: string | undefined;
  /** Writes the classifier, and a page beside it if there is one; gives its folder. */
  readonly save: (classifier: Classifier, kept: Kept) => Promise<string>;
}

type Kept = Pick<SaveOptions, "facts" | "report" | "pictures">;

/**
 * The place for a classifier of the pictures in `folder`. Call it before long work.
 * @throws UserError where none can be written there in the end
 */
export async function classifierPlace(
  folder: string,
  { out, force }: { readonly out: string | undefined; readonly force: boolean },
): Promise<ClassifierPlace> {
  requireOutside(folder, out ?? PREDICTIONS);
  if (out !== undefined) {
    await prepareClassifierPlace(out, { force });
    return {
      folder: out,
      save: (classifier, kept) => saveClassifier(out, classifier, { force, ...kept }).then(() => out),
    };
  }
  if (force) {
    const hint = `name the classifier to replace with --out; without it, a new folder is made below ${PREDICTIONS}`;
    throw new UserError("--force says nothing without --out", { hint, exitCode: 2 });
  }
  await requireWritable(PREDICTIONS);
  return { folder: undefined, save: (classifier, kept) => saveNumbered(classifier, nameOf(folder), kept) };
}

async function saveNumbered(classifier: Classifier, name: string, kept: Kept): Promise<string> {
  const made = await makeNumberedFolder(PREDICTIONS, name);
  try {
    await saveClassifier(made, classifier, kept);
    return made;
  } catch (error) {
    await rmdir(made).catch(() => undefined); // not empty only where something of the classifier is left to look at
    throw error;
  }
}

/**
 * What a folder of pictures is called, in characters that every file system and shell takes.
 * @example nameOf("/data/My pets!") // "My-pets"
 */
export function nameOf(folder: string): string {
  const plain = basename(resolve(folder))
    .replace(/(?<=.)\.zip$/i, "")
    .normalize("NFC")
    .replace(/[^\p{L}\p{M}\p{N}._-]+/gu, "-")
    .replace(/^[.-]+|[.-]+$/g, "");
  return Array.from(plain).slice(0, 40).join("") || "pictures";
}
