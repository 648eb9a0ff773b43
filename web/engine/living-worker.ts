// A worker with its calls, which are refused once it has died: of an error that nobody foresaw, or ended by the browser for want of memory.

import { revivedError, type PlainError } from "./errors.ts";
import { EngineError } from "./protocol.ts";
import { watchLock } from "./life.ts";
import { type Api, Caller } from "./rpc.ts";

export class LivingWorker<A extends Api<A>> {
  readonly caller: Caller<A>;
  /** The worker holds it from when it has started. */
  readonly lock = crypto.randomUUID();
  readonly #worker: Worker;
  readonly #onEnd: () => void;
  #isEnded = false;

  /** `onEnd` hears of its end once, whatever it ended of. */
  constructor(worker: Worker, onEnd: () => void) {
    this.#worker = worker;
    this.#onEnd = onEnd;
    this.caller = new Caller<A>(worker, (error) =>
      revivedError(error as PlainError, (message) => this.end(new EngineError("died", message))),
    );
    worker.addEventListener("error", ({ message }) =>
      this.end(new EngineError("died", message || "the worker could not be started")),
    );
  }

  /** Tells of its end from now on also where the browser ends it; once it holds its lock. */
  watch(): void {
    watchLock(this.lock, () =>
      this.end(new EngineError("died", "the browser ended a worker, perhaps for want of memory")),
    );
  }

  /** The first time alone: its end frees its lock, of which it hears in turn. */
  end(error: EngineError): void {
    if (this.#isEnded) return;
    this.#isEnded = true;
    this.#worker.terminate();
    this.caller.fail(error);
    this.#onEnd();
  }
}
