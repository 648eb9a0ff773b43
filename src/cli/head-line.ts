// Which head a prediction has, and why, in a line.

import type { HeadReport } from "../classifier/fitted-head.ts";
import { listed } from "../names.ts";

export const HEAD_NAMES = { "closed-form": "closed form", centroids: "centroids", linear: "linear layer" } as const;

/**
 * @example headLine({ kind: "centroids", leftOut: {} }) // "head: centroids (one picture a class: none could be left out)"
 */
export function headLine({ kind, leftOut }: HeadReport): string {
  const own = leftOut[kind];
  if (!own) return `head: ${HEAD_NAMES[kind]} (one picture a class: none could be left out)`;
  const other = kind === "centroids" ? "closed-form" : "centroids";
  const right = (accuracy: number): string => `${(100 * accuracy).toFixed(1)} %`;
  const beside = leftOut[other] ? `; ${HEAD_NAMES[other]} ${right(leftOut[other].accuracy)}` : "";
  return `head: ${HEAD_NAMES[kind]} (pictures left out: ${right(own.accuracy)} right${beside})`;
}

/**
 * What is to be known where classes have fewer pictures than centroids were to be made of.
 * @example fewShotsNotes([{ name: "cat", n: 2 }, { name: "dog", n: 60 }], 50) // ["fewer pictures than 50 shots, all of them taken: cat 2"]
 */
export function fewShotsNotes(
  classes: readonly { readonly name: string; readonly n: number }[],
  shots: number | "all",
): string[] {
  const few = classes.filter(({ n }) => shots !== "all" && n < shots).map(({ name, n }) => `${name} ${n}`);
  return few.length === 0 ? [] : [`fewer pictures than ${shots} shots, all of them taken: ${listed(few)}`];
}
