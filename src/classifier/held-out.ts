// Which labelled images are held back to tell how good a predicted classifier is: a share of every class, by key, where they
// hang together all or none of them.

import { positionsOfClasses } from "../heads/labelled.ts";
import { fold, type Key, sample } from "../tensor/random.ts";
import type { ImageSource } from "../predict/image-source.ts";

/** Of each class, by default, where a prediction is judged by images that it is not made from. */
export const HELD_OUT_SHARE = 0.2;

export interface HeldOutSplit {
  /** Positions, ascending: what the classifier may be made from. */
  readonly kept: readonly number[];
  /** Positions, ascending: what it is judged by. */
  readonly heldOut: readonly number[];
}

/**
 * Holds back `share` of each class, at least one image and never all of them.
 * @example heldOutSplit([0, 0, 1, 1], 2, 0.2, key(0)) // one image of each class in either part
 */
export function heldOutSplit(labels: ArrayLike<number>, ways: number, share: number, key: Key): HeldOutSplit {
  const heldOut = new Set<number>();
  positionsOfClasses(labels, ways).forEach((positions, way) => {
    const count = Math.min(positions.length - 1, Math.max(1, Math.round(share * positions.length)));
    for (const position of sample(fold(key, way), positions, count)) heldOut.add(position);
  });
  const all = Array.from({ length: labels.length }, (_, i) => i);
  return { kept: all.filter((i) => !heldOut.has(i)), heldOut: all.filter((i) => heldOut.has(i)) };
}

/**
 * The same where images hang together: those of one group, `groups` [n], stay on one side, in whatever classes they are. No more of a class
 * is held out than its share, or the smallest group where that is at most half of the class; else none of it.
 * @example heldOutGroups([0, 0, 0, 1, 1, 1], 2, [0, 0, 1, 2, 3, 3], 0.2, key(0)).heldOut // [2, 3]
 */
export function heldOutGroups(
  labels: ArrayLike<number>,
  ways: number,
  groups: ArrayLike<number>,
  share: number,
  key: Key,
): HeldOutSplit {
  const members = positionsOfClasses(groups, 1 + Array.from(groups).reduce((most, group) => Math.max(most, group), -1));
  const classes = positionsOfClasses(labels, ways);
  const held = new Set<number>();
  const counts = classes.map(() => 0);
  /** Holds a group out unless that would be more of some class than `most` says. */
  const hold = (group: number, most: (ofClass: readonly number[]) => number): void => {
    const after = counts.slice();
    for (const i of members[group]!) after[labels[i]!]!++;
    if (after.some((count, way) => count > counts[way]! && count > most(classes[way]!))) return;
    after.forEach((count, way) => (counts[way] = count));
    held.add(group);
  };
  const wanted = ({ length }: readonly number[]): number =>
    Math.min(length - 1, Math.max(1, Math.round(share * length)));
  classes.forEach((positions, way) => {
    const own = sample(fold(key, way), [...new Set(positions.map((i) => groups[i]!))]);
    for (const group of own) if (!held.has(group)) hold(group, wanted);
    if (counts[way]! > 0) return;
    const [smallest] = own.toSorted((a, b) => members[a]!.length - members[b]!.length);
    if (smallest !== undefined) hold(smallest, ({ length }) => length / 2);
  });
  const all = Array.from({ length: labels.length }, (_, i) => i);
  return { kept: all.filter((i) => !held.has(groups[i]!)), heldOut: all.filter((i) => held.has(groups[i]!)) };
}

/**
 * Which images hang together: those that share a key, and those that such images share another with -> [n], counted from 0.
 * @example groupsByKeys([["a"], ["b", "c"], ["c"]]) // [0, 1, 1]
 */
export function groupsByKeys(keys: readonly (readonly string[])[]): number[] {
  const parents = keys.map((_, i) => i);
  const root = (i: number): number => {
    while (parents[i] !== i) i = parents[i] = parents[parents[i]!]!;
    return i;
  };
  const first = new Map<string, number>();
  keys.forEach((own, i) => {
    for (const name of own) {
      const other = first.get(name);
      if (other === undefined) first.set(name, i);
      else parents[root(i)] = root(other);
    }
  });
  const numbers = new Map<number, number>();
  return keys.map((_, i) => numbers.get(root(i)) ?? numbers.set(root(i), numbers.size).size - 1);
}

/** Some of the images, in the order of `positions`, read when they are asked for. */
export function someImages(images: ImageSource, positions: readonly number[]): ImageSource {
  return {
    count: positions.length,
    read(from, to) {
      const first = images.read(positions[from]!, positions[from]! + 1);
      const out = new Uint8Array((to - from) * first.length);
      out.set(first);
      for (let i = from + 1; i < to; i++)
        out.set(images.read(positions[i]!, positions[i]! + 1), (i - from) * first.length);
      return out;
    },
  };
}
