// An episode of cells through a queue: workers, the submitter and the Redis are killed at random moments until all is made, which must
// be what one process makes without a queue.

import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fold, type Key, key, stream } from "../../src/tensor/random.ts";
import { type Exit, REPRODUCE_MAIN, type Running, start } from "../built-program.ts";
import { RedisServer } from "../redis.ts";
import { STAND_INS } from "./ground.ts";
import { differences } from "./reading.ts";
import { reproducedOutcome } from "./scenarios.ts";
import type { Ground, Outcome } from "./scenario.ts";

const VICTIMS = ["worker", "submitter", "Redis"] as const;
export type Victim = (typeof VICTIMS)[number];

export interface QueuePlan {
  readonly seed: number;
  readonly episode: number;
  /** Kills, at most. */
  readonly most: number;
  /** Milliseconds between two kills, at most. */
  readonly pause: number;
  /** Seconds until the work of a killed worker is taken by others: longer than a machine with much to do holds one up. */
  readonly lockSeconds: number;
}

export interface QueueEpisode {
  readonly kills: readonly Victim[];
  /** What is not as it should be. */
  readonly problems: readonly string[];
}

const WORKERS = 2;
/** One less than makes the queue give a parcel up. */
const MOST_DEATHS = 2;
const CELLS = ["protonet", "pudnet", "random", "pixels"].map((row) => `convnet-3/fashion-set/${row}`);

/** The cells of an episode into a folder. */
const command = (out: string, ...more: readonly string[]): string[] =>
  [
    ["table-1", "--budget", "quick", "--root", STAND_INS, "--threads", "1", "--out", out],
    CELLS.flatMap((cell) => ["--cell", cell]),
    more,
  ].flat();

/** What one process makes without a queue. */
export async function withoutQueue(ground: Ground): Promise<Outcome> {
  const { code, stderr } = await startHere(ground, command("without-queue")).ended;
  if (code !== 0) throw new Error(`without a queue, it failed: ${stderr}`);
  return reproducedOutcome(join(ground.folder, "without-queue"));
}

/** Kills until all is made, or `most` times. `expected`: see `withoutQueue`. */
export async function queueEpisode(ground: Ground, expected: Outcome, plan: QueuePlan): Promise<QueueEpisode> {
  await using stage = await Stage.set(ground, plan);
  const source = fold(fold(key(plan.seed), "queue"), plan.episode);
  const kills = await stage.killUntilDone(source);
  return { kills, problems: await stage.problems(expected) };
}

const startHere = ({ folder }: Ground, args: readonly string[]): Running =>
  start(args, { cwd: folder, env: { PUDNET_CACHE: join(folder, "cache") }, program: REPRODUCE_MAIN });

/** A Redis, a submitter and some workers. */
class Stage implements AsyncDisposable {
  readonly #ground: Ground;
  readonly #plan: QueuePlan;
  readonly #redis: RedisServer;
  readonly #workers: Running[] = [];
  readonly #deaths = new Map<string, number>();
  #submitter: Running;
  #end: Exit | undefined;

  private constructor(ground: Ground, plan: QueuePlan, redis: RedisServer) {
    this.#ground = ground;
    this.#plan = plan;
    this.#redis = redis;
    for (let i = 0; i < WORKERS; i++) this.#workers.push(this.#worker(i));
    this.#submitter = this.#submit();
  }

  static async set(ground: Ground, plan: QueuePlan): Promise<Stage> {
    return new Stage(ground, plan, await RedisServer.start());
  }

  get #out(): string {
    return `queue-${this.#plan.episode}`;
  }

  /** Each has a folder of its own, as on machines apart. */
  #worker(i: number): Running {
    const out = join(`${this.#out}-workers`, String(i));
    const options = ["--root", STAND_INS, "--threads", "1", "--out", out, "--lock", String(this.#plan.lockSeconds)];
    return startHere(this.#ground, ["worker", "--queue", this.#redis.url, ...options]);
  }

  #submit(): Running {
    const submitter = startHere(this.#ground, command(this.#out, "--queue", this.#redis.url));
    void this.#note(submitter);
    return submitter;
  }

  async #note(submitter: Running): Promise<void> {
    const exit = await submitter.ended;
    if (exit.signal !== "SIGKILL") this.#end = exit;
  }

  async killUntilDone(source: Key): Promise<Victim[]> {
    const next = stream(source);
    const kills: Victim[] = [];
    const { most, pause } = this.#plan;
    while (this.#end === undefined) {
      await Promise.race([sleep(pause * next()), this.#submitter.ended]);
      const chance = next();
      const victim = chance < 0.6 ? "worker" : chance < 0.8 ? "submitter" : "Redis";
      const which = Math.floor(next() * WORKERS);
      if (this.#end !== undefined || kills.length === most) break;
      if (await this.#kill(victim, which)) kills.push(victim);
    }
    await this.#submitter.ended;
    return kills;
  }

  /** Kills one and starts it again; false where that would be once too often. */
  async #kill(victim: Victim, which: number): Promise<boolean> {
    if (victim === "Redis") {
      await this.#redis.kill();
      await this.#redis.restart();
      return true;
    }
    if (victim === "submitter") {
      this.#submitter.stop("SIGKILL");
      await this.#submitter.ended;
      if (this.#end === undefined) this.#submitter = this.#submit();
      return this.#end === undefined;
    }
    const parcel = underWay(this.#workers[which]!.said());
    const deaths = this.#deaths.get(parcel) ?? 0;
    if (parcel !== "" && deaths === MOST_DEATHS) return false;
    this.#deaths.set(parcel, deaths + 1);
    this.#workers[which]!.stop("SIGKILL");
    await this.#workers[which]!.ended;
    this.#workers[which] = this.#worker(which);
    return true;
  }

  async problems(expected: Outcome): Promise<string[]> {
    const { code, stdout, stderr } = this.#end!;
    if (code !== 0) return [`the submitter ended with exit code ${code}: ${stderr || stdout}`];
    const found = await reproducedOutcome(join(this.#ground.folder, this.#out));
    return [...differences(found, expected), ...(await this.#workersProblems())];
  }

  /** A worker that is asked to stop does so, and says so by its exit code. */
  async #workersProblems(): Promise<string[]> {
    for (const worker of this.#workers) worker.stop("SIGTERM");
    const ends = await Promise.all(this.#workers.map(({ ended }) => ended));
    return ends
      .filter(({ code }) => code !== 130)
      .map(({ code, stderr }) => `a worker ended with exit code ${code}: ${stderr}`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const one of [this.#submitter, ...this.#workers]) {
      one.stop("SIGKILL");
      await one.ended;
    }
    await this.#redis.stop();
  }
}

/** The parcel that a worker has taken and not done; nothing where there is none. */
function underWay(said: string): string {
  const [, parcel = "", end] = [...said.matchAll(/^[\d:]+ (.*): (taken|done)$/gm)].at(-1) ?? [];
  return end === "taken" ? parcel : "";
}
