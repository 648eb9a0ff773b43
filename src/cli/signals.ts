// Ctrl-C and SIGTERM as a wish to stop in good order, and a reader of our output that is gone.

/** Exit code of work that was asked to stop, so that a script does not take it for finished. */
export const STOPPED = 130;

export interface StopOptions {
  /** What ends the wait for good order. */
  readonly killsOn?: "any second signal" | "the same signal again";
}

/** Signals abort `stop` and say so on stderr; a second one kills at once. Returns the way back to the defaults. */
export function stopOnSignals(
  stop: AbortController,
  message: string,
  { killsOn = "any second signal" }: StopOptions = {},
): () => void {
  const seen = new Set<string>();
  const onSignal = (name: string): void => {
    if (killsOn === "any second signal" ? stop.signal.aborted : seen.has(name)) process.exit(STOPPED);
    seen.add(name);
    if (stop.signal.aborted) return;
    process.stderr.write(`\n${message}; once more to stop at once\n`);
    stop.abort();
  };
  const signals = ["SIGINT", "SIGTERM"] as const;
  for (const signal of signals) process.on(signal, onSignal);
  return () => signals.forEach((signal) => process.off(signal, onSignal));
}

/** Ends the program without a word where nobody reads its output any more, as after `| head`; a shell's code for SIGPIPE. */
export function exitWithoutReader(output: NodeJS.WriteStream): void {
  output.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code === "EPIPE") process.exit(141);
    throw error;
  });
}
