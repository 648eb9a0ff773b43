// Classifying images with a classifier: the very graph that is exported, so that its file and the library cannot differ.

import { requireFiniteScores } from "../heads/finite-scores.ts";
import { openSession, type OrtSession, type SessionOptions } from "../tensor/runtime.ts";
import type { Classifier } from "./classifier.ts";
import { exportOnnx, INPUT, OUTPUT } from "./export-onnx.ts";
import type { ImageSource } from "../predict/image-source.ts";

export interface Label {
  readonly label: string;
  /** Probability, 0 to 1. */
  readonly score: number;
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
    const { arch, classes } = this.#classifier;
    const out = new Float32Array(images.count * classes.length);
    for (let from = 0; from < images.count; from += BATCH) {
      const to = Math.min(images.count, from + BATCH);
      const pixels = new this.#ort.Tensor("uint8", images.read(from, to), [to - from, 3, arch.side, arch.side]);
      const result = await this.#session.run({ [INPUT]: pixels });
      out.set(result[OUTPUT]!.data as Float32Array, from * classes.length);
    }
    requireFiniteScores(out, classes.length);
    return out;
  }

  /** For each image its labels, the most probable first. */
  async classify(images: ImageSource, top?: number): Promise<Label[][]> {
    const { classes } = this.#classifier;
    const scores = await this.probabilities(images);
    return Array.from({ length: images.count }, (_, i) =>
      classes
        .map((label, way) => ({ label, score: scores[i * classes.length + way]! }))
        .toSorted((a, b) => b.score - a.score)
        .slice(0, top),
    );
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
