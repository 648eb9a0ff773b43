// Asynchronous work over many items with a bound on how much runs at once.

/** `f` over all items, at most `limit` at a time; the first error ends it once the calls under way have ended. */
export async function mapBounded<T, U>(
  items: readonly T[],
  limit: number,
  f: (item: T, index: number) => Promise<U>,
): Promise<U[]> {
  const results = Array.from<U>({ length: items.length });
  let next = 0;
  let failed = false;
  const worker = async (): Promise<void> => {
    while (next < items.length && !failed) {
      const i = next++;
      try {
        results[i] = await f(items[i]!, i);
      } catch (error) {
        failed = true;
        throw error;
      }
    }
  };
  const ends = await Promise.allSettled(Array.from({ length: Math.min(limit, items.length) }, worker));
  const failure = ends.find((end) => end.status === "rejected");
  if (failure) throw failure.reason;
  return results;
}
