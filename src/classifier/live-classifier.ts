// A classifier that follows its pictures as they come and go: squares and features are kept by picture, so that one more picture costs
// its own features and a head, and new weights are predicted when they are asked for.

import { badUse } from "../errors.ts";
import { headProbabilities, type PredictedHead } from "../heads/classifier-head.ts";
import { similaritiesTo } from "../heads/unknown.ts";
import { requireFiniteScores } from "../heads/finite-scores.ts";
import { featureSize } from "../models/architectures.ts";
import { type ImageSource, imageSource } from "../predict/image-source.ts";
import type { PudNetModel } from "../predict/model.ts";
import { FEATURE_CHUNK, type Network, NetworkRunner } from "../predict/network-runner.ts";
import { Predictor } from "../predict/predictor.ts";
import type { CompileOptions } from "../tensor/program.ts";
import { type HostTensor, leaves, sizeOf } from "../tensor/tree.ts";
import { strengthsOf } from "../train/gate.ts";
import type { ChangeReport } from "../heads/change-strength.ts";
import type { Classifier } from "./classifier.ts";
import { type FilterPictures, filterPictures } from "./filter-pictures.ts";
import type { FittedHead, HeadReport, OnShare } from "./fitted-head.ts";
import { type LiveDataset, type LiveImages, liveImages, squaresOf } from "./live-dataset.ts";
import { judgeLive, type LiveJudgement } from "./live-judgement.ts";
import { headOf, makeClassifier, type MakeSettings, timedPredict } from "./make-classifier.ts";
import { type Neighbours, neighboursOf, nearestRows } from "./nearest.ts";

/** Whether weights and batch-norm statistics stay as they are, or are predicted anew from all pictures. */
export type LearnHow = "head" | "weights";

/** What came of learning. */
export interface Learned {
  /** `weights` where none were there yet, whatever was asked for. */
  readonly how: LearnHow;
  readonly images: number;
  /** Numbers of kernels and norms. */
  readonly weights: number;
  readonly head: HeadReport;
  /** How much of a predicted change is made, and why; none where the model predicts no change. */
  readonly change?: ChangeReport;
  /**
   * By picture, the place of the class that a head takes it for which is made without it, under a network that is not; of at most 2,000
   * pictures, drawn where there are more, and of classes with two at least.
   */
  readonly leftOut: ReadonlyMap<string, number>;
  readonly filters: FilterPictures;
}

export interface LiveAnswer {
  /** Ids of all classes with their probabilities, the most probable first. */
  readonly labels: readonly { readonly class: string; readonly score: number }[];
  /** Whether it is like nothing that it was made from; never where every class has one picture. */
  readonly unknown: boolean;
  /** How like, and below what it is unknown: cosines of features with the centroid of the class that is nearest. */
  readonly similarity?: number;
  readonly threshold?: number;
  /** The pictures it was made from that are most like this one: cosines of features less their mean. */
  readonly nearest: readonly { readonly picture: string; readonly similarity: number }[];
}

/** What is held while weights stay as they are. */
interface Held {
  readonly network: Network;
  readonly change: ChangeReport | undefined;
  /** [d] by picture. */
  readonly features: Map<string, Float32Array>;
}

/** What questions are answered from, and exports made. */
interface Snapshot {
  readonly classifier: Classifier & { readonly head: PredictedHead };
  readonly classes: readonly string[];
  readonly pictures: readonly string[];
  readonly neighbours: Neighbours;
  /** Of features [1, d]; none where nothing is unknown. */
  readonly similarity: ReturnType<typeof similaritiesTo> | undefined;
}

/** Fewer pictures are looked at one by one: a call takes as long as a hundred. */
const FEW = 64;

/**
 * A classifier that is made again as its pictures change, with the numbers that `predictClassifier` has where nothing is held out. One call at a time; `ask` may be called
 * while progress is told of, and answers as before. Call `release` when done.
 * @example
 * const live = await LiveClassifier.create(model);
 * const pixels = 3 * 12 * 12;
 * live.add(dataset.classes.map((id, i) => ({ id, planes: dataset.images.slice(12 * i * pixels, (12 * i + 1) * pixels) })));
 * const classes = dataset.classes.map((id) => ({ id, name: id, pictures: [{ id, content: id, burst: id }] }));
 * (await live.learn({ classes }, "weights")).images; // 2
 * (await live.ask(dataset.images.slice(0, pixels), { nearest: 1 })).nearest[0].picture // "cat"
 * await live.release();
 */
