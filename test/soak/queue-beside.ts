// A Redis and two workers, of which one after the other is killed and started again.

import { setTimeout as sleep } from "node:timers/promises";
import { fold, type Key, uniform } from "../../src/tensor/random.ts";
import type { Running } from "../built-program.ts";
import { RedisServer } from "../redis.ts";
import { startDisturbed } from "./process.ts";
import type { Beside, Ground } from "./scenario.ts";

/** Seconds between two kills: workers come to work again meanwhile, so that no three die over one job. */
const PAUSE = { least: 4, most: 10 };
/** How often it is the Redis. */
const OF_REDIS = 0.2;

/** Killing goes on until it is disposed of. */
export class QueueBeside implements Beside {
  readonly args: readonly string[];
  kills = 0;
  readonly #folder: string;
  readonly #redis: RedisServer;
  readonly #workers: Running[] = [];
  readonly #stop = new AbortController();
  #killing: Promise<void> = Promise.resolve();

  private constructor({ folder }: Ground, redis: RedisServer) {
    this.#folder = folder;
    this.#redis = redis;
    this.args = ["--queue", redis.url];
  }

  static async start({ folder }: Ground, source: Key): Promise<QueueBeside> {
    const beside = new QueueBeside({ folder }, await RedisServer.start());
    beside.#workers.push(await beside.#worker(), await beside.#worker());
    beside.#killing = beside.#kill(source);
    return beside;
  }

  async #worker(): Promise<Running> {
    const args = ["worker", "--queue", this.#redis.url, "--jobs", "1", "--lock", "3"];
    const worker = startDisturbed(args, { cwd: this.#folder });
    await worker.says(/^waits for groups/m);
    return worker;
  }

  async #kill(source: Key): Promise<void> {
    for (let i = 0; ; i++) {
      const [pause, what, who] = uniform(fold(source, i), 3) as unknown as readonly [number, number, number];
      const seconds = PAUSE.least + pause * (PAUSE.most - PAUSE.least);
      await sleep(1000 * seconds, undefined, { signal: this.#stop.signal }).catch(() => undefined);
      if (this.#stop.signal.aborted) return;
      this.kills++;
      if (what < OF_REDIS) {
        await this.#redis.kill();
        await this.#redis.restart();
      } else {
        const victim = Math.floor(who * this.#workers.length);
        this.#workers[victim]!.stop("SIGKILL");
        this.#workers[victim] = await this.#worker();
      }
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    await this.#killing;
    for (const worker of this.#workers) worker.stop("SIGKILL");
    await Promise.all(this.#workers.map(({ ended }) => ended));
    await this.#redis.stop();
  }
}
