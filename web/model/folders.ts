// What classes the files of dropped or chosen folders are: by the same rule as the library's folders of pictures.

import { isPassedOver } from "pudnet";

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

/** Folders that hold folders: these are the classes; folders that hold files are classes themselves. */
export function sortedIntoClasses<F>(placed: readonly Placed<F>[]): Sorted<F> {
  const visible = placed.filter(({ path }) => !path.some((part) => isPassedOver(part)));
  const holding = new Set(visible.filter(({ path }) => path.length > 2).map(({ path }) => path[0]!));
  const classes = new Map<string, F[]>();
  const [loose, leftOut]: [F[], F[]] = [[], []];
  for (const { path, file } of visible) {
    const [top, inner] = path as [string, string];
    if (path.length === 1) loose.push(file);
    else if (!holding.has(top)) put(classes, top, file);
    else if (path.length > 2) put(classes, inner, file);
    else leftOut.push(file);
  }
  return { classes, loose, leftOut };
}

function put<F>(classes: Map<string, F[]>, name: string, file: F): void {
  const files = classes.get(name);
  if (files) files.push(file);
  else classes.set(name, [file]);
}
