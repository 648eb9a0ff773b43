// Progress on a terminal: one live line, rewritten in place; nothing where output is not a terminal.

import { secondsSince } from "../clock.ts";
import type { Progress } from "../node/datasets/decoded.ts";
import { formatTimeLeft } from "../report/progress-table.ts";
import { isTerminal, live } from "./output.ts";

const BAR = 30;

/** A live line for reading images. */
export function decodingProgress(): (progress: Progress) => void {
  if (!isTerminal()) return () => {};
  const start = performance.now();
  return ({ done, total }) => {
    const filled = Math.round((BAR * done) / Math.max(1, total));
    const left = formatTimeLeft(done, total, secondsSince(start));
    const line = `reading images ${"█".repeat(filled)}${"░".repeat(BAR - filled)} ${done}/${total}, ${left} left`;
    live(done < total ? line : "");
  };
}
