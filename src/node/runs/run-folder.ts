// The folder of one run: config, metrics, figures and checkpoints, each file whole at every moment. A run killed while it
// writes a row is opened again, cut back to its last checkpoint and continued.

// For the declarations: those who use them need not have this library in their settings.
/// <reference lib="esnext.disposable" preserve="true" />

import { existsSync } from "node:fs";
import { mkdir, readdir, rm, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { stringify as stringifyYaml } from "yaml";
import { z } from "zod";
import { RESIZE_RULES, type ResizeRule } from "../../data/square.ts";
import { closest, FormatError, invariant, issueLines, UserError } from "../../errors.ts";
import type { Checkpoint } from "../../formats/checkpoint.ts";
import { parseJson } from "../../formats/json.ts";
import { requireVersion } from "../../formats/version.ts";
import { explainWriteError, writeFileAtomic } from "../files/atomic-file.ts";
import type { Materials } from "../records/materials.ts";
import { makeFolder } from "../files/make-folder.ts";
import { makeNumberedFolder } from "../files/numbered-folder.ts";
import { readText } from "../files/read-file.ts";
import { parseConfigText } from "./train-config.ts";
import { removeStaleTemporaries } from "../files/temporaries.ts";
import { loadCheckpoint, saveCheckpoint } from "../checkpoints/checkpoint.ts";
import { appendMetrics, createMetrics, metricSeries, startEventFile, truncateMetrics } from "./metrics-log.ts";
import { provenance } from "../provenance.ts";
import { type FolderLock, lockFolder } from "../files/folder-lock.ts";
import { removeUnstarted } from "./unstarted-run.ts";

export type CheckpointKind = "last" | "best";

export interface RunOptions {
  /** The resolved config, plain data; written as config.yaml. */
  readonly config: unknown;
  /** Names of all values that will be logged, so that metrics.csv stays rectangular. */
  readonly columns: readonly string[];
  /** What else belongs into run.json, such as the seed. */
  readonly facts?: Readonly<Record<string, unknown>>;
  /** The number behind the name; by default the first that is free behind all that are taken. */
  readonly number?: number;
}

/** run.json. */
export interface RunRecord {
  readonly format: typeof FORMAT;
  readonly version: typeof VERSION;
  readonly name: string;
  readonly started: string;
  readonly columns: readonly string[];
  readonly resumed?: readonly { readonly at: string; readonly afterStep: number }[];
  /** Older records have none. */
  readonly madeFrom?: Materials;
  /** How pictures of a folder become squares; older records name no rule. */
  readonly resize?: ResizeRule;
  readonly [fact: string]: unknown;
}

const FORMAT = "pudnet-run";
const VERSION = 1;
const FOLDERS = ["checkpoints", "figures"];

/** A run folder opened by this process; given back by `close` or `await using`. */
export class RunFolder implements AsyncDisposable {
  readonly path: string;
  /** The resolved config as plain data. */
  readonly config: unknown;
  #record: RunRecord;
  /** Name of this process's event file, once there is something to write. */
  #events: string | undefined;
  readonly #isReopened: boolean;
  readonly #lock: FolderLock;

  private constructor(
    path: string,
    config: unknown,
    record: RunRecord,
    { lock, isReopened }: { lock: FolderLock; isReopened: boolean },
  ) {
    this.path = path;
    this.config = config;
    this.#record = record;
    this.#lock = lock;
    this.#isReopened = isReopened;
  }

  get name(): string {
    return basename(this.path);
  }

  /** What run.json says: the facts given at creation, machine, versions, commit, command. */
  get record(): RunRecord {
    return this.#record;
  }

  /**
   * Makes `parent/NAME-N` with N one above the largest there, or `number`; never touches an older run.
   * @example await using run = await RunFolder.create("runs", "first", { config: { seed: 7 }, columns: ["loss"] });
   */
  static async create(
    parent: string,
    name: string,
    { config, columns, facts = {}, number }: RunOptions,
  ): Promise<RunFolder> {
    if (!/^\w[\w.-]*$/.test(name)) {
      throw new UserError(`"${name}" cannot name a run: expected letters, digits, ".", "_" and "-"`, {
        hint: "give the run a name such as fashion-convnet-3",
        exitCode: 2,
      });
    }
    invariant(!columns.some((column) => /[\r\n]/.test(column)), () => "a column name holds a line end");
    const path = await makeNumberedFolder(parent, name, number);
    if (number === undefined) await removeUnstarted(parent, name).catch(() => undefined); // what stays is in nobody's way
    let lock: FolderLock | undefined;
    try {
      lock = await lockFolder(path);
      const started = new Date().toISOString();
      const identity = { format: FORMAT, version: VERSION, name: basename(path), started } as const;
      // Identity twice: first in the file, and not to be overwritten by a fact.
      const record: RunRecord = { ...identity, ...facts, ...(await provenance()), ...identity, columns };
      for (const folder of FOLDERS) await mkdir(join(path, folder));
      await writeFileAtomic(join(path, "config.yaml"), stringifyYaml(config));
      await createMetrics(path, columns);
      await writeFileAtomic(join(path, "run.json"), json(record)); // last: a folder that has it is complete
      return new RunFolder(path, config, record, { lock, isReopened: false });
    } catch (error) {
      await lock?.release();
      await rm(path, { recursive: true, force: true });
      throw explainWriteError(error, path);
    }
  }

  /**
   * Opens a run to continue it; `truncateAfter` the step of its checkpoint before the first `log`.
   * @throws UserError for a folder that is missing, not a run, half-made, or in use by another process
   */
  static async open(path: string): Promise<RunFolder> {
    const record = await readRecord(path);
    const lock = await lockFolder(path);
    try {
      for (const folder of FOLDERS) await makeFolder(join(path, folder));
      for (const folder of [".", ...FOLDERS]) await removeStaleTemporaries(join(path, folder));
      const missing = ["config.yaml", "metrics.csv", "metrics.jsonl"].find((name) => !existsSync(join(path, name)));
      if (missing !== undefined) {
        throw new UserError(`"${path}" is not a whole run: ${missing} is missing`, {
          hint: "put the file back, or start the run anew",
        });
      }
      const config: unknown = parseConfigText(await readText(join(path, "config.yaml")), join(path, "config.yaml"));
      await truncateMetrics(path, record.columns, Number.POSITIVE_INFINITY); // so that `log` never follows half a row
      return new RunFolder(path, config, record, { lock, isReopened: true });
    } catch (error) {
      await lock.release();
      throw explainWriteError(error, path);
    }
  }

  /**
   * Appends one row to metrics.csv, metrics.jsonl and the TensorBoard events. The row is with the system when this
   * returns: it survives the death of this process. Columns without a value stay empty.
   */
  log(step: number, values: Readonly<Record<string, number>>): void {
    this.#lock.requireHeld();
    const { columns } = this.#record;
    const unknown = Object.keys(values).find((name) => !columns.includes(name));
    invariant(unknown === undefined, () => `"${unknown}" is not among the columns ${columns.join(", ")}`);
    this.#events ??= startEventFile(this.path);
    appendMetrics(this.path, this.#events, columns, step, values);
  }

  /**
   * Forgets what was logged after `step` (-1: everything), in TensorBoard too, and notes the resumption in run.json.
   */
  async truncateAfter(step: number): Promise<void> {
    await truncateMetrics(this.path, this.#record.columns, step);
    this.#events = startEventFile(this.path, step + 1);
    const resumed = [...(this.#record.resumed ?? []), { at: new Date().toISOString(), afterStep: step }];
    this.#record = { ...this.#record, resumed };
    await writeFileAtomic(join(this.path, "run.json"), json(this.#record));
  }

  checkpointPath(kind: CheckpointKind): string {
    return join(this.path, "checkpoints", `${kind}.safetensors`);
  }

  /** Whether the folder was made by an earlier process, which may have logged rows. */
  get isReopened(): boolean {
    return this.#isReopened;
  }

  /** Whether there is one: a run killed early has none and starts over. */
  hasCheckpoint(kind: CheckpointKind): boolean {
    return existsSync(this.checkpointPath(kind));
  }

  /** Replaces the checkpoint; the previous one stays until the new one is on disk. */
  async saveCheckpoint(
    kind: CheckpointKind,
    tensors: Checkpoint["tensors"],
    metadata: Checkpoint["metadata"] = {},
  ): Promise<void> {
    await this.#lock.touch(); // another process may have taken the folder over while this one was held up
    await saveCheckpoint(this.checkpointPath(kind), { tensors, metadata });
  }

  /** @throws UserError when there is none, FormatError when it is damaged */
  loadCheckpoint(kind: CheckpointKind): Promise<Checkpoint> {
    return loadCheckpoint(this.checkpointPath(kind));
  }

  /** Draws figures/curves.svg and .png from metrics.csv. */
  async writeFigures(): Promise<void> {
    // only here, since plotting takes longer to load than all else of a run
    const [{ curvesFigure }, { rasterise }] = await Promise.all([
      import("../../report/curves-figure.ts"),
      import("../rasterise.ts"),
    ]);
    const svg = curvesFigure({ title: this.name, xLabel: "step", series: await metricSeries(this.path) });
    await writeFileAtomic(join(this.path, "figures", "curves.svg"), svg);
    await writeFileAtomic(join(this.path, "figures", "curves.png"), rasterise(svg));
  }

  /** Gives the folder back, so that another process may open it. */
  async close(): Promise<void> {
    await this.#lock.release();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}

async function readRecord(path: string): Promise<RunRecord> {
  const found = await stat(path).catch(() => undefined);
  if (!found) {
    const siblings = await readdir(dirname(path)).catch(() => []);
    const near = closest(basename(path), siblings);
    const hint = near ? `did you mean "${join(dirname(path), near)}"?` : "check the path for typing mistakes";
    throw new UserError(`no run folder at "${path}"`, { hint, exitCode: 2 });
  }
  const file = join(path, "run.json");
  if (!found.isDirectory() || !existsSync(file)) {
    const isHalf = found.isDirectory() && existsSync(join(path, "config.yaml"));
    throw new UserError(`"${path}" is not a ${isHalf ? "whole run" : "run folder"}: run.json is missing`, {
      hint: isHalf
        ? "the run was stopped while it started and holds nothing: delete the folder and start the run anew"
        : "give a folder that `pudnet train` made, such as runs/NAME-1",
      exitCode: 2,
    });
  }
  return parseRecord(await readText(file), file);
}

const recordSchema = z.looseObject({
  format: z.literal(FORMAT),
  version: z.literal(VERSION),
  name: z.string(),
  started: z.string(),
  columns: z.array(z.string()),
  resumed: z.array(z.object({ at: z.string(), afterStep: z.number() })).optional(),
  madeFrom: z.record(z.string(), z.string()).optional(),
  resize: z.enum(RESIZE_RULES).optional(),
});

function parseRecord(text: string, file: string): RunRecord {
  const hint = "it was not written by pudnet, or was changed since: start the run anew";
  const record = parseJson(text, file, hint);
  const { format, version } = (record ?? {}) as { format?: unknown; version?: unknown };
  if (format === FORMAT) requireVersion(file, "run", version, VERSION);
  const parsed = recordSchema.safeParse(record, { reportInput: true });
  if (parsed.success) return record as RunRecord; // with its keys in their order
  throw new FormatError(file, "not the record of a run", { details: issueLines(parsed.error.issues), hint });
}

function json(value: unknown): string {
  return `${JSON.stringify(value, undefined, 2)}\n`;
}
