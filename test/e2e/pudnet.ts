// The built command line as a process, and small things to run it on.

import { existsSync } from "node:fs";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "vitest";
import type { z } from "zod";
import { JSON_OUTPUT } from "../../src/cli/json.ts";
import { savePudNet } from "../../src/node/checkpoints/pudnet.ts";
import { type Exit, MAIN, ROOT, start, type StartOptions } from "../built-program.ts";
import { PETS, writePictures } from "../pictures.ts";
import { type TinyOptions, tinyPudNet } from "../tiny-pudnet.ts";

export { MAIN, ROOT, PETS, writePictures };

/** Runs `pudnet ARGS` to its end, without a cache of decoded pictures unless `env` names one. */
export function runPudnet(args: readonly string[], options: Partial<StartOptions> = {}): Promise<Exit> {
  const env = { PUDNET_CACHE: join(tmpdir(), "pudnet-e2e-cache"), ...options.env };
  return start(args, { cwd: ROOT, ...options, env }).ended;
}

/** Runs `pudnet ARGS`, which must fail with this exit code, a message, a hint and no stack trace. */
export async function expectFailure(
  args: readonly string[],
  expected: { readonly code: 1 | 2; readonly message: RegExp; readonly hint: RegExp },
  options: Partial<StartOptions> = {},
): Promise<void> {
  const { code, stderr } = await runPudnet(args, options);
  expect(stderr).toMatch(expected.message);
  expect(/^hint: .*$/m.exec(stderr)?.[0] ?? "no hint").toMatch(expected.hint);
  expect(stderr).not.toMatch(/^\s+at /m);
  expect(code).toBe(expected.code);
}

type JsonOutput = typeof JSON_OUTPUT;

/** What `--json` printed: one object on one line that is what the command's schema says, and nothing that it does not say. */
export function jsonOf<Name extends keyof JsonOutput>(name: Name, stdout: string): z.infer<JsonOutput[Name]> {
  expect(stdout).toMatch(/^\{.*\}\n$/);
  const printed = JSON.parse(stdout) as z.infer<JsonOutput[Name]>;
  expect(JSON_OUTPUT[name].parse(printed)).toEqual(printed); // parsing drops fields that the schema lacks
  return printed;
}

/** A temporary folder that goes away. */
export async function temporaryFolder(): Promise<{ readonly path: string } & AsyncDisposable> {
  const path = await mkdtemp(join(tmpdir(), "pudnet-e2e-"));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}

/** Saves a small untrained PudNet and returns the file. */
export async function tinyCheckpoint(folder: string, options: TinyOptions = {}): Promise<string> {
  const file = join(folder, `tiny-${options.arch ?? "convnet-3"}.safetensors`);
  await savePudNet(file, tinyPudNet({ side: 16, width: 4, ...options }));
  return file;
}

/** Nothing was written at `place` nor left beside it. */
export async function expectNothingAt(parent: string, name: string): Promise<void> {
  const left = existsSync(parent) ? (await readdir(parent)).filter((entry) => entry.startsWith(name)) : [];
  expect(left).toEqual([]);
}
