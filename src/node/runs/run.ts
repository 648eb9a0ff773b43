// A training on disk: events become rows, figures and checkpoints; a run that was killed goes on from its last checkpoint
// and ends as an undisturbed one.

import { FormatError } from "../../errors.ts";
import { printable } from "../../names.ts";
import type { CompileOptions } from "../../tensor/program.ts";
import { asTree, type Host, type HostTensor, leaves } from "../../tensor/tree.ts";
import { fillChecked } from "../../predict/model.ts";
import { type TrainEvent, Training, type TrainingProblem, validatesAt } from "../../train/loop.ts";
import { checkMaterials, type Materials } from "../records/materials.ts";
import type { RunFolder } from "./run-folder.ts";

/** A training and how it is kept. */
export interface TrainingPlan<S extends object, B extends object> extends CompileOptions {
  readonly problem: TrainingProblem<S, B>;
  readonly checkpointSeconds: number;
  /** What makes any checkpoint a model: all that is in a `best` one, without what only training needs. */
  readonly modelTensors: (state: Host<S>) => Map<string, HostTensor>;
  /** Further metadata of every checkpoint. */
  readonly facts: (state: Host<S>) => Readonly<Record<string, string>>;
}

export interface RunControl {
  /** Stops after the next log line, with a checkpoint. */
  readonly signal?: AbortSignal;
  readonly onEvent?: (event: TrainEvent) => void;
}

/** The columns of metrics.csv beside the training's own. */
export const VALIDATION_COLUMNS = ["validation accuracy", "validation ci95"] as const;

const domainColumn = (name: string): string => `validation accuracy of ${printable(name)}`;

/** The same with one more for each domain of several: "validation accuracy of food-101". */
export function validationColumns(domains: readonly { readonly name: string }[]): string[] {
  return [...VALIDATION_COLUMNS, ...(domains.length > 1 ? domains.map(({ name }) => domainColumn(name)) : [])];
}

/** @throws UserError where what a run goes on with is other than it was begun with */
export function checkMadeFrom({ path, record }: RunFolder, madeFrom: Materials): void {
  const hint = "bring it back as it was, or start a new run with --config";
  checkMaterials(path, record.madeFrom, madeFrom, { hint });
}

/** Where a run stands on disk. */
interface Start<S> {
  readonly step: number;
  readonly state: Host<S>;
  /** Validation accuracy of the `best` checkpoint. */
  readonly best: number | undefined;
}

/**
 * Trains in a folder from where its last checkpoint stands, or from the start. Resolves to whether the end was reached.
 * `onStart` is told the step this process starts from.
 */
export async function runTraining<S extends object, B extends object>(
  folder: RunFolder,
  plan: TrainingPlan<S, B>,
  { signal, onEvent, onStart }: RunControl & { readonly onStart?: (step: number) => void } = {},
): Promise<boolean> {
  const { problem } = plan;
  const start = await lastState<S>(folder, problem.first);
  onStart?.(start?.step ?? 0);
  const training = await Training.create(problem, plan, start);
  const keeper = new Keeper(folder, plan, training, start?.best);
  try {
    // Rows of one step are written together, after its validation, so that a checkpoint never stands between them.
    let row: Record<string, number> = {};
    for await (const event of training.run()) {
      onEvent?.(event);
      if (event.kind === "step") row = { ...event.means };
      else {
        const domains = event.domains.map(({ name, accuracy }) => [domainColumn(name), accuracy.mean] as const);
        const { mean, ci95 } = event.accuracy;
        row = { ...row, "validation accuracy": mean, "validation ci95": ci95, ...Object.fromEntries(domains) };
        await keeper.judged(event.accuracy.mean);
      }
      const validates = event.kind === "step" && validatesAt(problem, event.step);
      if (validates) continue;
      folder.log(event.step, row);
      if (event.kind === "validation") await folder.writeFigures();
      if (signal?.aborted || keeper.isDue()) await keeper.save("last");
      if (signal?.aborted && training.step < problem.steps) return false;
    }
    await keeper.save("last");
    await folder.writeFigures();
    return true;
  } finally {
    await training.release();
  }
}

/** Whether a run has come to its end: its last checkpoint is that of the last step. */
export async function isComplete(folder: RunFolder, steps: number): Promise<boolean> {
  return folder.hasCheckpoint("last") && Number((await folder.loadCheckpoint("last")).metadata["step"]) === steps;
}

/** The state of the last checkpoint; what was logged after it is forgotten. */
export async function lastState<S extends object>(folder: RunFolder, first: Host<S>): Promise<Start<S> | undefined> {
  if (!folder.hasCheckpoint("last")) {
    if (folder.isReopened) await folder.truncateAfter(-1);
    return undefined;
  }
  const { tensors, metadata } = await folder.loadCheckpoint("last");
  const state = fillChecked(first, tensors, folder.checkpointPath("last"));
  const file = folder.checkpointPath("last");
  const step = wholeNumber(metadata["step"], "step", file);
  const best = metadata["best"] === undefined ? undefined : Number(metadata["best"]);
  if (best !== undefined && !Number.isFinite(best))
    throw notOurs(file, `best validation accuracy "${metadata["best"]}"`);
  await folder.truncateAfter(step);
  return { step, state, best };
}

function wholeNumber(text: string | undefined, name: string, file: string): number {
  if (text !== undefined && /^\d{1,15}$/.test(text)) return Number(text);
  throw notOurs(file, `${name} ${text === undefined ? "is missing" : `"${text}" is no whole number`}`);
}

function notOurs(file: string, what: string): FormatError {
  return new FormatError(file, what, { hint: "expected a checkpoint that a training wrote: start the run anew" });
}

/** Writes checkpoints. */
class Keeper<S extends object, B extends object> {
  readonly #folder: RunFolder;
  readonly #plan: TrainingPlan<S, B>;
  readonly #training: Training<S, B>;
  #best: number | undefined;
  #savedAt = performance.now();

  constructor(folder: RunFolder, plan: TrainingPlan<S, B>, training: Training<S, B>, best: number | undefined) {
    this.#folder = folder;
    this.#plan = plan;
    this.#training = training;
    this.#best = best;
  }

  isDue(): boolean {
    return performance.now() - this.#savedAt > 1000 * this.#plan.checkpointSeconds;
  }

  /** Keeps the present state as the best one if its validation accuracy is the highest so far. */
  async judged(accuracy: number): Promise<void> {
    if (this.#best !== undefined && accuracy <= this.#best) return;
    this.#best = accuracy;
    await this.save("best");
  }

  async save(kind: "last" | "best"): Promise<void> {
    const state = await this.#training.state();
    const all = asTree<HostTensor>(state);
    const model = this.#plan.modelTensors(state);
    const tensors = kind === "last" ? new Map([...model, ...leaves<HostTensor>(all)]) : model;
    const best: Record<string, string> = this.#best === undefined ? {} : { best: String(this.#best) };
    const facts = { step: String(this.#training.step), ...this.#plan.facts(state), ...best };
    await this.#folder.saveCheckpoint(kind, tensors, facts);
    if (kind === "last") this.#savedAt = performance.now();
  }
}
