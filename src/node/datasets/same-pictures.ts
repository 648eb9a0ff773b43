// Pictures that are there more than once, by their contents.
import { listed } from "../../names.ts";

interface Labelled {
  readonly path: string;
  readonly label: number;
  /** SHA-256 of the file. */
  readonly sha256: string;
}

/** What is told of pictures that lie in several classes, and of copies within one: they are all kept. */
export function samePictureNotes(pictures: readonly Labelled[]): string[] {
  const byContent = new Map<string, Labelled[]>();
  for (const picture of pictures) {
    const others = byContent.get(picture.sha256);
    if (others) others.push(picture);
    else byContent.set(picture.sha256, [picture]);
  }
  const groups = [...byContent.values()].filter((group) => group.length > 1);
  const labelsOf = (group: readonly Labelled[]): Set<number> => new Set(group.map(({ label }) => label));
  const across = groups.filter((group) => labelsOf(group).size > 1);
  const copies = groups.reduce((sum, group) => sum + group.length - labelsOf(group).size, 0);
  const notes: string[] = [];
  if (across.length > 0) {
    const pairs = across.map((group) => {
      const other = group.find(({ label }) => label !== group[0]!.label)!;
      return `"${group[0]!.path}" is also "${other.path}"`;
    });
    const what = across.length === 1 ? "1 picture is" : `${across.length} pictures are`;
    notes.push(
      `${what} in more than one class, and kept in each, where no classifier can be right about all: ${listed(pairs, 5)}`,
    );
  }
  if (copies > 0) {
    const [one, other] = groups
      .flatMap((group) => Array.from(labelsOf(group), (own) => group.filter(({ label }) => label === own)))
      .find((ofClass) => ofClass.length > 1)!;
    const what = copies === 1 ? "1 picture is a copy of another" : `${copies} pictures are copies of others`;
    notes.push(
      `${what} in its class ("${one!.path}" and "${other!.path}"); held-out figures flatter where one is learnt and the other judged`,
    );
  }
  return notes;
}
