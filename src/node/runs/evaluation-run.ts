// An evaluation that may be interrupted: one CSV row a group, written as soon as the group is done; a rerun with the same
// settings goes on behind the last row.

import { existsSync } from "node:fs";
import { FormatError, UserError } from "../../errors.ts";
import { csvText, isNumber, parseCsv } from "../../formats/csv.ts";
import { nameCell } from "../../names.ts";
import type { CompileOptions } from "../../tensor/program.ts";
import { evaluationKey } from "../../train/evaluation/evaluate.ts";
import { UntrainedBaselines } from "../../train/evaluation/untrained-baselines.ts";
import {
  type EvaluationData,
  type EvaluationShape,
  evaluateGroups,
  type NormMode,
} from "../../train/evaluation/evaluate.ts";
import type { PudNetModel } from "../../predict/model.ts";
import { Predictor } from "../../predict/predictor.ts";
import { type Estimate, estimate } from "../../statistics.ts";
import { writeFileAtomic } from "../files/atomic-file.ts";
import { readText } from "../files/read-file.ts";

export interface EvaluationRequest extends CompileOptions {
  readonly model: PudNetModel;
  readonly data: EvaluationData;
  readonly shape: EvaluationShape;
  readonly seed: number;
  /** The baselines are evaluated on the first groups only: this many. */
  readonly baselineGroups: number;
  /** What else the figures depend on (checkpoint, dataset, split; `contents` of the two), kept in every row. */
  readonly about: Readonly<Record<string, string>>;
  /** CSV file; without it nothing is kept. */
  readonly out?: string | undefined;
}

export interface EvaluatedGroup {
  readonly group: number;
  /** Of the prediction: sketch, AHRU and weight generators. */
  readonly seconds: number;
  /** By "METHOD/HEAD": running and generation (batch norm of the predicted network), random network, raw pixels. */
  readonly accuracy: Readonly<Record<string, number>>;
}

const NORMS: readonly NormMode[] = ["running", "generation"];

/**
 * Evaluates what is not in the CSV yet; gives all groups in order, those of the CSV first (`isNew` false).
 * @throws UserError where the CSV belongs to other settings, or cannot be written
 */
export async function* runEvaluation(
  given: EvaluationRequest,
): AsyncGenerator<{ readonly result: EvaluatedGroup; readonly isNew: boolean }> {
  const request = await asBegun(given);
  const { model, data, shape, baselineGroups, out, seed } = request;
  const done = (await readGroups(request)).slice(0, shape.groups);
  for (const result of done) yield { result, isNew: false };
  if (done.length === shape.groups) return;
  if (out !== undefined) await writeGroups(request, out, done); // a file that cannot be written is told now, not later
  const source = evaluationKey(seed);
  const predictor = await Predictor.create(model, request);
  const baselines =
    done.length < baselineGroups ? await UntrainedBaselines.create(model, { ...request, key: source }) : undefined;
  try {
    await warmUp(predictor, data);
    const groups = evaluateGroups(predictor, data, shape, source, { norms: NORMS, firstGroup: done.length });
    for await (const { group, accuracy, predictSeconds } of groups) {
      const beside = group < baselineGroups ? await baselines!.accuracies(group) : {};
      const result = { group, seconds: predictSeconds, accuracy: { ...accuracy, ...beside } };
      done.push(result);
      if (out !== undefined) await writeGroups(request, out, done);
      yield { result, isNew: true };
    }
  } finally {
    await predictor.release();
    await baselines?.release();
  }
}

/** A CSV begun before the contents of data sets were noted goes on without. */
async function asBegun(request: EvaluationRequest): Promise<EvaluationRequest> {
  const { contents, ...about } = request.about;
  if (contents === undefined || request.out === undefined || !existsSync(request.out)) return request;
  const older = { ...request, about };
  return (await headerOf(request.out)) === columnsOf(older).join() ? older : request;
}

/** So that the first group's time is not that of onnxruntime's first call. */
async function warmUp(predictor: Predictor, { dataset }: EvaluationData): Promise<void> {
  await predictor.predict({ count: 1, read: () => dataset.images.subarray(0, 3 * dataset.side ** 2) });
}

