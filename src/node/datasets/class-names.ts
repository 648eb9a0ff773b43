// Class names that people cannot tell apart, or not everywhere.

/** A line for each group of names that differ only in case, in surrounding space or in how their letters are encoded. */
export function classNameNotes(names: readonly string[]): string[] {
  const groups = new Map<string, string[]>();
  for (const name of names) {
    const folded = name.normalize("NFKC").trim().toLowerCase();
    groups.set(folded, [...(groups.get(folded) ?? []), name]);
  }
  return Array.from(groups.values(), (group) => [group, differenceOf(group)] as const).flatMap(([group, how]) =>
    how === undefined ? [] : [`the classes ${group.map((name) => `"${name}"`).join(" and ")} differ only in ${how}`],
  );
}

function differenceOf(group: readonly string[]): string | undefined {
  if (group.length < 2) return undefined;
  const areEqual = (fold: (name: string) => string): boolean => new Set(group.map((name) => fold(name))).size < 2;
  if (areEqual((name) => name.normalize("NFC"))) return "how Unicode encodes them (NFC, NFD), and look the same";
  if (areEqual((name) => name.trim())) return "the spaces around them";
  if (areEqual((name) => name.toLowerCase())) return "capital letters";
  return "capital letters, spaces or how Unicode encodes them";
}
