import { expect, test } from "vitest";
import { UserError } from "../errors.ts";
import { architecture } from "../models/architectures.ts";
import { key, stream } from "../tensor/random.ts";
import { asTree, type HostTensor, leaves } from "../tensor/tree.ts";
import { ADAM, ADAM_GC, type OptimizerRecipe } from "./optimizer.ts";
import { largest } from "../heads/centroid-head.ts";
import { imageSource } from "../predict/image-source.ts";
import { type Network, NetworkRunner } from "../predict/network-runner.ts";
import { classifyWithHead } from "./classify-with-head.ts";
import { type SupervisedInput, type TrainedNetwork, trainSupervised } from "./supervised.ts";

const SIDE = 8;
const PIXELS = 3 * SIDE * SIDE;
const CLASSES = 3;
const arch = architecture("convnet-3", SIDE, { width: 16 });
const normalization = { mean: [0.4, 0.4, 0.4], deviation: [0.25, 0.25, 0.25] } as const;

/** Noise with a brighter horizontal band, whose height tells the class. */
function bands(n: number, seed: number): SupervisedInput {
  const next = stream(key(seed));
  const labels = Array.from({ length: n }, (_, i) => i % CLASSES);
  const images = Uint8Array.from({ length: n * PIXELS }, (_, at) => {
    const row = Math.floor((at % (SIDE * SIDE)) / SIDE);
    const isBand = Math.floor(row / 3) === labels[Math.floor(at / PIXELS)]!;
    return 150 * next() + (isBand ? 60 : 0);
  });
  return { arch, normalization, classes: CLASSES, images, labels };
}

async function accuracyOn(trained: TrainedNetwork, { images, labels }: SupervisedInput): Promise<number> {
  const runner = await NetworkRunner.create({ arch, normalization });
  const scores = await classifyWithHead(runner, trained, imageSource(images, PIXELS));
  await runner.release();
  const predicted = Array.from(labels, (_, i) => largest(scores.subarray(i * CLASSES, (i + 1) * CLASSES)));
  expect(scores.subarray(0, CLASSES).reduce((a, b) => a + b)).toBeCloseTo(1, 5);
  return predicted.filter((label, i) => label === labels[i]).length / labels.length;
}

const numbers = ({ network, head }: TrainedNetwork) =>
  leaves(asTree<HostTensor>({ network, head })).map(([path, { data }]) => [path, data]);

test.each([
  ["adam", ADAM],
  ["adam with centralised gradients", ADAM_GC],
])("%s learns, judged by running statistics on images not seen", async (_, optimizer) => {
  const train = bands(150, 1); // 4 steps of 32 and one of 22
  const seen: number[] = [];
  const result = await trainSupervised(train, {
    epochs: 12,
    seed: 0,
    batch: 32,
    optimizer,
    onEpoch: ({ epoch, loss }) => void seen.push(epoch, loss),
  });
  expect(await accuracyOn(result, bands(300, 2))).toBeGreaterThan(0.9);
  expect(result.losses.at(-1)!).toBeLessThan(result.losses[0]! / 3);
  expect(seen).toEqual(result.losses.flatMap((loss, i) => [i + 1, loss]));
  expect(result.secondsPerEpoch).toHaveLength(12);
});

test("a learning rate that falls to zero does so at the end of the last epoch", async () => {
  /** How far the head's weights go in each epoch. */
  const ways = async (epochs: number, optimizer: OptimizerRecipe): Promise<number[]> => {
    const found: number[] = [];
    let before: Float32Array | undefined;
    const onEpoch = async ({ trained }: { trained: () => Promise<TrainedNetwork> }): Promise<void> => {
      const weight = Float32Array.from((await trained()).head.weight.data as Float32Array);
      found.push(before ? Math.hypot(...weight.map((value, i) => value - before![i]!)) : 0);
      before = weight;
    };
    await trainSupervised(bands(40, 1), { epochs, seed: 3, batch: 16, optimizer, onEpoch });
    return found.slice(1);
  };
  const falling = { ...ADAM, decay: "linear" } as const;
  const [shortest, longer, constant] = [await ways(4, falling), await ways(8, falling), await ways(4, ADAM)];
  for (const way of shortest) expect(way).toBeGreaterThan(0);
  expect(shortest[2]! / constant[2]!).toBeLessThan(0.3); // the rate falls from a quarter to nothing
  expect(shortest[2]! / constant[2]!).toBeGreaterThan(0.05);
  expect(longer[2]! / constant[2]!).toBeGreaterThan(0.4);
});

test("the result is a function of the seed", async () => {
  const train = bands(40, 1);
  const run = (seed: number) => trainSupervised(train, { epochs: 2, seed, batch: 16 });
  const [first, again, other] = [await run(3), await run(3), await run(4)];
  expect(numbers(again)).toEqual(numbers(first));
  expect(numbers(other)).not.toEqual(numbers(first));
});

