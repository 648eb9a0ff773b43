// How much faster a prediction is than training from scratch: both on the same images, machine and threads, in turns. Every
// measurement is kept in speed/seconds.csv, those of other machines and numbers of threads too; each has blocks of its own.

import { existsSync } from "node:fs";
import { availableParallelism } from "node:os";
import { FormatError } from "pudnet/engine";
import type { TargetRecipe } from "pudnet/evaluation";
import {
  BusyError,
  csvText,
  groupedBy,
  identityHash,
  makeFolder,
  parseTable,
  provenance,
  readText,
  writeFileAtomic,
} from "pudnet/files";
import type { Budget, BudgetName } from "../../recipes/budgets.ts";
import { withinProtocol } from "../../recipes/datasets.ts";
import { targetOf } from "../../recipes/networks.ts";
import { MissingDataset, presentDataset } from "../present-dataset.ts";
import { type BlockPlan, CLASSIFICATION, CLOSED_FORM, COMPILATION, EPOCH, measureBlock, PREDICTION } from "./blocks.ts";
import { ID, type SpeedRow, speedPage, TITLE } from "./page.ts";
import type { Study } from "../study.ts";
import type { Store } from "../../store/store.ts";

/** All that is measured in a block. */
const MEASURED = [COMPILATION.prediction, PREDICTION, CLASSIFICATION, CLOSED_FORM, COMPILATION.training, EPOCH];
const COLUMNS = {
  arch: "text",
  width: "number",
  block: "number",
  what: MEASURED,
  seconds: "number",
  load: "number",
  threads: "number",
  machine: "text",
  recipe: "text",
} as const;
const HEADER = Object.keys(COLUMNS) as (keyof typeof COLUMNS)[];

/** What is measured of a target network, and in how many blocks. */
export interface SpeedPlan extends BlockPlan {
  readonly targets: readonly { readonly target: TargetRecipe; readonly blocks: number }[];
}

/** Epochs that are measured, and blocks of ConvNet-3 and of ResNet-18. */
const EFFORT: Readonly<Record<BudgetName, { readonly epochs: number; readonly blocks: readonly [number, number] }>> = {
  quick: { epochs: 1, blocks: [1, 1] },
  cpu: { epochs: 30, blocks: [3, 2] },
  full: { epochs: 30, blocks: [3, 3] },
};
const REPEATS = 7;

function planOf(budget: Budget): SpeedPlan {
  const { epochs, blocks } = EFFORT[budget.name];
  return {
    protocol: withinProtocol("cifar-100-set", 1),
    epochs,
    repeats: REPEATS,
    targets: [
      { target: targetOf({ arch: "convnet-3", budget }), blocks: blocks[0] },
      { target: targetOf({ arch: "resnet-18", budget }), blocks: blocks[1] },
    ],
  };
}

export const speed: Study = {
  title: TITLE,
  async run(store, budget) {
    const plan = planOf(budget);
    try {
      await presentDataset(store, plan.protocol.dataset, plan.protocol.side);
      await store.claim(ID, () => measureSpeed(store, plan));
    } catch (error) {
      if (!(error instanceof MissingDataset || error instanceof BusyError)) throw error;
      store.options.print(`${ID}: ${error.message}`);
    }
  },
  async page(store, budget) {
    const plan = planOf(budget);
    const recipes = plan.targets.map(({ target }) => blockRecipe(target, plan));
    const rows = (await readSpeed(store)).filter(({ recipe }) => recipes.includes(recipe));
    const isWhole = (one: Conditions): boolean =>
      plan.targets.every((of) => hasBlocks(rows.filter(underConditions(one)), of));
    // what was begun here is shown once it is whole: a few blocks are not set in place of many
    const shown = [await conditions(store), ...rows.toReversed()].find(isWhole) ?? rows.at(-1);
    return shown && speedPage(rows.filter(underConditions(shown)), budget.name);
  },
};

/** Measures the blocks that are missing, those of the target networks in turns. @throws the signal's reason when stopped */
export async function measureSpeed(store: Store, plan: SpeedPlan): Promise<void> {
  const here = await conditions(store);
  const isHere = underConditions(here);
  let rows = await readSpeed(store);
  const most = Math.max(...plan.targets.map(({ blocks }) => blocks));
  for (let block = 0; block < most; block++) {
    for (const { target, blocks } of plan.targets) {
      if (block >= blocks) continue;
      const { arch, width } = target;
      const isThis = (row: SpeedRow): boolean => isHere(row) && row.arch === arch && row.block === block;
      const recipe = blockRecipe(target, plan);
      if (rows.some((row) => isThis(row) && row.recipe === recipe)) continue;
      store.options.print(`${ID}: ${arch}, block ${block + 1} of ${blocks}`);
      const { load, measurements } = await measureBlock(store, target, plan);
      rows = rows.filter((row) => !isThis(row));
      for (const { what, seconds } of measurements)
        rows.push({ arch, width, block, what, seconds, load, ...here, recipe });
      await writeSpeed(store, rows);
    }
  }
}

function blockRecipe(target: TargetRecipe, { protocol, epochs, repeats }: SpeedPlan): string {
  return identityHash({
    kind: "speed",
    target,
    protocol,
    epochs,
    repeats,
    measured: [PREDICTION, CLASSIFICATION, CLOSED_FORM],
  });
}

const hasBlocks = (rows: readonly SpeedRow[], { target, blocks }: SpeedPlan["targets"][number]): boolean =>
  new Set(rows.flatMap(({ arch, block }) => (arch === target.arch ? [block] : []))).size >= blocks;

type Conditions = Pick<SpeedRow, "threads" | "machine">;

function underConditions({ machine, threads }: Conditions): (row: SpeedRow) => boolean {
  return (row) => row.machine === machine && row.threads === threads;
}

async function conditions(store: Store): Promise<Conditions> {
  const { cpu, cores } = (await provenance()).machine;
  const threads = store.options.threads ?? availableParallelism();
  return { threads, machine: `${cpu}, ${cores} cores` };
}

/** Every measurement on disk. */
export async function readSpeed(store: Store): Promise<SpeedRow[]> {
  const file = csvPath(store);
  if (!existsSync(file)) return [];
  const hint = "delete the file to measure anew, or the rows of the damaged block";
  const rows = parseTable(await readText(file), file, COLUMNS, hint);
  // a block is written as a whole
  const blocks = groupedBy(rows, ({ machine, threads, recipe, arch, block }) =>
    [machine, threads, recipe, arch, block].join("\n"),
  );
  for (const ofBlock of blocks.values()) {
    const missing = MEASURED.find((what) => !ofBlock.some((row) => row.what === what && row.seconds > 0));
    if (missing === undefined) continue;
    throw new FormatError(file, `block ${ofBlock[0]!.block} of ${ofBlock[0]!.arch} has no seconds of "${missing}"`, {
      hint,
    });
  }
  return rows;
}

async function writeSpeed(store: Store, rows: readonly SpeedRow[]): Promise<void> {
  await makeFolder(store.path(ID));
  const cells = rows.map((row) => ({ ...row, seconds: row.seconds.toPrecision(5), load: row.load.toFixed(2) }));
  await writeFileAtomic(csvPath(store), csvText([HEADER, ...cells.map((row) => HEADER.map((name) => row[name]))]));
}

function csvPath(store: Store): string {
  return store.path(ID, "seconds.csv");
}
