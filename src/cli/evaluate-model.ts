// pudnet evaluate --model: accuracy over many groups of unseen classes, beside baselines, with confidence intervals.

import { positionsByClass } from "../data/dataset.ts";
import { CLASS_SPLITS, usualGroup } from "../data/splits.ts";
import { UserError } from "../errors.ts";
import {
  type EvaluatedGroup,
  type EvaluationRequest,
  runEvaluation,
  summariseGroups,
} from "../node/runs/evaluation-run.ts";
import { contentsHash } from "../node/records/materials.ts";
import { loadClassSplit, loadDataset } from "../node/datasets/load-dataset.ts";
import type { LoadedDataset } from "../node/datasets/image-folder.ts";
import { fileHash } from "../node/files/file-hash.ts";
import { loadPudNet } from "../node/checkpoints/pudnet.ts";
import { formatDuration, formatTimeLeft } from "../report/progress-table.ts";
import type { Device } from "../tensor/runtime.ts";
import { type Estimate, formatPercent, median } from "../statistics.ts";
import type { EvaluateModelJson } from "./json.ts";
import { required } from "./options.ts";
import { isTerminal, live, print, printError, printJson } from "./output.ts";
import { decodingProgress } from "./progress.ts";
import { aboutData } from "./skipped.ts";

/** What the options of `pudnet evaluate` say about groups. */
export interface EvaluateModelOptions {
  readonly model?: string | undefined;
  readonly data?: string | undefined;
  readonly root: string;
  readonly split?: string | undefined;
  readonly groups: number;
  readonly ways?: number | undefined;
  readonly shots: number;
  readonly generation?: number | undefined;
  readonly test?: number | undefined;
  readonly baselineGroups: number;
  readonly seed: number;
  readonly out?: string | undefined;
  readonly json?: boolean | undefined;
  readonly device: Device;
  readonly threads?: number | undefined;
}

export async function evaluateModel(options: EvaluateModelOptions): Promise<void> {
  const request = await requestOf(options);
  const printProgress = progressPrinter(request.shape.groups);
  const groups: EvaluatedGroup[] = [];
  for await (const { result, isNew } of runEvaluation(request)) {
    groups.push(result);
    printProgress(groups, isNew);
  }
  live();
  if (options.json) printJson(report(request, groups));
  else print(...table(request, groups));
}

interface Request extends EvaluationRequest {
  readonly about: Readonly<Record<"model" | "data" | "split" | "contents", string>>;
  /** Of the pictures. */
  readonly left: Pick<LoadedDataset, "skipped" | "notes">;
}

async function requestOf(options: EvaluateModelOptions): Promise<Request> {
  const { root, groups, shots, seed, baselineGroups, out } = options;
  const file = required(options.model, "--model <checkpoint>", "evaluate");
  const name = required(options.data, "--data <dataset>", "evaluate");
  const split = options.split ?? splitOf(name);
  const model = await loadPudNet(file);
  const loaded = await loadDataset(name, { root, side: model.arch.side, onProgress: decodingProgress() });
  printError(...aboutData(loaded));
  const { dataset, skipped, notes } = loaded;
  const classes = await loadClassSplit(split, dataset.classes);
  const usual = usualGroup(split);
  const shape = {
    groups,
    shots,
    ways: options.ways ?? usual.ways,
    generation: options.generation ?? usual.generation,
    test: options.test ?? usual.test,
  };
  if (shots > shape.generation) {
    throw new UserError(`--shots ${shots} is more than the ${shape.generation} generation images a class`, {
      hint: "the shots are taken from the generation images",
      exitCode: 2,
    });
  }
  return {
    model,
    data: { dataset, pool: { positions: positionsByClass(dataset), classes: classes.test }, part: dataset.part },
    shape,
    seed,
    baselineGroups,
    about: {
      model: (await fileHash(file)).slice(0, 16),
      data: name,
      split,
      contents: contentsHash(dataset, split, classes),
    },
    left: { skipped, notes },
    ...(out === undefined ? {} : { out }),
    device: options.device,
    threads: options.threads,
  };
}

function splitOf(dataset: string): string {
  const own = Object.entries(CLASS_SPLITS).find(([, { source }]) => source === dataset);
  if (own) return own[0];
  throw new UserError(`--split is missing: "${dataset}" has no class split of its own`, {
    hint: 'give a JSON file with a list of class names: {"test": ["cat", "dog", ...]}',
    exitCode: 2,
  });
}

/** A live line on a terminal; elsewhere a line every minute. */
function progressPrinter(total: number): (groups: readonly EvaluatedGroup[], isNew: boolean) => void {
  let start: { readonly at: number; readonly done: number } | undefined;
  let printedAt = performance.now();
  return (groups, isNew) => {
    const now = performance.now();
    if (!isNew) return;
    if (!start) start = { at: now, done: groups.length };
    const left = formatTimeLeft(groups.length - start.done, total - start.done, (now - start.at) / 1000);
    const best = Object.entries(summariseGroups(groups)).find(([name]) => name.startsWith("generation/"));
    const figure = best ? `, ${formatPercent(best[1])} % (${best[0].split("/")[1]})` : "";
    const line = `group ${groups.length}/${total}, ${left} left${figure}`;
    if (isTerminal()) live(line);
    else if (now - printedAt > 60_000) {
      printError(line);
      printedAt = now;
    }
  };
}

/** How the methods are called in the table. */
const METHODS = {
  running: "PudNet, running statistics",
  generation: "PudNet, fitted batch norm",
  "random network": "random network, fitted batch norm",
  "raw pixels": "raw pixels",
} as const;

function table(request: Request, groups: readonly EvaluatedGroup[]): string[] {
  const { shape, about, seed, out, baselineGroups } = request;
  const figures = summariseGroups(groups);
  const heads = [...new Set(Object.keys(figures).map((name) => name.split("/")[1]!))];
  const width = Math.max(...Object.values(METHODS).map(({ length }) => length));
  const cell = (estimate: Estimate | undefined): string => (estimate ? formatPercent(estimate) : "").padStart(18);
  const rows = Object.entries(METHODS).flatMap(([method, title]) => {
    const cells = heads.map((head) => figures[`${method}/${head}`]);
    const n = cells[0]?.n;
    return n === undefined ? [] : [`${title.padEnd(width)}${cells.map(cell).join("")}${String(n).padStart(8)}`];
  });
  const seconds = median(groups.map((group) => group.seconds));
  return [
    `accuracy in % ± 95 % interval over ${groups.length} groups of ${shape.ways} classes (${about.data}, test classes of ` +
      `${about.split}; ${shape.generation} generation and ${shape.test} test images a class, seed ${seed})`,
    `${"".padEnd(width)}${heads.map((head) => head.padStart(18)).join("")}${"groups".padStart(8)}`,
    ...rows,
    ...(baselineGroups < groups.length && baselineGroups > 0
      ? [`the baselines were evaluated on the first ${baselineGroups} groups only`]
      : []),
    `prediction of all weights: ${formatDuration(seconds)} a group (median)`,
    ...(out === undefined ? [] : [`rows: ${out}`]),
  ];
}

function report(
  { shape, about, left, seed, baselineGroups }: Request,
  groups: readonly EvaluatedGroup[],
): EvaluateModelJson {
  const format = { format: "pudnet-evaluate-model", version: 1 } as const;
  return { ...format, ...about, ...shape, seed, baselineGroups, accuracy: summariseGroups(groups), ...left };
}
