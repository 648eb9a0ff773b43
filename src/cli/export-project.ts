// pudnet export --format zip: the pictures of a classifier as a project, which the page opens and goes on with.

import { stat } from "node:fs/promises";
import { dirname } from "node:path";
import type { Classifier } from "../classifier/classifier.ts";
import type { ClassifierDescription } from "../classifier/classifier-file.ts";
import type { KeptPictures } from "../classifier/kept-pictures.ts";
import { UserError } from "../errors.ts";
import { aboutProject } from "../export/about.ts";
import { writeProjectZip } from "../formats/project-zip-writer.ts";
import { shellWord } from "../names.ts";
import { folderProject, keptProject } from "../node/classifier/classifier-project.ts";
import { keepsPictures, loadClassifier, loadKeptPictures } from "../node/classifier/classifier-folder.ts";
import { writeFileAtomic } from "../node/files/atomic-file.ts";
import { makeFolder } from "../node/files/make-folder.ts";
import { requireFreeFiles } from "../node/files/several-files.ts";
import { sampleRangesOf } from "../node/datasets/sample-range.ts";
import { provenance } from "../node/provenance.ts";
import { exportPlace, kilobytes } from "./export-place.ts";
import { exportedBy } from "./exported-by.ts";
import type { ExportJson } from "./json.ts";
import { print, printJson } from "./output.ts";
import { aboutData } from "./skipped.ts";

export interface ProjectOptions {
  readonly pictures?: string | undefined;
  readonly out?: string | undefined;
  readonly force: boolean;
  readonly json?: true | undefined;
}

/** @throws UserError where the pictures are not known or not there */
export async function exportProject(dir: string, { pictures, out, force, json }: ProjectOptions): Promise<void> {
  const { name, paths } = exportPlace(dir, out, { format: "zip", names: (called) => [`${called}.zip`] });
  const [path] = paths as [string];
  const { classifier, description } = await loadClassifier(dir);
  await requireFreeFiles([path], { force });
  const kept = pictures === undefined ? await keptOf(dir, classifier, description) : undefined;
  const folder = pictures ?? (kept ? undefined : await madeFrom(description["data"]));
  const {
    project,
    pictures: n,
    skipped,
    notes,
  } = folder === undefined
    ? await keptProject(classifier, kept!, name)
    : await folderProject(classifier, folder, { name, description });
  await makeFolder(dirname(path));
  const { pudnet } = await provenance();
  const command = exportedBy(dir, { format: "zip", pictures, out });
  const about = aboutProject({ command, pudnet, sampleRanges: sampleRangesOf(description) }, classifier);
  await writeFileAtomic(path, writeProjectZip({ ...project, about }));
  const { size } = await stat(path);
  const report: ExportJson = {
    format: "pudnet-export",
    version: 1,
    classifier: dir,
    exported: "zip",
    classes: classifier.classes,
    files: [{ path, bytes: size }],
    pictures: { n, ...(folder === undefined ? {} : { folder }) },
    skipped,
    notes,
  };
  if (kept && skipped.length > 0) process.exitCode = 1; // who keeps the zip for the pictures must not take them all to be in it
  if (json) printJson(report);
  else
    print(
      ...aboutData({ skipped, notes }),
      `exported ${classifier.classes.length} classes: a project with ${n} pictures${folder === undefined ? "" : ` of ${folder}`}`,
      `wrote ${path} (${kilobytes(size)})`,
    );
}

/** What the classifier keeps of its pictures, be it updated or not; nothing of older ones and of fine-tuned ones. */
async function keptOf(
  dir: string,
  classifier: Classifier,
  description: ClassifierDescription,
): Promise<KeptPictures | undefined> {
  return (await keepsPictures(dir)) ? loadKeptPictures(dir, classifier, description) : undefined;
}

async function madeFrom(data: unknown): Promise<string> {
  const isThere =
    typeof data === "string" &&
    (await stat(data).then(
      () => true,
      () => false,
    ));
  if (isThere) return data;
  const what =
    typeof data === "string"
      ? `the pictures that the classifier was made from are no longer at "${data}"`
      : "a project holds pictures, and the classifier does not say which it was made from";
  throw new UserError(what, { hint: `say where they are: --pictures ${shellWord("FOLDER")}`, exitCode: 2 });
}
