// pudnet worker: computes groups for trainings that hand them out by a queue.

import { availableParallelism } from "node:os";
import { setTimeout } from "node:timers/promises";
import { Command, Option } from "@commander-js/extra-typings";
import { secondsSince } from "../clock.ts";
import { QueueConnection } from "../node/queue/connection.ts";
import { GroupServer, type GroupServerOptions, type Served } from "../node/workers/group-server.ts";
import { positiveNumber, required, wholeNumber } from "./options.ts";
import { print, printError } from "./output.ts";
import { STOPPED, stopOnSignals } from "./signals.ts";

const MOST_JOBS = 256;
/** Jobs take seconds to minutes; a Redis that is away for longer has them begun anew. */
const LOCK_SECONDS = 10;
/** Milliseconds between two lines about what was done. */
const TELL_EVERY = 60_000;
/** Milliseconds between two looks whether there is work. */
const LOOK_EVERY = 10_000;

export function workerCommand() {
  return new Command("worker")
    .option(
      "--queue <address>",
      "the Redis that trainings hand their groups to: redis://[user:password@]host[:port][/db]",
    )
    .option(
      "--jobs <n>",
      "groups computed side by side, one thread each (default: a core each); memory for each is needed",
      wholeNumber(1, MOST_JOBS),
    )
    .option("--idle <minutes>", "end, with exit code 0, after so long without work (default: never)", positiveNumber)
    .addOption(
      new Option("--lock <seconds>", "until others take what this worker was at, where it is killed")
        .default(LOCK_SECONDS)
        .argParser(wholeNumber(1, 3600))
        .hideHelp(),
    )
    .addHelpText(
      "after",
      "\nIt works until it is stopped, and hands back then what is under way.\nThe variable PUDNET_QUEUE_PASSWORD may hold the password.\n\nExamples:\n  pudnet worker --queue redis://db.example\n  pudnet worker --queue rediss://me:secret@db.example:6380 --jobs 2",
    )
    .action(async ({ queue, jobs = availableParallelism(), idle, lock }) => {
      const stop = new AbortController();
      const release = stopOnSignals(stop, "handing back what is under way");
      try {
        const options = { jobs, lockSeconds: lock, ...(idle === undefined ? {} : { idleMilliseconds: 60_000 * idle }) };
        await serve(required(queue, "--queue", "worker"), options, stop.signal);
      } catch (error) {
        if (!stop.signal.aborted || error !== stop.signal.reason) throw error;
      } finally {
        release();
      }
      if (stop.signal.aborted) process.exitCode = STOPPED;
    });
}

interface ServeOptions extends Omit<GroupServerOptions, "tell"> {
  readonly idleMilliseconds?: number;
}

async function serve(queue: string, options: ServeOptions, signal: AbortSignal): Promise<void> {
  await using connection = await QueueConnection.open(queue, { tell: printError, signal });
  const server = await GroupServer.start(connection, { ...options, tell: print });
  print(`waits for groups to compute at ${connection.place}, ${options.jobs} at once`);
  const timer = setInterval(teller(server), TELL_EVERY);
  try {
    await ended(server, signal, options.idleMilliseconds);
  } finally {
    clearInterval(timer);
    await server.close();
  }
  print(`stopped after ${told(server.served)}`);
}

/** Resolves when the worker is to stop: by the signal, or for lack of work. */
async function ended(server: GroupServer, signal: AbortSignal, idle = Infinity): Promise<void> {
  while (!signal.aborted) {
    const { idleSince = performance.now() } = server.served;
    const left = idle - (performance.now() - idleSince);
    if (left <= 0) return;
    await setTimeout(Math.min(left, LOOK_EVERY), undefined, { signal }).catch(() => undefined); // told by the signal itself
  }
}

/** Prints what was done since the last call, if anything was. */
function teller(server: GroupServer): () => void {
  let before = { jobs: 0, seconds: 0, at: performance.now() };
  return () => {
    const { jobs, seconds } = server.served;
    const share = (seconds - before.seconds) / secondsSince(before.at);
    if (jobs > before.jobs) print(`${told(server.served)}; ${share.toFixed(2)} of them computing at a time`);
    before = { jobs, seconds, at: performance.now() };
  };
}

const told = ({ jobs, bytes }: Served): string =>
  `${jobs.toLocaleString("en-US")} groups or streams computed, ${(bytes / 1e6).toLocaleString("en-US", { maximumFractionDigits: 1 })} MB exchanged`;
