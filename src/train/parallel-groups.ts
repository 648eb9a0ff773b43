// Groups in parallel: a step of several groups, whose gradients are averaged, or of several streams of local steps, whose
// states are. In a fixed order, so that a training is a function of config and seed, whoever computes its groups.
// Reference: local SGD (Stich 2019); with one local step, synchronous data parallelism.

import { invariant } from "../errors.ts";
import type { CompileOptions } from "../tensor/program.ts";
import { compileTrainer, type Metrics, type StepResult, type Trainer } from "../tensor/trainer.ts";
import { add, mul } from "../tensor/ops.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { asTree, fillTree, type Host, type HostTensor, leaves, mapTree } from "../tensor/tree.ts";
import type { GroupShape } from "../data/groups.ts";
import { GroupComputer, type LocalResult, type MetaPoint } from "./group-computer.ts";
import type { Stepper } from "./loop.ts";
import { type GroupGradient, type MetaBatch, type MetaProblem, type MetaState, metaUpdate } from "./meta-step.ts";

/** The groups of one step. */
export type GroupsBatch = { readonly groups: readonly MetaBatch[] };

/** How a step is made of groups. */
export interface Parallelism {
  /** Groups a step. */
  readonly groupsPerStep: number;
  /** Steps of each stream between two averages of their states; 1: gradients are averaged, at every step. */
  readonly localSteps: number;
  /** The shape of a step's groups, where it changes; all local steps that are made in one go have the same. */
  readonly groupOf?: (step: number) => GroupShape;
}

/** Who computes the parts of a step, whose groups are of one shape. Results come in the order of what was given. */
export interface GroupWorkers {
  gradients(
    point: Host<MetaPoint>,
    batches: readonly Host<MetaBatch>[],
    group: GroupShape,
  ): Promise<Host<GroupGradient>[]>;
  localSteps(
    state: Host<MetaState>,
    streams: readonly (readonly Host<MetaBatch>[])[],
    group: GroupShape,
  ): Promise<LocalResult[]>;
  release(): Promise<void>;
}

/** This process, one group after the other. */
export function ownWorker(problem: MetaProblem): GroupWorkers {
  const computer = new GroupComputer(problem);
  const inTurn = async <T, R>(items: readonly T[], f: (item: T) => Promise<R>): Promise<R[]> => {
    const results: R[] = [];
    for (const item of items) results.push(await f(item));
    return results;
  };
  return {
    gradients: (point, batches, group) => inTurn(batches, (batch) => computer.gradient(point, batch, group)),
    localSteps: (state, streams, group) => inTurn(streams, (batches) => computer.localSteps(state, batches, group)),
    release: () => computer.release(),
  };
}

/** Makes steps of several groups by `workers`, which it releases with itself. */
export async function parallelStepper(
  problem: MetaProblem,
  { groupsPerStep, localSteps, groupOf = () => problem.group }: Parallelism,
  workers: GroupWorkers,
  state: Host<MetaState>,
  options: CompileOptions,
): Promise<Stepper<MetaState, GroupsBatch>> {
  if (localSteps > 1) return new LocalStepper(localSteps, workers, state, groupOf);
  const seen = { gradient: state.params, stats: state.stats };
  const update = await compileTrainer(
    meanUpdate(problem),
    state,
    { groups: Array.from({ length: groupsPerStep }, () => seen) },
    // in plain layout, since its state goes to the workers at every step; on one thread, since theirs wait meanwhile
    { ...options, lowering: "portable", stepsPerCall: 1, threads: 1 },
  );
  return new GradientStepper(update, workers, groupOf);
}

/** What a step has seen, group by group. */
type Seen = { readonly groups: readonly Pick<GroupGradient, "gradient" | "stats">[] };

/** The update by the mean over groups. */
function meanUpdate(problem: MetaProblem): (state: MetaState, seen: Seen) => StepResult<MetaState> {
  const update = metaUpdate(problem);
  return (state, { groups }) => {
    const all = groups.map((group) => new Map(leaves<Tensor>(asTree(group))));
    const mean = mapTree<Tensor, Tensor>(asTree(groups[0]!), (_, path) =>
      mul(
        all.map((group) => group.get(path)!).reduce((sum, part) => add(sum, part)),
        1 / groups.length,
      ),
    );
    return update(state, mean as Seen["groups"][number]);
  };
}

