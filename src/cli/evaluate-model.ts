// pudnet evaluate --model: accuracy over many groups of unseen classes, beside baselines, with confidence intervals.

import type { LoadedDataset } from "../node/datasets/image-folder.ts";
import { evaluate, type ModelEvaluation } from "../node/records/evaluate.ts";
import { formatDuration, formatTimeLeft } from "../report/progress-table.ts";
import { type Estimate, formatPercent } from "../statistics.ts";
import type { Device } from "../tensor/runtime.ts";
import type { StrengthChoice } from "../train/change-strengths.ts";
import type { EvaluateModelJson } from "./json.ts";
import { modelFile } from "../node/checkpoints/shipped.ts";
import { required } from "./options.ts";
import { isTerminal, live, print, printError, printJson } from "./output.ts";
import { decodingProgress } from "./progress.ts";
import { aboutData } from "./skipped.ts";
import { untilStopped } from "./until-stopped.ts";

/** What the options of `pudnet evaluate` say about groups. */
export interface EvaluateModelOptions {
  readonly model?: string | undefined;
  readonly data?: string | undefined;
  readonly root?: string | undefined;
  readonly split?: string | undefined;
  readonly groups?: number | undefined;
  readonly ways?: number | undefined;
  readonly shots: number;
  readonly generation?: number | undefined;
  readonly test?: number | undefined;
  readonly strength?: StrengthChoice | undefined;
  readonly baselineGroups: number;
  readonly seed: number;
  readonly out?: string | undefined;
  readonly json?: boolean | undefined;
  readonly device: Device;
  readonly threads?: number | undefined;
}

export async function evaluateModel(options: EvaluateModelOptions): Promise<void> {
  const { out, json } = options;
  const model = required(options.model, "--model <checkpoint>", "evaluate");
  const data = required(options.data, "--data <dataset>", "evaluate");
  let left: Pick<LoadedDataset, "skipped" | "notes"> = { skipped: [], notes: [] };
  const onData = (loaded: LoadedDataset): void => {
    left = { skipped: loaded.skipped, notes: loaded.notes };
    printError(...aboutData(loaded));
  };
  await untilStopped(out, async (signal) => {
    const evaluation = await evaluate({
      ...options,
      model: modelFile(model),
      data,
      signal,
      onProgress: decodingProgress(),
      onData,
      onGroup: progressPrinter(),
    });
    live();
    if (json) printJson(report(evaluation, left, options.strength));
    else print(...table(evaluation, options));
  });
}

/** A live line on a terminal; elsewhere a line every minute. */
function progressPrinter(): (soFar: ModelEvaluation) => void {
  let start: { readonly at: number; readonly done: number } | undefined;
  let printedAt = performance.now();
  return ({ done, protocol: { groups: total }, accuracy }) => {
    const now = performance.now();
    start ??= { at: now, done };
    const left = formatTimeLeft(done - start.done, total - start.done, (now - start.at) / 1000);
    const best = Object.entries(accuracy).find(([name]) => name.startsWith("generation/"));
    const figure = best ? `, ${formatPercent(best[1])} % (${best[0].split("/")[1]})` : "";
    const line = `group ${done}/${total}, ${left} left${figure}`;
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

const WIDTH = 20;

function table(evaluation: ModelEvaluation, { out, strength }: EvaluateModelOptions): string[] {
  const { protocol, split, accuracy, baselineGroups, done, seconds } = evaluation;
  const { dataset, ways, generation, test, seed } = protocol;
  const heads = [...new Set(Object.keys(accuracy).map((name) => name.split("/")[1]!))];
  const width = Math.max(...Object.values(METHODS).map(({ length }) => length));
  const cell = (estimate: Estimate | undefined): string => (estimate ? formatPercent(estimate) : "").padStart(WIDTH);
  const rows = Object.entries(METHODS).flatMap(([method, title]) => {
    const cells = heads.map((head) => accuracy[`${method}/${head}`]);
    const n = cells[0]?.n;
    return n === undefined ? [] : [`${title.padEnd(width)}${cells.map(cell).join("")}${String(n).padStart(8)}`];
  });
  return [
    `accuracy in % ± 95 % interval over ${done} groups of ${ways} classes (${dataset}, test classes of ` +
      `${split}; ${generation} generation and ${test} test images a class, seed ${seed})`,
    `${"".padEnd(width)}${heads.map((head) => head.padStart(WIDTH)).join("")}${"groups".padStart(8)}`,
    ...rows,
    ...(baselineGroups < done && baselineGroups > 0
      ? [`the baselines were evaluated on the first ${baselineGroups} groups only`]
      : []),
    ...(strength === undefined ? [] : [`strength of the predicted change: ${strength}`]),
    `prediction of all weights: ${formatDuration(seconds)} a group (median)`,
    ...(out === undefined ? [] : [`records: ${out}`]),
  ];
}

function report(
  { model, contents, split, protocol, baselineGroups, accuracy }: ModelEvaluation,
  left: Pick<LoadedDataset, "skipped" | "notes">,
  strength?: StrengthChoice,
): EvaluateModelJson {
  const { dataset: data, groups, ways, shots, generation, test, seed } = protocol;
  return {
    format: "pudnet-evaluate-model",
    version: 1,
    model,
    data,
    split,
    contents,
    groups,
    ways,
    shots,
    generation,
    test,
    ...(strength === undefined ? {} : { strength }),
    seed,
    baselineGroups,
    accuracy,
    ...left,
  };
}
