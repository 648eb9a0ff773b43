// Takes jobs of one kind from a queue and does them, so many at once. A job that this worker does not end, because it is killed
// or loses its connection for long, is taken by another: a lock on it is no longer renewed.

import { hostname } from "node:os";
import { setTimeout } from "node:timers/promises";
import type { Job, Worker } from "bullmq";
import { issueLines, UserError } from "../../errors.ts";
import type { QueueConnection } from "./connection.ts";
import { type JobKind, MOST_DEATHS, PREFIX, queueName } from "./kinds.ts";
import { Refused } from "./refusal.ts";

/** Milliseconds that a refused job is kept back, for this worker to find what it can do. */
const KEPT_BACK = 1000;
/** Milliseconds that a worker rests which finds nothing else than what it refuses; they double each time. */
const FIRST_REST = 1000;
const LONGEST_REST = 30_000;
/** Milliseconds until a worker whose connection broke asks for a job again. */
const AFTER_LOSS = 1000;

export interface WorkerOptions<J, R> {
  /**
   * Does a job. What it throws is the job's end, and told to whoever wants its result; Refused gives it to others.
   * `signal` aborts when the result is no longer wanted from here.
   */
  readonly work: (job: J, signal: AbortSignal) => Promise<R>;
  /** Jobs at once. */
  readonly jobs: number;
  /**
   * Seconds until others take the job of a worker that says nothing any more. The process must come to its event loop
   * several times meanwhile.
   */
  readonly lockSeconds: number;
  /** Told, a line each, of what goes wrong with the queue itself. */
  readonly tell: (line: string) => void;
}

/** "host:4711": whose refusal it is. */
export const workerName = (): string => `${hostname()}:${process.pid}`;

/** Works until it is closed. The connection is the caller's. */
export class QueueWorker<J extends object, R> {
  readonly #worker: Worker;
  readonly #connection: QueueConnection;
  readonly #kind: JobKind<J, R>;
  readonly #options: WorkerOptions<J, R>;
  readonly #underWay = new Map<string, AbortController>();
  /** Jobs that this worker has refused since it last did one, or rested. */
  readonly #refused = new Set<string>();
  /** Rests without a job done in between. */
  #rests = 0;
  readonly #told = new Set<string>();
  #isClosing = false;

  private constructor(connection: QueueConnection, kind: JobKind<J, R>, options: WorkerOptions<J, R>) {
    this.#connection = connection;
    this.#kind = kind;
    this.#options = options;
    this.#worker = new connection.bullmq.Worker(queueName(kind), (job, token) => this.#process(job, token!), {
      connection: connection.redis,
      prefix: PREFIX,
      skipVersionCheck: true,
      autorun: false,
      concurrency: options.jobs,
      lockDuration: 1000 * options.lockSeconds,
      stalledInterval: 500 * options.lockSeconds,
      maxStalledCount: MOST_DEATHS - 1,
      runRetryDelay: AFTER_LOSS,
    });
    this.#worker.on("error", (error) => this.#tell(error));
    this.#worker.on("lockRenewalFailed", (ids: string[]) => ids.forEach((id) => this.#underWay.get(id)?.abort()));
  }

  static async start<J extends object, R>(
    connection: QueueConnection,
    kind: JobKind<J, R>,
    options: WorkerOptions<J, R>,
  ): Promise<QueueWorker<J, R>> {
    const worker = new QueueWorker(connection, kind, options);
    await connection.introduce("worker", queueName(kind));
    await worker.#worker.waitUntilReady();
    void worker.#worker.run().catch((error: Error) => worker.#tell(error));
    return worker;
  }

  async #process(job: Job, token: string): Promise<R> {
    const { DelayedError, UnrecoverableError, WaitingError } = this.#connection.bullmq;
    const id = job.id!;
    const control = new AbortController();
    this.#underWay.set(id, control);
    if (this.#isClosing) control.abort();
    try {
      control.signal.throwIfAborted();
      if (this.#refused.has(id)) await this.#rest(job, token, control.signal);
      const result = await this.#options.work(this.#parsed(job.data), control.signal);
      this.#refused.clear();
      this.#rests = 0;
      return result;
    } catch (error) {
      if (error instanceof WaitingError) throw error;
      if (control.signal.aborted) {
        if (this.#isClosing) await job.moveToWait(token); // else it is another's already
        throw new WaitingError();
      }
      if (error instanceof Refused) {
        this.#refused.add(id);
        await job.updateProgress({ worker: workerName(), reason: error.message });
        await job.moveToDelayed(Date.now() + KEPT_BACK, token);
        throw new DelayedError();
      }
      throw new UnrecoverableError(reasonOf(error));
    } finally {
      this.#underWay.delete(id);
    }
  }

  /** There is nothing else to do: others take a job that was refused before, while this worker looks at none. */
  async #rest(job: Job, token: string, signal: AbortSignal): Promise<never> {
    this.#refused.clear();
    await job.moveToWait(token);
    const rest = Math.min(FIRST_REST * 2 ** this.#rests++, LONGEST_REST);
    await setTimeout(rest, undefined, { signal }).catch(() => undefined);
    throw new this.#connection.bullmq.WaitingError();
  }

  #parsed(data: unknown): J {
    const parsed = this.#kind.job.safeParse(data, { reportInput: true });
    if (parsed.success) return parsed.data;
    throw new UserError(`not a job that this version knows: ${issueLines(parsed.error.issues).join("; ")}`);
  }

  /** Losses of the connection are told by the connection. */
  #tell({ message }: Error): void {
    const isOfConnection = /ECONN|ETIMEDOUT|EPIPE|Connection is closed|Stream isn't writeable/.test(message);
    const isOfLock = /lock|not in the active state/i.test(message); // the job is another's meanwhile
    if (isOfConnection || isOfLock || this.#told.has(message)) return;
    this.#told.add(message);
    this.#options.tell(`the queue: ${message}`);
  }

  /** Hands back what is under way, and takes nothing more. Where the connection is lost, others take it after a while. */
  async close(): Promise<void> {
    this.#isClosing = true;
    for (const control of this.#underWay.values()) control.abort();
    const isLost = this.#connection.redis.status !== "ready"; // then nothing can be handed back, nor waited for
    await Promise.race([this.#worker.close(isLost), this.#connection.lost()]);
  }
}

function reasonOf(error: unknown): string {
  if (error instanceof UserError) return error.hint === undefined ? error.message : `${error.message} (${error.hint})`;
  return error instanceof Error ? error.message : String(error);
}
