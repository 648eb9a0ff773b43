// What the page asks of its workers and what they answer. Plain data: it crosses `postMessage`.

import type { ExportedFile, ExportFormat, Numbers } from "pudnet";

/** What is known once runtime and checkpoint are loaded. */
export interface EngineInfo {
  /** Pixels of a square's side. */
  readonly side: number;
  /** Of the checkpoint: what people call it. */
  readonly model: string;
  readonly threads: number;
}

/** A picture as the learner takes it, and as it is shown. */
export interface Decoded {
  /** uint8 planes [3, side, side] */
  readonly planes: Uint8Array;
  readonly thumbnail: Blob;
  readonly width: number;
  readonly height: number;
  /** SHA-256 of the file's bytes, hexadecimal. */
  readonly content: string;
}

/** Why a file did not become a picture; `texts.ts` has the sentences. */
export type Refusal = "empty" | "not-a-picture" | "unsupported" | "too-large" | "unreadable";

export interface LearnClass {
  readonly id: string;
  readonly name: string;
  readonly pictures: readonly { readonly id: string; readonly content: string; readonly burst: string }[];
}

export interface Dataset {
  readonly classes: readonly LearnClass[];
}

/** What came of one `learn`. */
export interface Learned {
  readonly how: "head" | "weights";
  readonly milliseconds: number;
  /** Numbers that make the network (kernels and norms), and its bytes in 8 bits. */
  readonly weights: number;
  readonly bytes: number;
  readonly images: number;
  readonly head: { readonly kind: string; readonly lambda?: number };
  /** Share of the predicted change that was taken, where the model predicts one. */
  readonly strength?: number;
  /** What left-out pictures say of the head (leave-one-out, the network not made without them). */
  readonly leftOut?: { readonly accuracy: number; readonly images: number };
  /** Of "weights" alone: a classifier made from the other four fifths. */
  readonly judged?: Judged;
  /** The first layer's kernels as pictures: rgb bytes [count, k, k, 3]. */
  readonly filters?: { readonly count: number; readonly side: number; readonly pixels: Uint8Array };
}

export interface Judged {
  readonly accuracy: number;
  /** 95 % (Wilson). */
  readonly interval: readonly [low: number, high: number];
  readonly n: number;
  /** Counts [classes][classes]: rows the person's labels, columns the answers. */
  readonly confusion: readonly (readonly number[])[];
  /** The surest mistakes first. */
  readonly mistakes: readonly {
    readonly picture: string;
    readonly expected: number;
    readonly predicted: number;
    readonly score: number;
  }[];
  /** Expected calibration error, 0 to 1, and its bins. */
  readonly calibrationError: number;
  readonly bins: readonly { readonly confidence: number; readonly accuracy: number; readonly n: number }[];
}

export interface Answer {
  /** The most probable first. */
  readonly labels: readonly { readonly class: string; readonly score: number }[];
  /** Whether it is like nothing that the classifier was made from. */
  readonly unknown: boolean;
  /** The nearest training pictures: ids and cosines of features. */
  readonly nearest: readonly { readonly picture: string; readonly similarity: number }[];
  readonly milliseconds: number;
}

/** What others call: `client.ts` makes one of workers. Every promise is refused with an `EngineError` where the worker died. */
export interface Engine {
  readonly ready: Promise<EngineInfo>;
  /** @throws PictureRefused */
  decode(file: Blob): Promise<Decoded>;
  /** Gives squares to the learner (transferred); known ids are kept until dropped. */
  add(pictures: readonly { readonly id: string; readonly planes: Uint8Array }[]): Promise<void>;
  drop(ids: readonly string[]): Promise<void>;
  learn(dataset: Dataset, how: Learned["how"], onProgress?: (share: number) => void): Promise<Learned>;
  /** A picture, or a frame (which is closed). Refused before the first `learn`. */
  ask(picture: Blob | ImageBitmap, options: { readonly nearest: number }): Promise<Answer>;
  export(format: ExportFormat, numbers: Numbers, name: string): Promise<readonly ExportedFile[]>;
  close(): void;
}
