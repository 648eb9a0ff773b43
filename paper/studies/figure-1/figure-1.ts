// Figure 1: canonical correlation between data sets and the weights trained on them. Samples are made or loaded
// (figure-1-samples.ts), correlated here, and shown by figure-1-page.ts.

import { existsSync } from "node:fs";
import {
  BusyError,
  type CellKind,
  csvText,
  makeFolder,
  parseTable,
  readText,
  type TableRow,
  writeFileAtomic,
} from "pudnet/files";
import type { Budget } from "../../recipes/budgets.ts";
import { canonicalCorrelation, type CcaOptions, type Rows } from "./canonical-correlation.ts";
import { allLayers } from "./weight-samples.ts";
import { CORRELATION_COLUMNS, type CorrelationRow, figure1Page, ID, SET_COLUMNS, type SetRow, TITLE } from "./page.ts";
import { completeSamples, knownSamples, type SampleRow, type SampleSet, sampleSets, samplesName } from "./samples.ts";
import { MissingDataset } from "../present-dataset.ts";
import type { Study } from "../study.ts";
import type { Store } from "../../store/store.ts";
import { REPRODUCE } from "../../command.ts";

const WAIT_SECONDS = 1;

export const figure1: Study = {
  title: TITLE,
  async run(store, budget) {
    const missing = new Map<string, string>();
    for (const { recipe } of sampleSets(budget)) {
      try {
        await completeSamples(store, recipe, budget.figure1.samples);
      } catch (error) {
        if (error instanceof MissingDataset) missing.set(samplesName(recipe), error.message);
        else if (!(error instanceof BusyError)) throw error;
        store.options.print(`${samplesName(recipe)}: ${error.message}`);
      }
    }
    // Of several processes the last to come here finds all samples.
    await whenFree(store, () => writeCorrelations(store, budget, missing));
  },
  async page(store, budget) {
    const [sets, correlations] = [store.path(ID, "sets.csv"), store.path(ID, "correlations.csv")];
    if (!existsSync(sets) || !existsSync(correlations)) return undefined;
    // what is on disk may be another budget's
    const names = sampleSets(budget).map((set) => samplesName(set.recipe));
    const isOurs = ({ recipe }: SetRow | CorrelationRow): boolean => names.includes(recipe);
    const rows = {
      sets: (await readRows(sets, SET_COLUMNS)).filter(isOurs),
      correlations: (await readRows(correlations, CORRELATION_COLUMNS)).filter(
        (row) => isOurs(row) && row.trainRows === String(budget.figure1.trainRows),
      ),
    };
    return rows.sets.length === 0 ? undefined : figure1Page(rows, budget.name);
  },
};

async function whenFree(store: Store, work: () => Promise<void>): Promise<void> {
  for (;;) {
    try {
      return await store.claim(ID, work);
    } catch (error) {
      if (!(error instanceof BusyError)) throw error;
      store.options.signal?.throwIfAborted();
      await new Promise((resolve) => setTimeout(resolve, 1000 * WAIT_SECONDS));
    }
  }
}

async function writeCorrelations(store: Store, budget: Budget, missing: ReadonlyMap<string, string>): Promise<void> {
  const { samples, trainRows } = budget.figure1;
  const sets: SetRow[] = [];
  const correlations: CorrelationRow[] = [];
  for (const set of sampleSets(budget)) {
    const rows = (await knownSamples(store, set.recipe)).slice(0, samples);
    sets.push(describe(set, rows, { samples, note: missing.get(samplesName(set.recipe)) ?? "" }));
    if (rows.length === samples) correlations.push(...correlate(set, rows, { trainRows }));
  }
  await makeFolder(store.path(ID));
  await writeRows(store.path(ID, "sets.csv"), keysOf(SET_COLUMNS), sets);
  await writeRows(store.path(ID, "correlations.csv"), keysOf(CORRELATION_COLUMNS), correlations);
}

function describe(
  { title, recipe }: SampleSet,
  rows: readonly SampleRow[],
  { samples, note }: { readonly samples: number; readonly note: string },
): SetRow {
  const mean = (of: (row: SampleRow) => number, digits: number): string =>
    rows.length === 0 ? "" : (rows.reduce((total, row) => total + of(row), 0) / rows.length).toFixed(digits);
  const text = ({ seed, side, epochs, batch, width, ways }: typeof recipe) =>
    Object.fromEntries(Object.entries({ seed, side, epochs, batch, width, ways }).map(([k, v]) => [k, String(v)]));
  return {
    dataset: title,
    init: recipe.init,
    samples: String(rows.length),
    wanted: String(samples),
    images: mean(({ images }) => images, 0),
    loss: mean(({ loss }) => loss, 3),
    ...text(recipe),
    note,
    recipe: samplesName(recipe),
  } as SetRow;
}

/** Rows of every layer, and of all together. */
function correlate({ title, recipe }: SampleSet, rows: readonly SampleRow[], options: CcaOptions): CorrelationRow[] {
  const x = rows.map((row) => row.x);
  const layers: [name: string, y: Rows][] = Object.keys(rows[0]!.y).map((layer) => [
    layer,
    rows.map(({ y }) => y[layer]!),
  ]);
  layers.push(["all layers", rows.map(allLayers)]);
  return layers.flatMap(([layer, y]) => {
    const found = canonicalCorrelation(x, y, options);
    return (["first", "topFive"] as const).map((statistic) => ({
      dataset: title,
      init: recipe.init,
      layer,
      statistic,
      heldOut: found.heldOut[statistic].toFixed(4),
      heldOutShuffled: found.shuffled.heldOut[statistic].toFixed(4),
      p: found.pValue[statistic].toFixed(4),
      inSample: found.inSample[statistic].toFixed(4),
      inSampleShuffled: found.shuffled.inSample[statistic].toFixed(4),
      trainRows: String(found.rows.train),
      heldOutRows: String(found.rows.heldOut),
      dimsX: String(found.dims[0]),
      dimsY: String(found.dims[1]),
      recipe: samplesName(recipe),
    }));
  });
}

async function writeRows<T extends object>(file: string, columns: readonly (keyof T)[], rows: readonly T[]) {
  const cells = rows.map((row) => columns.map((column) => String(row[column])));
  await writeFileAtomic(file, csvText([columns.map(String), ...cells]));
}

async function readRows<C extends Readonly<Record<string, CellKind>>>(
  file: string,
  columns: C,
): Promise<TableRow<C>[]> {
  const hint = `delete the file, and \`${REPRODUCE} ${ID}\` makes it anew`;
  return parseTable(await readText(file), file, columns, hint);
}

const keysOf = <T extends object>(record: T) => Object.keys(record) as (keyof T)[];
