// The page of the study of unknown pictures, from its CSVs.

import { estimate, rounded } from "pudnet/evaluation";
import { blocks, bulletList, groupedBy, markdownTable } from "pudnet/files";
import { REPRODUCE } from "../../command.ts";
import type { StudyPage, StudyValue } from "../study.ts";
import type { CalibrationRow, GroupRow } from "./unknown.ts";

export const ID = "unknown";
export const TITLE = "What is none of the classes, and what scores mean";

const TITLES: Readonly<Record<string, string>> = {
  refused: "their own classes, refused (%)",
  "auroc fashion-mnist": "against Fashion-MNIST, AUROC",
  "refused fashion-mnist": "Fashion-MNIST, refused (%)",
  "auroc dtd-10": "against DTD-10, AUROC",
  "refused dtd-10": "DTD-10, refused (%)",
  "auroc other classes": "against other test classes, AUROC",
  "refused other classes": "other test classes, refused (%)",
};
/** The set that has a rule to be judged: the others have all their classes known. */
const JUDGED = "cifar-100";

/** README.md from at least one measurement. */
export function unknownPage(
  groups: readonly GroupRow[],
  calibration: readonly CalibrationRow[],
  budget: string,
): StudyPage {
  const tables = blocks(unknownTable(groups), calibrationTable(calibration));
  const readme = blocks(
    `# ${TITLE}`,
    tables,
    "## Notes",
    bulletList([
      "A classifier is made of 20 pictures of each of 5 of CIFAR-100's test classes, as `pudnet predict` makes it, and asked about 20 others of each, and about as many of each kind of " +
        "pictures that are none of them. A picture is unknown whose features have a largest cosine with a class's centroid below a threshold: the one that 4 % of the labelled pictures are " +
        "below, each left out of its own centroid. Nothing of it was chosen here: score and share were chosen on CIFAR-100's validation classes, against other kinds of pictures.",
      "AUROC: how often a picture of the known classes has a larger cosine than one of the others. Means over groups with 95 % intervals.",
      "Calibration: answers of all groups in ten bins of their score; the error is the mean distance of score and accuracy, weighted by answers. On the sets of ten classes 40 pictures of each " +
        "are given and 40 asked.",
    ]),
    `\`${REPRODUCE} ${ID} --budget ${budget}\` makes this page; all groups in [groups.csv](groups.csv), [calibration.csv](calibration.csv).`,
  );
  return { headline: tables, files: { "README.md": `${readme}\n` }, values: valuesOf(groups, calibration) };
}

const right = (name: string) => ({ name, align: "right" as const });
const isShare = (what: string): boolean => what.startsWith("refused");

function unknownTable(groups: readonly GroupRow[]): string {
  const judged = groups.filter(({ set }) => set === JUDGED);
  const networks = [...new Set(judged.map(({ network }) => network))];
  const rows = Object.entries(TITLES).map(([what, title]) => [
    title,
    ...networks.map((network) => {
      const { mean, ci95 } = ofRows(judged, network, what);
      return isShare(what)
        ? `${rounded(100 * mean, 1)} ± ${rounded(100 * ci95, 1)}`
        : `${rounded(mean, 3)} ± ${rounded(ci95, 3)}`;
    }),
  ]);
  return markdownTable([{ name: "classifiers of CIFAR-100's test classes" }, ...networks.map(right)], rows);
}

function ofRows(rows: readonly GroupRow[], network: string, what: string) {
  return estimate(rows.filter((row) => row.network === network && row.what === what).map(({ value }) => value));
}

function calibrationTable(rows: readonly CalibrationRow[]): string {
  const percent = (value: number): string => rounded(100 * value, 1);
  return markdownTable(
    [{ name: "network" }, { name: "held-out pictures of" }, right("answers"), right("accuracy (%)"), right("mean score (%)"), right("calibration error (%)")], // prettier-ignore
    rows.map((row) => [
      row.network,
      row.set,
      row.n,
      percent(row.accuracy),
      percent(row["mean score"]),
      percent(row.error),
    ]),
  );
}

/** "tiny/auroc fashion-mnist" and "tiny/calibration cifar-10". */
function valuesOf(groups: readonly GroupRow[], calibration: readonly CalibrationRow[]): Record<string, StudyValue> {
  const judged = groups.filter(({ set }) => set === JUDGED);
  const of = Array.from(groupedBy(judged, ({ network, what }) => `${network}/${what}`), ([name, rows]) => [name, { value: estimate(rows.map(({ value }) => value)).mean }] as const); // prettier-ignore
  return Object.fromEntries([
    ...of,
    ...calibration.map(({ network, set, error }) => [`${network}/calibration ${set}`, { value: error }] as const),
  ]);
}
