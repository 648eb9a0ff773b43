// The page of Figure 1, from its CSVs.

import { blocks, bulletList, type DotsFigure, dotsFigure, groupedBy, markdownTable } from "pudnet/files";
import { REPRODUCE } from "../../command.ts";
import type { StudyPage } from "../study.ts";

export const ID = "figure-1";
export const TITLE = "Figure 1: correlation between data and trained weights";

/** sets.csv: a row a data set and kind of first weights; cells as text. */
export const SET_COLUMNS = {
  dataset: "text",
  init: ["shared", "own"],
  samples: "digits",
  wanted: "digits",
  images: "digits or empty",
  ways: "digits",
  side: "digits",
  width: "digits",
  epochs: "digits",
  batch: "digits",
  seed: "digits",
  loss: "digits or empty",
  note: "text",
  recipe: "text",
} as const;
export type SetRow = Readonly<Record<keyof typeof SET_COLUMNS, string>>;

/** correlations.csv: a row a set, layer and statistic (`first`: the first canonical pair; `topFive`: mean of the first five). */
export const CORRELATION_COLUMNS = {
  dataset: "text",
  init: ["shared", "own"],
  layer: "text",
  statistic: ["first", "topFive"],
  heldOut: "digits",
  heldOutShuffled: "digits",
  p: "digits",
  inSample: "digits",
  inSampleShuffled: "digits",
  trainRows: "digits",
  heldOutRows: "digits",
  dimsX: "digits",
  dimsY: "digits",
  recipe: "text",
} as const;
export type CorrelationRow = Readonly<Record<keyof typeof CORRELATION_COLUMNS, string>>;

export interface Figure1Rows {
  readonly sets: readonly SetRow[];
  readonly correlations: readonly CorrelationRow[];
}

const STARTS: Readonly<Record<string, string>> = { shared: "the same in all runs", own: "each run's own" };
const SHARED_IMAGES =
  "Held-out runs are held out as runs: nothing is fitted to them. They are no new data: their images are drawn from the " +
  "same data set, so that they share classes and many images with the runs that were fitted to (of Fashion-MNIST's ten " +
  "classes five can be drawn in 252 ways only).";

/** README.md and figure.svg. */
export function figure1Page(rows: Figure1Rows, budget: string): StudyPage {
  const command = `${REPRODUCE} ${ID} --budget ${budget}`;
  const { sets, correlations } = rows;
  const missing = missingLines(sets, command);
  const hasAny = correlations.length > 0;
  const readme = blocks(
    `# ${TITLE}`,
    ...(hasAny
      ? [verdict(rows), `![${TITLE}](figure.svg)`, "## All numbers", correlationTable(correlations)]
      : ["Nothing is measured yet."]),
    missing.length > 0 ? blocks("## Not run", bulletList(missing)) : "",
    hasAny ? blocks("## Notes", SHARED_IMAGES, READING, protocol(rows)) : "",
    `\`${command}\` makes this page. [Correlations](correlations.csv) and [what they are made of](sets.csv) as CSV.`,
  );
  const headline = hasAny
    ? blocks(`![${TITLE}](${ID}/figure.svg)`, verdict(rows), SHARED_IMAGES)
    : "Nothing is measured yet.";
  const figure = hasAny ? { "figure.svg": figureOf(correlations) } : {};
  return {
    headline,
    files: { "README.md": `${readme}\n`, ...figure },
    values: Object.fromEntries(
      ofAllWeights(rows).map(({ dataset, init, heldOut }) => [`${dataset}/${init}`, { value: Number(heldOut) }]),
    ),
  };
}

/** The first canonical pair of data and all weights, a row a data set and kind of first weights. */
function ofAllWeights({ correlations }: Figure1Rows): CorrelationRow[] {
  return correlations.filter(({ layer, statistic }) => layer === "all layers" && statistic === "first");
}

const READING =
  "Correlations of canonical pairs that were fitted to the training runs; in brackets the mean of the same fit to shuffled " +
  "pairs of data and weights. *p* is the share of shuffles whose held-out correlation is at least as large, the true pairs " +
  "counting as one. In-sample correlations are high for shuffled pairs too: they say nothing.";

