// Whether anybody is there to do what is handed in: told when not; and where work is to stop, nobody waits for nobody.

import type { QueueConnection } from "../queue/connection.ts";
import { queueName } from "../queue/kinds.ts";

/** Milliseconds between two looks. */
const LOOK_EVERY = 10_000;

/** Looks for workers of one queue while work is under way. */
export class WorkerWatch {
  readonly #connection: QueueConnection;
  readonly #queue: string;
  readonly #tell: (line: string) => void;
  #hasLooked = false;
  #wasTold = false;

  constructor(
    connection: QueueConnection,
    kind: { readonly name: string; readonly format: number },
    tell: (line: string) => void,
  ) {
    this.#connection = connection;
    this.#queue = queueName(kind);
    this.#tell = tell;
  }

  /** Until the returned function is called. Aborts `stop`, by the signal's reason, once that has aborted and nobody is there. */
  during(stop: AbortController, signal: AbortSignal | undefined): () => void {
    let isOver = false;
    const look = async (): Promise<void> => {
      const missing = await this.#missing();
      if (isOver) return;
      if (missing !== undefined && signal?.aborted) stop.abort(signal.reason);
      if (missing !== undefined && !this.#wasTold) this.#tell(missing);
      this.#wasTold = missing !== undefined;
    };
    const onAbort = (): void => void look();
    const timer = setInterval(onAbort, LOOK_EVERY);
    signal?.addEventListener("abort", onAbort);
    if (!this.#hasLooked || signal?.aborted) onAbort();
    this.#hasLooked = true;
    return () => {
      isOver = true;
      clearInterval(timer);
      signal?.removeEventListener("abort", onAbort);
    };
  }

  /** What is said where nobody is there; undefined also where the Redis does not tell. */
  async #missing(): Promise<string | undefined> {
    const { place } = this.#connection;
    const others = await Promise.race([this.#connection.others(), this.#connection.lost()]);
    if (others === undefined)
      return this.#connection.redis.status === "ready" ? undefined : `nobody answers at ${place}`;
    const workers = others.filter(({ role }) => role === "worker").map(({ queue }) => queue);
    if (workers.includes(this.#queue)) return undefined;
    const strange = workers.find((queue) => queue.split("-")[0] === this.#queue.split("-")[0]);
    const other = strange === undefined ? "" : ` (one of ${strange} is)`;
    return `no worker of ${this.#queue} is connected to ${place}${other}: "pudnet worker --queue ADDRESS" starts one, on any machine`;
  }
}
