// The groups of a step, computed by whoever takes them from a queue. What a step needs lies in the queue while it lasts; what
// the queue loses is put there again, and what was under way is computed again: who computes what changes no number.

import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { secondsSince } from "../../clock.ts";
import { UserError } from "../../errors.ts";
import type { GroupShape } from "../../data/groups.ts";
import type { Host } from "../../tensor/tree.ts";
import type { LocalResult, MetaPoint } from "../../train/group-computer.ts";
import type { GroupGradient, MetaBatch, MetaProblem, MetaState } from "../../train/meta-step.ts";
import type { GroupWorkers } from "../../train/parallel-groups.ts";
import { ownCpu } from "../provenance.ts";
import { type Blob, Blobs } from "../queue/blobs.ts";
import type { QueueConnection } from "../queue/connection.ts";
import { Jobs } from "../queue/jobs.ts";
import type { Exchange } from "./exchange.ts";
import { type GroupAnswer, type GroupJob, groupJobs } from "./group-jobs.ts";
import { asResult, madeOnce, type Rooms, roomsFor } from "./messages.ts";
import { bytesOf, fillWith } from "./tree-bytes.ts";
import { WorkerWatch } from "./worker-watch.ts";

/** Seconds that the bytes of a step stay if its training is killed; where a step takes longer they are put there again. */
export const STEP_EXPIRY = 3600;
/** The queue may lose what belongs to one group so many times in a row. */
const MOST_LOSSES = 20;

export interface QueueGroupsOptions {
  /** Aborts when training is to stop: it ends in good order unless nobody is there to compute. */
  readonly signal?: AbortSignal | undefined;
  /** Told, a line each, what a user should know. */
  readonly tell: (line: string) => void;
}

/** Call `release` when done; the connection is the caller's. */
export class QueueGroups implements GroupWorkers {
  readonly #connection: QueueConnection;
  readonly #problem: MetaProblem;
  readonly #jobs: Jobs<GroupJob, GroupAnswer>;
  readonly #watch: WorkerWatch;
  readonly #blobs: Blobs;
  readonly #tell: (line: string) => void;
  readonly #signal: AbortSignal | undefined;
  readonly #gradientRoom: (slot: number) => Host<GroupGradient>;
  readonly #rooms: Rooms;
  #endsRoom: ((slot: number) => ReturnType<Rooms["ends"]>) | undefined;
  /** In the names of all that is this training's. */
  readonly #name = randomUUID();
  #step = 0;
  #seconds = 0;
  #cpus = new Set([ownCpu()]);
  /** Ends with the clearing of all steps. */
  #cleared: Promise<unknown> = Promise.resolve();

  private constructor(
    connection: QueueConnection,
    problem: MetaProblem,
    jobs: Jobs<GroupJob, GroupAnswer>,
    watch: WorkerWatch,
    { signal, tell }: QueueGroupsOptions,
  ) {
    this.#connection = connection;
    this.#problem = problem;
    this.#jobs = jobs;
    this.#watch = watch;
    this.#blobs = new Blobs(connection, { expiry: STEP_EXPIRY });
    this.#signal = signal;
    this.#tell = tell;
    this.#rooms = roomsFor(problem);
    this.#gradientRoom = madeOnce(() => this.#rooms.gradient());
  }

  static async open(
    connection: QueueConnection,
    problem: MetaProblem,
    options: QueueGroupsOptions,
  ): Promise<QueueGroups> {
    const kind = await groupJobs();
    const jobs = await Jobs.open(connection, kind);
    return new QueueGroups(connection, problem, jobs, new WorkerWatch(connection, kind, options.tell), options);
  }

