// The learner's worker, and the one after it: squares are kept on this side, so that a new worker is given them when one died, and learns what
// was learned last.

import type { LearnerApi } from "./learner.ts";
import { LivingWorker } from "./living-worker.ts";
import { type Dataset, EngineError, type EngineInfo, type Learned } from "./protocol.ts";
import type { Argument, CallOptions, Result } from "./rpc.ts";

export interface EngineOptions {
  /** Where the checkpoint is fetched from. */
  readonly model: URL;
  /** What people call it. */
  readonly name: string;
}

/** As many threads as onnxruntime takes by itself, where the page is isolated; else it has one. */
const MOST_THREADS = 4;

const NOT_SECURE = "browsers keep hashes and locks, without which nothing is learned, from pages of this address";

interface Living {
  readonly worker: LivingWorker<LearnerApi>;
  readonly info: Promise<EngineInfo>;
}

export class LivingLearner {
  readonly #options: EngineOptions;
  /** All that the learner was given. */
  readonly #squares = new Map<string, Uint8Array>();
  /** What it learned last; forgotten where a worker died of learning it again. */
  #learned: Dataset | undefined;
  #living: Living | undefined;
  #isClosed = false;

  constructor(options: EngineOptions) {
    this.#options = options;
  }

  /** Of the worker that lives, or of the one that is started now. */
  async info(): Promise<EngineInfo> {
    return this.#current().info;
  }

  async call<N extends keyof LearnerApi>(
    name: N,
    argument: Argument<LearnerApi, N>,
    options?: CallOptions,
  ): Promise<Result<LearnerApi, N>> {
    const { worker, info } = this.#current();
    await info;
    return await worker.caller.call(name, argument, options);
  }

  async add(pictures: Parameters<LearnerApi["add"]>[0]): Promise<void> {
    const { info, worker } = this.#current(); // before they are kept: a worker that starts is given what was kept
    const given = pictures.map(({ id, planes }) => ({ id, planes })); // and no more: all of it is copied
    for (const { id, planes } of given) this.#squares.set(id, planes);
    await info;
    await worker.caller.call("add", given);
  }

  async drop(ids: readonly string[]): Promise<void> {
    for (const id of ids) this.#squares.delete(id);
    await this.call("drop", ids);
  }

  async learn(job: Parameters<LearnerApi["learn"]>[0], onProgress: (share: number) => void): Promise<Learned> {
    const learned = await this.call("learn", job, { onProgress });
    this.#learned = job.dataset;
    return learned;
  }

  close(): void {
    this.#isClosed = true;
    this.#living?.worker.end(new EngineError("died", "the engine is closed"));
  }

  #current(): Living {
    if (this.#isClosed) throw new EngineError("died", "the engine is closed");
    if (!isSecureContext)
      throw new EngineError("failed", NOT_SECURE, "open it by https, or on this machine as localhost");
    this.#living ??= this.#start();
    return this.#living;
  }

  #start(): Living {
    const own = new Worker(new URL("./learner-worker.ts", import.meta.url), { type: "module" });
    const worker: LivingWorker<LearnerApi> = new LivingWorker(own, () => {
      if (this.#living?.worker === worker) this.#living = undefined; // else another has taken its place
    });
    const given = Array.from(this.#squares, ([id, planes]) => ({ id, planes }));
    const info = this.#begin(worker, given);
    info.catch(() => {}); // those who wait for it hear of it
    return { worker, info };
  }

  async #begin(worker: LivingWorker<LearnerApi>, given: Parameters<LearnerApi["add"]>[0]): Promise<EngineInfo> {
    const { caller, lock } = worker;
    const { model, name } = this.#options;
    const cores = Math.floor(navigator.hardwareConcurrency / 2);
    const threads = crossOriginIsolated ? Math.max(1, Math.min(MOST_THREADS, cores)) : 1;
    const info = await caller.call("start", { model: model.href, name, threads, lock });
    worker.watch();
    caller.call("warmUp", undefined).catch(() => {}); // whoever calls next hears of it
    if (given.length > 0) await caller.call("add", given);
    await this.#learnAgain(worker);
    return info;
  }

  async #learnAgain({ caller }: LivingWorker<LearnerApi>): Promise<void> {
    const dataset = this.#learned;
    if (!dataset) return;
    this.#learned = undefined;
    try {
      await caller.call("learn", { dataset, how: "weights" });
      this.#learned = dataset;
    } catch (error) {
      if (!(error instanceof EngineError) || error.what !== "failed") throw error; // else pictures of it were dropped since
    }
  }
}
