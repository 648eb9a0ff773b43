// Ctrl-C and SIGTERM as a wish to stop in good order.

/** Exit code of work that was asked to stop, so that a script does not take it for finished. */
export const STOPPED = 130;

/** Signals abort `stop` and say so on stderr; a second one kills at once. Returns the way back to the defaults. */
export function stopOnSignals(stop: AbortController, message: string): () => void {
  const onSignal = (): void => {
    if (stop.signal.aborted) process.exit(STOPPED);
    process.stderr.write(`\n${message}; once more to stop at once\n`);
    stop.abort();
  };
  const signals = ["SIGINT", "SIGTERM"] as const;
  for (const signal of signals) process.on(signal, onSignal);
  return () => signals.forEach((signal) => process.off(signal, onSignal));
}
