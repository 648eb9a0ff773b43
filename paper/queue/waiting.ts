// Who waits for the result of a job: the last one takes it away, so that the queue holds no more than somebody wants.

import { randomUUID } from "node:crypto";
import type { QueueConnection } from "pudnet/queue";

/** Seconds until what a killed submitter left is forgotten. */
const EXPIRY = 24 * 3600;

const keyOf = (job: string): string => `pudnet:waiting:${job}`;

/** One submitter among others. */
export class Waiting {
  readonly #redis: QueueConnection["redis"];
  readonly #name = randomUUID();

  constructor({ redis }: QueueConnection) {
    this.#redis = redis;
  }

  async begin(job: string): Promise<void> {
    await this.#redis.sadd(keyOf(job), this.#name);
    await this.#redis.expire(keyOf(job), EXPIRY);
  }

  /** Resolves to whether nobody else waits for it. */
  async end(job: string): Promise<boolean> {
    await this.#redis.srem(keyOf(job), this.#name);
    return (await this.#redis.scard(keyOf(job))) === 0;
  }
}
