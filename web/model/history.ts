// What can be undone: values before and after the present one.

export interface History<T> {
  readonly past: readonly T[];
  readonly present: T;
  readonly future: readonly T[];
  /** Of the last change, unless it was undone: changes of one group are undone together. */
  readonly group?: string | undefined;
}

/** Steps that can be undone. */
const MOST = 200;

export function startHistory<T>(present: T): History<T> {
  return { past: [], present, future: [] };
}

/** A change; one that goes on with the present's group is no step of its own. */
export function changed<T>(history: History<T>, present: T, group?: string): History<T> {
  if (present === history.present) return history;
  const goesOn = group !== undefined && group === history.group;
  const past = goesOn ? history.past : [...history.past, history.present].slice(-MOST);
  return { past, present, future: [], group };
}

export function undone<T>({ past, present, future }: History<T>): History<T> {
  if (past.length === 0) return { past, present, future };
  return { past: past.slice(0, -1), present: past.at(-1)!, future: [present, ...future] };
}

export function redone<T>({ past, present, future }: History<T>): History<T> {
  const [next, ...later] = future;
  return next === undefined ? { past, present, future } : { past: [...past, present], present: next, future: later };
}
