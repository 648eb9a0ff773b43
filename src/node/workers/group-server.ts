// What a worker of a training does: it takes jobs from the queue and has each computed by a process of one thread, as the
// trainer's own machine would. The processes beside this one leave it free to say that it is alive.

import { secondsSince } from "../../clock.ts";
import type { MetaProblem } from "../../train/meta-step.ts";
import { ownCpu } from "../provenance.ts";
import { type Blob, Blobs } from "../queue/blobs.ts";
import type { QueueConnection } from "../queue/connection.ts";
import { QueueWorker, workerName } from "../queue/worker.ts";
import { type GroupAnswer, type GroupJob, groupJobs } from "./group-jobs.ts";
import { GroupProcesses } from "./group-processes.ts";
import { asEnds, batchRooms, madeOnce, roomsFor } from "./messages.ts";
import { STEP_EXPIRY } from "./queue-groups.ts";
import { bytesOf, fillWith } from "./tree-bytes.ts";

/** Trainings whose programs a process keeps: those of one more are compiled again at each change. */
const PROBLEMS_KEPT = 2;

export interface GroupServerOptions {
  /** Processes, each of which computes one job at a time. */
  readonly jobs: number;
  /** Until others take a job whose worker says nothing any more: it is killed, or cut off. */
  readonly lockSeconds: number;
  /** Told, a line each, what a user should know. */
  readonly tell: (line: string) => void;
}

/** What a worker has done so far. */
export interface Served {
  readonly jobs: number;
  /** Received and sent. */
  readonly bytes: number;
  /** Of computing, all processes together. */
  readonly seconds: number;
  /** Since when there was no work, as `performance.now()` says it; undefined where there is. */
  readonly idleSince: number | undefined;
}

/** Computes groups for trainings until it is closed. The connection is the caller's. */
export class GroupServer {
  readonly #blobs: Blobs;
  readonly #tell: (line: string) => void;
  readonly #idle: Lane[];
  readonly #lanes: readonly Lane[];
  readonly #met = new Set<string>();
  #worker: QueueWorker<GroupJob, GroupAnswer> | undefined;
  /** The start of the last step, which the jobs of a step have in common. */
  #start: { readonly key: string; readonly bytes: Promise<Uint8Array | undefined> } | undefined;
  #jobs = 0;
  #seconds = 0;
  #underWay = 0;
  #idleSince = performance.now();

  private constructor(connection: QueueConnection, { jobs, tell }: GroupServerOptions) {
    this.#blobs = new Blobs(connection, { expiry: STEP_EXPIRY });
    this.#tell = tell;
    this.#lanes = Array.from({ length: jobs }, (_, i) => new Lane(`${workerName()}/${i + 1}`));
    this.#idle = [...this.#lanes];
  }

