// The packages that queues are made of, which are optional: loaded when the first queue is opened.

import { loadOptional } from "../optional-packages.ts";

/** BullMQ and the client of Redis below it. */
export interface Engine {
  readonly bullmq: typeof import("bullmq");
  readonly Redis: typeof import("ioredis").Redis;
}

/** @throws UserError with the command that installs what is missing */
export function loadEngine(): Promise<Engine> {
  return loadOptional("a queue", ["bullmq", "ioredis"], async () => {
    const [{ Redis }, bullmq] = await Promise.all([import("ioredis"), import("bullmq")]);
    return { bullmq, Redis };
  });
}
