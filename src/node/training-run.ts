// A meta-training run on disk: events become rows, figures and checkpoints; a run that was killed goes on from its last
// checkpoint and ends as an undisturbed one.

import { parse as parseYaml, YAMLParseError } from "yaml";
import { readFile } from "node:fs/promises";
import { UserError } from "../errors.ts";
import { leaves, type HostTensor, type Tree } from "../tensor/tree.ts";
import { parseTrainConfig, type TrainConfig } from "../train/config.ts";
import { firstState, type MetaTask, metaTask, MetaTraining, modelOf, type TrainEvent } from "../train/meta-train.ts";
import type { MetaState } from "../train/meta-step.ts";
import { describeModel, fillChecked, modelTensors, type PudNetModel, readModel } from "../train/model.ts";
import { loadCheckpoint, saveCheckpoint } from "./checkpoint.ts";
import { loadClassSplit, loadDataset } from "./load-dataset.ts";
import type { ReadOptions } from "./decode-image.ts";
import { RunFolder } from "./run-folder.ts";

const COLUMNS = [
  "loss",
  "metric",
  "full",
  "kl",
  "accuracy",
  "gradientNorm",
  "validation accuracy",
  "validation ci95",
] as const;

/** Reads a YAML config and applies `key.path=value` settings on top. */
export async function readTrainConfig(file: string, settings: readonly string[] = []): Promise<TrainConfig> {
  let text: string;
  try {
    text = await readFile(file, "utf8");
  } catch (cause) {
    throw new UserError(`cannot read the config "${file}"`, { cause, hint: "see configs/ for examples", exitCode: 2 });
  }
  return parseTrainConfig(applySettings(parseConfigText(text, file), settings), file);
}

function parseConfigText(text: string, file: string): Record<string, unknown> {
  try {
    return (parseYaml(text) ?? {}) as Record<string, unknown>;
  } catch (error) {
    if (!(error instanceof YAMLParseError)) throw error;
    throw new UserError(`${file} is not YAML: ${error.message}`, {
      cause: error,
      hint: "see configs/ for examples",
      exitCode: 2,
    });
  }
}

function applySettings(config: Record<string, unknown>, settings: readonly string[]): Record<string, unknown> {
  const result = structuredClone(config);
  for (const setting of settings) {
    const [path, text] = setting.split(/=(.*)/s) as [string, string | undefined];
    if (!path || text === undefined) {
      throw new UserError(`--set "${setting}" is not key=value`, { hint: "for example --set steps=5000", exitCode: 2 });
    }
    const keys = path.split(".");
    let section = result;
    for (const key of keys.slice(0, -1)) section = (section[key] ??= {}) as Record<string, unknown>;
    section[keys.at(-1)!] = parseYaml(text);
  }
  return result;
}

export interface TrainingRunOptions extends Pick<ReadOptions, "onProgress"> {
  /** Stops after the next log line, with a checkpoint. */
  readonly signal?: AbortSignal;
  readonly onEvent?: (event: TrainEvent, run: TrainingRun) => void;
}

export interface TrainingRun {
  readonly folder: RunFolder;
  readonly config: TrainConfig;
  readonly task: MetaTask;
  /** The step this process started from. */
  readonly firstStep: number;
}

/** Starts a run in a new folder below `parent`. */
export async function startTraining(
  config: TrainConfig,
  parent: string,
  options: TrainingRunOptions = {},
): Promise<string> {
  const task = await loadTask(config, options);
  const facts = { seed: config.seed, arch: task.problem.arch, trainClasses: task.trainClasses };
  await using folder = await RunFolder.create(parent, config.name, { config, columns: COLUMNS, facts });
  await train({ folder, config, task, firstStep: 0 }, undefined, options);
  return folder.path;
}

