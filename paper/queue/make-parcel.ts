// A parcel is made in a process of its own: what it computes holds up nobody who must answer the queue, and its death is no worker's.

import { type ChildProcess, spawn } from "node:child_process";
import { z } from "zod";
import { UserError } from "pudnet/engine";
import { runEvaluations } from "../store/run.ts";
import type { Store } from "../store/store.ts";
import { type CellsJob, said, type SaidFailure } from "./cells.ts";
import { unlike } from "./materials.ts";

/** So many processes may end over one parcel. */
const MOST_DEATHS = 3;

/** What became of a parcel. */
export type Answer =
  | { readonly kind: "refused"; readonly reason: string }
  | { readonly kind: "made"; readonly failures: readonly SaidFailure[] };

/** Makes a parcel in its store, or what of it can be made. @throws the signal's reason */
export async function makeParcel(store: Store, { evaluations, materials }: CellsJob): Promise<Answer> {
  const reason = await unlike(store, evaluations, materials);
  if (reason !== undefined) return { kind: "refused", reason };
  const asked = evaluations.flatMap(({ recipe, measures }) => {
    const { protocol } = recipe;
    const measured = Object.entries(measures).map(([measure, groups]) => ({
      evaluation: { ...recipe, protocol: { ...protocol, groups } },
      measure,
    }));
    return [{ evaluation: recipe }, ...measured];
  });
  return { kind: "made", failures: (await runEvaluations(store, asked)).map(said) };
}

/** How the command is told to make a parcel, beside the folder that holds it. */
export interface MakingOptions {
  readonly root: string;
  readonly threads?: number | undefined;
  /** The command itself; by default that of this process. */
  readonly program?: string | undefined;
}

/**
 * `makeParcel` as another process, started again where it is killed.
 * @throws the signal's reason once the process has stopped, with a checkpoint; UserError where it dies again and again
 */
export async function makeApart(
  folder: string,
  { root, threads, program = process.argv[1]! }: MakingOptions,
  signal: AbortSignal,
): Promise<Answer> {
  const options = ["--root", root, ...(threads === undefined ? [] : ["--threads", String(threads)])];
  let ended = "";
  for (let deaths = 0; deaths < MOST_DEATHS; deaths++) {
    signal.throwIfAborted();
    const child = spawn(process.execPath, [program, "worker", "--parcel", folder, ...options], {
      stdio: ["ignore", "inherit", "inherit", "ipc"],
    });
    const stop = (): void => void child.kill("SIGTERM");
    signal.addEventListener("abort", stop);
    try {
      const answer = await answerOf(child);
      if (typeof answer !== "string") return answer;
      ended = answer;
    } finally {
      signal.removeEventListener("abort", stop);
    }
  }
  signal.throwIfAborted();
  throw new UserError(`${MOST_DEATHS} processes ended over it (${ended})`, {
    hint: "memory may be short: try fewer --jobs",
  });
}

const answerSchema = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("refused"), reason: z.string() }),
  z.object({ kind: z.literal("made"), failures: z.array(z.object({ name: z.string(), message: z.string() })) }),
]);

/** What a process answers before it ends, or how it ended without. */
function answerOf(child: ChildProcess): Promise<Answer | string> {
  let answer: Answer | undefined;
  child.on("message", (message) => (answer = answerSchema.parse(message)));
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code, killed) => resolve(answer ?? killed ?? `exit code ${code}`));
  });
}