  /** So far. */
  get exchange(): Exchange {
    return { bytes: this.#blobs.moved, seconds: this.#seconds };
  }

  async gradients(
    point: Host<MetaPoint>,
    batches: readonly Host<MetaBatch>[],
    group: GroupShape,
  ): Promise<Host<GroupGradient>[]> {
    const what = { work: "gradient", problem: { ...this.#problem, group } } as const;
    const slots = batches.map((batch) => [batch]);
    return this.#compute(what, point, slots, (bytes, slot) => fillWith(bytes, this.#gradientRoom(slot)));
  }

  async localSteps(
    state: Host<MetaState>,
    streams: readonly (readonly Host<MetaBatch>[])[],
    group: GroupShape,
  ): Promise<LocalResult[]> {
    const what = { work: "local steps", problem: { ...this.#problem, group } } as const;
    const room = (this.#endsRoom ??= madeOnce(() => this.#rooms.ends(streams[0]!.length)));
    return this.#compute(what, state, streams, (bytes, slot) => asResult(fillWith(bytes, room(slot))));
  }

  /** What `read` makes of the results once all slots are done. */
  async #compute<T>(
    what: Pick<GroupJob, "work" | "problem">,
    start: object,
    slots: readonly (readonly Host<MetaBatch>[])[],
    read: (bytes: Uint8Array, slot: number) => T,
  ): Promise<T[]> {
    const step = new Step(this.#jobs, this.#blobs, `${this.#name}.${this.#step++}`, start);
    const begun = performance.now();
    const unwatch = this.#watch.during(step.stop, this.#signal);
    try {
      const all = slots.map(async (batches, slot) => {
        const asked = { ...what, count: batches.length };
        const { bytes, answer } = await step.computed(slot, asked, batches);
        this.#meet(answer.cpu);
        return { value: read(bytes, slot), answer };
      });
      await Promise.race([Promise.allSettled(all), this.#cutOff(step.stop.signal)]);
      step.stop.signal.throwIfAborted();
      const done = await Promise.all(all);
      this.#seconds += Math.max(0, secondsSince(begun) - longestOf(done.map(({ answer }) => answer)));
      return done.map(({ value }) => value);
    } finally {
      unwatch();
      const cleared = step.clear().catch(() => undefined); // it expires
      this.#cleared = Promise.all([this.#cleared, cleared]);
    }
  }

  /** Resolves when a step is to stop and nothing that it waits for comes any more. */
  async #cutOff(stop: AbortSignal): Promise<void> {
    if (!stop.aborted) await once(stop, "abort");
    await this.#connection.lost();
  }

  #meet(cpu: string): void {
    if (this.#cpus.has(cpu)) return;
    this.#cpus.add(cpu);
    this.#tell(
      `note: a worker has another CPU than this machine (${cpu}): last digits may depend on who computes what`,
    );
  }

  async release(): Promise<void> {
    await Promise.race([this.#cleared, this.#connection.lost()]);
    await this.#jobs.close();
  }
}

type Done = Extract<GroupAnswer, { readonly kind: "done" }>;

/** One step's jobs and bytes. The first failure stops all. */
class Step {
  readonly stop = new AbortController();
  readonly #jobs: Jobs<GroupJob, GroupAnswer>;
  readonly #blobs: Blobs;
  readonly #name: string;
  readonly #startParts: Uint8Array[];
  #start: Promise<Blob>;
  readonly #ids: string[] = [];
  readonly #stored: Blob[] = [];

  constructor(jobs: Jobs<GroupJob, GroupAnswer>, blobs: Blobs, name: string, start: object) {
    this.#jobs = jobs;
    this.#blobs = blobs;
    this.#name = name;
    this.#startParts = bytesOf(start);
    this.#start = this.#store(this.#startParts);
    this.#start.catch(() => undefined); // is heard of by whoever uses it
  }

  async #store(parts: readonly Uint8Array[]): Promise<Blob> {
    const blob = await this.#blobs.put(this.#name, parts);
    this.#stored.push(blob);
    return blob;
  }

  /** The bytes of a slot's result. */
  async computed(
    slot: number,
    asked: Pick<GroupJob, "work" | "problem" | "count">,
    batches: readonly object[],
  ): Promise<{ readonly bytes: Uint8Array; readonly answer: Done }> {
    try {
      for (let loss = 0; loss < MOST_LOSSES; loss++) {
        const start = await this.#start;
        const job = { ...asked, start, batches: await this.#store(batches.flatMap(bytesOf)) };
        const id = `${this.#name}.${slot}.${loss}`;
        this.#ids.push(id);
        const answer = await this.#jobs.run(id, job, { signal: this.stop.signal });
        const bytes = answer.kind === "done" ? await this.#fetch(answer.result) : undefined;
        if (bytes && answer.kind === "done") return { bytes, answer };
        await this.#renewStart(start);
      }
      throw new UserError(`the queue loses what is put there, ${MOST_LOSSES} times in a row`, {
        hint: "give that Redis more memory, and set its maxmemory-policy to noeviction",
      });
    } catch (error) {
      this.stop.abort(error);
      throw error;
    }
  }

  async #fetch(result: Blob): Promise<Uint8Array | undefined> {
    this.#stored.push(result);
    return this.#blobs.get(result);
  }

  /** Of those who miss it, the first one puts it there again. */
  async #renewStart(missed: Blob): Promise<void> {
    const start = await this.#start;
    if (start.key !== missed.key || (await this.#blobs.keep([start]))) return;
    if ((await this.#start).key === missed.key) this.#start = this.#store(this.#startParts);
  }

  /** Takes away what is left of it. */
  async clear(): Promise<void> {
    await this.#jobs.remove(this.#ids);
    await this.#blobs.remove(this.#stored);
  }
}

/** Of the process that computed longest. */
function longestOf(answers: readonly Done[]): number {
  const byLane = new Map<string, number>();
  for (const { lane, seconds } of answers) byLane.set(lane, (byLane.get(lane) ?? 0) + seconds);
  return Math.max(...byLane.values());
}
