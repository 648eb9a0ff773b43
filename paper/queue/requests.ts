// What a submitter has under way: each parcel is handed in, waited for, taken in and cleared away; again where the queue has lost it.

import { rm } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { UserError } from "pudnet/engine";
import { BusyError } from "pudnet/files";
import { Blobs, type Jobs, type QueueConnection } from "pudnet/queue";
import { takeIn } from "../store/arrivals.ts";
import { evaluationName } from "../store/evaluations.ts";
import { type Failure, isKnown } from "../store/run.ts";
import { Store } from "../store/store.ts";
import { type CellsJob, type CellsResult, inOrder, jobName, type Sent } from "./cells.ts";
import { parcelMaterials } from "./materials.ts";
import type { Parcel } from "./parcels.ts";
import { fetched, Gone, send } from "./sending.ts";
import { belongsTo, filesOf, lay } from "./store-files.ts";
import { titleOf } from "./title.ts";
import { Waiting } from "./waiting.ts";

const WAIT_SECONDS = 5;

export class Requests {
  readonly #store: Store;
  readonly #jobs: Jobs<CellsJob, CellsResult>;
  readonly #blobs: Blobs;
  readonly #waiting: Waiting;
  /** What is handed in and not taken in yet: files that were sent, by the name of the job. */
  readonly #open = new Map<string, readonly Sent[]>();
  /** One at a time: the large parcels first. */
  readonly #handing = inTurn();
  /** One at a time, as they may be large. */
  readonly #taking = inTurn();

  constructor(store: Store, connection: QueueConnection, jobs: Jobs<CellsJob, CellsResult>) {
    this.#store = store;
    this.#jobs = jobs;
    this.#blobs = new Blobs(connection);
    this.#waiting = new Waiting(connection);
  }

  /** Has a parcel made; gives what of it failed. Lower priorities come first. @throws the signal's reason */
  async made(parcel: Parcel, priority: number): Promise<Failure[]> {
    const { signal, print } = this.#store.options;
    const failed = (name: string, error: Error): Failure => {
      print(`${name}: ${error.message}`);
      return { name, error };
    };
    try {
      let failures = await this.#asked(parcel, priority);
      for (; failures === undefined; failures = await this.#asked(parcel, priority))
        print(`${titleOf(parcel)}: the queue has lost it; it is handed in again`);
      print(`${titleOf(parcel)}: ${failures.length > 0 ? `${failures.length} failed` : "made"}`);
      return failures.map(({ name, message }) => failed(name, new UserError(message)));
    } catch (error) {
      if (signal?.aborted) throw error;
      return parcel.map(({ recipe }) => failed(evaluationName(recipe), error as Error));
    }
  }

  /** What failed of a parcel that is taken in; undefined where the queue has lost what was sent for it, or its result. */
  async #asked(parcel: Parcel, priority: number): Promise<CellsResult["failures"] | undefined> {
    const { signal } = this.#store.options;
    const job = await this.#handing(() => this.#begun(parcel));
    const name = jobName(job);
    const sent = job.given.map(({ blob }) => blob);
    try {
      const result = await this.#jobs.run(name, job, { priority, signal });
      await this.#taking(() => this.#take(name, parcel, result));
      await this.#done(name, [...job.given, ...result.files]);
      return [...result.failures, ...(await this.#lacking(parcel, result))];
    } catch (error) {
      signal?.throwIfAborted();
      const isLost = error instanceof Gone || !(await this.#blobs.keep(sent));
      await this.#done(name, job.given);
      if (!isLost) throw error;
      await this.#jobs.remove([name]); // whoever else waits for it
      return undefined;
    }
  }

  async #begun(parcel: Parcel): Promise<CellsJob> {
    const ordered = inOrder(parcel);
    const materials = { ...(await parcelMaterials(this.#store, ordered)) };
    const evaluations = ordered.map(({ recipe, measures }) => ({ recipe, measures: { ...measures } }));
    const given = await send(this.#blobs, "given", await filesOf(this.#store, ordered));
    const job = { evaluations, materials, given };
    this.#open.set(jobName(job), given);
    await this.#waiting.begin(jobName(job));
    return job;
  }

  /** @throws Gone, UserError for what does not belong to the parcel or contradicts what is known */
  async #take(name: string, parcel: Parcel, { files }: CellsResult): Promise<void> {
    const stray = files.find(({ path }) => !belongsTo(parcel, path));
    if (stray) throw new UserError(`a worker sent "${stray.path}", which is no file of its recipes`);
    const store = this.#store;
    const arrived = new Store({ ...store.options, out: store.workPath("arrived", name) });
    const coming = files.map((sent) => fetched(this.#blobs, sent));
    const recipes = parcel.map(({ recipe }) => recipe);
    const take = async (): Promise<void> => {
      await rm(arrived.options.out, { recursive: true, force: true });
      try {
        await lay(arrived, coming);
        await takeIn(store, arrived, recipes);
      } finally {
        await rm(arrived.options.out, { recursive: true, force: true });
      }
    };
    await this.#patiently(() => store.claim(name, take));
  }

  /** Again, while another process of this store is at it. */
  async #patiently(work: () => Promise<void>): Promise<void> {
    const { signal } = this.#store.options;
    for (;;) {
      try {
        return await work();
      } catch (error) {
        if (!(error instanceof BusyError)) throw error;
        await sleep(1000 * WAIT_SECONDS, undefined, { signal }).catch(() => signal?.throwIfAborted());
      }
    }
  }

  /** A worker that sends less than was asked for says why. */
  async #lacking(parcel: Parcel, { failures }: CellsResult): Promise<CellsResult["failures"]> {
    const lacking: CellsResult["failures"] = [];
    for (const wanted of parcel) {
      const name = evaluationName(wanted.recipe);
      if (failures.some((failure) => failure.name === name) || (await isKnown(this.#store, wanted))) continue;
      lacking.push({ name, message: "a worker sent fewer groups than were asked for" });
    }
    return lacking;
  }

  /** Nothing more is wanted of a job from here; the last one who wants it clears it away. */
  async #done(name: string, files: readonly Sent[]): Promise<void> {
    this.#open.delete(name);
    if (!(await this.#waiting.end(name))) return;
    await this.#jobs.remove([name]);
    await this.#blobs.remove(files.map(({ blob }) => blob));
  }

  /** Lets what was sent stay in the queue. */
  async keep(): Promise<void> {
    for (const [name, given] of this.#open) {
      await this.#waiting.begin(name);
      await this.#blobs.keep(given.map(({ blob }) => blob));
    }
  }

  /** Takes back what nobody has begun and nobody else wants. */
  async leave(): Promise<void> {
    for (const [name, given] of this.#open) {
      if (!(await this.#waiting.end(name))) continue;
      const underWay = await this.#jobs.remove([name]);
      if (underWay === 0) await this.#blobs.remove(given.map(({ blob }) => blob));
    }
  }
}

/** Runs one piece of work after the other, in the order in which they come. */
function inTurn(): <T>(work: () => Promise<T>) => Promise<T> {
  let last: Promise<unknown> = Promise.resolve();
  return (work) => {
    const turn = last.then(work);
    last = turn.catch(() => undefined);
    return turn;
  };
}
