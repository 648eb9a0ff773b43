// Whether a worker lives: browsers tell nobody when they end one for want of memory, but free the locks that it held.

/** Held for as long as the worker lives. */
export function holdLock(name: string): Promise<void> {
  return new Promise((held) => {
    void navigator.locks.request(name, () => {
      held();
      return new Promise(() => {});
    });
  });
}

/** Calls `onDeath` once the lock is free that a worker holds. */
export function watchLock(name: string, onDeath: () => void): void {
  void navigator.locks.request(name, onDeath);
}
