// pudnet train: meta-train a hypernetwork.

import { join } from "node:path";
import { Command } from "@commander-js/extra-typings";
import { UserError } from "../errors.ts";
import { shellWord } from "../names.ts";
import { type Column, formatDuration, type RowValues, tableHead, tableRow } from "../report/progress-table.ts";
import { type BaseRun, type BaseRunOptions, resumeBaseTraining, startBaseTraining } from "../node/runs/base-run.ts";
import {
  resumeTraining,
  startTraining,
  type TrainingEnd,
  type TrainingRun,
  type TrainingRunOptions,
} from "../node/runs/meta-training.ts";
import type { RunFolder } from "../node/runs/run-folder.ts";
import { isBaseRun, readTrainConfig } from "../node/runs/train-config.ts";
import type { BaseConfig, TrainConfig } from "../train/config-schema.ts";
import type { TrainingData } from "../train/training-data.ts";
import { type Judged, type TrainEvent, validatesAt } from "../train/loop.ts";
import { parallelismOf } from "../train/meta-training.ts";
import type { LoadedDataset } from "../node/datasets/image-folder.ts";
import { print, printError } from "./output.ts";
import { refuseIdle, wholeNumber } from "./options.ts";
import { decodingProgress } from "./progress.ts";
import { aboutData } from "./skipped.ts";
import { STOPPED, stopOnSignals } from "./signals.ts";

const COLUMNS: readonly Column[] = [
  { name: "step", kind: "count" },
  { name: "loss", kind: "loss" },
  { name: "metric", kind: "loss" },
  { name: "full", kind: "loss" },
  { name: "kl", kind: "loss" },
  { name: "accuracy", kind: "percent" },
  { name: "val. acc.", kind: "percent" },
  { name: "groups/s", kind: "rate" },
  { name: "left", kind: "duration" },
];

/** With a queue: what went over it since the row before, and the share of the time in which nobody computed because of it. */
const QUEUE_COLUMNS: readonly Column[] = [
  ...COLUMNS.slice(0, -1),
  { name: "exchanged", kind: "bytes" },
  { name: "exchange", kind: "percent" },
  ...COLUMNS.slice(-1),
];

/** Of a supervised training. */
const BASE_COLUMNS: readonly Column[] = [
  { name: "step", kind: "count" },
  { name: "loss", kind: "loss" },
  { name: "accuracy", kind: "percent" },
  { name: "val. acc.", kind: "percent" },
  { name: "images/s", kind: "rate" },
  { name: "left", kind: "duration" },
];

const MOST_WORKERS = 256;

export function trainCommand() {
  return new Command("train")
    .option("--config <file>", "YAML file; see configs/")
    .option(
      "--set <key=value>",
      "override a key of the config; repeat for more",
      (value, all: string[]) => [...all, value],
      [] as string[],
    )
    .option("--resume <run>", "go on with this run folder")
    .option("--runs <folder>", "where run folders are made", "runs")
    .option(
      "--workers <n>",
      "processes that share the groups of a step, where the config has groupsPerStep (default: a core each); changes no number",
      wholeNumber(1, MOST_WORKERS),
    )
    .option(
      "--queue <address>",
      "a Redis whose workers compute the groups of a step (docs/queue.md); changes no number",
    )
    .addHelpText(
      "after",
      "\nExamples:\n  pudnet train --config configs/fashion-convnet-3.yaml\n  pudnet train --config configs/fashion-convnet-3.yaml --set steps=500 --set seed=1\n  pudnet train --resume runs/fashion-convnet-3-1",
    )
    .action(async ({ config, set, resume, runs, workers, queue }, command) => {
      if ((config === undefined) === (resume === undefined)) {
        throw new UserError(`give either --config or --resume${config === undefined ? "" : ", not both"}`, {
          hint: "--config starts a run, --resume goes on with one; pudnet train --help shows examples",
          exitCode: 2,
        });
      }
      if (resume !== undefined) {
        const own = shellWord(join(resume, "config.yaml"));
        const hint = `a run keeps its config; to train with another: pudnet train --config ${own} --set KEY=VALUE`;
        refuseIdle(command, "--resume", ["set", "runs"], hint);
      }
      if (queue !== undefined) {
        refuseIdle(command, "--queue", ["workers"], "pudnet worker --jobs says how many a machine computes at once");
      }
      const stop = new AbortController();
      let isReading = true;
      const onData = (loaded: LoadedDataset): void => {
        isReading = false;
        printError(...aboutData(loaded));
      };
      const reading = { signal: stop.signal, onProgress: decodingProgress(), onData };
      const release = stopOnSignals(stop, () =>
        isReading ? "stopping before training" : "stopping after this line, with a checkpoint",
      );
      try {
        const asked = { runs, reading, sharing: { workers, queue } };
        const { path, isComplete } =
          resume === undefined
            ? await begin(await readTrainConfig(config!, set), asked)
            : await goOn(resume, await isBaseRun(resume), asked);
        print("", isComplete ? `done: ${path}` : `stopped; go on with: pudnet train --resume ${shellWord(path)}`);
        if (!isComplete) process.exitCode = STOPPED;
      } catch (error) {
        if (!stop.signal.aborted || error !== stop.signal.reason) throw error;
        print("", resume === undefined ? "stopped; no run was started" : `stopped; "${resume}" is as it was`);
        process.exitCode = STOPPED;
      } finally {
        release();
      }
    });
}

