// pudnet train: meta-train a hypernetwork.

import { join } from "node:path";
import { Command } from "@commander-js/extra-typings";
import { UserError } from "../errors.ts";
import { shellWord } from "../names.ts";
import { type Column, formatDuration, tableHead, tableRow } from "../report/progress-table.ts";
import { resumeTraining, startTraining, type TrainingRun } from "../node/runs/meta-training.ts";
import { readTrainConfig } from "../node/runs/train-config.ts";
import { type TrainEvent, validatesAt } from "../train/loop.ts";
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
    .addHelpText(
      "after",
      "\nExamples:\n  pudnet train --config configs/fashion-convnet-3.yaml\n  pudnet train --config configs/fashion-convnet-3.yaml --set steps=500 --set seed=1\n  pudnet train --resume runs/fashion-convnet-3-1",
    )
    .action(async ({ config, set, resume, runs, workers }, command) => {
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
      const stop = new AbortController();
      let isReading = true;
      const onData = (loaded: LoadedDataset): void => {
        isReading = false;
        printError(...aboutData(loaded));
      };
      const options = {
        signal: stop.signal,
        onProgress: decodingProgress(),
        onData,
        onEvent: eventPrinter(),
        ...(workers === undefined ? {} : { workers }),
      };
      const release = stopOnSignals(stop, () =>
        isReading ? "stopping before training" : "stopping after this line, with a checkpoint",
      );
      try {
        const { path, isComplete } =
          resume === undefined
            ? await startTraining(await readTrainConfig(config!, set), runs, options)
            : await resumeTraining(resume, options);
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

/** Prints a row per logged step; validation accuracy joins the row of its step. */
function eventPrinter(): (event: TrainEvent, run: TrainingRun) => void {
  let hasHead = false;
  let pending: { step: number; values: Record<string, number | string | undefined> } | undefined;
  return (event, { config, folder, firstStep }) => {
    if (!hasHead) {
      const from = firstStep > 0 ? `step ${firstStep}` : "the start: it has no checkpoint";
      print(
        `run folder: ${folder.path}`,
        ...(folder.isReopened ? [`goes on from ${from}`] : []),
        ...tableHead(COLUMNS),
      );
    }
    hasHead = true;
    if (event.kind === "step") {
      const { means, step, stepsPerSecond } = event;
      const left = formatDuration((config.steps - step) / stepsPerSecond);
      const values = {
        step,
        loss: means["loss"],
        metric: means["metric"],
        full: means["full"],
        kl: means["kl"],
        accuracy: means["accuracy"],
        "groups/s": stepsPerSecond * parallelismOf(config).groupsPerStep,
        left,
      };
      if (validatesAt(config, step)) pending = { step, values };
      else print(tableRow(COLUMNS, values));
    } else {
      print(tableRow(COLUMNS, { ...pending?.values, "val. acc.": event.accuracy.mean }));
    }
  };
}
