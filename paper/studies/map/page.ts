// The page of the map, from its CSVs.

import { rounded } from "pudnet/evaluation";
import { blocks, bulletList, codeBlock, folded, markdownTable, numberedList } from "pudnet/files";
import { REPRODUCE } from "../../command.ts";
import type { StudyPage } from "../study.ts";
import { accuracy, cellAt, difference, domainsOf, type Kind, type MapCell, mapCells, type Mean, only, onlySeeds, seedsOf } from "./compare.ts"; // prettier-ignore
import { mapFigure } from "./figure.ts";
import { cellCommands, CLAIM, CONTENDER_NAMES, CONTENDERS, type ContenderName, GROUNDS, HEADS, isAt, LABEL_COUNTS, LABELS, METHODS, type Place, PLACES, placeText, seedsAt, shellPlace, STATIC } from "./methods.ts"; // prettier-ignore
import { csvName, ID, type MapFile } from "./rows.ts";
import { sameKindsTable } from "./same-kinds.ts";
import { verdict } from "./verdict.ts";
import { READING, signedText } from "./words.ts";

export const TITLE = "The map: where looking at the pictures pays";

const SPECIALIST_NAMES = ["s", "s, by name", "s, oracle", "l", "l, by name", "l, oracle"] as const;
/** Which differences are shown: A, and what it is set against. */
const PAIRS: Readonly<Partial<Record<ContenderName, readonly ContenderName[]>>> = {
  d: [...STATIC, "n", "c", "d, other classes", "d, mean sketch", "d, other domain", ...SPECIALIST_NAMES],
  "d, gated": [...STATIC, "d", "s", "l"],
  n: ["k"],
  c: ["b"],
};
/** What networks are judged on, with either head. */
type Judging = Omit<Kind, "head">;
const JUDGINGS: readonly Judging[] = LABEL_COUNTS.flatMap((labels) => GROUNDS.map((ground) => ({ ground, labels })));

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
    "With the variables of a cell set, these lines train and judge it whole; a method is its line of training (d, k, n, e, s and l need a's) and its lines below. The [domains](../../docs/domains.md) lie in `data/`.",
    codeBlock(cellCommands(work)),
    `\`${REPRODUCE} ${ID}\` adds what they have judged to the CSVs beside this page (${files.map((file) => `[${csvName(file)}](${csvName(file)})`).join(", ")}: a row a group) and makes the page of them.`, // prettier-ignore
  );
  return {
    headline: blocks(`![${TITLE}](${ID}/figure.svg)`, numberedList(sentences), READING),
    files: { "README.md": `${readme}\n`, "figure.svg": mapFigure(TITLE, cells) },
  };
}

const NOTES = [
  "[The protocol](../../docs/general.md#the-map) was written before the runs: cells, methods, what is a success. ConvNet-3 at 32 px; 10,000 groups of training each, half of what the protocol has, " +
    "as a session has no more hours; a is trained by 10,000 batches of as many pictures. d, k, n and e start from a: they have had twice the steps of a and b, so that e and k are the static networks of equal length.",
  `Judged on ${LABEL_COUNTS.map((labels) => `${LABELS[labels].groups} groups a domain with ${labels} labels a class`).join(", ")}, the same for all: 5 classes, and 10 test pictures of each, batch norm fitted to the labelled ones, which both heads see. Domains count alike. *Novel classes*: classes of the training domains ` +
    "that were not trained on. *New kinds*: all classes of domains that were not trained on; these two were validation domains while other networks were chosen, and nothing of the map was chosen on them. *Test domains*: nothing at all was chosen on them. glyphs-test and icons-test are made; letters of other scripts were trained on, icons were not.",
  "Specialists s have, each, the groups of another network divided by the number of domains; l as many as another network. At 8 domains those of seeds 0 and 1 start from a trained again on another machine, whose last bits differ.",
  `Stored weights leave out the full head, which serves training alone. A row says twice as long where all of its networks, a among them, had ${2 * PLACES[0]!.steps} steps.`,
  "A difference over groups is a mean over trainings, group by group; over domains it is of domains' means; over trainings of trainings' means (with two trainings Student's t is 12.7 times the standard error). Comparisons are over the trainings, by seed, that both have.",
];

const right = (name: string) => ({ name, align: "right" as const });

