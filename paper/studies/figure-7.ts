// Figure 7: how the losses fall during meta-training. The curves come from the run folders of Table VI's variants; they are
// kept here as a CSV, since run folders are not published.

import { existsSync } from "node:fs";
import { join } from "node:path";
import { FormatError } from "pudnet/engine";
import {
  blocks,
  BusyError,
  csvText,
  curvesFigure,
  isNumber,
  makeFolder,
  parseCsv,
  parseTable,
  readText,
  writeFileAtomic,
} from "pudnet/files";
import { table6 } from "../tables/ablations.ts";
import type { Budget } from "../recipes/budgets.ts";
import { sourceTitle } from "../recipes/words.ts";
import type { Cell } from "../tables/cell.ts";
import type { TrainedRecipe } from "../recipes/recipe.ts";
import { networkFolder, networkName, trainedNetwork } from "../store/networks.ts";
import type { Study } from "./study.ts";
import type { Store } from "../store/store.ts";
import { REPRODUCE } from "../command.ts";

const ID = "figure-7";
const TITLE = "Figure 7: losses during meta-training";
const COLUMNS = { source: "text", network: "text", step: "digits", metric: "digits", total: "digits" } as const;

/** PudNet with ConvNet-3 as Table VI trains it, on each set of its own. */
function trainings(budget: Budget): Cell[] {
  return table6(budget).cells.filter(
    ({ id, evaluation }) => id.startsWith("convnet-3/") && id.endsWith("-set/pudnet") && evaluation.kind === "pudnet",
  );
}

export const figure7: Study = {
  title: TITLE,
  async run(store, budget) {
    for (const { evaluation } of trainings(budget)) {
      if (evaluation.kind !== "pudnet" || !store.hasData(evaluation)) continue;
      const { network } = evaluation;
      if (network.method === "file") continue;
      const name = networkName(network);
      const isLast = ([, of, step]: readonly string[]): boolean => of === name && Number(step) === network.config.steps;
      if ((await knownRows(store)).some(isLast)) continue;
      try {
        await trainedNetwork(store, network);
        await store.claim(ID, () => keepCurve(store, sourceTitle(evaluation), network));
      } catch (error) {
        if (!(error instanceof BusyError)) throw error;
        store.options.print(`${ID}: ${error.message}`);
      }
    }
  },
  async page(store, budget) {
    const shown = trainings(budget).map(({ evaluation: e }) => ("network" in e ? networkName(e.network) : ""));
    const rows = (await knownRows(store)).filter(([, network]) => shown.includes(network!));
    if (rows.length === 0) return undefined;
    const sources = [...new Set(rows.map(([source]) => source!))];
    const series = (panel: string, column: number) =>
      sources.map((name) => ({
        name,
        panel,
        points: rows
          .filter(([source]) => source === name)
          .map((row) => ({ x: Number(row[2]), y: Number(row[column]) })),
      }));
    const figure = curvesFigure({
      title: TITLE,
      xLabel: "training groups",
      series: [...series("metric loss (eq. 8)", 3), ...series("total loss (eq. 11)", 4)],
    });
    const headline = blocks(
      `![${TITLE}](${ID}/figure.svg)`,
      "Means over windows of 50 or 100 groups, faint, and their moving average. The learning rate falls to zero over " +
        "each run.",
    );
    const readme = blocks(
      `# ${TITLE}`,
      `![${TITLE}](figure.svg)`,
      `ConvNet-3, one training a set, seed 0. \`${REPRODUCE} ${ID} --budget ${budget.name}\` makes this page; the curves as [CSV](curves.csv).`,
    );
    return { headline, files: { "README.md": `${readme}\n`, "figure.svg": figure } };
  },
};

/** Puts the curve of a trained network among those on disk. */
async function keepCurve(store: Store, source: string, network: TrainedRecipe): Promise<void> {
  const name = networkName(network);
  const others = (await knownRows(store)).filter(([, of]) => of !== name);
  const curve = await lossCurve(join(networkFolder(store, network), "metrics.csv"));
  const rows = [...others, ...curve.map((point) => [source, name, ...point])];
  await makeFolder(store.path(ID));
  await writeFileAtomic(csvPath(store), csvText([Object.keys(COLUMNS), ...rows]));
}

/** [step, metric loss, total loss] of each window of a training. */
async function lossCurve(file: string): Promise<string[][]> {
  const [header = [], ...rows] = parseCsv(await readText(file), file);
  const columns = ["step", "metric", "loss"].map((name) => {
    if (!header.includes(name)) throw new FormatError(file, `no column "${name}"`, { hint: "delete the run's folder" });
    return header.indexOf(name);
  });
  return rows.map((row, i) =>
    columns.map((column) => {
      const cell = row[column] ?? "";
      if (isNumber(cell)) return cell;
      throw new FormatError(file, `row ${i + 1}: "${header[column]}" is "${cell}", expected a number`, {
        hint: "delete the run's folder",
      });
    }),
  );
}

/** The rows on disk, of whatever budget. */
async function knownRows(store: Store): Promise<string[][]> {
  const file = csvPath(store);
  if (!existsSync(file)) return [];
  const hint = `delete the file, and \`${REPRODUCE} ${ID}\` makes it anew`;
  return parseTable(await readText(file), file, COLUMNS, hint).map((row) => Object.values(row));
}

function csvPath(store: Store): string {
  return store.path(ID, "curves.csv");
}
