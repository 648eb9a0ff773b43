// How well a score tells two kinds of pictures apart.

/**
 * The area under the ROC curve: how often one of `unknown` has a lower similarity than one of `known`, ties counting half.
 * @example auroc([0.9, 0.8], [0.85, 0.1]) // 0.75
 */
export function auroc(known: readonly number[], unknown: readonly number[]): number {
  const all = [
    ...known.map((value) => ({ value, isKnown: true })),
    ...unknown.map((value) => ({ value, isKnown: false })),
  ];
  const sorted = all.toSorted((a, b) => a.value - b.value);
  let area = 0;
  let below = 0; // of the unknown
  for (let from = 0; from < sorted.length;) {
    const ties = sorted.slice(from).findIndex(({ value }) => value !== sorted[from]!.value);
    const group = sorted.slice(from, ties < 0 ? sorted.length : from + ties);
    const unknowns = group.filter(({ isKnown }) => !isKnown).length;
    area += (group.length - unknowns) * (below + unknowns / 2);
    below += unknowns;
    from += group.length;
  }
  return area / (known.length * unknown.length);
}
