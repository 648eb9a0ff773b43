// Says on the browser's timeline when something can be seen, for those who measure and test the page.

/** Marks the frame after this one; the last mark of a name stays, so that a camera does not fill the memory with them. */
export function markShown(name: "interactive" | "learned" | "answered", detail?: unknown): void {
  requestAnimationFrame(() => {
    performance.clearMarks(name);
    performance.mark(name, { detail });
  });
}
