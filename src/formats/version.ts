// What is said of a file whose version this pudnet does not read.

import { FormatError } from "../errors.ts";

/**
 * Throws FormatError unless a file of a known kind has the version that is read here, or one since `oldest`. What is newer says to update.
 * @param what the kind of file, as "checkpoint"
 * @param found as it stands in the file: a number, or its digits
 * @example requireVersion("out/classifier.json", "classifier", "1", 1); // passes: this is the version read here
 */
export function requireVersion(
  file: string,
  what: string,
  found: unknown,
  known: number,
  oldest: number = known,
): void {
  const version = typeof found === "string" && /^\d+$/.test(found) ? Number(found) : found;
  if (typeof version === "number" && Number.isInteger(version) && version >= oldest && version <= known) return;
  if (typeof version === "number" && version > known) {
    throw new FormatError(
      file,
      `${what} version ${version}, made by a newer version of pudnet: this one reads ${known}`,
      {
        hint: "update pudnet, or open the file with the version that wrote it",
      },
    );
  }
  const shown = found === undefined ? "no version" : `version ${JSON.stringify(found)}`;
  throw new FormatError(file, `${what} with ${shown}, this pudnet reads ${known}`, {
    hint: "the file was changed or damaged: copy it again, or make it again",
  });
}
