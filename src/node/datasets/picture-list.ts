// The pictures that files and folders given one by one stand for, each once.
import { resolve } from "node:path";
import { UserError } from "../../errors.ts";
import { entryIn, type Skipped, type Visited, walkFolder } from "./folder-walk.ts";
import { isPicture } from "./image-listing.ts";
import { Zips } from "./zip-files.ts";

export interface PictureList {
  /** Each picture once. */
  readonly paths: readonly string[];
  /** What cannot be read, and folders without pictures. */
  readonly missing: readonly Skipped[];
  /** What was not named as a picture, or given twice: nothing is wrong with it. */
  readonly leftOut: readonly Skipped[];
}

/**
 * Files as they are, of folders and zips all files named as pictures, at any depth and in the order of their paths. No folder is
 * entered twice and no file listed twice, whatever links lead to it.
 * @throws UserError for an empty name
 */
export async function listPictures(places: readonly string[], zips: Zips = new Zips()): Promise<PictureList> {
  const paths = new Map<string, string>();
  const missing: Skipped[] = [];
  const leftOut: Skipped[] = [];
  const entered: Visited = new Map();
  const add = (path: string): void => {
    if (paths.has(resolve(path))) leftOut.push({ path, reason: "given twice, read once" });
    else paths.set(resolve(path), path);
  };
  for (const place of places) {
    if (place === "") throw emptyName();
    const found = await entryIn(zips, place);
    if (found.kind === "file") add(place);
    else if (found.kind !== "folder") missing.push({ path: place, reason: found.reason });
    else if (entered.has(found.id))
      leftOut.push({ path: place, reason: `the same folder as "${entered.get(found.id)}"` });
    else {
      const { files, unreadable, closed, repeated } = await walkFolder(place, zips, entered);
      const pictures = files.filter(isPicture);
      const isEmpty = pictures.length + closed.length + repeated.length === 0;
      if (isEmpty) missing.push({ path: place, reason: "a folder without pictures" });
      for (const { path } of pictures) add(path);
      const others = files.filter((file) => !isPicture(file));
      missing.push(...closed, ...unreadable);
      leftOut.push(...others.map(({ path }) => ({ path, reason: "not the name of a picture" })), ...repeated);
    }
  }
  return { paths: [...paths.values()], missing, leftOut };
}

function emptyName(): UserError {
  return new UserError("an empty name where a picture or a folder is expected", {
    hint: "a variable of the shell may be empty",
    exitCode: 2,
  });
}
