// Reading what disturbed work left, as users read it, and comparing it with what undisturbed work leaves.

import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { UserError } from "../../src/errors.ts";
import { parseCsv } from "../../src/formats/csv.ts";
import { loadClassifier } from "../../src/node/classifier/classifier-folder.ts";
import { isAlive } from "../../src/node/files/temporaries.ts";
import type { Outcome } from "./scenario.ts";

export function sha256(bytes: Uint8Array | string): string {
  return createHash("sha256").update(bytes).digest("hex");
}

export async function fileSha256(path: string): Promise<string> {
  return sha256(await readFile(path));
}

/** Names below a folder, relative to it; none where it is missing. */
export async function namesBelow(folder: string): Promise<string[]> {
  if (!existsSync(folder)) return [];
  const names = await readdir(folder, { recursive: true });
  return names.sort();
}

/** Temporaries and locks of processes that are gone, files that never took their places, cached images without an entry. */
export async function leftovers(place: string): Promise<string[]> {
  const names = await namesBelow(place);
  return names.filter((name) => {
    if (name.endsWith(".planes")) return !names.includes(name.replace(/planes$/, "json"));
    const pid = /\.tmp-(?:[0-9a-f]{6}-)?(\d+)-\d+/.exec(name)?.[1];
    return pid === undefined ? /(^|\/)lock$|\.next$/.test(name) : !isAlive(Number(pid));
  });
}

/** A sentence for each result that is not as it should be. */
export function differences(found: Outcome, expected: Outcome): string[] {
  const names = [...new Set([...Object.keys(found), ...Object.keys(expected)])];
  return names
    .filter((name) => found[name] !== expected[name])
    .map((name) => {
      if (found[name] === undefined) return `${name} is missing`;
      if (expected[name] === undefined) return `${name} is there, and is not without disturbance`;
      return `${name} differs from the undisturbed one`;
    });
}

/** A CSV without the columns that hold measured times. */
export function withoutTimes(text: string, name: string): string {
  const [header = [], ...rows] = parseCsv(text, name);
  const kept = header.flatMap((column, c) => (column.startsWith("seconds") ? [] : [c]));
  return [header, ...rows].map((row) => kept.map((c) => row[c]).join()).join("\n");
}

/** What is wrong with lines that must be the first of the expected ones; undefined where nothing is. */
export function notAPrefix(found: string, expected: string, name: string): string[] {
  const lines = found.trimEnd().split("\n");
  const wrong = lines.findIndex((line, i) => line !== expected.split("\n")[i]);
  return wrong === -1 ? [] : [`${name}, line ${wrong + 1}: "${lines[wrong]}", which no undisturbed one has`];
}

/** The identity of a classifier that loads whole: all files are those that its description names. */
export async function classifierOutcome(folder: string): Promise<Outcome> {
  const { description } = await loadClassifier(folder);
  const { "weights.safetensors": weights, "classifier.onnx": onnx } = description.sha256;
  const files = { "weights.safetensors": weights, "classifier.onnx": onnx };
  for (const [name, hash] of Object.entries(files)) {
    const found = await fileSha256(join(folder, name));
    if (found !== hash) throw new Error(`"${join(folder, name)}" is not the file that classifier.json names`);
  }
  const { arch, classes, head, normalization } = description;
  return { ...files, description: JSON.stringify({ arch, classes, head, normalization }) };
}

/** A classifier folder must be whole as one of several, or may be absent, or unfinished and say so. */
export type Allowed = readonly (Outcome | "absent" | "unfinished")[];

/** What is wrong with a classifier folder. */
export async function classifierProblems(folder: string, allowed: Allowed): Promise<string[]> {
  if (!existsSync(folder)) return allowed.includes("absent") ? [] : [`"${folder}" is gone`];
  try {
    const found = await classifierOutcome(folder);
    const isAllowed = allowed.some((one) => typeof one === "object" && differences(found, one).length === 0);
    return isAllowed ? [] : [`"${folder}" loads, but is neither the old nor the new classifier`];
  } catch (error) {
    const { message } = error as Error;
    const saysUnfinished = error instanceof UserError && /is not a whole classifier: .* is missing/.test(message);
    return saysUnfinished && allowed.includes("unfinished") ? [] : [`"${folder}" does not load: ${message}`];
  }
}

/** The message of the UserError that `read` must fail with, or what is wrong. */
export async function refusal(read: () => Promise<unknown>): Promise<{ message: string } | { problem: string }> {
  try {
    await read();
    return { problem: "it was accepted" };
  } catch (error) {
    if (error instanceof UserError) return { message: error.message };
    return { problem: `no UserError but ${String(error)}` };
  }
}
