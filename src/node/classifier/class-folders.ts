// Class folders of labelled pictures and the classes of a classifier: which is which, by name.

import { closest, UserError } from "../../errors.ts";
import { listed } from "../../names.ts";

/** Folders and classes named in an error. */
const NAMED = 5;

/**
 * The class of each folder. Names that look the same are the same: file systems differ in how they write accents.
 * @throws UserError for folders that are no class, with the nearest names
 */
export function labelsOfFolders(folders: readonly string[], classes: readonly string[], place: string): number[] {
  const exact = new Map(classes.map((name, label) => [name, label]));
  const normal = new Map(classes.map((name, label) => [name.normalize(), label]));
  const labels = folders.map((name) => exact.get(name) ?? normal.get(name.normalize()));
  const unknown = folders.filter((_, i) => labels[i] === undefined);
  if (unknown.length > 0) throw unknownFolders(unknown, classes, place);
  return labels as number[];
}

function unknownFolders(unknown: readonly string[], classes: readonly string[], place: string): UserError {
  const named = unknown.map((name, i) => {
    const near = i < NAMED ? closest(name, classes) : undefined; // the others are only counted
    return near === undefined ? `"${name}"` : `"${name}" (did you mean "${near}"?)`;
  });
  const what =
    unknown.length === 1
      ? `a folder of "${place}" is no class of the classifier`
      : `${unknown.length} folders of "${place}" are no classes of the classifier`;
  const known = classes.map((name) => `"${name}"`);
  return new UserError(`${what}: ${listed(named, NAMED)}`, {
    hint: `call the folders as the classifier calls its classes, or move them away; it knows ${listed(known, 2 * NAMED)}`,
    exitCode: 2,
  });
}