export class LiveClassifier {
  readonly #predictor: Predictor;
  readonly #single: NetworkRunner;
  readonly #settings: MakeSettings;
  readonly #squares = new Map<string, Uint8Array>();
  #held: Held | undefined;
  #snapshot: Snapshot | undefined;

  private constructor(predictor: Predictor, single: NetworkRunner, settings: MakeSettings) {
    this.#predictor = predictor;
    this.#single = single;
    this.#settings = settings;
  }

  /** Compiles what it needs. @throws UserError where `options.device` is not there */
  static async create(model: PudNetModel, options: CompileOptions = {}): Promise<LiveClassifier> {
    const predictor = await Predictor.create(model, options);
    const single = await NetworkRunner.create({ ...model, chunk: 1 }, options);
    return new LiveClassifier(predictor, single, {
      ...options,
      norm: "generation",
      seed: 0,
      strengths: strengthsOf(model),
    });
  }

  /** Pixels of a square, in three planes. */
  get #pixels(): number {
    return 3 * this.#predictor.model.arch.side ** 2;
  }

  /** Squares by id: uint8 [3, side, side]; an id that is known is given another picture. @throws UserError for another size */
  add(pictures: readonly { readonly id: string; readonly planes: Uint8Array }[]): void {
    for (const { id, planes } of pictures) {
      if (planes.length !== this.#pixels)
        badUse(
          `picture ${id} has ${planes.length} pixels in its planes`,
          `expected ${this.#pixels}: squarePlanes(picture, side)`,
        );
      this.#squares.set(id, planes);
      this.#held?.features.delete(id);
    }
  }

  /** Forgets pictures; a classifier that was made from them stays until the next `learn`. */
  drop(ids: readonly string[]): void {
    for (const id of ids) {
      this.#squares.delete(id);
      this.#held?.features.delete(id);
    }
  }

  /** Forgets all pictures, what was learned of them, and the weights. */
  forget(): void {
    this.#squares.clear();
    this.#held = undefined;
    this.#snapshot = undefined;
  }

  /**
   * Makes the classifier anew: with `head` weights and batch-norm statistics stay, once there are some, features are computed of new
   * pictures, and the head is that of all; with `weights` everything is made, as by `predictClassifier` where nothing is held out.
   * @throws UserError for fewer than two classes with pictures, two of one name, and pictures that were never added
   */
  async learn(dataset: LiveDataset, how: LearnHow, onProgress?: OnShare): Promise<Learned> {
    const data = liveImages(dataset, this.#squares, this.#pixels);
    const held = how === "head" ? this.#held : undefined;
    const head = held ? await this.#fitHead(data, held, onProgress) : await this.#predict(data, onProgress);
    const { network, change } = this.#held!;
    return {
      how: held ? "head" : "weights",
      images: data.pictures.length,
      weights: leaves<HostTensor>(network.weights).reduce((sum, [, { shape }]) => sum + sizeOf(shape), 0),
      head: head.chosen,
      ...(change ? { change } : {}),
      leftOut: leftOutByPicture(data, head),
      filters: filterPictures(this.#predictor.model.arch, network.weights),
    };
  }

  async #predict(data: LiveImages, onProgress?: OnShare): Promise<FittedHead> {
    const pass = await timedPredict(this.#predictor, data.images, this.#settings.strengths);
    const { fitted, change, features, head } = await makeClassifier(
      this.#predictor,
      pass,
      data,
      this.#settings,
      onProgress,
    );
    const d = featureSize(this.#predictor.model.arch);
    const byPicture = new Map(data.pictures.map(({ id }, i) => [id, features.slice(i * d, (i + 1) * d)]));
    this.#held = { network: fitted.network, change, features: byPicture };
    this.#keep(data, features, fitted.network, head);
    return head;
  }

  async #fitHead(data: LiveImages, held: Held, onProgress?: OnShare): Promise<FittedHead> {
    await this.#featuresOfNew(data, held, onProgress);
    const d = featureSize(this.#predictor.model.arch);
    const features = new Float32Array(data.pictures.length * d);
    data.pictures.forEach(({ id }, i) => features.set(held.features.get(id)!, i * d));
    const head = await headOf(this.#predictor, { ...data, features }, this.#settings);
    this.#keep(data, features, held.network, head);
    return head;
  }

  async #featuresOfNew({ pictures }: LiveImages, { network, features }: Held, onProgress?: OnShare): Promise<void> {
    const unseen = pictures.map(({ id }) => id).filter((id) => !features.has(id));
    const d = featureSize(this.#predictor.model.arch);
    const [runner, step] = unseen.length < FEW ? [this.#single, unseen.length] : [this.#predictor, FEATURE_CHUNK];
    for (let from = 0; from < unseen.length; from += step) {
      const ids = unseen.slice(from, from + step);
      const rows = await runner.features(network, squaresOf(ids, this.#squares, this.#pixels));
      ids.forEach((id, i) => features.set(id, rows.slice(i * d, (i + 1) * d)));
      await onProgress?.((from + ids.length) / unseen.length);
    }
  }

  #keep({ classes, pictures }: LiveImages, features: Float32Array, network: Network, fitted: FittedHead): void {
    const { head, unknown } = fitted;
    const { arch, normalization } = this.#predictor.model;
    this.#snapshot = {
      classifier: {
        arch,
        normalization,
        network,
        head,
        ...(unknown ? { unknown } : {}),
        classes: classes.map(({ name }) => name),
        resize: "square-1",
      },
      classes: classes.map(({ id }) => id),
      pictures: pictures.map(({ id }) => id),
      neighbours: neighboursOf(features, featureSize(arch)),
      similarity: unknown && similaritiesTo(unknown),
    };
  }

  /**
   * How a classifier fares that is made from four fifths of each class in the same way, by the others; undefined where no class has pictures to
   * spare. What was learned stays as it is. What `onProgress` throws ends it.
   * @throws UserError as `learn` does
   */
  async judge(dataset: LiveDataset, onProgress?: OnShare): Promise<LiveJudgement | undefined> {
    return await judgeLive(
      this.#predictor,
      liveImages(dataset, this.#squares, this.#pixels),
      this.#settings,
      onProgress,
    );
  }

  /** What the classifier says of a square uint8 [3, side, side]. @throws UserError before the first `learn` */
  async ask(planes: Uint8Array, { nearest }: { readonly nearest: number }): Promise<LiveAnswer> {
    const { classifier, classes, pictures, neighbours, similarity } = this.#made();
    const feature = await this.#single.features(classifier.network, imageSource(planes, this.#pixels));
    const scores = headProbabilities(classifier.head, feature);
    requireFiniteScores(scores, classes.length);
    const { unknown } = classifier;
    const like = similarity?.(feature)[0];
    return {
      labels: classes.map((id, way) => ({ class: id, score: scores[way]! })).toSorted((a, b) => b.score - a.score),
      ...(unknown
        ? { unknown: like! < unknown.threshold, similarity: like!, threshold: unknown.threshold }
        : { unknown: false }),
      nearest: nearestRows(neighbours, feature, nearest).map(({ row, similarity: alike }) => ({
        picture: pictures[row]!,
        similarity: alike,
      })),
    };
  }

  /** The classifier that the last `learn` made, as exports take it. @throws UserError before the first one */
  get classifier(): Classifier {
    return this.#made().classifier;
  }

  /** The pictures it was made from, but for those that were dropped since. @throws UserError before the first `learn` */
  get images(): ImageSource {
    const ids = this.#made().pictures.filter((id) => this.#squares.has(id));
    return squaresOf(ids, this.#squares, this.#pixels);
  }

  #made(): Snapshot {
    return this.#snapshot ?? badUse("nothing has been learned yet", "learn from pictures of two classes first");
  }

  async release(): Promise<void> {
    await this.#predictor.release();
    await this.#single.release();
  }
}

function leftOutByPicture({ pictures, places }: LiveImages, { answers }: FittedHead): Map<string, number> {
  const { positions = [], predicted = [] } = answers ?? {};
  return new Map(positions.map((position, i) => [pictures[position]!.id, places[predicted[i]!]!]));
}
