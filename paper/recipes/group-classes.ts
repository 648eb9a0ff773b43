// Which classes the groups of a protocol consist of, without their images: what a mean over groups says depends on them.

import { CLASS_SPLITS, drawClasses } from "pudnet/datasets";
import { fold } from "pudnet/engine";
import { evaluationKey } from "pudnet/evaluation";
import type { Protocol } from "pudnet/evaluation";

/**
 * The classes of groups 0 to `groups` - 1, as positions among the test classes. Undefined where every group has all of
 * them, and for splits that are not in our table.
 */
export function classesOfGroups({ classes, ways, seed }: Protocol, groups: number): number[][] | undefined {
  if (classes === "all" || !Object.hasOwn(CLASS_SPLITS, classes.testOf)) return undefined;
  const { length } = CLASS_SPLITS[classes.testOf as keyof typeof CLASS_SPLITS].test;
  if (length === ways) return undefined;
  const positions = Array.from({ length }, (_, i) => i);
  return Array.from({ length: groups }, (_, i) => drawClasses(positions, ways, fold(evaluationKey(seed), i)));
}
