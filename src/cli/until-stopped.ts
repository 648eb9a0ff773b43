// Evaluations that a signal stops after the group at hand: what is known by then is kept where there is a place for it.

import { printError } from "./output.ts";
import { stopOnSignals, STOPPED } from "./signals.ts";

/** @param out where records are kept, if they are */
export async function untilStopped(
  out: string | undefined,
  work: (signal: AbortSignal) => Promise<void>,
): Promise<void> {
  const stop = new AbortController();
  const release = stopOnSignals(stop, "stopping after this group");
  try {
    await work(stop.signal);
  } catch (error) {
    if (!stop.signal.aborted || error !== stop.signal.reason) throw error;
    printError(
      out === undefined ? "stopped; nothing is kept without --out" : "stopped; the same command goes on from here",
    );
    process.exitCode = STOPPED;
  } finally {
    release();
  }
}
