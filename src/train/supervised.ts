// Training a target network from scratch on a labelled set: what a prediction is compared with. A pure function of its
// arguments: weights are drawn by (initSeed), the order of the images by (seed, epoch).

import { requireLabels } from "../heads/labelled.ts";
import { secondsSince } from "../clock.ts";
import { UserError } from "../errors.ts";
import type { Linear } from "../nn/linear.ts";
import type { CompileOptions } from "../tensor/program.ts";
import { fold, key, sample } from "../tensor/random.ts";
import { compileTrainer, type Metrics, type Trainer } from "../tensor/trainer.ts";
import { asTree, type HostTensor, hostTensor, leaves } from "../tensor/tree.ts";
import type { Network } from "../predict/network-runner.ts";
import { ADAM, smallerRate } from "./optimizer.ts";
import {
  initSupervisedState,
  type SupervisedBatch,
  supervisedBatchSpec,
  type SupervisedProblem,
  type SupervisedState,
  supervisedStep,
} from "./supervised-step.ts";
import { breathe } from "./breathe.ts";

export interface SupervisedInput extends Pick<SupervisedProblem, "arch" | "normalization" | "classes"> {
  /** uint8 [n, 3, side, side] */
  readonly images: Uint8Array;
  /** [n], 0 to classes - 1 */
  readonly labels: ArrayLike<number>;
  /** Fine-tuning: the network to start from, in place of a random one. */
  readonly start?: Network;
  /** The head to start from, in place of a random one. */
  readonly startHead?: Linear<HostTensor>;
}

export interface SupervisedOptions extends Partial<Pick<SupervisedProblem, "optimizer" | "bodyRate">>, CompileOptions {
  readonly epochs: number;
  /** Decides the order of the images and, unless `initSeed` does, the first weights. */
  readonly seed: number;
  readonly initSeed?: number;
  /** Images a step, 64 by default. What is left at the end of an epoch makes a smaller step. */
  readonly batch?: number;
  readonly signal?: AbortSignal;
  /** Asked after each call of the trainer, which makes a few steps: whether these were the last ones. */
  readonly isOver?: (progress: TrainingProgress) => boolean;
  /** Called (and waited for) after each epoch; its time is nobody's training time. */
  readonly onEpoch?: (event: EpochEvent) => void | Promise<void>;
}

/** Where a training is within an epoch. */
export interface TrainingProgress {
  readonly epoch: number;
  /** Since the training began. */
  readonly steps: number;
  /** Mean of the epoch so far. */
  readonly loss: number;
}

export interface EpochEvent {
  /** 1, 2, ...; the last one may have been cut short. */
  readonly epoch: number;
  /** Means over the epoch's images, as they were when trained on. */
  readonly loss: number;
  readonly accuracy: number;
  /** Of this epoch, compilation not included. */
  readonly seconds: number;
  /** The network as it is now. */
  readonly trained: () => Promise<TrainedNetwork>;
}

export interface TrainedNetwork {
  /** Weights and running statistics. */
  readonly network: Network;
  /** weight [classes, d], bias [classes] */
  readonly head: Linear<HostTensor>;
}

export interface SupervisedResult extends TrainedNetwork {
  readonly secondsPerEpoch: readonly number[];
  /** Building and loading the training graphs. */
  readonly compileSeconds: number;
  readonly losses: readonly number[];
}

type SupervisedTrainer = Trainer<SupervisedState, SupervisedBatch>;

/**
 * Trains from random weights, or from given ones: cross entropy, Adam 1e-3, 64 images a step, no augmentation.
 * For example: `const { network, head } = await trainSupervised(set, { epochs: 30, seed: 0 });`
 * @throws UserError where labels and images do not fit, or at the first loss or weights that are not finite; the
 *   signal's reason when it is aborted
 */
export async function trainSupervised(input: SupervisedInput, options: SupervisedOptions): Promise<SupervisedResult> {
  const { epochs, seed, initSeed = seed, batch = 64, optimizer = ADAM, bodyRate = 1, onEpoch } = options;
  const n = checkedCount(input);
  const sizes = stepSizes(n, batch);
  const stepsPerEpoch = Math.floor(n / sizes[0]!) + sizes.length - 1;
  const problem: SupervisedProblem = { ...input, optimizer, bodyRate, steps: epochs * stepsPerEpoch };
  const start = performance.now();
  const trainers = await Trainers.create(problem, startState(input, problem, initSeed), sizes, options);
  const compileSeconds = secondsSince(start);
  const secondsPerEpoch: number[] = [];
  const losses: number[] = [];
  try {
    for (let epoch = 1, isOver = false; epoch <= epochs && !isOver; epoch++) {
      const begin = performance.now();
      const order = sample(
        fold(fold(key(seed), "epoch"), epoch),
        Uint32Array.from({ length: n }, (_, i) => i),
      );
      const { loss, accuracy, ...end } = await trainers.epoch(input, order, epoch, options);
      isOver = end.isOver;
      const seconds = secondsSince(begin);
      secondsPerEpoch.push(seconds);
      losses.push(loss);
      await onEpoch?.({ epoch, loss, accuracy, seconds, trained: () => trainers.trained() });
    }
    return { ...(await trainers.trained()), secondsPerEpoch, compileSeconds, losses };
  } finally {
    await trainers.release();
  }
}

