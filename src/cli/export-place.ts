// Where an export is written, and what it is called.

import { basename, dirname, extname, join, sep } from "node:path";
import { UserError } from "../errors.ts";
import { shellWord } from "../names.ts";
import { nameOf } from "./classifier-place.ts";
import { liesWithin } from "./options.ts";

/** What a format calls its files; the first is asked for by name. */
type Names = (name: string) => readonly [string, ...string[]];

/**
 * Folder and name, without an ending, of what is written.
 * @throws UserError for a name of another ending, and for a place in the classifier itself: --force must not replace parts of what
 *   is exported
 */
export function exportPlace(
  dir: string,
  out: string | undefined,
  { format, names }: { readonly format: string; readonly names: Names },
): { folder: string; name: string; paths: string[] } {
  const place = placeOf(dir, out, format, names);
  const paths = names(place.name).map((file) => join(place.folder, file));
  for (const path of paths) requireBesideClassifier(dir, path);
  return { ...place, paths };
}

function placeOf(dir: string, out: string | undefined, format: string, names: Names): { folder: string; name: string } {
  if (out === undefined) return { folder: "", name: nameOf(dir) };
  const name = basename(out, extname(out));
  const isFolder = out.endsWith("/") || out.endsWith(sep);
  if (!isFolder && name !== "" && basename(out) === names(name)[0]) return { folder: dirname(out), name };
  const better = isFolder
    ? join(out, names(nameOf(dir))[0])
    : join(dirname(out), names(/^\.|^$/.test(name) ? "classifier" : name)[0]);
  throw new UserError(`"${out}" does not end as files of the format ${format} do`, {
    hint: `such as --out ${shellWord(better)}`,
    exitCode: 2,
  });
}

function requireBesideClassifier(dir: string, path: string): void {
  if (!liesWithin(dir, path)) return;
  throw new UserError(`"${path}" lies in the classifier "${dir}" that is exported`, {
    hint: `choose a place beside it, such as --out ${shellWord(basename(path))}`,
    exitCode: 2,
  });
}

/** As people read sizes. */
export const kilobytes = (bytes: number): string => `${(bytes / 1000).toFixed(1)} kB`;
