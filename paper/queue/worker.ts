// A worker: takes parcels from the queue, makes them in a folder of its own, and sends back what it made.

import { UserError } from "pudnet/engine";
import { fileHash, makeFolder } from "pudnet/files";
import { Blobs, type QueueConnection, queueName, QueueWorker, Refused } from "pudnet/queue";
import { isTrained, judgedCheckpoint } from "../store/networks.ts";
import type { Store } from "../store/store.ts";
import { CELLS, type CellsJob, type CellsResult, jobName } from "./cells.ts";
import type { Answer } from "./make-parcel.ts";
import { fetched, send } from "./sending.ts";
import { belongsTo, filesOf, networksOf, type StoreFile } from "./store-files.ts";
import { titleOf } from "./title.ts";
import { clearDelivered, noteDelivery, prepare, storeIn } from "./work-folder.ts";

export interface CellsWorkerOptions {
  /** Makes the parcel that lies in a folder. */
  readonly make: (folder: string, signal: AbortSignal) => Promise<Answer>;
  /** Folder of what is being made. */
  readonly out: string;
  /** Parcels at once. */
  readonly jobs: number;
  /** Seconds until another worker takes what one that says nothing any more was at. */
  readonly lockSeconds: number;
  readonly print: (line: string) => void;
}

/** Works until the signal aborts; what is under way is handed back then, and its checkpoints stay. */
export async function workOnCells(
  connection: QueueConnection,
  options: CellsWorkerOptions,
  signal: AbortSignal,
): Promise<void> {
  const { out, jobs, lockSeconds, print } = options;
  await makeFolder(out);
  await tellOtherVersions(connection, print);
  const maker = new Maker(new Blobs(connection), options);
  const work = (job: CellsJob, stop: AbortSignal): Promise<CellsResult> => maker.make(job, stop);
  const worker = await QueueWorker.start(connection, CELLS, { work, jobs, lockSeconds, tell: print });
  print(`waiting for work at ${connection.place}, ${jobs} at once; what is being made lies in ${out}`);
  if (!signal.aborted) await new Promise((stop) => signal.addEventListener("abort", stop));
  await worker.close();
}

/** Submitters of other versions have queues of other names: nobody would hear of them. */
async function tellOtherVersions(connection: QueueConnection, print: (line: string) => void): Promise<void> {
  const others = (await connection.others()) ?? [];
  const queues = others.filter(({ role }) => role === "submitter").map(({ queue }) => queue);
  const strange = queues.find((queue) => queue.startsWith(`${CELLS.name}-`) && queue !== queueName(CELLS));
  if (strange !== undefined)
    print(`note: ${strange} has work there, which this version, ${queueName(CELLS)}, does not take`);
}

/** Makes jobs, and knows which data it lacks. */
class Maker {
  readonly #blobs: Blobs;
  readonly #options: CellsWorkerOptions;
  /** Reasons by what a job was of: data do not change while a worker runs. */
  readonly #refused = new Map<string, string>();

  constructor(blobs: Blobs, options: CellsWorkerOptions) {
    this.#blobs = blobs;
    this.#options = options;
  }

  /** @throws Refused where other workers may be able to do it, the signal's reason */
  async make(job: CellsJob, signal: AbortSignal): Promise<CellsResult> {
    const { out, print, make } = this.#options;
    const about = JSON.stringify(job.materials);
    const known = this.#refused.get(about);
    if (known !== undefined) throw new Refused(known);
    const stray = job.given.find(({ path }) => !belongsTo(job.evaluations, path));
    if (stray) throw new UserError(`"${stray.path}" is no file of its recipes`);
    await clearDelivered(out);
    print(`${titleOf(job.evaluations)}: taken`);
    const given = job.given.map((sent) => fetched(this.#blobs, sent));
    const folder = await prepare(out, jobName(job), job, given);
    const answer = await make(folder, signal);
    signal.throwIfAborted();
    if (answer.kind === "refused") {
      this.#refused.set(about, answer.reason);
      print(`${titleOf(job.evaluations)}: left to other workers: ${answer.reason}`);
      throw new Refused(answer.reason);
    }
    const store = storeIn(folder, { root: "", print }); // needs no data
    const files = await send(this.#blobs, jobName(job), await newFiles(store, job));
    await noteDelivery(folder);
    print(`${titleOf(job.evaluations)}: done`);
    return { files, failures: [...answer.failures] };
  }
}

/** What there is now of a job, without networks that are as they were given, or not trained to their end. */
async function newFiles(store: Store, { evaluations, given }: CellsJob): Promise<StoreFile[]> {
  const left: string[] = [];
  for (const [name, recipe] of networksOf(evaluations)) {
    const checkpoint = `networks/${name}-1/checkpoints/last.safetensors`;
    const before = given.find(({ path }) => path === checkpoint)?.blob.sha256;
    const isNew = (await isTrained(store, recipe)) && (await fileHash(judgedCheckpoint(store, recipe))) !== before;
    if (!isNew) left.push(`networks/${name}-1/`);
  }
  return (await filesOf(store, evaluations)).filter(({ path }) => !left.some((folder) => path.startsWith(folder)));
}