/** Mean and interval of each figure over the groups that have it. */
export function summariseGroups(groups: readonly EvaluatedGroup[]): Record<string, Estimate> {
  const names = new Set(groups.flatMap(({ accuracy }) => Object.keys(accuracy)));
  return Object.fromEntries(
    Array.from(names, (name) => [name, estimate(groups.flatMap(({ accuracy }) => accuracy[name] ?? []))]),
  );
}

/** The settings that every row repeats: what a figure of the row depends on, but for the group. */
function settingsOf({ about, seed, shape, baselineGroups }: EvaluationRequest): Record<string, string> {
  const { ways, shots, generation, test } = shape;
  const numbers = { seed, ways, shots, generation, test, baselineGroups };
  return {
    ...Object.fromEntries(Object.entries(about).map(([name, value]) => [name, nameCell(value)])),
    ...Object.fromEntries(Object.entries(numbers).map(([name, value]) => [name, String(value)])),
  };
}

function figures({ shape: { shots } }: EvaluationRequest): string[] {
  const methods = [...NORMS, "random network", "raw pixels"];
  return methods.flatMap((method) => [`${method}/${shots}-shot centroids`, `${method}/centroids of all`]);
}

async function writeGroups(request: EvaluationRequest, out: string, groups: readonly EvaluatedGroup[]): Promise<void> {
  const settings = settingsOf(request);
  const names = figures(request);
  const rows = groups.map(({ group, seconds, accuracy }) => [
    ...Object.values(settings),
    group,
    seconds,
    ...names.map((name) => accuracy[name]),
  ]);
  await writeFileAtomic(out, csvText([columnsOf(request), ...rows]));
}

function columnsOf(request: EvaluationRequest): string[] {
  return [...Object.keys(settingsOf(request)), "group", "seconds", ...figures(request)];
}

async function headerOf(out: string): Promise<string> {
  const [header = []] = parseCsv(await readText(out, { hint: "choose another file for --out" }), out);
  return header.join();
}

/** The groups that are in the CSV already. @throws UserError where it belongs to other settings */
export async function readGroups(request: EvaluationRequest): Promise<EvaluatedGroup[]> {
  const { out } = request;
  if (out === undefined || !existsSync(out)) return [];
  const text = await readText(out, { hint: "choose another file for --out" });
  const settings = settingsOf(request);
  const names = figures(request);
  const [header = [], ...rows] = parseCsv(text, out);
  const columns = columnsOf(request);
  const fail = (what: string): never => {
    throw new UserError(`"${out}" holds another evaluation: ${what}`, {
      hint: "choose another file for --out, or give the same options to go on with it",
      exitCode: 2,
    });
  };
  if (header.join() !== columns.join()) fail("its columns are others");
  return rows.map((row, i) => {
    const cells = Object.fromEntries(columns.map((name, c) => [name, row[c] ?? ""]));
    const other = Object.keys(settings).find((name) => cells[name] !== settings[name]);
    if (other !== undefined) fail(`${other} is ${cells[other]}, this one's is ${settings[other]}`);
    if (Number(cells["group"]) !== i) fail(`row ${i + 1} is group ${cells["group"]}`);
    const known = names.filter((name) => cells[name] !== "");
    const wild = ["seconds", ...known].find((name) => !isNumber(cells[name] ?? ""));
    if (row.length !== columns.length || wild !== undefined) throw damagedRow(out, i, wild);
    const accuracy = Object.fromEntries(known.map((name) => [name, Number(cells[name])]));
    const beyond = known.find((name) => !(accuracy[name]! >= 0 && accuracy[name]! <= 1));
    if (beyond !== undefined) throw damagedRow(out, i, beyond);
    return { group: i, seconds: Number(cells["seconds"]), accuracy };
  });
}

function damagedRow(file: string, i: number, column: string | undefined): FormatError {
  const what = column === undefined ? "has other cells than its header" : `has no number in "${column}"`;
  return new FormatError(file, `row ${i + 1} is damaged: it ${what}`, {
    hint: "delete that row and those after it, and their groups are evaluated again",
  });
}
