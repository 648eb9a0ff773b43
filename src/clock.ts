// The stopwatch of all that is timed.

/** Seconds since `performance.now()` was `start`. */
export function secondsSince(start: number): number {
  return (performance.now() - start) / 1000;
}
