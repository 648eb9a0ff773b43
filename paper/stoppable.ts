// Commands that Ctrl-C and the like stop in good order.

import { print, stopOnSignals, STOPPED } from "pudnet/command-line";

/** Runs what heeds the signal; what stopped so says that it goes on, by its exit code too. */
export async function stoppable(run: (signal: AbortSignal) => Promise<void>): Promise<void> {
  const stop = new AbortController();
  // who is started by another process of ours gets the terminal's SIGINT and the SIGTERM that its parent passes on: that is one stop
  const release = stopOnSignals(stop, "stopping with a checkpoint", { killsOn: "the same signal again" });
  try {
    await run(stop.signal);
  } catch (error) {
    if (!stop.signal.aborted || error !== stop.signal.reason) throw error; // what failed while stopping must be seen
    print("stopped; the same command goes on from here");
    process.exitCode = STOPPED;
  } finally {
    release();
  }
}

/** A line with the time of day. */
export function printTimed(line: string): void {
  print(`${new Date().toISOString().slice(11, 19)} ${line}`);
}
