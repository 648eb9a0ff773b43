// Progress on a terminal: one live line, rewritten in place; nothing where output is not a terminal.

import { secondsSince } from "../clock.ts";
import type { FineTuneOptions } from "../classifier/finetune.ts";
import type { Progress } from "../node/datasets/decoded.ts";
import { formatDuration, formatTimeLeft } from "../report/progress-table.ts";
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

/** A live line for a training, with the time left of `limit` seconds where there is a limit. */
export function trainingProgress(limit?: number): NonNullable<FineTuneOptions["onProgress"]> {
  return ({ epoch, steps, loss, seconds }) => {
    const left = limit === undefined ? "" : `, ${formatDuration(Math.max(0, limit - seconds))} left`;
    live(`training: epoch ${epoch}, step ${steps}, loss ${loss.toPrecision(3)}${left}`);
  };
}
