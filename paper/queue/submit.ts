// A submitter: hands in what is missing, parcel by parcel, and waits until all of it is made.

import { once } from "node:events";
import { Jobs, type QueueConnection, queueName, type Refusal } from "pudnet/queue";
import { REPRODUCE } from "../command.ts";
import { evaluationName, knownEvaluation, requireNetwork } from "../store/evaluations.ts";
import { type Asked, distinct, type Failure, isKnown, type Wanted } from "../store/run.ts";
import type { Store } from "../store/store.ts";
import { CELLS } from "./cells.ts";
import { parcelMaterials } from "./materials.ts";
import { parcelsOf } from "./parcels.ts";
import { Requests } from "./requests.ts";

/** Milliseconds between two looks for workers, and two signs that what was sent is still wanted. */
const LOOK_EVERY = 60_000;
const KEEP_EVERY = 3_600_000;

/**
 * Has the evaluations that are missing made by whoever takes them from the queue, and completes the store with them; what fails
 * leaves the others alone. What nobody has begun when it is stopped is taken back, unless another submitter wants it.
 * @throws the signal's reason when stopped
 */
export async function submitEvaluations(
  store: Store,
  asked: readonly Asked[],
  connection: QueueConnection,
): Promise<Failure[]> {
  const { print, signal } = store.options;
  const { missing, failures } = await missingOf(store, asked);
  const parcels = parcelsOf(missing);
  if (parcels.length === 0) return failures;
  const onRefusal = ({ worker, reason }: Refusal): void => print(`worker ${worker} leaves work to others: ${reason}`);
  const jobs = await Jobs.open(connection, CELLS, { onRefusal });
  const requests = new Requests(store, connection, jobs);
  print(`${missing.length} evaluations in ${parcels.length} parcels wait for workers at ${connection.place}`);
  const timers = [
    setInterval(() => void requests.keep().catch(() => undefined), KEEP_EVERY), // what is lost is handed in again
    await watchWorkers(connection, print), //
  ];
  try {
    const ends = Promise.allSettled(parcels.map((parcel, rank) => requests.made(parcel, rank + 1)));
    const all = await Promise.race([ends, cutOff(connection, signal)]);
    return all.reduce((found, end) => {
      if (end.status === "rejected") throw end.reason; // a stop ends them all
      return [...found, ...end.value];
    }, failures);
  } finally {
    timers.forEach((timer) => clearInterval(timer));
    const left = requests.leave().then(() => jobs.close());
    await Promise.race([left, connection.lost()]);
  }
}

/** Waits for ever, but where it is to stop and the queue is away, for which all else waits. @throws the signal's reason, then */
async function cutOff(connection: QueueConnection, signal: AbortSignal | undefined): Promise<never> {
  if (signal?.aborted === false) await once(signal, "abort");
  else if (!signal) await new Promise(() => undefined);
  await connection.lost();
  throw signal!.reason;
}

/** Each evaluation of which something is missing, and what can never be asked for from here. */
async function missingOf(store: Store, asked: readonly Asked[]) {
  const { signal, print } = store.options;
  const missing: Wanted[] = [];
  const failures: Failure[] = [];
  for (const wanted of distinct(asked)) {
    const { recipe } = wanted;
    try {
      if (await isKnown(store, wanted)) continue;
      await requireNetwork(store, recipe, await knownEvaluation(store, recipe));
      await parcelMaterials(store, [wanted]);
      missing.push(wanted);
    } catch (error) {
      signal?.throwIfAborted();
      const name = evaluationName(recipe);
      print(`${name}: ${(error as Error).message}`);
      failures.push({ name, error: error as Error });
    }
  }
  return { missing, failures };
}

/** Says when nobody of this version is there to work, now and as long as the timer runs. */
async function watchWorkers(connection: QueueConnection, print: (line: string) => void): Promise<NodeJS.Timeout> {
  let wasAlone = false;
  const look = async (): Promise<void> => {
    const workers = (await connection.others())?.filter(({ role }) => role === "worker");
    const isAlone = workers?.every(({ queue }) => queue !== queueName(CELLS)) ?? false; // not every Redis tells
    if (isAlone && !wasAlone) print(noWorker(workers?.map(({ queue }) => queue) ?? []));
    wasAlone = isAlone;
  };
  await look();
  return setInterval(() => void look(), LOOK_EVERY);
}

function noWorker(others: readonly string[]): string {
  const strange = others.find((queue) => queue.startsWith(`${CELLS.name}-`));
  const other = strange === undefined ? "" : `, only one of ${strange}`;
  return `no worker of ${queueName(CELLS)} is connected${other}: ${REPRODUCE} worker --queue ADDRESS starts one, on any machine`;
}