interface Asked {
  /** Where run folders are made. */
  readonly runs: string;
  readonly reading: Pick<BaseRunOptions, "signal" | "onProgress" | "onData">;
  readonly sharing: { readonly workers: number | undefined; readonly queue: string | undefined };
}

function begin(config: TrainConfig | BaseConfig, asked: Asked): Promise<TrainingEnd> {
  return "method" in config
    ? startBaseTraining(config, asked.runs, supervisedOptions(asked))
    : startTraining(config, asked.runs, hypernetworkOptions(asked));
}

function goOn(run: string, isSupervised: boolean, asked: Asked): Promise<TrainingEnd> {
  return isSupervised
    ? resumeBaseTraining(run, supervisedOptions(asked))
    : resumeTraining(run, hypernetworkOptions(asked));
}

function hypernetworkOptions({ reading, sharing: { workers, queue } }: Asked): TrainingRunOptions {
  const exchanged = exchangeReader();
  const cells = (event: StepEvent, run: TrainingRun): RowValues => ({
    ...event.means,
    "groups/s": event.stepsPerSecond * parallelismOf(run.config).groupsPerStep,
    ...exchanged(event, run),
  });
  return {
    ...reading,
    onEvent: eventPrinter(queue === undefined ? COLUMNS : QUEUE_COLUMNS, ({ setup }: TrainingRun) => setup.data, cells),
    onNote: printError,
    ...(workers === undefined ? {} : { workers }),
    ...(queue === undefined ? {} : { queue }),
  };
}

/** @throws UserError where groups are to be shared, of which there are none */
function supervisedOptions({ reading, sharing }: Asked): BaseRunOptions {
  const [idle] = Object.entries(sharing).find(([, value]) => value !== undefined) ?? [];
  if (idle !== undefined) {
    throw new UserError(`--${idle} says nothing of a supervised training, which has no groups to share`, {
      hint: `leave --${idle} out`,
      exitCode: 2,
    });
  }
  const cells = ({ means, stepsPerSecond }: StepEvent, { config }: BaseRun): RowValues => ({
    ...means,
    "images/s": stepsPerSecond * config.batch,
  });
  return { ...reading, onEvent: eventPrinter(BASE_COLUMNS, ({ data }: BaseRun) => data, cells) };
}

type StepEvent = Extract<TrainEvent, { readonly kind: "step" }>;

/** What is printed of a run of either kind. */
interface AnyRun {
  readonly folder: RunFolder;
  readonly config: Pick<TrainConfig | BaseConfig, "steps" | "validation">;
  readonly firstStep: number;
}

/** Prints a row per logged step; validation accuracy joins the row of its step. */
function eventPrinter<R extends AnyRun>(
  columns: readonly Column[],
  dataOf: (run: R) => TrainingData,
  cellsOf: (event: StepEvent, run: R) => RowValues,
): (event: TrainEvent, run: R) => void {
  let hasHead = false;
  let pending: RowValues | undefined;
  return (event, run) => {
    const { config, folder, firstStep } = run;
    if (!hasHead) {
      const from = firstStep > 0 ? `step ${firstStep}` : "the start: it has no checkpoint";
      print(
        `run folder: ${folder.path}`,
        ...(folder.isReopened ? [`goes on from ${from}`] : []),
        ...mixtureLines(dataOf(run)),
        ...tableHead(columns),
      );
    }
    hasHead = true;
    if (event.kind === "step") {
      const { step, stepsPerSecond } = event;
      const left = formatDuration((config.steps - step) / stepsPerSecond);
      const values = { step, ...cellsOf(event, run), left };
      if (validatesAt(config, step)) pending = values;
      else print(tableRow(columns, values));
    } else {
      print(tableRow(columns, { ...pending, "val. acc.": event.accuracy.mean }), ...domainLines(event));
    }
  };
}

/** What a mixture is made of, a line a domain. */
function mixtureLines({ domains }: TrainingData): string[] {
  if (domains.length < 2) return [];
  return domains.map(({ name, weight, train, val }) => {
    const trained = `${train.classes.length} training classes, ${(100 * weight).toFixed(1)} % of the steps`;
    const held = val.classes.length > 0 ? `validation on ${val.classes.length} classes` : undefined;
    return `  ${name}: ${[weight > 0 ? trained : undefined, held].filter(Boolean).join("; ")}`;
  });
}

/** How each of several domains was judged. */
function domainLines({ domains }: Judged): string[] {
  if (domains.length === 0) return [];
  const each = domains.map(({ name, accuracy }) => `${name} ${(100 * accuracy.mean).toFixed(1)} %`);
  return [`  validation: ${each.join(", ")}`];
}

/** What went over the queue since the row before, as cells. */
function exchangeReader(): (event: StepEvent, run: TrainingRun) => RowValues {
  let last = { step: 0, bytes: 0, seconds: 0 };
  return ({ step, stepsPerSecond }, { exchange, firstStep }) => {
    if (!exchange) return {};
    const [bytes, seconds] = [exchange.bytes - last.bytes, exchange.seconds - last.seconds];
    const elapsed = (step - Math.max(last.step, firstStep)) / stepsPerSecond;
    last = { step, ...exchange };
    return { exchanged: bytes, exchange: seconds / elapsed };
  };
}