/** One step: the mean gradient of its groups, and the update by it. */
class GradientStepper implements Stepper<MetaState, GroupsBatch> {
  readonly stepsPerCall = 1;
  readonly #update: Trainer<MetaState, Seen>;
  readonly #workers: GroupWorkers;
  readonly #groupOf: (step: number) => GroupShape;

  constructor(update: Trainer<MetaState, Seen>, workers: GroupWorkers, groupOf: (step: number) => GroupShape) {
    this.#update = update;
    this.#workers = workers;
    this.#groupOf = groupOf;
  }

  async run([batch]: readonly Host<GroupsBatch>[], step: number): Promise<Metrics[]> {
    const { params, stats } = await this.state();
    const parts = await this.#workers.gradients({ params, stats }, batch!.groups, this.#groupOf(step));
    const [norm] = await this.#update.run([{ groups: parts }]);
    return [{ ...meanMetrics(parts.map(({ metrics }) => numbers(metrics))), ...norm }];
  }

  state(): Promise<Host<MetaState>> {
    return this.#update.state();
  }

  async release(): Promise<void> {
    await this.#workers.release();
    await this.#update.release();
  }
}

/** Several steps: streams of groups that start from one state, and the mean of where they end. */
class LocalStepper implements Stepper<MetaState, GroupsBatch> {
  readonly stepsPerCall: number;
  readonly #workers: GroupWorkers;
  readonly #groupOf: (step: number) => GroupShape;
  #state: Host<MetaState>;

  constructor(
    localSteps: number,
    workers: GroupWorkers,
    state: Host<MetaState>,
    groupOf: (step: number) => GroupShape,
  ) {
    this.stepsPerCall = localSteps;
    this.#workers = workers;
    this.#state = state;
    this.#groupOf = groupOf;
  }

  async run(batches: readonly Host<GroupsBatch>[], step: number): Promise<Metrics[]> {
    invariant(batches.length === this.stepsPerCall, () => "a round of local steps is cut short");
    const streams = batches[0]!.groups.map((_, stream) => batches.map(({ groups }) => groups[stream]!));
    const ends = await this.#workers.localSteps(this.#state, streams, this.#groupOf(step));
    this.#state = meanOf<MetaState>(ends.map(({ state }) => state));
    return batches.map((_, i) => meanMetrics(ends.map(({ metrics }) => metrics[i]!)));
  }

  state(): Promise<Host<MetaState>> {
    return Promise.resolve(this.#state);
  }

  release(): Promise<void> {
    return this.#workers.release();
  }
}

/** The mean of each number over trees of one structure, summed in their order. */
function meanOf<T extends object>(trees: readonly Host<T>[]): Host<T> {
  const all = trees.map((tree) => leaves(asTree<HostTensor>(tree)));
  const means = all[0]!.map(([path, { shape }], at) => {
    const data = new Float32Array(all[0]![at]![1].data.length);
    for (const of of all) {
      const added = of[at]![1].data as Float32Array;
      for (let i = 0; i < data.length; i++) data[i]! += added[i]!;
    }
    for (let i = 0; i < data.length; i++) data[i]! /= trees.length;
    return [path, { shape, data }] as const;
  });
  const byPath = new Map<string, HostTensor>(means);
  return fillTree<HostTensor, HostTensor>(asTree(trees[0]!), byPath, (path) => byPath.get(path)!) as Host<T>;
}

function meanMetrics(all: readonly Metrics[]): Metrics {
  const names = Object.keys(all[0]!);
  return Object.fromEntries(
    names.map((name) => [name, all.reduce((sum, metrics) => sum + metrics[name]!, 0) / all.length]),
  );
}

const numbers = (metrics: Readonly<Record<string, HostTensor>>): Metrics =>
  Object.fromEntries(Object.entries(metrics).map(([name, { data }]) => [name, Number(data[0])]));
