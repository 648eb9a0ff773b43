// What a prediction is worth: the same pictures, the same network, several ways to its weights; accuracy on pictures none
// of them has seen, and the time each takes once it is warm.

import { secondsSince } from "../clock.ts";
import { initWeights } from "../models/network.ts";
import type { Prediction } from "../report/predictions.ts";
import type { CompileOptions } from "../tensor/program.ts";
import { fold, key } from "../tensor/random.ts";
import { largest } from "../heads/centroid-head.ts";
import { chooseHead } from "../heads/choose-head.ts";
import { headProbabilities, type PredictedHead } from "../heads/classifier-head.ts";
import type { ChangeReport } from "../heads/change-strength.ts";
import type { HeadChoice } from "../heads/head-choices.ts";
import { predictsKernels } from "../hypernet/pudnet.ts";
import { type Classifier, predictClassifier } from "./classifier.ts";
import { ClassifierSession } from "./classify.ts";
import type { HeadReport } from "./fitted-head.ts";
import type { NormMode } from "../train/evaluation/groups.ts";
import { normalizedPixels } from "../train/evaluation/random-network.ts";
import type { PudNetModel } from "../predict/model.ts";
import { type ImageSource, imageSource } from "../predict/image-source.ts";
import { Predictor } from "../predict/predictor.ts";
import { classifyWithHead } from "../train/classify-with-head.ts";
import { type EpochEvent, trainSupervised } from "../train/supervised.ts";

export interface LabelledPixels {
  /** uint8 [n, 3, side, side] */
  readonly images: Uint8Array;
  /** [n], indices into the class names */
  readonly labels: readonly number[];
}

export interface ComparisonData {
  /** What weights are predicted from, and trained on. */
  readonly generation: LabelledPixels;
  /** What all are judged on. */
  readonly heldOut: LabelledPixels;
  readonly classes: readonly string[];
}

export interface Method {
  readonly name: string;
  readonly note: string;
  /** Share of the held-out pictures. */
  readonly accuracy: number;
  readonly n: number;
  /** Until the classifier is ready, graphs being compiled and warm. */
  readonly seconds: number;
  readonly isOurs: boolean;
}

export interface Comparison {
  /** The prediction first. */
  readonly methods: readonly Method[];
  readonly classifier: Classifier;
  /** Of the predicted classifier, for the held-out pictures in their order. */
  readonly predictions: readonly Prediction[];
  /** Seconds. */
  readonly times: {
    /** Compiling the hypernetwork's graphs. */
    readonly compile: number;
    /** The first forward pass, and the first classifier, in this process. */
    readonly coldPass: number;
    readonly coldClassifier: number;
    /** The same once warm. */
    readonly pass: number;
    readonly classifier: number;
    /** Building and loading the training graphs. */
    readonly trainingCompile: number;
  };
}

export interface ComparisonOptions extends CompileOptions {
  readonly seed: number;
  /** Of the prediction; the random network's statistics are always fitted, it has no others. */
  readonly norm: NormMode;
  /** Of all but the training from scratch; `auto` by default. */
  readonly head?: HeadChoice;
  /** Of the training from scratch: judged after the first and after the last. */
  readonly epochs: number;
  readonly onMethod?: (method: Method) => void;
  readonly onEpoch?: (event: Pick<EpochEvent, "epoch" | "loss" | "accuracy" | "seconds">) => void;
  readonly signal?: AbortSignal;
}

/** Predicts, and compares with a random network, with raw pixels and with training from scratch. */
export async function compareMethods(
  model: PudNetModel,
  data: ComparisonData,
  options: ComparisonOptions,
): Promise<Comparison> {
  const start = performance.now();
  const predictor = await Predictor.create(model, options);
  const compile = secondsSince(start);
  try {
    const judge = new Judge(data, 3 * model.arch.side ** 2, options.onMethod);
    const { classifier, predictions, times } = await predicted(predictor, data, judge, options);
    await randomNetwork(predictor, data, judge, options);
    await rawPixels(predictor, data, judge, options);
    const trainingCompile = await fromScratch(predictor, data, judge, options);
    return { methods: judge.methods, classifier, predictions, times: { compile, ...times, trainingCompile } };
  } finally {
    await predictor.release();
  }
}

/** Keeps the held-out pictures and what came out for them. */
class Judge {
  readonly heldOut: ImageSource;
  readonly generation: ImageSource;
  readonly methods: Method[] = [];
  readonly #labels: readonly number[];
  readonly #onMethod: ComparisonOptions["onMethod"];

  constructor({ heldOut, generation }: ComparisonData, pixels: number, onMethod: ComparisonOptions["onMethod"]) {
    this.heldOut = imageSource(heldOut.images, pixels);
    this.generation = imageSource(generation.images, pixels);
    this.#labels = heldOut.labels;
    this.#onMethod = onMethod;
  }

