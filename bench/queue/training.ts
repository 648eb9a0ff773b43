// Rounds of training through a queue, by one worker and by two on this machine, beside one process without a queue.

import { median } from "../../src/statistics.ts";
import type { ArchName } from "../../src/models/architectures.ts";
import { QueueConnection } from "../../src/node/queue/connection.ts";
import { QueueGroups } from "../../src/node/workers/queue-groups.ts";
import { asTree, type HostTensor, leaves } from "../../src/tensor/tree.ts";
import { key } from "../../src/tensor/random.ts";
import { initMetaState, type MetaBatch, metaBatchSpec, type MetaProblem } from "../../src/train/meta-step.ts";
import { type GroupWorkers, ownWorker, parallelStepper } from "../../src/train/parallel-groups.ts";
import type { Host } from "../../src/tensor/tree.ts";
import type { RedisServer } from "../../test/redis.ts";
import { metaProblem, noise, oneHot, WAYS } from "../problems.ts";
import { startGroupWorkers } from "./group-workers.ts";
import { type Link, simulateRound, type TrainingFigures } from "./simulation.ts";

export interface TrainingPlan {
  readonly arch: ArchName;
  readonly localSteps: number;
  /** Groups a step. */
  readonly slots: number;
  readonly rounds: number;
}

export interface TrainingMeasurement extends TrainingPlan {
  /** Seconds of each round: without a queue, and by so many workers. */
  readonly seconds: { without: number[]; one: number[]; two: number[] };
  /** Seconds of a slot where two compute, over those where one does: what they take from each other on one machine. */
  readonly slowdown: number;
  readonly figures: TrainingFigures;
}

export async function measureTraining(
  redis: RedisServer,
  plan: TrainingPlan,
  link: Link,
  note: (line: string) => void,
): Promise<TrainingMeasurement> {
  const problem = metaProblem(plan.arch);
  const own = await roundsBy(ownWorker(problem), problem, plan);
  note(`training without a queue: ${median(own.seconds).toFixed(2)} s a round`);
  const one = await roundsByQueue(redis, problem, plan, 1);
  note(`training by 1: ${median(one.seconds).toFixed(2)} s a round`);
  const two = await roundsByQueue(redis, problem, plan, 2);
  note(`training by 2: ${median(two.seconds).toFixed(2)} s a round`);
  const { slots } = plan;
  const [slot, slotOfTwo] = [median(one.longest) / slots, median(two.longest) / Math.ceil(slots / 2)];
  const between = median(one.between);
  const bare = { slot, handling: 0, between, bytes: bytesOfRound(problem, plan) };
  // one worker does everything one after the other: what the rest does not explain is the handling of its slots
  const rest = median(one.seconds) - simulateRound(bare, link, slots, 1).seconds;
  const figures = { ...bare, handling: Math.max(0, rest / slots) };
  const seconds = { without: own.seconds, one: one.seconds, two: two.seconds };
  return { ...plan, seconds, slowdown: slotOfTwo / slot, figures };
}

interface Rounds {
  readonly seconds: number[];
  /** Seconds of each round in which the trainer waits for nobody. */
  readonly between: number[];
}

/** The first round compiles, and is not counted. */
async function roundsBy(workers: GroupWorkers, problem: MetaProblem, plan: TrainingPlan): Promise<Rounds> {
  const timed = new TimedWorkers(workers);
  const parallelism = { groupsPerStep: plan.slots, localSteps: plan.localSteps };
  const stepper = await parallelStepper(problem, parallelism, timed, initMetaState(key(0), problem), { threads: 1 });
  const batches = Array.from({ length: plan.localSteps }, () => ({
    groups: Array.from({ length: plan.slots }, () => batchOf(problem)),
  }));
  const [seconds, between]: number[][] = [[], []];
  try {
    for (let round = 0; round <= plan.rounds; round++) {
      const [begun, waited] = [performance.now(), timed.seconds];
      await stepper.run(batches, 0);
      if (round === 0) continue;
      seconds!.push((performance.now() - begun) / 1000);
      between!.push(seconds!.at(-1)! - (timed.seconds - waited));
    }
    return { seconds: seconds!, between: between! };
  } finally {
    await stepper.release();
  }
}

/** `longest`: seconds of each round that the worker which computed longest computed. */
async function roundsByQueue(
  redis: RedisServer,
  problem: MetaProblem,
  plan: TrainingPlan,
  count: number,
): Promise<Rounds & { readonly longest: number[] }> {
  const stop = await startGroupWorkers(redis.url, count);
  const connection = await QueueConnection.open(redis.url, { tell: () => undefined });
  try {
    const groups = await QueueGroups.open(connection, problem, { tell: () => undefined });
    const longest: number[] = [];
    const exchanged = async <T>(work: Promise<T>): Promise<T> => {
      const [begun, before] = [performance.now(), groups.exchange.seconds];
      const result = await work;
      longest.push((performance.now() - begun) / 1000 - (groups.exchange.seconds - before));
      return result;
    };
    const rounds = await roundsBy(
      {
        gradients: (...given) => exchanged(groups.gradients(...given)),
        localSteps: (...given) => exchanged(groups.localSteps(...given)),
        release: () => groups.release(),
      },
      problem,
      plan,
    );
    return { ...rounds, longest: longest.slice(1) };
  } finally {
    await connection.close();
    await stop();
  }
}

/** Counts the seconds that others compute. */
class TimedWorkers implements GroupWorkers {
  readonly #workers: GroupWorkers;
  seconds = 0;

  constructor(workers: GroupWorkers) {
    this.#workers = workers;
  }

  gradients(...given: Parameters<GroupWorkers["gradients"]>): ReturnType<GroupWorkers["gradients"]> {
    return this.#timed(this.#workers.gradients(...given));
  }

  localSteps(...given: Parameters<GroupWorkers["localSteps"]>): ReturnType<GroupWorkers["localSteps"]> {
    return this.#timed(this.#workers.localSteps(...given));
  }

  release(): Promise<void> {
    return this.#workers.release();
  }

  async #timed<T>(work: Promise<T>): Promise<T> {
    const begun = performance.now();
    const result = await work;
    this.seconds += (performance.now() - begun) / 1000;
    return result;
  }
}

function batchOf(problem: MetaProblem): Host<MetaBatch> {
  const { images, classes } = metaBatchSpec(problem);
  const drawn = Array.from({ length: WAYS }, (_, way) => 7 * way);
  return { images: noise(images.shape), classes: oneHot(drawn, classes.shape[1]) };
}

/** Of the trees that are sent: those of a point and a gradient, or of states. */
function bytesOfRound(problem: MetaProblem, { localSteps }: TrainingPlan): TrainingFigures["bytes"] {
  const state = initMetaState(key(0), problem);
  const start = localSteps > 1 ? state : { params: state.params, stats: state.stats };
  const pictures = localSteps * bytesOf(batchOf(problem));
  return { start: bytesOf(start), pictures, result: bytesOf(start) };
}

function bytesOf(tree: object): number {
  return leaves<HostTensor>(asTree(tree)).reduce((sum, [, { data }]) => sum + data.byteLength, 0);
}
