// Ctrl-C, SIGTERM and a terminal that is closed as a wish to stop in good order.

import { printError, stopWithoutOutput } from "./output.ts";

/** Exit code of work that was asked to stop, so that a script does not take it for finished. */
export const STOPPED = 130;

export interface StopOptions {
  /** What ends the wait for good order. */
  readonly killsOn?: "any second signal" | "the same signal again";
}

/**
 * Signals abort `stop` and say so on stderr, by `message` as it is then; a second one kills at once. So does output that nobody takes any more. Returns
 * the way back to the defaults.
 */
export function stopOnSignals(
  stop: AbortController,
  message: string | (() => string),
  { killsOn = "any second signal" }: StopOptions = {},
): () => void {
  const seen = new Set<string>();
  const onSignal = (name: string): void => {
    if (killsOn === "any second signal" ? stop.signal.aborted : seen.has(name)) process.exit(STOPPED);
    seen.add(name);
    if (stop.signal.aborted) return;
    printError("", `${typeof message === "string" ? message : message()}; once more to stop at once`);
    stop.abort();
  };
  const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
  for (const signal of signals) process.on(signal, onSignal);
  const release = stopWithoutOutput(() => stop.abort());
  return () => {
    signals.forEach((signal) => process.off(signal, onSignal));
    release();
  };
}