function startState(
  { start, startHead }: SupervisedInput,
  problem: SupervisedProblem,
  seed: number,
): SupervisedState<HostTensor> {
  const { params, stats, optimizer } = initSupervisedState(fold(key(seed), "init"), problem);
  const given = { ...params, weights: start?.weights ?? params.weights, head: startHead ?? params.head };
  return { params: given, stats: start?.stats ?? stats, optimizer };
}

function checkedCount({ arch, images, labels, classes }: SupervisedInput): number {
  const n = images.length / (3 * arch.side ** 2);
  if (n !== labels.length || n === 0) {
    throw new UserError(`${n} images of 3x${arch.side}x${arch.side} with ${labels.length} labels`, {
      hint: "give one label per image, and at least one image",
    });
  }
  requireLabels(labels, classes);
  return n;
}

/** The compiled step for whole batches and, where images are left over, one for the rest: shapes are static. */
class Trainers {
  readonly #problem: SupervisedProblem;
  readonly #sizes: readonly number[];
  readonly #trainers: readonly SupervisedTrainer[];
  /** The one that holds the present state. */
  #current = 0;
  #steps = 0;

  private constructor(problem: SupervisedProblem, sizes: readonly number[], trainers: readonly SupervisedTrainer[]) {
    this.#problem = problem;
    this.#sizes = sizes;
    this.#trainers = trainers;
  }

  static async create(
    problem: SupervisedProblem,
    state: SupervisedState<HostTensor>,
    sizes: readonly number[],
    options: CompileOptions,
  ): Promise<Trainers> {
    const trainers: SupervisedTrainer[] = [];
    for (const size of sizes) {
      const spec = supervisedBatchSpec(problem, size);
      trainers.push(await compileTrainer(supervisedStep(problem), state, spec, options));
    }
    return new Trainers(problem, sizes, trainers);
  }

  /** One pass over the images in the given order, unless it is over before; mean loss and accuracy. */
  async epoch(
    input: SupervisedInput,
    order: readonly number[],
    epoch: number,
    { signal, isOver }: Pick<SupervisedOptions, "signal" | "isOver">,
  ) {
    const sums = { loss: 0, accuracy: 0 };
    let at = 0;
    let isEnd = false;
    for (let i = 0; i < this.#sizes.length && !isEnd; i++) {
      const size = this.#sizes[i]!;
      const trainer = await this.#switchTo(i);
      const end = i === 0 ? at + Math.floor(order.length / size) * size : at + size;
      while (at < end && !isEnd) {
        signal?.throwIfAborted();
        const count = Math.min(trainer.stepsPerCall, (end - at) / size);
        const batches = Array.from({ length: count }, (_, b) =>
          this.#batch(input, order.slice(at + b * size, at + (b + 1) * size)),
        );
        for (const metrics of await trainer.run(batches)) {
          this.#check(metrics, epoch);
          sums.loss += metrics["loss"]! * size;
          sums.accuracy += metrics["accuracy"]! * size;
        }
        at += count * size;
        isEnd = isOver?.({ epoch, steps: this.#steps, loss: sums.loss / at }) ?? false;
        await breathe();
      }
    }
    return { loss: sums.loss / at, accuracy: sums.accuracy / at, isOver: isEnd };
  }

  async #switchTo(i: number): Promise<SupervisedTrainer> {
    const trainer = this.#trainers[i]!;
    if (i !== this.#current) trainer.replaceState(await this.#trainers[this.#current]!.state());
    this.#current = i;
    return trainer;
  }

  #batch(
    { images, labels, arch, classes }: SupervisedInput,
    positions: readonly number[],
  ): SupervisedBatch<HostTensor> {
    const spec = supervisedBatchSpec(this.#problem, positions.length);
    const stride = 3 * arch.side ** 2;
    const pixels = new Uint8Array(positions.length * stride);
    const rows = hostTensor(spec.labels.shape);
    positions.forEach((position, i) => {
      pixels.set(images.subarray(position * stride, (position + 1) * stride), i * stride);
      rows.data[i * classes + labels[position]!] = 1;
    });
    return { images: { shape: spec.images.shape, data: pixels }, labels: rows };
  }

  #check({ loss }: Metrics, epoch: number): void {
    this.#steps++;
    if (Number.isFinite(loss)) return;
    throw new UserError(`epoch ${epoch}, step ${this.#steps}: the loss is ${loss}`, {
      hint: smallerRate(this.#problem.optimizer.learningRate),
    });
  }

  /** @throws UserError for numbers that are not finite: the loss tells of a step only once the next one is made */
  async trained(): Promise<TrainedNetwork> {
    const { params, stats } = await this.#trainers[this.#current]!.state();
    const { weights, head } = params;
    const spoilt = leaves(asTree<HostTensor>({ weights, stats, head })).find(
      ([, { data }]) => !(data as Float32Array).every(Number.isFinite),
    );
    if (spoilt) {
      throw new UserError(`after step ${this.#steps} "${spoilt[0]}" holds numbers that are not finite`, {
        hint: smallerRate(this.#problem.optimizer.learningRate),
      });
    }
    return { network: { weights, stats }, head };
  }

  async release(): Promise<void> {
    for (const trainer of this.#trainers) await trainer.release();
  }
}

/**
 * Images of whole steps and, where enough are left over, of an epoch's last one. A single left-over image is left out of its
 * epoch (another one each time): batch norm has no statistics of one image.
 */
function stepSizes(n: number, batch: number): number[] {
  const rest = n % batch;
  return n < batch ? [n] : rest > 1 ? [batch, rest] : [batch];
}