  static async start(connection: QueueConnection, options: GroupServerOptions): Promise<GroupServer> {
    const server = new GroupServer(connection, options);
    server.#worker = await QueueWorker.start(connection, await groupJobs(), {
      ...options,
      work: (job, signal) => server.#busy(() => server.#work(job, signal)),
    });
    return server;
  }

  get served(): Served {
    const idleSince = this.#underWay > 0 ? undefined : this.#idleSince;
    return { jobs: this.#jobs, bytes: this.#blobs.moved, seconds: this.#seconds, idleSince };
  }

  async #busy<T>(work: () => Promise<T>): Promise<T> {
    this.#underWay++;
    try {
      return await work();
    } finally {
      this.#underWay--;
      this.#idleSince = performance.now();
    }
  }

  async #work(job: GroupJob, signal: AbortSignal): Promise<GroupAnswer> {
    this.#meet(job.problem);
    const [start, batches] = await Promise.all([this.#startOf(job.start), this.#blobs.get(job.batches)]);
    if (!start || !batches) return { kind: "lost" };
    signal.throwIfAborted();
    const lane = this.#takeLane(job);
    try {
      const begun = performance.now();
      const tree = await lane.compute(job, start, batches, signal);
      const seconds = secondsSince(begun);
      if (!(await this.#blobs.keep([job.start]))) return { kind: "lost" }; // or its training is over
      const result = await this.#blobs.put(job.start.key.replace(/\.[^.]*$/, ""), bytesOf(tree));
      this.#jobs++;
      this.#seconds += seconds;
      return { kind: "done", result, seconds, lane: lane.name, cpu: ownCpu() };
    } finally {
      this.#idle.push(lane);
    }
  }

  #meet(problem: MetaProblem): void {
    const training = trainingName(problem);
    if (this.#met.has(training)) return;
    this.#met.add(training);
    this.#tell(`computes for a training of ${problem.arch.name} at ${problem.arch.side} px`);
  }

  #startOf(blob: Blob): Promise<Uint8Array | undefined> {
    if (this.#start?.key !== blob.key) this.#start = { key: blob.key, bytes: this.#blobs.get(blob) };
    return this.#start.bytes;
  }

  /** One that knows the problem, if it is idle. There are as many as jobs at once. */
  #takeLane({ problem }: GroupJob): Lane {
    const at = this.#idle.findIndex((lane) => lane.knows(problem));
    return this.#idle.splice(Math.max(0, at), 1)[0]!;
  }

  /** Hands back what is under way. */
  async close(): Promise<void> {
    await this.#worker?.close();
    await Promise.all(this.#lanes.map((lane) => lane.release()));
  }
}

/** A process beside this one, or one a problem. */
class Lane {
  readonly name: string;
  /** By training, the last used one last. */
  readonly #computers = new Map<string, Computer>();

  constructor(name: string) {
    this.name = name;
  }

  knows(problem: MetaProblem): boolean {
    return this.#computers.has(trainingName(problem));
  }

  /** The tree of the result, whose memory is used again by the next call. @throws the signal's reason */
  async compute(job: GroupJob, start: Uint8Array, batches: Uint8Array, signal: AbortSignal): Promise<object> {
    const name = trainingName(job.problem);
    const computer = this.#computers.get(name) ?? new Computer(job.problem);
    this.#computers.delete(name);
    this.#computers.set(name, computer);
    const [oldest] = this.#computers.keys();
    if (this.#computers.size > PROBLEMS_KEPT) await this.#drop(oldest!);
    const isStopped = new Promise<never>((_, reject) =>
      signal.addEventListener("abort", () => reject(signal.reason as Error), { once: true }),
    );
    try {
      return await Promise.race([computer.compute(job, start, batches), isStopped]);
    } catch (error) {
      await this.#drop(name); // it may be at it still
      throw error;
    }
  }

  async #drop(name: string): Promise<void> {
    const computer = this.#computers.get(name);
    this.#computers.delete(name);
    await computer?.release();
  }

  async release(): Promise<void> {
    await Promise.all([...this.#computers.keys()].map((name) => this.#drop(name)));
  }
}

/** Of all problems of a training, which differ in the shapes of their groups, the same. */
function trainingName(problem: MetaProblem): string {
  const { group: _, ...training } = problem;
  return JSON.stringify(training);
}

/** A process for one training, and memory for what it is given. */
class Computer {
  readonly #process: GroupProcesses;
  readonly #point: (i: number) => ReturnType<ReturnType<typeof roomsFor>["point"]>;
  readonly #state: (i: number) => ReturnType<ReturnType<typeof roomsFor>["state"]>;
  readonly #batch: ReturnType<typeof batchRooms>;

  constructor(problem: MetaProblem) {
    const rooms = roomsFor(problem);
    this.#process = new GroupProcesses(problem, 1);
    [this.#point, this.#state] = [madeOnce(() => rooms.point()), madeOnce(() => rooms.state())];
    this.#batch = batchRooms(rooms);
  }

  async compute({ work, count, problem }: GroupJob, start: Uint8Array, batches: Uint8Array): Promise<object> {
    const { group } = problem;
    const size = batches.length / count;
    const trees = Array.from({ length: count }, (_, i) =>
      fillWith(batches.subarray(i * size, (i + 1) * size), this.#batch(i, group)),
    );
    if (work === "gradient") {
      const [gradient] = await this.#process.gradients(fillWith(start, this.#point(0)), trees, group);
      return gradient!;
    }
    const [ends] = await this.#process.localSteps(fillWith(start, this.#state(0)), [trees], group);
    return asEnds(ends!);
  }

  release(): Promise<void> {
    return this.#process.release();
  }
}
