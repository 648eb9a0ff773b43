// Two methods judged on the same groups: their difference, group by group.

import { invariant } from "pudnet/engine";
import { formatPercent, jackknife95, pairedTest, type PairedTest, type Protocol, rounded } from "pudnet/evaluation";
import { blocks, bulletList, canonicalJson, markdownTable } from "pudnet/files";
import type { Cell } from "../tables/cell.ts";
import { classesOfGroups } from "../recipes/group-classes.ts";
import { comparisons } from "../tables/table.ts";
import { isMeasured, KINDS } from "./cell-text.ts";

/** Fewer groups say too little about single classes. */
const GROUPS_FOR_CLASSES = 100;

export interface PairedDifference extends PairedTest {
  /** Half width of the 95 % interval over other test classes; undefined where all groups have the same, or are few. */
  readonly overClasses?: number;
}

/**
 * How much better b is than a over the groups that both have, with a paired t-test (Student's t at any number of groups).
 * Undefined where fewer than two groups are shared. Accuracies are shares from 0 to 1.
 */
export function pairedDifference(a: Cell, b: Cell): PairedDifference | undefined {
  invariant(
    groupsIdentity(a.evaluation.protocol) === groupsIdentity(b.evaluation.protocol),
    () => `"${a.id}" and "${b.id}" are not judged on the same groups`,
  );
  const [first, second] = [a.measured?.groups ?? [], b.measured?.groups ?? []];
  const shared = Math.min(first.length, second.length);
  if (shared < 2) return undefined;
  const differences = Array.from({ length: shared }, (_, i) => second[i]! - first[i]!);
  const classes = shared < GROUPS_FOR_CLASSES ? undefined : classesOfGroups(a.evaluation.protocol, shared);
  return { ...pairedTest(differences), ...(classes ? { overClasses: jackknife95(differences, classes) } : {}) };
}

/** "Paired differences" of the cells that say what they are compared with, or "" where none does. */
export function pairedSection(cells: readonly Cell[]): string {
  const pairs = comparisons(cells);
  if (pairs.length === 0) return "";
  const rows = pairs.flatMap(([a, b]) => {
    const test = pairedDifference(a, b);
    if (!test) return [];
    const difference = `${test.mean > 0 ? "+" : ""}${formatPercent(test)}`;
    const overClasses = test.overClasses === undefined ? "" : `± ${rounded(100 * test.overClasses, 2)}`;
    return [[b.column, nameOf(b), nameOf(a), difference, String(test.n), significance(test.p), overClasses]];
  });
  const rest = restText(pairs, rows.length);
  if (rows.length === 0) return blocks("## Paired differences", rest);
  return blocks(
    "## Paired differences",
    "Accuracy of A minus accuracy of B in percentage points, over the groups that both were judged on.",
    markdownTable(
      [
        { name: "on" },
        { name: "A" },
        { name: "B" },
        { name: "A − B", align: "right" },
        { name: "groups", align: "right" },
        { name: "p", align: "right" },
        { name: "over classes", align: "right" },
      ],
      rows,
    ),
    rest,
    bulletList([
      "± is the 95 % confidence interval, p that of a two-sided paired t-test (Student's t; not corrected for the number of comparisons). " +
        "Groups share their test classes and images, so both hold for these classes.",
      "Each row is one training with one seed: what another seed would change is in neither interval nor p, and can be more than either " +
        "says (the table `trainings` measures it).",
      "Over classes: what other test classes would change, by a jackknife over the classes (95 %, Student's t; somewhat too wide, as " +
        `groups are a sample); empty where all groups have the same classes, or are fewer than ${GROUPS_FOR_CLASSES}.`,
    ]),
  );
}

/** Why pairs are not in the table, "" where all are. */
function restText(pairs: readonly (readonly Cell[])[], shown: number): string {
  const cannot = pairs.filter((pair) => pair.some((one) => !isMeasured(one) && one.missing !== undefined)).length;
  const few = pairs.filter((pair) => pair.every(isMeasured)).length - shown;
  const open = pairs.length - shown - cannot - few;
  const parts = [
    ...(open > 0 ? [`not run yet: ${open} of ${pairs.length} pairs`] : []),
    ...(cannot > 0 ? [`cannot be run here: ${cannot}`] : []),
    ...(few > 0 ? [`judged on one group in common, too few for an interval: ${few}`] : []),
  ];
  return parts.length === 0 ? "" : `${parts.join("; ").replace(/^./, (first) => first.toUpperCase())}.`;
}

/** Rows of the stronger recipes stand under a heading of their own in tables, but not here. */
function nameOf({ row, kind }: Cell): string {
  return kind === "strong" ? `${row} (${KINDS.strong})` : row;
}

/** What decides which images group i consists of. */
function groupsIdentity({ dataset, classes, ways, generation, test, seed }: Protocol): string {
  return canonicalJson({ dataset, classes, ways, generation, test, seed });
}

function significance(p: number): string {
  return p < 0.0001 ? "< 0.0001" : p.toFixed(4);
}
