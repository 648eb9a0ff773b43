// The page of the map, from its CSVs.

import { rounded } from "pudnet/evaluation";
import { blocks, bulletList, codeBlock, folded, markdownTable, numberedList } from "pudnet/files";
import { REPRODUCE } from "../../command.ts";
import type { StudyPage } from "../study.ts";
import { accuracy, difference, domainsOf, type MapCell, mapCells, type Mean, only, seedsOf } from "./compare.ts";
import { mapFigure } from "./figure.ts";
import { cellCommands, CONTENDER_NAMES, CONTENDERS, type ContenderName, HEADS, METHODS, type Place, PLACES, placeText, SEEDS, shellPlace, STATIC } from "./methods.ts"; // prettier-ignore
import { ID, type MapFile } from "./rows.ts";
import { sameKindsTable } from "./same-kinds.ts";
import { isAt, READING, signedText, verdict } from "./verdict.ts";

export const TITLE = "The map: where looking at the pictures pays";

/** Which differences are shown: A, and what it is set against. */
const PAIRS: Readonly<Partial<Record<ContenderName, readonly ContenderName[]>>> = {
  d: [...STATIC, "n", "d, other classes", "d, mean sketch", "d, other domain", "s", "s, by name", "s, oracle"],
  "d, gated": [...STATIC, "d", "s"],
  n: ["k"],
};
const KINDS = [
  { isTrained: true, title: "novel classes" },
  { isTrained: false, title: "new kinds" },
] as const;

/** Undefined where the claim's cell is not judged. @param work where evaluations are collected from, as commands name it */
export function mapPage(files: readonly MapFile[], work: string): StudyPage | undefined {
  const cells = mapCells(files);
  const sentences = verdict(cells);
  if (!sentences) return undefined;
  const readme = blocks(
    `# ${TITLE}`,
    numberedList(sentences),
    READING,
    `![${TITLE}](figure.svg)`,
    "Bars of means are 95 % intervals over domains (none where there are two or three domains), those of single domains over groups. The same as [PNG](figure.png).",
    "## Cells",
    cellsTable(cells),
    ...sameKindsSection(cells),
    ...cells.map((cell) => cellSection(cell)),
    "## Methods",
    methodsTable(),
    "## Notes",
    bulletList(NOTES),
    "## What is not run, and how it is made",
    missingTable(cells),
    "With the variables of a cell set, these lines train and judge it whole; a method is its line of training (all but a and b need a's) and its lines below. The [domains](../../docs/domains.md) lie in `data/`.",
    codeBlock(cellCommands(work)),
    `\`${REPRODUCE} ${ID}\` adds what they have judged to the CSVs beside this page (${files.map((file) => `[${csvName(file)}](${csvName(file)})`).join(", ")}: a row a group) and makes the page of them.`, // prettier-ignore
  );
  return {
    headline: blocks(`![${TITLE}](${ID}/figure.svg)`, numberedList(sentences), READING),
    files: { "README.md": `${readme}\n`, "figure.svg": mapFigure(TITLE, cells) },
  };
}

const csvName = ({ width, domains, seed }: MapFile): string => `groups-${width}-${domains}-${seed}.csv`;

const NOTES = [
  "[The protocol](../../docs/general.md#the-map) was written before the runs: cells, methods, what is a success. ConvNet-3 at 32 px; 10,000 groups of training each, half of what the protocol has, " +
    "as a session has no more hours; a is trained by 10,000 batches of as many pictures. d, k, n and e start from a: they have had twice the steps of a and b, so that e and k are the static networks of equal length.",
  "Judged on 100 groups a domain, the same for all: 5 classes, 10 labelled and 10 test pictures of each, batch norm fitted to the labelled ones. Domains count alike. *Novel classes*: classes of the training domains " +
    "that were not trained on. *New kinds*: all classes of domains that were not trained on; these two were validation domains while other networks were chosen, and nothing of the map was chosen on them. The test domains are not judged yet.",
  "Both heads see ten labels a class. The protocol's second aim, of 20 labels, is not judged yet, nor are all further trainings that a claim asks for, and specialists as long as the others: those of the page have, each, the groups of another network divided by the number of domains. At 8 domains they start from a trained again on another machine, whose last bits differ.",
  "A difference over groups is a mean over trainings, group by group; over domains it is of domains' means; over trainings of trainings' means (with two trainings Student's t is 12.7 times the standard error). Comparisons are over the trainings, by seed, that both have.",
];

const right = (name: string) => ({ name, align: "right" as const });

/** Which trainings of each cell are judged, and what the methods' letters mean. */
function cellsTable(cells: readonly MapCell[]): string {
  const ofPlaces = PLACES.map((place) => cells.find((one) => isAt(one, place)));
  return markdownTable(
    [{ name: "" }, { name: "weights" }, ...PLACES.map((place) => right(placeText(place)))],
    Object.entries(METHODS).map(([name, { title }]) => [
      name,
      title,
      ...ofPlaces.map((cell) => {
        const seeds = cell ? seedsOf(cell, name as ContenderName) : [];
        return seeds.length === 0 ? "not run" : `seed ${seeds.join(", ")}`;
      }),
    ]),
  );
}

