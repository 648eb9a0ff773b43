// The pictures that a classifier was made from as a project, which the page opens and goes on with.

import { stat } from "node:fs/promises";
import { basename } from "node:path";
import pMap from "p-map";
import type { Classifier } from "../../classifier/classifier.ts";
import { UserError } from "../../errors.ts";
import type { PictureToZip, ProjectToZip } from "../../formats/project-zip-writer.ts";
import type { Skipped } from "../datasets/folder-walk.ts";
import { listImageFolder } from "../datasets/image-listing.ts";
import { leftOutLines } from "../datasets/left-out.ts";
import { readPictureFile } from "../datasets/picture-file.ts";
import { kindOf, refusalOf } from "../datasets/picture-kind.ts";
import { Zips } from "../datasets/zip-files.ts";
import { readWhole } from "../files/read-file.ts";
import { labelsOfFolders } from "./class-folders.ts";
import { trainingPictures } from "./training-pictures.ts";

export interface ClassifierProject {
  /** To be written by `writeProjectZip`. */
  readonly project: ProjectToZip;
  readonly pictures: number;
  /** Files that are no pictures, with reasons. */
  readonly skipped: readonly Skipped[];
  /** What is worth knowing, but stops nothing. */
  readonly notes: readonly string[];
}

/**
 * Class folders (or a zip of them) as a project of the classifier's classes, in their order. Pictures are read once to be
 * hashed, and again when they are written.
 * @param description what `loadClassifier` gives beside the classifier: which pictures it was made from
 * @throws UserError for a folder that is no class of the classifier, or where there are no pictures
 * @example (await classifierProject(classifier, "pets", { name: "Pets" })).pictures // 8
 */
export async function classifierProject(
  { classes }: Classifier,
  folder: string,
  { name, description = {} }: { readonly name: string; readonly description?: Readonly<Record<string, unknown>> },
): Promise<ClassifierProject> {
  const zips = new Zips();
  const listing = await listImageFolder(folder, { leastClasses: 1, zips });
  const folders = listing.classes.map((found) => found.name);
  const labels = labelsOfFolders(folders, classes, folder);
  const all = listing.classes.flatMap(({ files }, i) => files.map(({ path }) => ({ path, label: labels[i]! })));
  const pictures = classes.map((): PictureToZip[] => []);
  const skipped: Skipped[] = [...listing.odd];
  const found = await pMap(all, ({ path }) => pictureAt(path, zips), { concurrency: 8 });
  for (const [i, picture] of found.entries()) {
    if (typeof picture === "string") skipped.push({ path: all[i]!.path, reason: picture });
    else pictures[all[i]!.label]!.push(picture);
  }
  const kept = pictures.flat();
  if (kept.length === 0)
    throw new UserError(`no pictures in the class folders of "${folder}"`, {
      details: leftOutLines(skipped),
      hint: "give the pictures that the classifier was made from: --pictures FOLDER",
      exitCode: 2,
    });
  return {
    project: { name, classes: classes.map((one, c) => ({ name: one, enabled: true, pictures: pictures[c]! })) },
    pictures: kept.length,
    skipped,
    notes: [...otherPicturesNote(kept, description), ...listing.notes],
  };
}

/** The picture, or why there is none. */
async function pictureAt(path: string, zips: Zips): Promise<PictureToZip | string> {
  const file = await readPictureFile(path, zips);
  if (typeof file === "string") return file;
  const refusal = refusalOf(kindOf(file.head));
  if (refusal !== undefined) return refusal;
  const zipped = await zips.find(path);
  const before = zipped && "picture" in zipped ? zipped.picture : undefined; // of a project: its name and burst stay
  return {
    name: basename(before?.name ?? path),
    content: file.sha256,
    size: typeof file.input === "string" ? (await stat(path)).size : file.input.length,
    burst: before?.burst,
    read: async () => before?.read() ?? readWhole(path),
  };
}

function otherPicturesNote(
  pictures: readonly PictureToZip[],
  description: Readonly<Record<string, unknown>>,
): string[] {
  const isKnown = trainingPictures(description);
  const others = isKnown ? pictures.filter(({ content }) => !isKnown(content)).length : 0;
  return others === 0
    ? []
    : [`${others} of these ${pictures.length} pictures are not among those that the classifier was made from`];
}
