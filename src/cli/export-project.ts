// pudnet export --format zip: the pictures of a classifier as a project, which the page opens and goes on with.

import { stat } from "node:fs/promises";
import { dirname } from "node:path";
import { UserError } from "../errors.ts";
import { writeProjectZip } from "../formats/project-zip-writer.ts";
import { shellWord } from "../names.ts";
import { classifierProject } from "../node/classifier/classifier-project.ts";
import { loadClassifier } from "../node/classifier/classifier-folder.ts";
import { writeFileAtomic } from "../node/files/atomic-file.ts";
import { makeFolder } from "../node/files/make-folder.ts";
import { requireFreeFiles } from "../node/files/several-files.ts";
import { exportPlace, kilobytes } from "./export-place.ts";
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
  const folder = pictures ?? (await madeFrom(description["data"]));
  await requireFreeFiles([path], { force });
  const { project, pictures: n, skipped, notes } = await classifierProject(classifier, folder, { name, description });
  await makeFolder(dirname(path));
  await writeFileAtomic(path, writeProjectZip(project));
  const { size } = await stat(path);
  const report: ExportJson = {
    format: "pudnet-export",
    version: 1,
    classifier: dir,
    exported: "zip",
    classes: classifier.classes,
    files: [{ path, bytes: size }],
    pictures: { folder, n },
    skipped,
    notes,
  };
  if (json) printJson(report);
  else
    print(
      ...aboutData({ skipped, notes }),
      `exported ${classifier.classes.length} classes: a project with ${n} pictures of ${folder}`,
      `wrote ${path} (${kilobytes(size)})`,
    );
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