function protocol({ sets, correlations }: Figure1Rows): string {
  const { ways, width, epochs, batch, seed } = sets[0]!;
  const { trainRows, heldOutRows, dimsX, dimsY } = correlations[0]!;
  const done = sets.filter(isMeasured);
  const lines = done.map(
    ({ dataset, init, samples, images, side, loss }) =>
      `${dataset}, first weights ${STARTS[init]}: ${samples} runs on ${images} images of ${side} px, loss at the end ${loss}`,
  );
  return blocks(
    `A run draws ${ways} random classes and images of them, and trains a ConvNet-3 with ${width} channels on them from scratch ` +
      `for ${epochs} ${epochs === "1" ? "epoch" : "epochs"} (Adam 1e-3, ${batch} images a step, seed ${seed}). X is the mean picture pooled to 8 x 8 pixels, Y the trained ` +
      `kernels. Both are reduced to principal components (at most ${dimsX} and ${dimsY}) and paired by ridge canonical ` +
      `correlation on ${trainRows} runs, then judged on ${heldOutRows} others. Where all runs start from the same weights, a ` +
      "hidden unit means the same in each; where each run starts from its own, units come in any order (the control).",
    bulletList(lines),
  );
}

const isMeasured = ({ samples, wanted }: SetRow): boolean => samples === wanted;

function missingLines(sets: readonly SetRow[], command: string): string[] {
  return sets
    .filter((set) => !isMeasured(set))
    .map(({ dataset, init, samples, wanted, note }) => {
      const why = note === "" ? `${samples} of ${wanted} runs are made` : note;
      return `${dataset}, first weights ${STARTS[init]}: ${why}. \`${command}\` goes on.`;
    });
}

const two = (value: string): string => Number(value).toFixed(2);
const three = (value: string): string => Number(value).toFixed(3);

function verdict(rows: Figure1Rows): string {
  const lines = ofAllWeights(rows).map(
    ({ dataset, init, heldOut, heldOutShuffled, p }) =>
      `${dataset}, first weights ${STARTS[init]}: ${two(heldOut)} (shuffled pairs ${two(heldOutShuffled)}, p = ${three(p)})`,
  );
  return blocks(
    "Correlation of the first canonical pair of data and all weights, on held-out runs:",
    bulletList(lines),
  );
}

function correlationTable(rows: readonly CorrelationRow[]): string {
  const right = (name: string) => ({ name, align: "right" as const });
  const ofStatistic = (name: string) => [right(`${name}, held out`), right("p"), right(`${name}, in sample`)];
  const cells = (row: CorrelationRow | undefined) =>
    row
      ? [
          `**${two(row.heldOut)}** (${two(row.heldOutShuffled)})`,
          three(row.p),
          `${two(row.inSample)} (${two(row.inSampleShuffled)})`,
        ]
      : ["", "", ""];
  const lines = groupedBy(rows, ({ dataset, init, layer }) => [dataset, init, layer].join("/"));
  return markdownTable(
    [
      { name: "data set" },
      { name: "first weights" },
      { name: "layer" },
      ...ofStatistic("first pair"),
      ...ofStatistic("mean of five"),
    ],
    Array.from(lines.values(), (members) => {
      const { dataset, init, layer } = members[0]!;
      const of = (statistic: string) => cells(members.find((row) => row.statistic === statistic));
      return [dataset, STARTS[init] ?? init, layer, ...of("first"), ...of("topFive")];
    }),
  );
}

const STATISTICS = { first: "first canonical pair", topFive: "mean of the first five" } as const;

function figureOf(correlations: readonly CorrelationRow[]): string {
  const sets = groupedBy(correlations, ({ dataset, init }) => `${dataset}, first weights ${STARTS[init]}`);
  const groups: DotsFigure["groups"] = Array.from(sets, ([name, ofSet]) => ({
    name,
    rows: Array.from(
      groupedBy(ofSet, ({ layer }) => layer),
      ([layer, members]) => ({
        name: layer,
        values: Object.fromEntries(
          members.map(({ statistic, heldOut, heldOutShuffled, inSample }) => [
            STATISTICS[statistic as keyof typeof STATISTICS],
            {
              "held out": Number(heldOut),
              shuffled: Number(heldOutShuffled),
              "in sample": Number(inSample),
            },
          ]),
        ),
      }),
    ),
  }));
  return dotsFigure({
    title: TITLE,
    label: "correlation",
    columns: Object.values(STATISTICS),
    series: ["held out", "shuffled", "in sample"],
    groups,
  });
}
