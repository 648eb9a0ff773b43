// What the learner's worker does, without the worker: a live classifier, and what the page is told of it.

import { aboutProject, type Learned as LiveLearned, LiveClassifier, type PudNetModel, wholeBytes } from "pudnet";
import type { Classifier, Exported, ExportFormat, Numbers } from "pudnet";
import type { Answer, Dataset, EngineInfo, Judged, Learned } from "./protocol.ts";
import type { Handlers } from "./rpc.ts";

export interface StartOptions {
  /** Where the checkpoint is fetched from, and what people call it. */
  readonly model: string;
  readonly name: string;
  readonly threads: number;
  /** The lock that the worker holds while it lives. */
  readonly lock: string;
}

export type LearnerApi = {
  readonly start: (options: StartOptions) => EngineInfo;
  /** What is compiled runs slowly at first: best before it is waited for. */
  readonly warmUp: (nothing: undefined) => void;
  readonly add: (pictures: readonly { readonly id: string; readonly planes: Uint8Array }[]) => void;
  readonly drop: (ids: readonly string[]) => void;
  readonly learn: (job: { readonly dataset: Dataset; readonly how: Learned["how"] }) => Learned;
  readonly judge: (dataset: Dataset) => Judged | undefined;
  /** A square, or a frame. */
  readonly ask: (job: { readonly picture: Uint8Array | ImageBitmap; readonly nearest: number }) => Answer;
  readonly export: (job: {
    readonly format: ExportFormat;
    readonly numbers: Numbers;
    readonly name: string;
  }) => Exported;
};

/** What only a browser has. */
export interface Surroundings {
  readonly load: (options: StartOptions) => Promise<PudNetModel>;
  readonly readsPixels: () => boolean;
  /** The square of a frame, which is closed. */
  readonly square: (frame: ImageBitmap, side: number) => Uint8Array;
  /** Loaded when the first export is asked for. */
  readonly exports: () => Promise<typeof import("./exports.ts")>;
}

const GIVEN_UP = new Error("given up for what is more urgent");

/** Pictures that warm up what is compiled: the first run of a program takes as long as several. */
const WARM_UP = 8;

export function learnerHandlers({ load, readsPixels, square, exports }: Surroundings): Handlers<LearnerApi> {
  let started: Promise<{ readonly live: LiveClassifier; readonly side: number }> | undefined;
  const running = () => started ?? Promise.reject(new Error("the learner was not started"));
  return {
    async start(options) {
      started = load(options).then(async (model) => {
        const live = await LiveClassifier.create(model, { threads: options.threads });
        return { live, side: model.arch.side };
      });
      const { side } = await started;
      return { side, model: options.name, threads: options.threads, readsPixels: readsPixels() };
    },
    async warmUp() {
      const { live, side } = await running();
      await warmUp(live, side);
    },
    add: async (pictures) => (await running()).live.add(pictures),
    drop: async (ids) => (await running()).live.drop(ids),
    async learn({ dataset, how }, { progress, letIn, transfer }) {
      const { live } = await running();
      const start = performance.now();
      const learned = await live.learn(dataset, how, async (share) => {
        progress(share);
        await letIn("ask"); // with what was known before
      });
      transfer(learned.filters.pixels.buffer);
      return { ...told(learned, live.classifier), milliseconds: performance.now() - start };
    },
    async judge(dataset, { progress, letIn, isWaiting }) {
      const { live } = await running();
      try {
        return await live.judge(dataset, async (share) => {
          progress(share);
          await letIn("ask");
          if (isWaiting("learn")) throw GIVEN_UP;
        });
      } catch (error) {
        if (error === GIVEN_UP) return undefined;
        throw error;
      }
    },
    async ask({ picture, nearest }) {
      const { live, side } = await running();
      const start = performance.now();
      const planes = picture instanceof Uint8Array ? picture : square(picture, side);
      const answer = await live.ask(planes, { nearest });
      return { ...answer, milliseconds: performance.now() - start };
    },
    async export({ format, numbers, name }, { transfer }) {
      const { live } = await running();
      const { exportClassifier, EXPORTER } = await exports();
      const { classifier, images: pictures } = live;
      const exported = await exportClassifier(classifier, { ...EXPORTER, format, numbers, name, pictures });
      transfer(...exported.files.map(({ bytes }) => bytes.buffer));
      return exported;
    },
  };
}

/** What came of learning, as the page shows it. */
function told(
  { head, change, leftOut, ...learned }: LiveLearned,
  classifier: Classifier,
): Omit<Learned, "milliseconds"> {
  const own = head.leftOut[head.kind];
  return {
    ...learned,
    bytes: wholeBytes(classifier),
    about: aboutProject({}, classifier),
    head: { kind: head.kind, ...(head.lambda === undefined ? {} : { lambda: head.lambda }) },
    ...(change ? { strength: change.strength } : {}),
    ...(own ? { leftOut: { accuracy: own.accuracy, images: own.images, classes: leftOut } } : {}),
  };
}

/** Learns from grey pictures, and forgets them. */
async function warmUp(live: LiveClassifier, side: number): Promise<void> {
  const pictures = Array.from({ length: WARM_UP }, (_, i) => ({
    id: `warm-up ${i}`,
    planes: new Uint8Array(3 * side * side).fill(16 * i),
    content: `${i}`,
    burst: `${i}`,
  }));
  live.add(pictures);
  const ofClass = (way: number) => pictures.filter((_, i) => i % 2 === way);
  const classes = ["a", "b"].map((id, way) => ({ id, name: id, pictures: ofClass(way) }));
  await live.learn({ classes }, "head");
  await live.ask(pictures[0]!.planes, { nearest: 1 });
  live.forget();
}
