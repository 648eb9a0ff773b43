// Files that were left out, as lines for people.

import type { Skipped } from "../node/datasets/decode-image.ts";

const SHOWN = 20;

/** At most 20 files with reasons, then how many more there are. */
export function skippedLines(skipped: readonly Skipped[]): string[] {
  if (skipped.length === 0) return [];
  const rest = skipped.length - SHOWN;
  return [
    `skipped ${skipped.length} ${skipped.length === 1 ? "file" : "files"}:`,
    ...skipped.slice(0, SHOWN).map(({ path, reason }) => `  ${path}: ${reason}`),
    ...(rest > 0 ? [`  and ${rest} more`] : []),
  ];
}