function sameKindsSection(cells: readonly MapCell[]): string[] {
  const table = sameKindsTable(cells);
  if (table === undefined) return [];
  return [
    "## The same kinds of pictures among more",
    "What weights changed by the sketch gain on the single static network that is best on these kinds, where nothing else was trained on and where more was; 10,000 groups of training in all each time, so fewer of each kind among more. ± over groups / over domains / over trainings.",
    table,
  ];
}

function cellSection(cell: MapCell): string {
  const seeds = [...new Set(CONTENDER_NAMES.flatMap((name) => seedsOf(cell, name)))].toSorted((a, b) => a - b);
  const title = placeText(cell);
  return blocks(
    `## ${title.replace(/^./, (first) => first.toUpperCase())}`,
    ...seeds.map((seed) => blocks(`### Accuracy in %, seed ${seed}`, accuracyTable(cell, seed))),
    "### Paired differences in points",
    "± over groups / over domains / over trainings.",
    differenceTable(cell),
    ...HEADS.map((head) =>
      folded(`Accuracy in % by domain, ${head}, mean over the trainings that each has`, domainTable(cell, head)),
    ),
  );
}

function accuracyTable(cell: MapCell, seed: number): string {
  const columns = KINDS.flatMap((kind) => HEADS.map((head) => ({ ...kind, head })));
  return markdownTable(
    [{ name: "" }, { name: "weights" }, ...columns.map(({ title, head }) => right(`${title}, ${head}`))],
    CONTENDER_NAMES.filter((name) => seedsOf(cell, name).includes(seed)).map((name) => [
      name,
      CONTENDERS[name].title,
      ...columns.map((kind) => accuracyText(accuracy(cell, name, seed, kind))),
    ]),
  );
}

/** Over groups. */
function accuracyText(mean: Mean | undefined): string {
  return mean ? `${rounded(mean.mean, 1)} ± ${rounded(mean.overGroups, 1)}` : "";
}

function differenceTable(cell: MapCell): string {
  const rows = Object.entries(PAIRS).flatMap(([a, others]) =>
    others.flatMap((b) =>
      KINDS.flatMap(({ isTrained, title }) => {
        const gains = HEADS.map((head) => difference(cell, a as ContenderName, b, { head, isTrained }));
        const [first] = gains;
        if (!first) return [];
        const cells = gains.map((gain) => (gain ? signedText(gain) : ""));
        return [
          [
            `${a} − ${b}`,
            `${title}, ${first.domains} ${first.domains === 1 ? "domain" : "domains"}`,
            first.seeds.join(", "),
            ...cells,
          ],
        ];
      }),
    ),
  );
  return markdownTable([{ name: "A − B" }, { name: "on" }, right("seeds"), ...HEADS.map((head) => right(head))], rows);
}

function domainTable(cell: MapCell, head: (typeof HEADS)[number]): string {
  const names = CONTENDER_NAMES.filter((name) => seedsOf(cell, name).length > 0);
  const rows = KINDS.flatMap(({ isTrained }) =>
    domainsOf(cell, isTrained).map((domain) => {
      const part = only(cell, [domain]);
      const means = names.map((name) => {
        const of = seedsOf(cell, name).flatMap((seed) => accuracy(part, name, seed, { head, isTrained }) ?? []);
        return of.length === 0 ? "" : (of.reduce((sum, { mean }) => sum + mean, 0) / of.length).toFixed(2);
      });
      return [isTrained ? domain : `${domain} (not trained on)`, ...means];
    }),
  );
  return markdownTable([{ name: "domain" }, ...names.map((name) => right(name))], rows);
}

function methodsTable(): string {
  return markdownTable(
    [{ name: "" }, { name: "method" }, { name: "settings of [configs/map](../../configs/map/README.md)" }],
    Object.entries(METHODS).map(([name, { title, config, settings, fromBase }]) => [
      name,
      title,
      [`${config}-N.yaml`, ...settings, ...(fromBase ? ["start: a"] : [])].join(", "),
    ]),
  );
}

/** What is missing of each cell and seed. */
function missingTable(cells: readonly MapCell[]): string {
  const rows = PLACES.flatMap((place) =>
    SEEDS.flatMap((seed) => {
      const lacking = lackingOf(place, seed, cells);
      const what = lacking.length === CONTENDER_NAMES.length ? "all" : lacking.join("; ");
      return what === "" ? [] : [[`${placeText(place)}, seed ${seed}`, what, `\`${shellPlace(place, seed)}\``]];
    }),
  );
  return markdownTable([{ name: "cell" }, { name: "not run" }, { name: "variables" }], rows);
}

function lackingOf(place: Place, seed: number, cells: readonly MapCell[]): ContenderName[] {
  const cell = cells.find((one) => isAt(one, place));
  return CONTENDER_NAMES.filter((name) => !cell || !seedsOf(cell, name).includes(seed));
}
