// Training, whatever is trained: batches drawn by step number, events for whoever listens, a stop at the first loss that is
// not finite. Continuing from a state at step n gives what an undisturbed run would give.

import { UserError } from "../errors.ts";
import type { CompileOptions, Spec } from "../tensor/program.ts";
import { compileTrainer, type Metrics, type StepResult } from "../tensor/trainer.ts";
import { asTree, type Host, type HostTensor, leaves, type Retype } from "../tensor/tree.ts";
import type { Estimate } from "../statistics.ts";
import { breathe } from "./breathe.ts";

/** What a training is a function of. S: the tree of its state. */
export interface TrainingProblem<S extends object, B extends object> {
  readonly steps: number;
  /** Steps between two events. */
  readonly logEvery: number;
  /** The state before the first step. */
  readonly first: Host<S>;
  /** Opens what makes the steps, from a state on. */
  readonly stepper: (state: Host<S>, options: CompileOptions) => Promise<Stepper<S, B>>;
  /** Of the first step. */
  readonly batchSpec: Retype<B, Spec>;
  /** The batch of step 0, 1, ...: a function of that number alone. */
  batch(step: number): Host<B>;
  /** Judges a state now and then; `best` checkpoints are chosen by it. */
  readonly validation?: { readonly every: number; judge(state: Host<S>): Promise<Judged> };
  /** What to try when the loss is no longer finite. */
  readonly remedy: string;
}

/** What validation says of a state. */
export interface Judged {
  /** With several domains the mean of their means, each counting alike. */
  readonly accuracy: Estimate;
  /** By domain, where there are several. */
  readonly domains: readonly { readonly name: string; readonly accuracy: Estimate }[];
}

/** Makes steps from a state on: a compiled Trainer, or several workers that share the groups of each step. */
export interface Stepper<S extends object, B extends object> {
  /** The most steps that one call of `run` makes. */
  readonly stepsPerCall: number;
  /** Makes a step a batch, the first of them number `step`; resolves to the metrics of each. */
  run(batches: readonly Host<B>[], step: number): Promise<Metrics[]>;
  state(): Promise<Host<S>>;
  release(): Promise<void>;
}

/** Steps that are one graph each: (state, batch) -> (state, metrics) on symbolic tensors. */
export function compiledSteps<S extends object, B extends object>(
  step: (state: S, batch: B) => StepResult<S>,
  batchSpec: NoInfer<Retype<B, Spec>>,
): Pick<TrainingProblem<S, B>, "stepper" | "batchSpec"> {
  return { batchSpec, stepper: (state, options) => compileTrainer<S, B>(step, state, batchSpec, options) };
}

/** Whether the state after a step, which is a log line, is validated. */
export function validatesAt(
  { steps, validation }: { readonly steps: number; readonly validation?: { readonly every: number } },
  step: number,
): boolean {
  return validation !== undefined && (step % validation.every === 0 || step === steps);
}

export type TrainEvent =
  | { readonly kind: "step"; readonly step: number; readonly means: Metrics; readonly stepsPerSecond: number }
  | ({ readonly kind: "validation"; readonly step: number } & Judged);

/** A training that runs. Call `release` when done with it. */
export class Training<S extends object, B extends object> {
  readonly #problem: TrainingProblem<S, B>;
  readonly #stepper: Stepper<S, B>;
  #step: number;

  private constructor(problem: TrainingProblem<S, B>, stepper: Stepper<S, B>, step: number) {
    this.#problem = problem;
    this.#stepper = stepper;
    this.#step = step;
  }

  /** Opens what makes the steps; `start` continues an earlier run. */
  static async create<S extends object, B extends object>(
    problem: TrainingProblem<S, B>,
    options: CompileOptions,
    start?: { readonly step: number; readonly state: Host<S> },
  ): Promise<Training<S, B>> {
    const { step, state } = start ?? { step: 0, state: problem.first };
    return new Training(problem, await problem.stepper(state, options), step);
  }

  /** Steps made so far, those before a resumption included. */
  get step(): number {
    return this.#step;
  }

  state(): Promise<Host<S>> {
    return this.#stepper.state();
  }

  /**
   * Trains to the end, one event per `logEvery` steps and one per validation. Stop iterating to stop training.
   * @throws UserError at the first step whose loss is not finite, naming the step and the tensor
   */
  async *run(): AsyncGenerator<TrainEvent> {
    const { steps, logEvery, validation } = this.#problem;
    let sums: Record<string, number> = {};
    let windowStart = performance.now();
    while (this.#step < steps) {
      const boundary = Math.min(steps, (Math.floor(this.#step / logEvery) + 1) * logEvery);
      for (const values of await this.#advance(boundary))
        for (const [name, value] of Object.entries(values)) sums[name] = (sums[name] ?? 0) + value;
      if (this.#step === boundary) {
        const size = boundary - Math.floor((boundary - 1) / logEvery) * logEvery;
        const means = Object.fromEntries(Object.entries(sums).map(([name, total]) => [name, total / size]));
        const stepsPerSecond = (1000 * size) / (performance.now() - windowStart);
        yield { kind: "step", step: this.#step, means, stepsPerSecond };
        sums = {};
        if (validation && validatesAt(this.#problem, this.#step)) {
          yield { kind: "validation", step: this.#step, ...(await validation.judge(await this.state())) };
        }
        windowStart = performance.now();
      }
      await breathe();
    }
  }

  /** One call of the stepper, at most to the given step. */
  async #advance(boundary: number): Promise<Metrics[]> {
    const count = Math.min(this.#stepper.stepsPerCall, boundary - this.#step);
    const batches = Array.from({ length: count }, (_, i) => this.#problem.batch(this.#step + i));
    const metrics = await this.#stepper.run(batches, this.#step);
    for (const [i, values] of metrics.entries()) await this.#check(values, this.#step + i + 1);
    this.#step += count;
    return metrics;
  }

  async #check(metrics: Metrics, step: number): Promise<void> {
    const bad = Object.entries(metrics).find(([, value]) => !Number.isFinite(value));
    if (!bad) return;
    const state = leaves(asTree<HostTensor>(await this.state()));
    const spoilt = state.find(([, { data }]) => (data as Float32Array).some((value) => !Number.isFinite(value)));
    throw new UserError(
      `step ${step}: "${bad[0]}" is ${bad[1]}${spoilt ? `; the first tensor that is no longer finite is "${spoilt[0]}"` : ""}`,
      { hint: this.#problem.remedy },
    );
  }

  async release(): Promise<void> {
    await this.#stepper.release();
  }
}