  add(about: Pick<Method, "name" | "note" | "seconds">, answers: readonly number[], isOurs = false): void {
    const n = this.#labels.length;
    const accuracy = answers.filter((answer, i) => answer === this.#labels[i]).length / n;
    this.methods.push({ ...about, accuracy, n, isOurs });
    this.#onMethod?.(this.methods.at(-1)!);
  }
}

/** The largest entry of each row of [n, ways]. */
function largestOfRows(scores: Float32Array, ways: number): number[] {
  return Array.from({ length: scores.length / ways }, (_, i) => largest(scores.subarray(i * ways, (i + 1) * ways)));
}

/** Twice: the first time compiles what is left and warms up, the second is what the table tells. */
async function predicted(
  predictor: Predictor,
  { generation, heldOut, classes }: ComparisonData,
  judge: Judge,
  options: ComparisonOptions,
) {
  const coldStart = performance.now();
  await predictor.predict(judge.generation);
  const coldPass = secondsSince(coldStart);
  const settings = { ...options, heldOut: 0 };
  const make = () => predictClassifier(predictor, judge.generation, generation.labels, classes, settings);
  await make();
  const coldClassifier = secondsSince(coldStart);
  const { classifier, chosen, change, seconds } = await make();
  const [pass, ready] = [seconds.forwardPass, seconds.forwardPass + seconds.head];
  const running = await ClassifierSession.create(classifier, options);
  const scores = await running.probabilities(judge.heldOut);
  await running.release();
  const answers = largestOfRows(scores, classes.length);
  judge.add({ ...ours(predictor, options, chosen, change), seconds: ready }, answers, true);
  const predictions = answers.map((answer, i): Prediction => ({
    predicted: answer,
    score: scores[i * classes.length + answer]!,
    label: heldOut.labels[i]!,
  }));
  return { classifier, predictions, times: { coldPass, coldClassifier, pass, classifier: ready } };
}

/** What the first row is called, and what it says. */
function ours(
  { model }: Predictor,
  { norm }: ComparisonOptions,
  { kind }: HeadReport,
  change?: ChangeReport,
): Pick<Method, "name" | "note"> {
  const made = norm === "running" ? HEAD_TITLES[kind] : `batch norm and ${HEAD_TITLES[kind]}`;
  const strength = change ? `, by which ${change.strength} of the predicted change was made` : "";
  return predictsKernels(model.config)
    ? {
        name: "PudNet, predicted",
        note: `all weights in one forward pass, then ${made} of the same pictures${strength}`,
      }
    : { name: "General network", note: `weights that were trained once, on other pictures; ${made} of these pictures` };
}

const HEAD_TITLES: Readonly<Record<PredictedHead["kind"], string>> = {
  centroids: "centroids",
  "closed-form": "closed form",
};

/** What the head alone achieves: the same network with random weights, batch norm fitted likewise. */
async function randomNetwork(
  predictor: Predictor,
  data: ComparisonData,
  judge: Judge,
  options: ComparisonOptions,
): Promise<void> {
  const random = initWeights(fold(key(options.seed), "random network"), predictor.model.arch);
  const [{ network, head }, seconds] = await secondTime(async () => {
    const fitted = await predictor.fit(random, judge.generation);
    const features = await predictor.fittedFeatures(fitted, judge.generation);
    return { network: fitted.network, head: await headOf(features, predictor, data, options) };
  });
  const note = `the same network, batch norm and ${HEAD_TITLES[head.kind]} of the same pictures, nothing learned`;
  const about = { name: "Random weights", note, seconds };
  const scores = headProbabilities(head, await predictor.features(network, judge.heldOut));
  judge.add(about, largestOfRows(scores, data.classes.length));
}

/** What no network at all achieves. */
async function rawPixels(
  predictor: Predictor,
  data: ComparisonData,
  judge: Judge,
  options: ComparisonOptions,
): Promise<void> {
  const { arch, normalization } = predictor.model;
  const pixels = ({ images }: LabelledPixels): Float32Array => normalizedPixels(images, arch.side ** 2, normalization);
  const [head, seconds] = await secondTime(() => headOf(pixels(data.generation), predictor, data, options));
  const note = `normalised; ${HEAD_TITLES[head.kind]} of the same pictures, no network`;
  const about = { name: "Raw pixels", note, seconds };
  judge.add(about, largestOfRows(headProbabilities(head, pixels(data.heldOut)), data.classes.length));
}

/** What comes of it, and the seconds that it takes when done once more. */
async function secondTime<T>(make: () => Promise<T>): Promise<[made: T, seconds: number]> {
  await make();
  const start = performance.now();
  const made = await make();
  return [made, secondsSince(start)];
}

/** A head of features of the pictures that weights are predicted from, chosen as a prediction's is. */
async function headOf(
  features: Float32Array,
  { model }: Predictor,
  { generation, classes }: ComparisonData,
  { head: choice = "auto", seed, ...compiling }: ComparisonOptions,
): Promise<PredictedHead> {
  const { temperature } = model.config;
  const data = { features, labels: generation.labels, ways: classes.length };
  const { head } = await chooseHead(data, { ...compiling, choice, temperature }, fold(key(seed), "shots"));
  return head;
}

/** One training, judged after the first and the last epoch; gives the seconds that building its graphs took. */
async function fromScratch(
  predictor: Predictor,
  { generation, classes }: ComparisonData,
  judge: Judge,
  { seed, epochs, onEpoch, ...options }: ComparisonOptions,
): Promise<number> {
  const { arch, normalization } = predictor.model;
  let seconds = 0;
  const { compileSeconds } = await trainSupervised(
    { arch, normalization, classes: classes.length, images: generation.images, labels: generation.labels },
    {
      ...options,
      epochs,
      seed,
      onEpoch: async (event) => {
        seconds += event.seconds;
        onEpoch?.(event);
        const { epoch, trained } = event;
        if (epoch !== 1 && epoch !== epochs) return;
        const scores = await classifyWithHead(predictor, await trained(), judge.heldOut);
        const name = `Adam from scratch, ${epoch} ${epoch === 1 ? "epoch" : "epochs"}`;
        const note = "the same network with a linear head, learning rate 1e-3, 64 pictures a step";
        judge.add({ name, note, seconds }, largestOfRows(scores, classes.length));
      },
    },
  );
  return compileSeconds;
}