/** Goes on with a run from its last checkpoint. */
export async function resumeTraining(path: string, options: TrainingRunOptions = {}): Promise<string> {
  await using folder = await RunFolder.open(path);
  const config = parseTrainConfig(folder.config, `${path}/config.yaml`);
  const task = await loadTask(config, options);
  if (!folder.hasCheckpoint("last")) {
    await folder.truncateAfter(-1);
    await train({ folder, config, task, firstStep: 0 }, undefined, options);
    return folder.path;
  }
  const { tensors, metadata } = await folder.loadCheckpoint("last");
  const like = firstState(task, config.seed) as unknown as Tree<HostTensor>;
  const state = fillChecked(like, tensors, folder.checkpointPath("last")) as unknown as MetaState<HostTensor>;
  const step = Number(metadata["step"]);
  await folder.truncateAfter(step);
  const best = metadata["best"] === undefined ? undefined : Number(metadata["best"]);
  await train({ folder, config, task, firstStep: step }, { state, best }, options);
  return folder.path;
}

async function loadTask(config: TrainConfig, { onProgress }: TrainingRunOptions): Promise<MetaTask> {
  const { dataset: name, root, side, split } = config.data;
  const { dataset } = await loadDataset(name, {
    root,
    ...(side ? { side } : {}),
    ...(onProgress ? { onProgress } : {}),
  });
  return metaTask(config, dataset, await loadClassSplit(split, dataset.classes));
}

async function train(
  run: TrainingRun,
  start: { readonly state: MetaState<HostTensor>; readonly best: number | undefined } | undefined,
  { signal, onEvent }: TrainingRunOptions,
): Promise<void> {
  const { folder, config, task, firstStep } = run;
  const training = await MetaTraining.create(config, task, start && { step: firstStep, state: start.state });
  let best = start?.best;
  let savedAt = performance.now();
  const save = async (kind: "last" | "best"): Promise<void> => {
    const state = training.state();
    const tensors = kind === "last" ? stateTensors(state) : modelTensors(state);
    const description = describeModel(modelOf(task, state));
    const facts = {
      step: String(training.step),
      model: description,
      ...(best === undefined ? {} : { best: String(best) }),
    };
    await folder.saveCheckpoint(kind, tensors, facts);
  };
  try {
    // Rows of one step are written together, after its validation, so that a checkpoint never stands between them.
    let row: Record<string, number> = {};
    for await (const event of training.run()) {
      onEvent?.(event, run);
      if (event.kind === "step") row = { ...event.means };
      else {
        row = { ...row, "validation accuracy": event.accuracy.mean, "validation ci95": event.accuracy.ci95 };
        if (best === undefined || event.accuracy.mean > best) {
          best = event.accuracy.mean;
          await save("best");
        }
      }
      const validates = event.kind === "step" && validationFollows(config, event.step);
      if (validates) continue;
      folder.log(event.step, row);
      if (event.kind === "validation") await folder.writeFigures();
      if (signal?.aborted || performance.now() - savedAt > 1000 * config.checkpointSeconds) {
        await save("last");
        savedAt = performance.now();
      }
      if (signal?.aborted) return;
    }
    await save("last");
    await folder.writeFigures();
  } finally {
    await training.release();
  }
}

const validationFollows = ({ validation, steps }: TrainConfig, step: number): boolean =>
  step % validation.every === 0 || step === steps;

function stateTensors(state: MetaState<HostTensor>): Map<string, HostTensor> {
  return new Map(leaves<HostTensor>(state));
}

/** Loads a PudNet from a checkpoint file. @throws FormatError for a damaged or foreign file */
export async function loadPudNet(file: string): Promise<PudNetModel> {
  const { tensors, metadata } = await loadCheckpoint(file);
  return readModel(tensors, metadata["model"], file);
}

/** Saves a PudNet without optimizer state. */
export async function savePudNet(
  file: string,
  model: PudNetModel,
  facts: Readonly<Record<string, string>> = {},
): Promise<void> {
  await saveCheckpoint(file, { tensors: modelTensors(model), metadata: { ...facts, model: describeModel(model) } });
}
