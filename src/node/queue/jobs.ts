// Jobs as whoever wants their results sees them: handed in by id, waited for by events and, since a Redis may be killed and
// lose its last second, by looking. A job that is no longer known is handed in again.

import type { Job, Queue, QueueEvents } from "bullmq";
import { issueLines, UserError } from "../../errors.ts";
import type { QueueConnection } from "./connection.ts";
import { type JobKind, KEPT_SECONDS, MOST_DEATHS, PREFIX, queueName } from "./kinds.ts";
import { type Refusal, refusalSchema } from "./refusal.ts";

/** Milliseconds between two looks at a job that no event tells of. */
const LOOK_EVERY = 2000;
/** What BullMQ says of a job that too many workers died over. */
const DIED = "job stalled more than allowable limit";

export interface JobsOptions {
  /** Told of each worker that handed a job back to others, and why: once a worker and reason. */
  readonly onRefusal?: (refusal: Refusal) => void;
}

export interface RunOptions {
  /** 1 and up; lower numbers come first, those of one number in their order. */
  readonly priority?: number;
  /** Ends the waiting, with its reason. The job stays: `remove` takes it away. */
  readonly signal?: AbortSignal | undefined;
}

/** A queue of one kind of job. Call `close` when done; the connection is the caller's. */
export class Jobs<J extends object, R> {
  readonly #connection: QueueConnection;
  readonly #kind: JobKind<J, R>;
  readonly #queue: Queue;
  readonly #events: QueueEvents;
  readonly #wakers = new Map<string, Set<() => void>>();
  readonly #told = new Set<string>();
  readonly #onRefusal: (refusal: Refusal) => void;

  private constructor(connection: QueueConnection, kind: JobKind<J, R>, { onRefusal }: JobsOptions) {
    this.#connection = connection;
    this.#kind = kind;
    this.#onRefusal = onRefusal ?? (() => undefined);
    const { Queue, QueueEvents } = connection.bullmq;
    const name = queueName(kind);
    this.#queue = new Queue(name, { connection: connection.redis, prefix: PREFIX, skipVersionCheck: true });
    this.#events = new QueueEvents(name, {
      connection: connection.redis.duplicate(),
      prefix: PREFIX,
      skipVersionCheck: true,
    });
    this.#queue.on("error", () => undefined); // the connection tells of losses
    this.#events.on("error", () => undefined);
    this.#events.on("completed", ({ jobId }) => this.#wake(jobId));
    this.#events.on("failed", ({ jobId }) => this.#wake(jobId));
    this.#events.on("progress", ({ jobId, data }) => {
      if (this.#wakers.has(jobId)) this.#hear(data);
    });
  }

  static async open<J extends object, R>(
    connection: QueueConnection,
    kind: JobKind<J, R>,
    options: JobsOptions = {},
  ): Promise<Jobs<J, R>> {
    const jobs = new Jobs(connection, kind, options);
    await connection.introduce("submitter", queueName(kind));
    await jobs.#events.waitUntilReady();
    return jobs;
  }

  /**
   * Hands a job in, unless one of this id is there already, and waits for its result. A job that failed before is tried again.
   * @throws UserError with the reason why it failed; the signal's reason
   */
  async run(id: string, job: J, { priority, signal }: RunOptions = {}): Promise<R> {
    const before = await this.#queue.getJob(id);
    if (before?.failedReason) await before.remove().catch(() => undefined); // or another submitter was faster
    for (;;) {
      signal?.throwIfAborted();
      const woken = this.#waiter(id, signal);
      try {
        const found: Job | undefined = (await this.#queue.getJob(id)) ?? (await this.#add(id, job, priority));
        if (found.finishedOn !== undefined) return this.#result(found);
        this.#hear(found.progress);
        await woken.promise;
      } finally {
        woken.release();
      }
    }
  }

  #add(id: string, job: J, priority: number | undefined): Promise<Job> {
    return this.#queue.add(this.#kind.name, job, {
      jobId: id,
      attempts: 1, // what fails once fails again; deaths of workers are counted elsewhere
      ...(priority === undefined ? {} : { priority }),
      removeOnComplete: { age: KEPT_SECONDS },
      removeOnFail: { age: KEPT_SECONDS },
    });
  }

  #result({ failedReason, returnvalue }: Job): R {
    if (failedReason) throw failure(failedReason);
    const result = this.#kind.result.safeParse(returnvalue, { reportInput: true });
    if (result.success) return result.data;
    throw new UserError(`a worker at ${this.#connection.place} answered what this version does not know`, {
      details: issueLines(result.error.issues),
      hint: "find out who else writes to that Redis",
    });
  }

  /** Resolves at the next event of a job, or when it is time to look. */
  #waiter(id: string, signal: AbortSignal | undefined): { readonly promise: Promise<void>; release(): void } {
    let wake = (): void => undefined;
    const promise = new Promise<void>((done) => (wake = done));
    const timer = setTimeout(wake, LOOK_EVERY);
    const wakers = this.#wakers.get(id) ?? new Set();
    this.#wakers.set(id, wakers.add(wake));
    signal?.addEventListener("abort", wake);
    const release = (): void => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", wake);
      wakers.delete(wake);
      if (wakers.size === 0) this.#wakers.delete(id);
    };
    return { promise, release };
  }

  #wake(id: string): void {
    for (const wake of this.#wakers.get(id) ?? []) wake();
  }

  /** Progress is what workers say of jobs that they hand back. */
  #hear(progress: unknown): void {
    const { success, data } = refusalSchema.safeParse(progress);
    if (!success) return;
    const about = JSON.stringify([data.worker, data.reason]);
    if (!this.#told.has(about)) this.#onRefusal(data);
    this.#told.add(about);
  }

  /** Takes jobs away that no worker has under way; of those that one has, it says so by their number. */
  async remove(ids: readonly string[]): Promise<number> {
    const removed = await Promise.all(ids.map((id) => this.#queue.remove(id)));
    return removed.filter((code) => code === 0).length;
  }

  async close(): Promise<void> {
    const closed = Promise.all([this.#events.close(), this.#queue.close()]);
    await Promise.race([closed, this.#connection.lost()]);
  }
}

function failure(reason: string): UserError {
  if (reason !== DIED) return new UserError(reason);
  return new UserError(`${MOST_DEATHS} workers ended over the same job`, {
    hint: "memory may be short where they ran",
  });
}
