// The part of a step that is one group's alone, computed here: its gradient, or steps on it that start from a common state.

import { compile, type CompileOptions, type Program } from "../tensor/program.ts";
import { compileTrainer, type Metrics, type Trainer } from "../tensor/trainer.ts";
import type { Host } from "../tensor/tree.ts";
import {
  groupGradient,
  type GroupGradient,
  type MetaBatch,
  metaBatchSpec,
  type MetaProblem,
  type MetaState,
  metaStep,
} from "./meta-step.ts";

/** What gradients are taken at. */
export type MetaPoint = Pick<MetaState, "params" | "stats">;

/** A state after local steps, with the metrics of each. */
export interface LocalResult {
  readonly state: Host<MetaState>;
  readonly metrics: readonly Metrics[];
}

type Inputs = MetaPoint & { readonly batch: MetaBatch };

/** Compiles what it is asked for, once. On one thread, so that numbers do not depend on who computes. Call `release`. */
export class GroupComputer {
  readonly #problem: MetaProblem;
  readonly #options: CompileOptions;
  #gradient: Program<Inputs, GroupGradient> | undefined;
  #trainer: Trainer<MetaState, MetaBatch> | undefined;

  constructor(problem: MetaProblem, options: Omit<CompileOptions, "threads"> = {}) {
    this.#problem = problem;
    this.#options = { ...options, threads: 1 };
  }

  async gradient(point: Host<MetaPoint>, batch: Host<MetaBatch>): Promise<Host<GroupGradient>> {
    const inputs = { ...point, batch };
    this.#gradient ??= await compile(
      ({ batch: images, ...at }: Inputs) => groupGradient(this.#problem)(at, images),
      { ...point, batch: metaBatchSpec(this.#problem) },
      this.#options,
    );
    return this.#gradient.run(inputs);
  }

  /** A step on each batch, one after the other. */
  async localSteps(state: Host<MetaState>, batches: readonly Host<MetaBatch>[]): Promise<LocalResult> {
    if (this.#trainer) this.#trainer.replaceState(state);
    else {
      const options = { ...this.#options, stepsPerCall: batches.length };
      this.#trainer = await compileTrainer(metaStep(this.#problem), state, metaBatchSpec(this.#problem), options);
    }
    const metrics = await this.#trainer.run(batches);
    return { state: await this.#trainer.state(), metrics };
  }

  async release(): Promise<void> {
    await this.#gradient?.release();
    await this.#trainer?.release();
  }
}
