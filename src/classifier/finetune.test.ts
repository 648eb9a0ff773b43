import { describe, expect, it } from "vitest";
import { changingPudNet, colouredImages, tinyPudNet } from "../../test/tiny-pudnet.ts";
import { UserError } from "../errors.ts";
import { key, stream } from "../tensor/random.ts";
import { ClassifierSession } from "./classify.ts";
import { type FineTuneOptions, fineTuneClassifier, type FineTuneStage } from "./finetune.ts";
import { someImages } from "./held-out.ts";
import { imageSource } from "../predict/image-source.ts";
import { Predictor } from "../predict/predictor.ts";

const SIDE = 16;
const CLASSES = ["low", "middle", "high"];

/** Noise with a brighter band of rows, whose place tells the class: hard for colours alone, easy to learn. */
function bands(n: number, seed = 1) {
  const next = stream(key(seed));
  const labels = Array.from({ length: n }, (_, i) => i % CLASSES.length);
  const pixels = Uint8Array.from({ length: n * 3 * SIDE * SIDE }, (_, at) => {
    const row = Math.floor((at % (SIDE * SIDE)) / SIDE);
    const isBand = Math.floor(row / 6) === labels[Math.floor(at / (3 * SIDE * SIDE))]!;
    return 190 * next() + (isBand ? 25 : 0);
  });
  return { images: imageSource(pixels, 3 * SIDE * SIDE), labels };
}

const model = tinyPudNet({ side: SIDE, width: 8 });
const accuracies = (stages: readonly FineTuneStage[], start: string) =>
  stages.filter((stage) => stage.start === start).map(({ heldOut }) => heldOut.accuracy);

it("trains the predicted network on what is not held out, and the random one beside it", async () => {
  const { images, labels } = bands(300);
  const told: FineTuneStage[] = [];
  const options = { epochs: 3, learningRate: 3e-3, seed: 2, onStage: (stage: FineTuneStage) => void told.push(stage) };
  const made = await fineTuneClassifier(model, images, labels, CLASSES, options);
  const { classifier, stages, images: counts } = made;
  expect(told).toEqual(stages);
  expect(counts).toEqual({ trained: 270, heldOut: 30 });
  const all = Array.from({ length: 300 }, (_, i) => i);
  expect(made.trainedOn).toEqual(all.filter((i) => !stages[0]!.heldOut.positions.includes(i)));
  expect(stages.map(({ start, epoch }) => `${start} ${epoch}`)).toEqual(
    ["predicted", "random"].flatMap((start) => [0, 1, 2, 3].map((epoch) => `${start} ${epoch}`)),
  );
  for (const { epoch, training, heldOut } of stages) {
    expect(training === undefined).toBe(epoch === 0);
    expect(heldOut.n).toBe(30);
    expect(heldOut.positions).toEqual(stages[0]!.heldOut.positions);
  }
  const [first, last] = [stages[1]!.training!.loss, stages[3]!.training!.loss];
  expect(last).toBeLessThan(first);
  expect(accuracies(stages, "predicted").at(-1)!).toBeGreaterThan(accuracies(stages, "predicted")[0]!);

  // the classifier that comes back, its batch norm folded, answers as the last epoch was judged
  const { positions, predicted, scores } = stages[3]!.heldOut;
  const session = await ClassifierSession.create(classifier);
  const answers = await session.classify(someImages(images, positions), 1);
  await session.release();
  expect(answers.map(([best]) => best!.label)).toEqual(predicted.map((way) => CLASSES[way]));
  answers.forEach(([best], i) => expect(best!.score).toBeCloseTo(scores[i]!, 4));
});

it("is a function of the seed, and the random network changes nothing of it", async () => {
  const { images, labels } = bands(60);
  const predictor = await Predictor.create(model);
  const run = (options: FineTuneOptions) =>
    fineTuneClassifier(predictor, images, labels, CLASSES, { epochs: 1, ...options });
  const full = await run({ seed: 1 });
  const alone = await run({ seed: 1, compare: false });
  const other = await run({ seed: 4, compare: false });
  await predictor.release();
  expect(alone.classifier).toEqual(full.classifier);
  expect(alone.stages.map(({ heldOut }) => heldOut)).toEqual(full.stages.slice(0, 2).map(({ heldOut }) => heldOut));
  expect(alone.stages).toHaveLength(2);
  expect(other.classifier.network).not.toEqual(alone.classifier.network);
});

it("works with two images a class, of which one is trained on", async () => {
  const { images, labels, classes } = colouredImages(3, 2, 8);
  const { classifier, images: counts } = await fineTuneClassifier(tinyPudNet(), images, labels, classes, {
    compare: false,
  });
  expect(counts).toEqual({ trained: 3, heldOut: 3 });
  expect(classifier.head).toMatchObject({ kind: "linear", weight: { shape: [3, 4] }, bias: { shape: [3] } });
});

