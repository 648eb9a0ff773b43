// The pictures that a classifier was made from as a project, which the page opens and goes on with.

import { stat } from "node:fs/promises";
import { basename } from "node:path";
import pMap from "p-map";
import type { Classifier } from "../../classifier/classifier.ts";
import type { KeptPictures } from "../../classifier/kept-pictures.ts";
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
 * @example (await folderProject(classifier, "pets", { name: "Pets" })).pictures // 8
 */
export async function folderProject(
  { classes }: Classifier,
  folder: string,
  { name, description = {} }: { readonly name: string; readonly description?: Readonly<Record<string, unknown>> },
): Promise<ClassifierProject> {
  const zips = new Zips();
  const listing = await listImageFolder(folder, { leastClasses: 1, zips });
  const folders = listing.classes.map((found) => found.name);
  const labels = labelsOfFolders(folders, classes, folder);
  const files = listing.classes.flatMap((found, i) => found.files.map(({ path }) => ({ path, label: labels[i]! })));
  const made = await projectOf(name, classes, files, zips);
  const kept = made.project.classes.flatMap(({ pictures }) => pictures);
  const notes = [...otherPicturesNote(kept, description), ...listing.notes];
  return { ...made, skipped: [...listing.odd, ...made.skipped], notes };
}

/**
 * The pictures that a classifier keeps something of, where they still are.
 * @throws UserError where none of them is
 */
export async function keptProject(
  { classes }: Classifier,
  { pictures }: KeptPictures,
  name: string,
): Promise<ClassifierProject> {
  const made = await projectOf(name, classes, pictures, new Zips());
  const lost = pictures.length - made.pictures;
  const note = `${lost} of the ${pictures.length} pictures that the classifier was made from are gone, or others now, where they were: the project is without them`;
  return { ...made, notes: lost > 0 ? [note] : [] };
}

interface Place {
  readonly path: string;
  readonly label: number;
  /** What must still be there. */
  readonly sha256?: string;
}

async function projectOf(
  name: string,
  classes: readonly string[],
  files: readonly Place[],
  zips: Zips,
): Promise<Omit<ClassifierProject, "notes">> {
  const pictures = classes.map((): PictureToZip[] => []);
  const skipped: Skipped[] = [];
  const found = await pMap(files, (file) => pictureAt(file, zips), { concurrency: 8 });
  for (const [i, picture] of found.entries()) {
    if (typeof picture === "string") skipped.push({ path: files[i]!.path, reason: picture });
    else pictures[files[i]!.label]!.push(picture);
  }
  const count = files.length - skipped.length;
  if (count === 0)
    throw new UserError("none of the pictures for the project can be read", {
      details: leftOutLines(skipped),
      hint: "say where they are: --pictures FOLDER",
      exitCode: 2,
    });
  return {
    project: { name, classes: classes.map((one, c) => ({ name: one, enabled: true, pictures: pictures[c]! })) },
    pictures: count,
    skipped,
  };
}

/** The picture, or why there is none. */
async function pictureAt({ path, sha256 }: Place, zips: Zips): Promise<PictureToZip | string> {
  const file = await readPictureFile(path, zips);
  if (typeof file === "string") return file;
  if (sha256 !== undefined && file.sha256 !== sha256) return "another picture than the classifier was made from";
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
