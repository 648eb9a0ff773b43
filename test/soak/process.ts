// The built program as a process that is disturbed: its cache where the scenario says, its operations counted.

import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { type Exit, REPRODUCE_MAIN, ROOT, type Running, start } from "../built-program.ts";

const PRELOADED = pathToFileURL(join(ROOT, "test", "soak", "die-at-operation.mjs")).href;

export interface ProcessOptions {
  readonly cwd: string;
  /** Cache of decoded pictures; by default one beside the inputs. */
  readonly cache?: string | undefined;
  /** Dies by SIGKILL at this operation on the file system. */
  readonly dieAt?: number | undefined;
}

/** Those that run now. */
const running = new Set<Running>();

/** For an end in a hurry. */
export function killAll(): void {
  for (const one of running) one.stop("SIGKILL");
}

export function startDisturbed(args: readonly string[], { cwd, cache, dieAt }: ProcessOptions): Running {
  return startWith(args, { cwd, cache }, dieAt === undefined ? {} : preload({ SOAK_DIE_AT: String(dieAt) }));
}

/** To its end, undisturbed. */
export function run(args: readonly string[], options: Omit<ProcessOptions, "dieAt">): Promise<Exit> {
  return startDisturbed(args, options).ended;
}

/** To its end; how many operations on the file system it took. */
export async function countOperations(args: readonly string[], { cwd, cache }: ProcessOptions): Promise<number> {
  const file = join(cwd, "operations.txt");
  const { code, stderr } = await startWith(args, { cwd, cache }, preload({ SOAK_COUNT: file })).ended;
  if (code !== 0) throw new Error(`undisturbed, it failed: ${stderr}`);
  const count = Number(await readFile(file, "utf8"));
  await rm(file);
  return count;
}

function startWith(
  args: readonly string[],
  { cwd, cache }: ProcessOptions,
  variables: Readonly<Record<string, string>>,
): Running {
  const env = { PUDNET_CACHE: cache ?? join(cwd, "cache"), ...variables };
  const [first, ...rest] = args;
  const isReproduce = first === "reproduce"; // a program of its own
  const one = start(isReproduce ? rest : args, { cwd, env, ...(isReproduce ? { program: REPRODUCE_MAIN } : {}) });
  running.add(one);
  void one.ended.finally(() => running.delete(one)).catch(() => undefined); // whoever waits for it is told
  return one;
}

function preload(variables: Readonly<Record<string, string>>): Record<string, string> {
  const options = [process.env["NODE_OPTIONS"], `--import=${PRELOADED}`].filter((one) => one !== undefined);
  return { NODE_OPTIONS: options.join(" "), ...variables };
}