/** Which trainings of each cell are judged, and what the methods' letters mean. */
function cellsTable(cells: readonly MapCell[]): string {
  const ofPlaces = PLACES.map((place) => cellAt(cells, place));
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
    ...LABEL_COUNTS.flatMap((labels) => {
      const table = accuracyTable(cell, labels);
      return table === undefined ? [] : [`### Accuracy in %, ${labels} labels a class`, "Means over the trainings that each has, ± over groups.", table]; // prettier-ignore
    }),
    ...seeds.flatMap((seed) => {
      const table = accuracyTable(cell, "10", ofSeed(cell, seed));
      return table === undefined ? [] : [folded(`The same with 10 labels, seed ${seed} alone`, table)];
    }),
    "### Paired differences in points",
    "± over groups / over domains / over trainings.",
    differenceTable(cell),
    ...HEADS.map((head) =>
      folded(`Accuracy in % by domain, ${head}, mean over the trainings that each has`, domainTable(cell, head)),
    ),
  );
}

const ofSeed = (cell: MapCell, seed: number): MapCell => onlySeeds(cell, (one) => one === seed);

/** With the columns of a cell, of all of its trainings or of a part; undefined where none of these is judged so. */
function accuracyTable(cell: MapCell, labels: Kind["labels"], part = cell): string | undefined {
  const grounds = GROUNDS.filter((ground) => domainsOf(cell, ground).length > 0);
  const columns = grounds.flatMap((ground) => HEADS.map((head) => ({ ground, labels, head })));
  const rows = CONTENDER_NAMES.flatMap((name) => {
    const means = columns.map((kind) => accuracy(part, name, kind));
    const [first] = means.flatMap((mean) => mean ?? []);
    return first ? [[name, CONTENDERS[name].title, first.seeds.join(", "), ...means.map(accuracyText)]] : [];
  });
  if (rows.length === 0) return undefined;
  const header = columns.map(({ ground, head }) => right(`${ground}, ${head}`));
  return markdownTable([{ name: "" }, { name: "weights" }, right("seeds"), ...header], rows);
}

/** Over groups. */
function accuracyText(mean: Mean | undefined): string {
  return mean ? `${rounded(mean.mean, 1)} ± ${rounded(mean.overGroups, 1)}` : "";
}

function differenceTable(cell: MapCell): string {
  const rows = Object.entries(PAIRS).flatMap(([a, others]) =>
    others.flatMap((b) => JUDGINGS.flatMap((judging) => differenceRow(cell, a as ContenderName, b, judging))),
  );
  return markdownTable([{ name: "A − B" }, { name: "on" }, right("seeds"), ...HEADS.map((head) => right(head))], rows);
}

/** None, or one. */
function differenceRow(cell: MapCell, a: ContenderName, b: ContenderName, { ground, labels }: Judging): string[][] {
  const gains = HEADS.map((head) => difference(cell, a, b, { head, ground, labels }));
  const [first] = gains;
  if (!first) return [];
  const on = `${ground}, ${first.domains} ${first.domains === 1 ? "domain" : "domains"}${labels === "10" ? "" : `, ${labels} labels`}`;
  return [[`${a} − ${b}`, on, first.seeds.join(", "), ...gains.map((gain) => (gain ? signedText(gain) : ""))]];
}

function domainTable(cell: MapCell, head: (typeof HEADS)[number]): string {
  const names = CONTENDER_NAMES.filter((name) => seedsOf(cell, name).length > 0);
  const rows = GROUNDS.flatMap((ground) =>
    domainsOf(cell, ground).map((domain) => {
      const part = only(cell, [domain]);
      const means = names.map((name) => accuracy(part, name, { head, ground, labels: "10" }));
      const texts = means.map((mean) => (mean ? rounded(mean.mean, 2) : ""));
      return [ground === "novel classes" ? domain : `${domain} (not trained on)`, ...texts];
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
    seedsAt(place).flatMap((seed) => {
      const lacking = lackingOf(place, seed, cells);
      const what = lacking.length === CONTENDER_NAMES.length ? "all" : lacking.join("; ");
      return what === "" ? [] : [[`${placeText(place)}, seed ${seed}`, what, `\`${shellPlace(place, seed)}\``]];
    }),
  );
  return markdownTable([{ name: "cell" }, { name: "not run" }, { name: "variables" }], rows);
}

function lackingOf(place: Place, seed: number, cells: readonly MapCell[]): string[] {
  const cell = cellAt(cells, place);
  const names = CONTENDER_NAMES.filter((name) => !cell || !seedsOf(cell, name).includes(seed));
  if (!cell || names.includes("d") || !isAt(place, CLAIM)) return names;
  // asked for there alone, and judged of all together
  const isJudged = (judging: Judging): boolean => accuracy(ofSeed(cell, seed), "d", { head: HEADS[0], ...judging }) !== undefined; // prettier-ignore
  return [
    ...names,
    ...(isJudged({ ground: "novel classes", labels: "20" }) ? [] : ["20 labels"]),
    ...(isJudged({ ground: "test domains", labels: "10" }) ? [] : ["test domains"]),
  ];
}
