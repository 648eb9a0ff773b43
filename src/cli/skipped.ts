// Files that were left out, and what else is worth knowing about pictures, as lines for people.

import type { Skipped } from "../node/datasets/folder-walk.ts";
import type { LoadedDataset } from "../node/datasets/image-folder.ts";

const SHOWN = 20;

/** At most 20 files with reasons, then how many more there are. */
export function skippedLines(skipped: readonly Skipped[], verb = "skipped"): string[] {
  if (skipped.length === 0) return [];
  const rest = skipped.length - SHOWN;
  return [
    `${verb} ${skipped.length} ${skipped.length === 1 ? "file" : "files"}:`,
    ...skipped.slice(0, SHOWN).map(({ path, reason }) => `  ${path}: ${reason}`),
    ...(rest > 0 ? [`  and ${rest} more`] : []),
  ];
}

export function noteLines(notes: readonly string[]): string[] {
  return notes.map((note) => `note: ${note}`);
}

/** What is told of every dataset that was read. */
export function aboutData({ skipped, notes }: Pick<LoadedDataset, "skipped" | "notes">): string[] {
  return [...skippedLines(skipped), ...noteLines(notes)];
}
