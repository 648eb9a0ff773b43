// Which head a prediction has, and why, in a line.

import type { HeadReport } from "../classifier/fitted-head.ts";

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
