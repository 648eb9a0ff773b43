// Pauses of long work: a call to onnxruntime blocks, and what waits (signals, timers, a page) is let in between two.

/** Gives way to whatever waits. Browsers have no setImmediate. */
export function breathe(): Promise<void> {
  return new Promise((resolve) => {
    if (typeof setImmediate === "function") setImmediate(resolve);
    else setTimeout(resolve);
  });
}
