// Why files were left out, for errors: a line for each of the first reasons.

import { groupedBy } from "../grouped-by.ts";
import type { Skipped } from "./folder-walk.ts";

const SHOWN = 5;

/**
 * The reasons, those of most files first, each with a count and one of the files; `prefix` begins each line.
 * @example leftOutLines([{ path: "pets/cat/1.png", reason: "an empty file" }], '"cat": ') // ['"cat": left out "pets/cat/1.png": an empty file']
 */
export function leftOutLines(skipped: readonly Skipped[], prefix = ""): string[] {
  const groups = [...groupedBy(skipped, ({ reason }) => reason)].toSorted(([, a], [, b]) => b.length - a.length);
  const lines = groups.slice(0, SHOWN).map(([reason, [first, ...others]]) => {
    const count = others.length + 1;
    return `${prefix}${count === 1 ? "left out" : `${count} files left out, such as`} "${first!.path}": ${reason}`;
  });
  const rest = groups.slice(SHOWN).reduce((sum, [, files]) => sum + files.length, 0);
  return rest > 0 ? [...lines, `${prefix}${rest} more left out, for other reasons`] : lines;
}
