// Classifying images with a classifier: the very graph that is exported, so that its file and the library cannot differ.

import { requireFiniteScores } from "../heads/finite-scores.ts";
import { openSession, type OrtSession, type SessionOptions } from "../tensor/runtime.ts";
import type { Classifier } from "./classifier.ts";
import { exportOnnx, OUTPUT, SIMILARITY } from "./export-onnx.ts";
import { INPUT } from "./preprocessing.ts";
import type { ImageSource } from "../predict/image-source.ts";

export interface Label {
  readonly label: string;
  /** Probability, 0 to 1. */
  readonly score: number;
}

/** What a classifier says of an image. */
export interface Answer {
  /** The most probable first. */
  readonly labels: readonly Label[];
  /** Whether it is like nothing that the classifier was made from; never of a classifier without a rule for that. */
  readonly unknown: boolean;
  /** How like: the largest cosine with the centroid of a class, held against the rule's threshold. */
  readonly similarity?: number;
}

export interface ClassifyOptions extends SessionOptions {
  /** Labels an image, the most probable first; all by default. */
  readonly top?: number;
}

/** Images a call. */
const BATCH = 64;

/** A classifier ready to run. Call `release` when done. */
export class ClassifierSession {
  readonly #classifier: Classifier;
  readonly #session: OrtSession;
  readonly #ort: Awaited<ReturnType<typeof openSession>>["ort"];

  private constructor(classifier: Classifier, { session, ort }: Awaited<ReturnType<typeof openSession>>) {
    this.#classifier = classifier;
    this.#session = session;
    this.#ort = ort;
  }

  static async create(classifier: Classifier, options: SessionOptions = {}): Promise<ClassifierSession> {
    return new ClassifierSession(
      classifier,
      await openSession(exportOnnx(classifier), { ...options, memoryPattern: false }),
    );
  }

  /** Class probabilities [n, classes]. @throws UserError where the network's numbers are spoilt */
  async probabilities(images: ImageSource): Promise<Float32Array> {
    return (await this.#run(images)).scores;
  }

  /** Probabilities [n, classes], and, of classifiers that know what is unknown, similarities [n]. */
  async #run(images: ImageSource): Promise<{ readonly scores: Float32Array; readonly similarity: Float32Array }> {
    const { arch, classes, unknown } = this.#classifier;
    const out = new Float32Array(images.count * classes.length);
    const similarity = new Float32Array(unknown ? images.count : 0);
    for (let from = 0; from < images.count; from += BATCH) {
      const to = Math.min(images.count, from + BATCH);
      const pixels = new this.#ort.Tensor("uint8", images.read(from, to), [to - from, 3, arch.side, arch.side]);
      const result = await this.#session.run({ [INPUT]: pixels });
      out.set(result[OUTPUT]!.data as Float32Array, from * classes.length);
      if (unknown) similarity.set(result[SIMILARITY]!.data as Float32Array, from);
    }
    requireFiniteScores(out, classes.length);
    return { scores: out, similarity };
  }

  /** For each image its labels, the most probable first. */
  async classify(images: ImageSource, top?: number): Promise<Label[][]> {
    return (await this.answer(images, top)).map(({ labels }) => [...labels]);
  }

  /** For each image its labels, the most probable first, and whether it is unknown. */
  async answer(images: ImageSource, top?: number): Promise<Answer[]> {
    const { classes, unknown } = this.#classifier;
    const { scores, similarity } = await this.#run(images);
    return Array.from({ length: images.count }, (_, i) => ({
      labels: classes
        .map((label, way) => ({ label, score: scores[i * classes.length + way]! }))
        .toSorted((a, b) => b.score - a.score)
        .slice(0, top),
      ...(unknown ? { unknown: similarity[i]! < unknown.threshold, similarity: similarity[i]! } : { unknown: false }),
    }));
  }

  async release(): Promise<void> {
    await this.#session.release();
  }
}

/**
 * Labels with scores for each image, the most probable first. For many calls, keep a ClassifierSession.
 * @example await classify(classifier, images, { top: 1 }); // a list an image, such as [{ label: "cat", score: 0.93 }]
 */
export async function classify(
  classifier: Classifier,
  images: ImageSource,
  { top, ...options }: ClassifyOptions = {},
): Promise<Label[][]> {
  const session = await ClassifierSession.create(classifier, options);
  try {
    return await session.classify(images, top);
  } finally {
    await session.release();
  }
}

/**
 * Labels with scores for each image, and whether it is like nothing that the classifier was made from.
 * @example (await answer(classifier, images, { top: 1 }))[0].unknown // false
 */
export async function answer(
  classifier: Classifier,
  images: ImageSource,
  { top, ...options }: ClassifyOptions = {},
): Promise<Answer[]> {
  const session = await ClassifierSession.create(classifier, options);
  try {
    return await session.answer(images, top);
  } finally {
    await session.release();
  }
}
