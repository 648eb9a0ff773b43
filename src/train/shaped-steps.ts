// Steps on groups of several shapes: a compiled program each, between which the state moves.

import type { GroupShape } from "../data/groups.ts";
import type { CompileOptions } from "../tensor/program.ts";
import { compileTrainer, type Metrics, type Trainer } from "../tensor/trainer.ts";
import type { Host } from "../tensor/tree.ts";
import type { Stepper } from "./loop.ts";
import { type MetaBatch, metaBatchSpec, type MetaProblem, type MetaState, metaStep } from "./meta-step.ts";

/** Which shape each step's group has. */
export interface ShapedSteps {
  readonly shapes: readonly GroupShape[];
  /** The number of the shape of step 0, 1, ... */
  shapeOf(step: number): number;
}

type MetaTrainer = Trainer<MetaState, MetaBatch>;
type Open = (shape: number, from: Host<MetaState>) => Promise<MetaTrainer>;

/** Compiles a shape's program when it is first needed. */
export async function shapedStepper(
  problem: MetaProblem,
  steps: ShapedSteps,
  state: Host<MetaState>,
  options: CompileOptions,
): Promise<Stepper<MetaState, MetaBatch>> {
  const open: Open = (shape, from) => {
    const shaped = { ...problem, group: steps.shapes[shape]! };
    return compileTrainer(metaStep(shaped), from, metaBatchSpec(shaped), options);
  };
  const first = await open(0, state);
  return steps.shapes.length === 1 ? first : new ShapedStepper(steps, first, open);
}

class ShapedStepper implements Stepper<MetaState, MetaBatch> {
  readonly #steps: ShapedSteps;
  readonly #open: Open;
  readonly #trainers: Map<number, MetaTrainer>;
  /** The one that holds the present state. */
  #current: MetaTrainer;

  constructor(steps: ShapedSteps, first: MetaTrainer, open: Open) {
    this.#steps = steps;
    this.#open = open;
    this.#trainers = new Map([[0, first]]);
    this.#current = first;
  }

  get stepsPerCall(): number {
    return this.#current.stepsPerCall;
  }

  async run(batches: readonly Host<MetaBatch>[], step: number): Promise<Metrics[]> {
    const metrics: Metrics[] = [];
    while (metrics.length < batches.length) {
      const at = metrics.length;
      const shape = this.#steps.shapeOf(step + at);
      const alike = batches.slice(at).findIndex((_, i) => this.#steps.shapeOf(step + at + i) !== shape);
      const trainer = await this.#switchTo(shape);
      metrics.push(...(await trainer.run(batches.slice(at, alike < 0 ? undefined : at + alike))));
    }
    return metrics;
  }

  async #switchTo(shape: number): Promise<MetaTrainer> {
    const known = this.#trainers.get(shape);
    if (known === this.#current) return known;
    const state = await this.#current.state();
    if (known) known.replaceState(state);
    const trainer = known ?? (await this.#open(shape, state));
    this.#trainers.set(shape, trainer);
    this.#current = trainer;
    return trainer;
  }

  state(): Promise<Host<MetaState>> {
    return this.#current.state();
  }

  async release(): Promise<void> {
    for (const trainer of this.#trainers.values()) await trainer.release();
  }
}
