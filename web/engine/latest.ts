// One job runs and one waits: a newer one takes the place of the one that waits.

interface Waiting<Job, Result> {
  job: Job;
  readonly result: Promise<Result>;
  readonly settle: (result: Promise<Result>) => void;
}

/** Runs jobs one after the other; those that are asked for while one waits become one, as `merged` says, with one result. */
export class Latest<Job, Result> {
  readonly #run: (job: Job) => Promise<Result>;
  readonly #merged: (older: Job, newer: Job) => Job;
  #isRunning = false;
  #waiting: Waiting<Job, Result> | undefined;

  constructor(run: (job: Job) => Promise<Result>, merged: (older: Job, newer: Job) => Job) {
    this.#run = run;
    this.#merged = merged;
  }

  ask(job: Job): Promise<Result> {
    if (!this.#isRunning) return this.#start(job);
    if (this.#waiting) {
      this.#waiting.job = this.#merged(this.#waiting.job, job);
      return this.#waiting.result;
    }
    let settle: Waiting<Job, Result>["settle"] = () => {};
    const result = new Promise<Result>((resolve) => (settle = resolve));
    this.#waiting = { job, result, settle };
    return result;
  }

  async #start(job: Job): Promise<Result> {
    this.#isRunning = true;
    try {
      return await this.#run(job);
    } finally {
      this.#isRunning = false;
      const waiting = this.#waiting;
      this.#waiting = undefined;
      if (waiting) waiting.settle(this.#start(waiting.job));
    }
  }
}
