// Pictures that are there more than once, by their contents.
import { listed } from "../../names.ts";
import { groupedBy } from "../grouped-by.ts";

interface Labelled {
  readonly path: string;
  readonly label: number;
  /** SHA-256 of the file. */
  readonly sha256: string;
}

/** Names pictures that lie in several classes: they are kept in each. */
export function severalClassesNote(pictures: readonly Labelled[]): string[] {
  const pairs = severalOf(pictures, ({ sha256 }) => sha256).flatMap(([first, ...others]) => {
    const other = others.find(({ label }) => label !== first!.label);
    return other ? [`"${first!.path}" is also "${other.path}"`] : [];
  });
  if (pairs.length === 0) return [];
  const what = pairs.length === 1 ? "1 picture is" : `${pairs.length} pictures are`;
  return [
    `${what} in more than one class, and kept in each, where no classifier can be right about all: ${listed(pairs, 5)}`,
  ];
}

/** Counts pictures that lie in one class more than once: they are all kept. */
export function copiesNote(pictures: readonly Labelled[]): string[] {
  const groups = severalOf(pictures, ({ sha256, label }) => `${sha256} ${label}`);
  if (groups.length === 0) return [];
  const copies = groups.reduce((sum, group) => sum + group.length - 1, 0);
  const what = copies === 1 ? "1 picture is a copy of another" : `${copies} pictures are copies of others`;
  const [one, other] = groups[0]!;
  return [
    `${what} in the same class ("${one!.path}" and "${other!.path}"); held-out figures flatter where one is learnt and the other judged`,
  ];
}

/** Groups of at least two that share a key, in the order of their first pictures. */
function severalOf(pictures: readonly Labelled[], keyOf: (picture: Labelled) => string): Labelled[][] {
  return [...groupedBy(pictures, keyOf).values()].filter((group) => group.length > 1);
}
