// Algorithm 1, meta-training: one Adam step per group, groups drawn lazily by (seed, step). A stream of events; whoever
// listens writes files and prints lines. Continuing from a state at step n gives what an undisturbed run would give.

import { type ImageDataset, gatherImages, positionsByClass } from "../data/dataset.ts";
import type { ClassSplit } from "../data/splits.ts";
import { withTurnedClasses } from "../data/rotations.ts";
import { sampleTask, sampleTestPair, type TaskPool, trainingPools } from "../data/tasks.ts";
import { UserError } from "../errors.ts";
import { architecture } from "../models/architectures.ts";
import type { CompileOptions } from "../tensor/program.ts";
import { fold, key, type Key } from "../tensor/random.ts";
import { compileTrainer, type Metrics, type Trainer } from "../tensor/trainer.ts";
import { type HostTensor, hostTensor, leaves } from "../tensor/tree.ts";
import type { TrainConfig } from "./config.ts";
import { type EvaluationShape, evaluateGroups, evaluationPair, summarise } from "./evaluate.ts";
import {
  initMetaState,
  type MetaBatch,
  metaBatchSpec,
  type MetaProblem,
  type MetaState,
  metaStep,
} from "./meta-step.ts";
import type { PudNetModel } from "./model.ts";
import { pixelStatistics } from "./pixel-statistics.ts";
import { Predictor } from "./predictor.ts";
import { type Estimate } from "./statistics.ts";

/** What a run trains on: derived from the config and the data set, the same on every resumption. */
export interface MetaTask {
  readonly problem: MetaProblem;
  readonly dataset: ImageDataset;
  readonly train: TaskPool;
  readonly val: TaskPool;
  /** Names of the training classes in the order of the full head. */
  readonly trainClasses: readonly string[];
}

export type TrainEvent =
  | { readonly kind: "step"; readonly step: number; readonly means: Metrics; readonly groupsPerSecond: number }
  | { readonly kind: "validation"; readonly step: number; readonly accuracy: Estimate };

/** Resolves a config against its data set. */
export function metaTask(config: TrainConfig, source: ImageDataset, split: ClassSplit): MetaTask {
  const { group, target, pudnet, optimizer, steps } = config;
  const known = usedClasses(config, split);
  const { dataset, turned } = config.data.turnedClasses
    ? withTurnedClasses(source, known.train)
    : { dataset: source, turned: [] };
  const used = { ...known, train: [...known.train, ...turned] };
  const { train, val } = trainingPools(positionsByClass(dataset), used, dataset.part);
  const { stem, width } = target;
  const arch = architecture(target.arch, dataset.side, { width, ...(stem ? { stem } : {}) });
  const { learningRate, warmUp, decay, clip } = optimizer;
  const problem: MetaProblem = {
    pudnet,
    arch,
    group,
    trainClasses: train.classes.length,
    normalization: pixelStatistics(dataset, train),
    optimizer: { learningRate, warmUp, clip, decayTo: decay === "linear" ? steps : undefined },
  };
  // Tasks that cannot be drawn are refused now, not at the first validation.
  sampleTask(train.positions, train.classes, group, key(0), { names: dataset.classes });
  evaluationPair({ dataset, pool: val }, { ...config.validation, ways: group.ways }, key(0), 0);
  return { problem, dataset, train, val, trainClasses: train.classes.map((c) => dataset.classes[c]!) };
}

/** The final run trains on the validation classes too and is validated on held-out images. */
function usedClasses({ data }: TrainConfig, split: ClassSplit): ClassSplit {
  if (data.trainOn === "train") return split;
  return { ...split, train: [...split.train, ...split.val], val: [], valFrom: "images" };
}

/** The state that a run with this seed starts from. */
export function firstState({ problem }: MetaTask, seed: number): MetaState<HostTensor> {
  return initMetaState(fold(key(seed), "init"), problem);
}

/** The model that a state holds. */
export function modelOf(
  { problem, trainClasses }: MetaTask,
  { params, stats }: Pick<MetaState<HostTensor>, "params" | "stats">,
): PudNetModel {
  const { pudnet, arch, normalization } = problem;
  return { config: pudnet, arch, normalization, trainClasses, params, stats };
}

/** The images and classes of the group of one step. */
function groupBatch({ problem, dataset, train, trainClasses }: MetaTask, source: Key): MetaBatch<HostTensor> {
  const task = sampleTask(train.positions, train.classes, problem.group, source, { names: dataset.classes });
  const positions = [...task.support, ...task.query, ...task.extra];
  const classes = hostTensor([problem.group.ways, trainClasses.length]);
  task.classes.forEach((c, way) => (classes.data[way * trainClasses.length + train.classes.indexOf(c)] = 1));
  return { images: { shape: metaBatchSpec(problem).images.shape, data: gatherImages(dataset, positions) }, classes };
}

