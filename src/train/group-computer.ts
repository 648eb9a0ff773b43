// The part of a step that is one group's alone, computed here: its gradient, or steps on it that start from a common state.

import type { GroupShape } from "../data/groups.ts";
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

/** Compiles what it is asked for, once a shape of group. On one thread, so that numbers do not depend on who computes. Call `release`. */
export class GroupComputer {
  readonly #problem: MetaProblem;
  readonly #options: CompileOptions;
  readonly #gradients = new Map<string, Program<Inputs, GroupGradient>>();
  readonly #trainers = new Map<string, Trainer<MetaState, MetaBatch>>();

  constructor(problem: MetaProblem, options: Omit<CompileOptions, "threads"> = {}) {
    this.#problem = problem;
    this.#options = { ...options, threads: 1 };
  }

  async gradient(
    point: Host<MetaPoint>,
    batch: Host<MetaBatch>,
    group: GroupShape = this.#problem.group,
  ): Promise<Host<GroupGradient>> {
    const problem = { ...this.#problem, group };
    const name = shapeName(group);
    const program =
      this.#gradients.get(name) ??
      (await compile(
        ({ batch: images, ...at }: Inputs) => groupGradient(problem)(at, images),
        { ...point, batch: metaBatchSpec(problem) },
        this.#options,
      ));
    this.#gradients.set(name, program);
    return program.run({ ...point, batch });
  }

  /** A step on each batch, one after the other. */
  async localSteps(
    state: Host<MetaState>,
    batches: readonly Host<MetaBatch>[],
    group: GroupShape = this.#problem.group,
  ): Promise<LocalResult> {
    const problem = { ...this.#problem, group };
    const name = shapeName(group);
    const known = this.#trainers.get(name);
    if (known) known.replaceState(state);
    const options = { ...this.#options, stepsPerCall: batches.length };
    const trainer = known ?? (await compileTrainer(metaStep(problem), state, metaBatchSpec(problem), options));
    this.#trainers.set(name, trainer);
    const metrics = await trainer.run(batches);
    return { state: await trainer.state(), metrics };
  }

  async release(): Promise<void> {
    for (const program of [...this.#gradients.values(), ...this.#trainers.values()]) await program.release();
  }
}

/** Of equal shapes the same. @example shapeName({ ways: 5, shots: 10, queries: 15, extra: 10 }) // "5-10-15-10" */
export function shapeName({ ways, shots, queries, extra }: GroupShape): string {
  return [ways, shots, queries, extra].join("-");
}
