// `npm run reproduce -- worker`: does what others hand in with --queue. What does the work is loaded when it begins.

import { join } from "node:path";
import { type CommandUnknownOpts, Option } from "@commander-js/extra-typings";
import { UserError } from "pudnet/engine";
import { threadsOption, wholeNumber } from "pudnet/command-line";
import { REPRODUCE } from "./command.ts";
import { printTimed, stoppable } from "./stoppable.ts";
import { MOST_JOBS } from "./workers.ts";

/** A Redis may be away for so long and nothing is begun anew elsewhere; so long, too, does the work of a killed worker lie. */
const LOCK_SECONDS = 120;

/** Adds the command to a program, and gives it. */
export function workerCommand(program: CommandUnknownOpts): CommandUnknownOpts {
  return program
    .command("worker")
    .description("Do what others hand in with --queue, until it is stopped.")
    .option("--queue <address>", "where the work is: redis://[user:password@]host[:port][/db], or rediss://")
    .option("--out <folder>", "where it is done", join("reproduce", "worker"))
    .option("--root <folder>", "folder that holds the data sets", "data")
    .option(
      "--jobs <n>",
      "parcels side by side, with one thread each unless --threads says more",
      wholeNumber(1, MOST_JOBS),
      1,
    )
    .addOption(threadsOption())
    .addOption(
      new Option("--lock <seconds>", "until others take the work of this worker, where it is killed")
        .default(LOCK_SECONDS)
        .argParser(wholeNumber(1, 3600))
        .hideHelp(),
    )
    .addOption(new Option("--parcel <folder>", "make the parcel that lies there (what a worker starts)").hideHelp())
    .action((options) => stoppable((signal) => work(options, signal)));
}

interface Options {
  readonly queue?: string | undefined;
  readonly out: string;
  readonly root: string;
  readonly jobs: number;
  readonly threads?: number | undefined;
  readonly lock: number;
  readonly parcel?: string | undefined;
}

async function work(options: Options, signal: AbortSignal): Promise<void> {
  const { queue, out, root, jobs, lock: lockSeconds, parcel } = options;
  if (parcel !== undefined) return makeHere(parcel, options, signal);
  if (queue === undefined)
    throw new UserError("--queue is missing", { hint: `${REPRODUCE} worker --queue redis://HOST`, exitCode: 2 });
  const threads = options.threads ?? (jobs > 1 ? 1 : undefined);
  const [{ QueueConnection }, { workOnCells }, { makeApart }] = await Promise.all([
    import("pudnet/queue"),
    import("./queue/worker.ts"),
    import("./queue/make-parcel.ts"),
  ]);
  const connection = await QueueConnection.open(queue, { tell: printTimed, signal });
  try {
    const make = (folder: string, stop: AbortSignal) => makeApart(folder, { root, threads }, stop);
    await workOnCells(connection, { make, out, jobs, lockSeconds, print: printTimed }, signal);
  } finally {
    await connection.close();
  }
  signal.throwIfAborted();
}

/** As the process of a worker, which is told what became of it. */
async function makeHere(folder: string, { root, threads }: Options, signal: AbortSignal): Promise<void> {
  const die = (): never => process.exit(); // the worker was killed
  process.once("disconnect", die);
  const [{ makeParcel }, { jobIn, storeIn }] = await Promise.all([
    import("./queue/make-parcel.ts"),
    import("./queue/work-folder.ts"),
  ]);
  try {
    const store = storeIn(folder, { root, threads, signal, print: printTimed });
    const answer = await makeParcel(store, await jobIn(folder));
    if (process.send) await new Promise((sent) => process.send!(answer, undefined, undefined, sent));
    else printTimed(JSON.stringify(answer));
  } finally {
    process.off("disconnect", die);
    process.disconnect?.(); // which keeps the process alive
  }
}
