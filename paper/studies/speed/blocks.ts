// The stopwatch: a block is some predictions, one training from scratch on the same images, and some more predictions, in
// one process. PudNet's weights are random: they change nothing of the time, so that nothing need be trained first.

import { loadavg } from "node:os";
import { gatherImages } from "pudnet/datasets";
import { architecture, featureSize } from "pudnet/engine";
import {
  evaluationKey,
  evaluationGroup,
  groupImages,
  Heads,
  type Protocol,
  type TargetRecipe,
} from "pudnet/evaluation";
import {
  breathe,
  type ImageSource,
  type Network,
  Predictor,
  randomModel,
  type SupervisedInput,
  trainSupervised,
} from "pudnet/methods";
import type { Store } from "../../store/store.ts";

/** What is measured: words of the CSV. */
export const PREDICTION = "prediction";
export const CLASSIFICATION = "prediction, centroids and classification";
export const CLOSED_FORM = "prediction, closed form and classification";
export const EPOCH = "training epoch";
/** Of the prediction without the closed form's products, which compile when they are first used, in milliseconds. */
export const COMPILATION = { prediction: "compilation of the prediction", training: "compilation of the training" };

/** Images a training step. */
export const BATCH = 64;
const WARM_UP = 2;
/** Of the full-classification head, which a prediction does not use. */
const TRAIN_CLASSES = 80;

export interface BlockPlan {
  readonly protocol: Protocol;
  /** Epochs that are measured. */
  readonly epochs: number;
  /** Predictions a block, one half before the training and one half after it. */
  readonly repeats: number;
}

export interface Measurement {
  readonly what: string;
  readonly seconds: number;
}

export interface Block {
  /** Processes that ran or waited to run, on average over the minute before the block. */
  readonly load: number;
  /** In the order in which they were taken. */
  readonly measurements: readonly Measurement[];
}

/** Measures one block. @throws the signal's reason when stopped */
export async function measureBlock(store: Store, target: TargetRecipe, plan: BlockPlan): Promise<Block> {
  const { protocol, epochs, repeats } = plan;
  const [load] = loadavg();
  const measurements: Measurement[] = [];
  const note = (what: string, seconds: number): void => void measurements.push({ what, seconds });
  const { input, predictions } = await prepare(store, target, protocol);
  try {
    note(COMPILATION.prediction, predictions.compileSeconds);
    for (let i = 0; i < WARM_UP; i++) await predictions.take();
    const measured = async (count: number): Promise<void> => {
      for (let i = 0; i < count; i++) {
        store.options.signal?.throwIfAborted();
        for (const [what, seconds] of Object.entries(await predictions.take())) note(what, seconds);
        await breathe();
      }
    };
    await measured(Math.ceil(repeats / 2));
    const { signal, print } = store.options;
    const { compileSeconds } = await trainSupervised(input, {
      ...store.compileOptions,
      ...(signal ? { signal } : {}),
      epochs,
      seed: protocol.seed,
      batch: BATCH,
      onEpoch: ({ epoch, seconds }) => {
        note(EPOCH, seconds);
        if (epoch === 1 || epoch % 10 === 0)
          print(`speed: ${target.arch}, epoch ${epoch} of ${epochs}, ${seconds.toFixed(2)} s`);
      },
    });
    note(COMPILATION.training, compileSeconds);
    await measured(Math.floor(repeats / 2));
  } finally {
    await predictions.release();
  }
  return { load: load!, measurements };
}

/** Images and programs for one group of the protocol. */
async function prepare(store: Store, { arch: name, ...shape }: TargetRecipe, protocol: Protocol) {
  const { dataset, pool } = await store.pool(protocol);
  const arch = architecture(name, protocol.side, shape);
  const normalization = { mean: [0.5, 0.5, 0.5], deviation: [0.25, 0.25, 0.25] } as const; // no matter for speed
  const data = { dataset, pool, part: dataset.part };
  const pair = evaluationGroup(data, protocol, evaluationKey(protocol.seed), 0);
  const images = groupImages(data, pair, protocol.shots);
  const input: SupervisedInput = {
    arch,
    normalization,
    classes: protocol.ways,
    images: gatherImages(dataset, pair.generation),
    labels: Array.from(pair.generation, (_, i) => Math.floor(i / protocol.generation)),
  };
  return { input, predictions: await predictionsOf(store, input, images, protocol) };
}

async function predictionsOf(
  store: Store,
  { arch, normalization }: SupervisedInput,
  { generation, labelled, test }: ReturnType<typeof groupImages>,
  protocol: Protocol,
) {
  const start = performance.now();
  const predictor = await Predictor.create(randomModel(arch, normalization, TRAIN_CLASSES), store.compileOptions);
  const few = new Heads(["few"], featureSize(arch), store.compileOptions);
  const closed = new Heads(["closed-form"], featureSize(arch), store.compileOptions);
  const compileSeconds = (performance.now() - start) / 1000;
  const judge = async (network: Network, heads: Heads, labelledImages: ImageSource): Promise<void> => {
    const support = await predictor.features(network, labelledImages);
    await heads.accuracies(support, await predictor.features(network, test), protocol);
  };
  return {
    compileSeconds,
    /** Seconds by what was measured. */
    async take(): Promise<Record<string, number>> {
      const begin = performance.now();
      const network = await predictor.predict(generation);
      const predicted = performance.now();
      await judge(network, few, labelled);
      const classified = performance.now();
      await judge(network, closed, generation);
      return {
        [PREDICTION]: (predicted - begin) / 1000,
        [CLASSIFICATION]: (classified - begin) / 1000,
        [CLOSED_FORM]: (predicted - begin + performance.now() - classified) / 1000,
      };
    },
    async release(): Promise<void> {
      await predictor.release();
      await few.release();
      await closed.release();
    },
  };
}
