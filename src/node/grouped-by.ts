// Items in groups by a key.

/**
 * Groups that keep the order of their first members.
 * @example groupedBy(["cat", "dog", "cow"], (name) => name[0]!).get("c") // ["cat", "cow"]
 */
export function groupedBy<T>(items: readonly T[], keyOf: (item: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const key = keyOf(item);
    const group = groups.get(key);
    if (group) group.push(item);
    else groups.set(key, [item]);
  }
  return groups;
}