test("the initial weights have a seed of their own, which is the other one by default", async () => {
  const train = bands(40, 1);
  const run = (seed: number, initSeed?: number, epochs = 0) =>
    trainSupervised(train, { epochs, seed, batch: 16, ...(initSeed === undefined ? {} : { initSeed }) });
  expect(numbers(await run(3, 9))).toEqual(numbers(await run(9)));
  expect(numbers(await run(3))).not.toEqual(numbers(await run(3, 9)));
  expect(numbers(await run(3, 9, 1))).not.toEqual(numbers(await run(9, 9, 1))); // the order of the images differs
});

test("every image is trained on in an epoch, those of the last, smaller step too", async () => {
  const accuracies: number[] = [];
  const onEpoch = ({ accuracy }: { accuracy: number }) => void accuracies.push(accuracy);
  await trainSupervised(bands(37, 1), { epochs: 1, seed: 0, batch: 16, onEpoch });
  const right = accuracies[0]! * 37; // a whole number only if all 37 were counted
  expect(right).toBeCloseTo(Math.round(right), 4);
  expect(right).toBeGreaterThan(1);
  expect(right).toBeLessThan(36);
});

test("a snapshot after an epoch is what a shorter training gives", async () => {
  const train = bands(48, 1);
  let snapshot: TrainedNetwork | undefined;
  await trainSupervised(train, {
    epochs: 3,
    seed: 0,
    batch: 20,
    onEpoch: async ({ epoch, trained }) => {
      if (epoch === 1) snapshot = await trained();
    },
  });
  const short = await trainSupervised(train, { epochs: 1, seed: 0, batch: 20 });
  expect(numbers(snapshot!)).toEqual(numbers(short));
});

test("what does not fit is refused, a loss that is not finite stops the training, a signal too", async () => {
  const train = bands(32, 1);
  const options = { epochs: 2, seed: 0, batch: 16 };
  await expect(trainSupervised({ ...train, labels: [0] }, options)).rejects.toThrow("32 images of 3x8x8 with 1 labels");
  await expect(trainSupervised({ ...train, classes: 2 }, options)).rejects.toThrow("label 2 of image 2");
  const wild = trainSupervised(train, { ...options, optimizer: { ...ADAM, learningRate: 1e38 } });
  await expect(wild).rejects.toThrow(/epoch \d, step \d: the loss is (NaN|Infinity)/);
  await expect(wild).rejects.toBeInstanceOf(UserError);
  const stop = new AbortController();
  const stopped = trainSupervised(train, { ...options, signal: stop.signal, onEpoch: () => stop.abort() });
  await expect(stopped).rejects.toThrow("aborted");
});

test("fine-tuning starts from the given network; a body rate of 0 trains the head alone", async () => {
  const train = bands(64, 1);
  const { network: start } = await trainSupervised(train, { epochs: 4, seed: 0, batch: 16 });
  const tuned = await trainSupervised({ ...train, start }, { epochs: 2, seed: 1, batch: 16, bodyRate: 0 });
  const kernels = (network: Network) => leaves<HostTensor>(network.weights);
  expect(kernels(tuned.network)).toEqual(kernels(start));
  expect(tuned.losses[1]!).toBeLessThan(tuned.losses[0]!);
  const slow = await trainSupervised({ ...train, start }, { epochs: 2, seed: 1, batch: 16, bodyRate: 0.1 });
  const moved = kernels(slow.network).map(([, { data }], i) => {
    const before = kernels(start)[i]![1].data as Float32Array;
    return Math.max(...Array.from(data as Float32Array, (value, j) => Math.abs(value - before[j]!)));
  });
  // Adam moves a weight by at most about its learning rate, 1e-4, in each of the 8 steps
  expect(Math.max(...moved)).toBeGreaterThan(1e-4);
  expect(Math.max(...moved)).toBeLessThan(2e-3);
});

test("ends with the steps that are said to be the last ones, also within an epoch", async () => {
  const train = bands(70, 3);
  const about = { seed: 0, batch: 32 };
  const asked: { epoch: number; steps: number }[] = [];
  const epochs: number[] = [];
  const isOver = ({ epoch, steps }: { epoch: number; steps: number }): boolean => {
    asked.push({ epoch, steps });
    return epoch === 3;
  };
  const onEpoch = ({ epoch }: { epoch: number }) => void epochs.push(epoch);
  const cut = await trainSupervised(train, { ...about, epochs: Infinity, isOver, onEpoch });
  expect(epochs).toEqual([1, 2, 3]);
  expect(asked.filter(({ epoch }) => epoch === 3)).toHaveLength(1);
  const whole = await trainSupervised(train, { ...about, epochs: 2 });
  const steps = asked.filter(({ epoch }) => epoch === 2).at(-1)!.steps;
  expect(asked.at(-1)!.steps).toBeGreaterThan(steps);
  expect(numbers(cut)).not.toEqual(numbers(whole));
  const two = await trainSupervised(train, { ...about, epochs: Infinity, isOver: (at) => at.steps === steps });
  expect(numbers(two)).toEqual(numbers(whole));
});
