// pudnet evaluate --model --config: accuracy on the held-out classes of each domain of a training, and on further folders.

import type { LoadedDataset } from "../node/datasets/image-folder.ts";
import { evaluateDomains, type JudgedDomain } from "../node/records/evaluate-domains.ts";
import { readTrainConfig } from "../node/runs/train-config.ts";
import { printable } from "../names.ts";
import { formatPercent, meanOf } from "../statistics.ts";
import type { Device } from "../tensor/runtime.ts";
import type { StrengthChoice } from "../train/change-strengths.ts";
import type { SketchSource } from "../train/evaluation/sketch-sources.ts";
import { modelFile } from "../node/checkpoints/shipped.ts";
import { required } from "./options.ts";
import { print, printError } from "./output.ts";
import { decodingProgress } from "./progress.ts";
import { aboutData } from "./skipped.ts";
import { untilStopped } from "./until-stopped.ts";

/** What the options of `pudnet evaluate` say about domains. */
export interface EvaluateDomainsOptions {
  readonly model?: string | undefined;
  readonly config?: string | undefined;
  readonly root?: string | undefined;
  readonly also: readonly string[];
  readonly classes: "test" | "val";
  readonly sketch: SketchSource;
  readonly strength?: StrengthChoice | undefined;
  readonly groups?: number | undefined;
  readonly ways?: number | undefined;
  readonly generation?: number | undefined;
  readonly test?: number | undefined;
  readonly seed: number;
  readonly out?: string | undefined;
  readonly device: Device;
  readonly threads?: number | undefined;
}

const NAME_WIDTH = 30;
const WIDTH = 20;

export async function evaluateOnDomains(options: EvaluateDomainsOptions): Promise<void> {
  const { root, strength, groups = 100, ways = 5, generation = 10, test = 10, out, device, threads } = options;
  const file = required(options.config, "--config <file>", "evaluate");
  const model = modelFile(required(options.model, "--model <checkpoint>", "evaluate"));
  const { data } = await readTrainConfig(file, root === undefined ? [] : [`data.root=${JSON.stringify(root)}`]);
  await untilStopped(out, async (signal) => {
    const title =
      `accuracy in % ± 95 % interval over ${groups} groups of ${ways} classes a domain (${generation} labelled and ${test} test images a ` +
      `class, batch norm fitted to the labelled ones, seed ${options.seed}); sketch: ${options.sketch}${strength === undefined ? "" : `; strength: ${strength}`}`;
    const judged = await evaluateDomains({
      ...options,
      model,
      data,
      shape: { ways, generation, test, groups },
      device,
      threads,
      signal,
      onProgress: decodingProgress(),
      onData: (loaded: LoadedDataset) => printError(...aboutData(loaded)),
      onDomain: rowPrinter(title),
      onNote: printError,
    });
    print(...meanRows(judged), ...(out === undefined ? [] : [`records: ${out}`]));
  });
}

/** A row a domain when it is done, the first below title and head. */
function rowPrinter(title: string): (domain: JudgedDomain) => void {
  let hasHead = false;
  return (domain) => {
    const heads = Object.keys(domain.accuracy);
    if (!hasHead) print(title, `${"".padEnd(NAME_WIDTH)}${heads.map((head) => head.padStart(WIDTH)).join("")}`);
    hasHead = true;
    print(row(`${printable(domain.name)}${domain.isTrained ? "" : " (not trained on)"}`, domain.accuracy));
  };
}

function row(name: string, accuracy: JudgedDomain["accuracy"]): string {
  const cells = Object.values(accuracy).map((estimate) => formatPercent(estimate).padStart(WIDTH));
  return `${name.padEnd(NAME_WIDTH)}${cells.join("")}`;
}

/** Means over the domains of each kind, each counting alike; their intervals are over groups, for these domains. */
function meanRows(judged: readonly JudgedDomain[]): string[] {
  return [true, false].flatMap((isTrained) => {
    const of = judged.filter((domain) => domain.isTrained === isTrained);
    if (of.length < 2) return [];
    const heads = Object.keys(of[0]!.accuracy);
    const means = heads.map((head) => [head, meanOf(of.map(({ accuracy }) => accuracy[head]!))] as const);
    return [row(`mean of ${of.length}${isTrained ? "" : " not trained on"}`, Object.fromEntries(means))];
  });
}
