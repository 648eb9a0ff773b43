// What the page asks of its workers and what they answer. Plain data: it crosses `postMessage`.

import type { Exported, ExportFormat, LiveDataset, LiveJudgement, Numbers } from "pudnet";
import type { Bytes } from "../model/project.ts";

/** What is known once runtime and checkpoint are loaded. */
export interface EngineInfo {
  /** Pixels of a square's side. */
  readonly side: number;
  /** Of the checkpoint: what people call it. */
  readonly model: string;
  readonly threads: number;
  /** Whether pixels are what was drawn: some browsers change them against tracking, from which nothing can be learned. */
  readonly readsPixels: boolean;
}

/** A picture as the learner takes it, and as it is shown. */
export interface Decoded {
  /** Of the file: whoever keeps them need not read it again. */
  readonly bytes: ArrayBuffer;
  /** uint8 planes [3, side, side] */
  readonly planes: Uint8Array;
  readonly thumbnail: Bytes;
  readonly width: number;
  readonly height: number;
  /** SHA-256 of the file's bytes, hexadecimal. */
  readonly content: string;
}

/** Why a file did not become a picture; `texts.ts` has the sentences. */
export type Refusal = "empty" | "not-a-picture" | "unsupported" | "too-large" | "unreadable";

/** A file that did not become a picture. */
export class PictureRefused extends Error {
  readonly why: Refusal;

  constructor(why: Refusal) {
    super(`refused: ${why}`);
    this.why = why;
  }
}

/**
 * `died`: a worker ended, as for want of memory; a new one is given the squares and learns what was learned last, so that calling again is
 * all there is to do. `failed`: what was asked for cannot be (as learning from one class), the message says why, `hint` what helps.
 */
export class EngineError extends Error {
  readonly what: "died" | "failed";
  readonly hint: string | undefined;

  constructor(what: EngineError["what"], message: string, hint?: string) {
    super(message);
    this.what = what;
    this.hint = hint;
  }
}

/** Classes of pictures by id; classes without pictures may be among them and are left out of the classifier. */
export type Dataset = LiveDataset;

/** How a classifier fares that is made without the pictures it is judged by; classes are told by their places in the dataset. */
export type Judged = LiveJudgement;

/** What came of one `learn`. */
export interface Learned {
  readonly how: "head" | "weights";
  readonly milliseconds: number;
  /** Numbers that make the network (kernels and norms), and its bytes in 8 bits. */
  readonly weights: number;
  readonly bytes: number;
  readonly images: number;
  /** What a zip says of the classifier: plain JSON. */
  readonly about: Readonly<Record<string, unknown>>;
  readonly head: { readonly kind: string; readonly lambda?: number };
  /** Share of the predicted change that was taken, where the model predicts one. */
  readonly strength?: number;
  /**
   * What heads that are made without a picture each take it for (the network is not made without it): by its id, the class's place in the
   * dataset; of at most 2,000 pictures, drawn where there are more. None where no class has two.
   */
  readonly leftOut?: {
    readonly accuracy: number;
    readonly images: number;
    readonly classes: ReadonlyMap<string, number>;
  };
  /** The first layer's kernels as pictures: rgb bytes [count, k, k, 3]. */
  readonly filters: { readonly count: number; readonly side: number; readonly pixels: Uint8Array };
}

export interface Answer {
  /** Ids of all classes that it knows, the most probable first. */
  readonly labels: readonly { readonly class: string; readonly score: number }[];
  /** Whether it is like nothing that the classifier was made from. */
  readonly unknown: boolean;
  /** How like, and below what it is unknown; neither where every class has one picture. */
  readonly similarity?: number;
  readonly threshold?: number;
  /** The nearest training pictures: ids and cosines of features. */
  readonly nearest: readonly { readonly picture: string; readonly similarity: number }[];
  readonly milliseconds: number;
}

/** What others call: `startEngine` of `client.ts` makes one of workers. @throws EngineError, every promise */
export interface Engine {
  readonly ready: Promise<EngineInfo>;
  /** Any number may be asked for at once: files wait outside of memory, and are decoded in their order. @throws PictureRefused */
  decode(file: Blob): Promise<Decoded>;
  /** Gives squares to the learner, which keeps them until they are dropped. */
  add(pictures: readonly { readonly id: string; readonly planes: Uint8Array }[]): Promise<void>;
  /** The page drops none so far: squares of pictures that were deleted stay until `close`, and undo finds them there. */
  drop(ids: readonly string[]): Promise<void>;
  /**
   * One runs and one waits: a newer call takes the place of the one that waits, both with what comes of it, and with new weights if
   * either asked for them. The first call makes weights in any case.
   */
  learn(dataset: Dataset, how: Learned["how"], onProgress?: (share: number) => void): Promise<Learned>;
  /**
   * How a classifier of this dataset fares that is made from four fifths. Undefined where no class has pictures to spare, and where a `learn`
   * was asked for meanwhile, which goes first: ask again when it is done.
   */
  judge(dataset: Dataset, onProgress?: (share: number) => void): Promise<Judged | undefined>;
  /** A picture, or a frame (which is closed). Refused before the first `learn`. @throws PictureRefused */
  ask(picture: Blob | ImageBitmap, options: { readonly nearest: number }): Promise<Answer>;
  export(format: ExportFormat, numbers: Numbers, name: string): Promise<Exported>;
  close(): void;
}
