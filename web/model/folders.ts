// What classes the files of dropped or chosen folders are: by the same rule as the library's folders of pictures.

import { isPassedOver, isPictureName } from "pudnet";
import { put } from "./put.ts";

/** A file with the folders around it, from the outermost: ["pets", "cat", "1.jpg"]. */
export interface Placed<F> {
  readonly path: readonly string[];
  readonly file: F;
}

export interface Sorted<F> {
  /** By name, in the order in which they were found. */
  readonly classes: ReadonlyMap<string, readonly F[]>;
  /** Files without a folder. */
  readonly loose: readonly F[];
  /** Files that lie beside the folders of classes. */
  readonly leftOut: readonly F[];
}

/**
 * Folders that hold folders: these are the classes, or what they hold where one folder after another is around all pictures; folders that
 * hold files are classes themselves.
 */
export function sortedIntoClasses<F>(placed: readonly Placed<F>[]): Sorted<F> {
  const classes = new Map<string, F[]>();
  const [loose, leftOut]: [F[], F[]] = [[], []];
  for (const [top, inside] of byFolder(placed)) {
    if (top === undefined) loose.push(...inside.map(({ file }) => file));
    else {
      const around = aroundClasses(inside);
      for (const { path, file } of inside) {
        const isInClass = path.length > around.length + 1 && around.every((folder, i) => path[i] === folder);
        if (isInClass) put(classes, path[around.length]!, file);
        else leftOut.push(file);
      }
    }
  }
  return { classes, loose, leftOut };
}

/** By the outermost folder, where there is one; without what systems leave in folders. */
function byFolder<F>(placed: readonly Placed<F>[]): Map<string | undefined, Placed<F>[]> {
  const found = new Map<string | undefined, Placed<F>[]>();
  for (const one of placed) {
    const { path } = one;
    if (!path.some((part) => isPassedOver(part))) put(found, path.length > 1 ? path[0] : undefined, one);
  }
  return found;
}

/** The folders around all classes, of files that share the outermost one; told by pictures, where any is called like one. */
function aroundClasses<F>(inside: readonly Placed<F>[]): readonly string[] {
  const named = inside.filter(({ path }) => isPictureName(path.at(-1)!));
  const pictures = named.length > 0 ? named : inside;
  if (!pictures.some(({ path }) => path.length > 2)) return [];
  const [{ path: first }] = pictures as [Placed<F>];
  for (let level = 1; ; level++) {
    if (!pictures.every(({ path }) => path.length > level + 2 && path[level] === first[level]))
      return first.slice(0, level);
  }
}