it("starts from as much of a change as what is trained on prefers, or from what is asked for", async () => {
  const { images, labels, classes } = colouredImages(3, 10, 8);
  const predictor = await Predictor.create(changingPudNet("better"));
  const tune = (options: FineTuneOptions) =>
    fineTuneClassifier(predictor, images, labels, classes, { epochs: 1, compare: false, ...options });
  const auto = await tune({});
  const whole = await tune({ strength: 1 });
  const base = await tune({ strength: 0 });
  await predictor.release();
  expect(auto.change).toMatchObject({ strength: 1, leftOut: { images: 27 } });
  expect([whole.change, base.change]).toEqual([{ strength: 1 }, { strength: 0 }]);
  expect(auto.classifier).toEqual(whole.classifier);
  expect(base.stages[0]!.heldOut.accuracy).toBeLessThan(auto.stages[0]!.heldOut.accuracy);
});

it("takes about 4 % of pictures of its classes for unknown that it was not trained on", async () => {
  const { images, labels } = bands(600);
  const options = { epochs: 5, learningRate: 1e-2, bodyRate: 1, compare: false };
  const { classifier } = await fineTuneClassifier(model, images, labels, CLASSES, options);
  const session = await ClassifierSession.create(classifier);
  const answers = await session.answer(bands(600, 2).images);
  await session.release();
  const known = answers.filter(({ unknown }) => unknown).length / 600;
  expect(known).toBeGreaterThan(0.025); // 0.013 by the rule of the network that it began with
  expect(known).toBeLessThan(0.07);
});

describe("refuses and stops", () => {
  const { images, labels, classes } = colouredImages(2, 6, 8);
  const tune = (options: FineTuneOptions, names = classes, ofImages: number[] = labels) =>
    fineTuneClassifier(tinyPudNet(), images, ofImages, names, options);

  it("what cannot be trained", async () => {
    const bad: [work: Promise<unknown>, message: RegExp][] = [
      [tune({}, ["a"], Array(12).fill(0)), /only one class/],
      [tune({}, classes, [...Array<number>(11).fill(0), 1]), /"class-1" has fewer than 2/],
      [tune({ epochs: 0 }), /0 epochs/],
      [tune({ heldOut: 0 }), /held-out share 0/],
      [tune({ learningRate: 0 }), /learning rate 0/],
      [tune({ bodyRate: -1 }), /body rate -1/],
      [tune({ strength: 0.5 }), /strength 0.5 of a change, but this PudNet predicts none/],
      // one step: its loss is that of the predicted weights
      [tune({ learningRate: 1e39, epochs: 1, compare: false }), /after step 1 ".+" holds numbers that are not finite/],
      [tune({ learningRate: 1e38, epochs: 3 }), /the score of image 0 is (NaN|Infinity)/],
    ];
    for (const [work, message] of bad) {
      await expect(work).rejects.toThrow(message);
      await expect(work).rejects.toBeInstanceOf(UserError);
    }
  });

  it("at a signal", async () => {
    const stop = new AbortController();
    const seen: number[] = [];
    const onStage = ({ epoch }: FineTuneStage): void => {
      seen.push(epoch);
      if (epoch === 1) stop.abort();
    };
    await expect(tune({ signal: stop.signal, onStage })).rejects.toThrow("aborted");
    expect(seen).toEqual([0, 1]);
  });
});

describe("for some seconds", () => {
  it("trains until they are over, and keeps what the held-out pictures are better by", async () => {
    const { images, labels } = bands(300);
    const seen: number[] = [];
    const options = {
      seconds: 1e-9,
      onProgress: ({ steps }: { steps: number }) => void seen.push(steps),
    };
    const { stages, better, classifier, chosen } = await fineTuneClassifier(model, images, labels, CLASSES, options);
    expect(seen).toHaveLength(1); // the steps of one call, less than an epoch
    expect(stages.map(({ start, epoch, head }) => [start, epoch, head])).toEqual([
      ["predicted", 0, chosen.kind],
      ["predicted", 1, "linear"],
    ]);
    const [before, after] = stages.map(({ heldOut }) => heldOut);
    expect(better!.kept).toBe(after!.accuracy > before!.accuracy ? "tuned" : "predicted");
    expect(classifier.head.kind).toBe(better!.kept === "tuned" ? "linear" : chosen.kind);
    expect(better!.heldOut.positions).toEqual(before!.positions);
  });

  it("writes what was predicted where training spoils it", async () => {
    const { images, labels } = bands(90);
    const options = { seconds: 1e-9, learningRate: 3, seed: 1 };
    const { stages, better, classifier } = await fineTuneClassifier(model, images, labels, CLASSES, options);
    expect(stages[1]!.heldOut.accuracy).toBeLessThanOrEqual(stages[0]!.heldOut.accuracy);
    expect(better!.kept).toBe("predicted");
    const { positions, predicted } = stages[0]!.heldOut;
    const session = await ClassifierSession.create(classifier);
    const answers = await session.classify(someImages(images, positions), 1);
    await session.release();
    expect(answers.map(([best]) => best!.label)).toEqual(predicted.map((way) => CLASSES[way]));
  });

  it("refuses what else says how long", async () => {
    const { images, labels } = bands(12);
    const tune = (options: FineTuneOptions) => fineTuneClassifier(model, images, labels, CLASSES, options);
    await expect(tune({ seconds: 1, epochs: 1 })).rejects.toThrow("seconds with epochs");
    await expect(tune({ seconds: 1, compare: true })).rejects.toThrow("seconds with a comparison");
    await expect(tune({ seconds: 0 })).rejects.toThrow("0 seconds, expected more than 0");
  });
});
