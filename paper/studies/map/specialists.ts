// One static network a domain in place of one for all: for each group the specialist that its labelled images choose, the one that an oracle
// would, and that of the group's own domain.

import { groupedBy } from "pudnet/files";
import { HEADS } from "./methods.ts";
import type { JudgedRow, MapRow } from "./rows.ts";

/** How one of several specialists is chosen; stands where others have their sketch. */
export const CHOICES = ["left-out", "oracle", "name"] as const;

/**
 * Rows by each choice, group by group, of what all specialists were judged on: `left-out` is the one with the least squared error of the closed form on labelled images that are left out, the first
 * of equals, where all have one; `oracle` has for each head the highest accuracy of any, on the test images themselves; `name` is the specialist of the judged domain, where there is one.
 * @param judged rows of each specialist, by the domain that it was trained on
 */
export function chosenSpecialists(judged: ReadonlyMap<string, readonly JudgedRow[]>): MapRow[] {
  const groups = groupedBy(
    Array.from(judged).flatMap(([trainedOn, rows]) => rows.map((row) => ({ trainedOn, row }))),
    ({ row }) => [row.domain, row.labels, row.group].join("\n"),
  );
  const whole = [...groups.values()].filter((specialists) => specialists.length === judged.size);
  return CHOICES.flatMap((sketch) =>
    whole.flatMap((specialists) => {
      const row = CHOSEN[sketch](specialists);
      if (!row) return [];
      const { error: _, ...kept } = row;
      return [{ ...kept, sketch }];
    }),
  );
}

type Specialists = readonly { readonly trainedOn: string; readonly row: JudgedRow }[];

const CHOSEN: Readonly<Record<(typeof CHOICES)[number], (specialists: Specialists) => JudgedRow | undefined>> = {
  "left-out": (specialists) => {
    const known = specialists.flatMap(({ row }) => (row.error === undefined ? [] : [{ row, error: row.error }]));
    if (known.length < specialists.length) return undefined;
    return known.reduce((best, one) => (one.error < best.error ? one : best)).row;
  },
  oracle: (specialists) => {
    const best = HEADS.map((head) => [head, Math.max(...specialists.map(({ row }) => row[head]))] as const);
    return { ...specialists[0]!.row, ...(Object.fromEntries(best) as Record<(typeof HEADS)[number], number>) };
  },
  name: (specialists) => specialists.find(({ trainedOn, row }) => trainedOn === row.domain)?.row,
};