type MetaTrainer = Trainer<MetaState<HostTensor>, ReturnType<typeof metaBatchSpec>>;

/** A run of meta-training. */
export class MetaTraining {
  readonly #config: TrainConfig;
  readonly #task: MetaTask;
  readonly #trainer: MetaTrainer;
  readonly #options: CompileOptions;
  #step: number;

  private constructor(
    config: TrainConfig,
    task: MetaTask,
    trainer: MetaTrainer,
    options: CompileOptions,
    step: number,
  ) {
    this.#config = config;
    this.#task = task;
    this.#trainer = trainer;
    this.#options = options;
    this.#step = step;
  }

  /** Compiles the training step; `start` continues an earlier run. */
  static async create(
    config: TrainConfig,
    task: MetaTask,
    start?: { readonly step: number; readonly state: MetaState<HostTensor> },
  ) {
    const options: CompileOptions = { device: config.device, ...(config.threads ? { threads: config.threads } : {}) };
    // a validation that cannot be drawn must not fail only when its step comes
    sampleTestPair(task.val.positions, task.val.classes, { ways: config.group.ways, ...config.validation }, key(0), {
      names: task.dataset.classes,
    });
    const { step, state } = start ?? { step: 0, state: firstState(task, config.seed) };
    const trainer = await compileTrainer(metaStep(task.problem) as never, state, metaBatchSpec(task.problem), options);
    return new MetaTraining(config, task, trainer, options, step);
  }

  /** Steps made so far, those before a resumption included. */
  get step(): number {
    return this.#step;
  }

  state(): MetaState<HostTensor> {
    return this.#trainer.state();
  }

  /**
   * Trains to the end of the config, one event per `logEvery` steps and one per validation. Stop iterating to stop training.
   * @throws UserError at the first step whose loss is not finite, naming the step and the tensor
   */
  async *run(): AsyncGenerator<TrainEvent> {
    const { steps, logEvery, validation, seed } = this.#config;
    let sums: Record<string, number> = {};
    let windowStart = performance.now();
    while (this.#step < steps) {
      const boundary = Math.min(steps, (Math.floor(this.#step / logEvery) + 1) * logEvery);
      const count = Math.min(this.#trainer.stepsPerCall, boundary - this.#step);
      const keys = Array.from({ length: count }, (_, i) => fold(fold(key(seed), "group"), this.#step + i));
      const metrics = await this.#trainer.run(keys.map((source) => groupBatch(this.#task, source)));
      metrics.forEach((values, i) => this.#check(values, this.#step + i + 1));
      for (const values of metrics)
        for (const [name, value] of Object.entries(values)) sums[name] = (sums[name] ?? 0) + value;
      this.#step += count;
      if (this.#step === boundary) {
        const size = boundary - Math.floor((boundary - 1) / logEvery) * logEvery;
        const means = Object.fromEntries(Object.entries(sums).map(([name, total]) => [name, total / size]));
        yield {
          kind: "step",
          step: this.#step,
          means,
          groupsPerSecond: (1000 * size) / (performance.now() - windowStart),
        };
        sums = {};
        if (this.#step % validation.every === 0 || this.#step === steps) {
          yield { kind: "validation", step: this.#step, accuracy: await this.validate() };
        }
        windowStart = performance.now();
      }
      await new Promise((resolve) => setImmediate(resolve)); // lets signals and timers in: a call to onnxruntime blocks
    }
  }

  /** Accuracy of the present model on validation groups, the same ones every time. */
  async validate(): Promise<Estimate> {
    const { validation, group, seed } = this.#config;
    const model = modelOf(this.#task, this.state());
    const predictor = await Predictor.create(model, this.#options);
    try {
      const shape: EvaluationShape = { ...validation, ways: group.ways, shots: group.shots };
      const data = { dataset: this.#task.dataset, pool: this.#task.val };
      const results = [];
      for await (const result of evaluateGroups(predictor, data, shape, fold(key(seed), "validation")))
        results.push(result);
      return summarise(results)[`running/${group.shots}-shot centroids`]!;
    } finally {
      await predictor.release();
    }
  }

  #check(metrics: Metrics, step: number): void {
    const bad = Object.entries(metrics).find(([, value]) => !Number.isFinite(value));
    if (!bad) return;
    const state = leaves<HostTensor>(this.state());
    const spoilt = state.find(([, { data }]) => (data as Float32Array).some((value) => !Number.isFinite(value)));
    throw new UserError(
      `step ${step}: "${bad[0]}" is ${bad[1]}${spoilt ? `; the first tensor that is no longer finite is "${spoilt[0]}"` : ""}`,
      { hint: "go on from the last checkpoint with a smaller optimizer.learningRate or optimizer.clip" },
    );
  }

  async release(): Promise<void> {
    await this.#trainer.release();
  }
}
