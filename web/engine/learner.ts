// What the learner's worker does, without the worker: a live classifier, and what the page is told of it.

import { type Learned as LiveLearned, LiveClassifier, type PudNetModel, wholeBytes } from "pudnet";
import type { ExportedFile, ExportFormat, Numbers } from "pudnet";
import type { Answer, Dataset, EngineInfo, Learned } from "./protocol.ts";
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
  readonly ask: (job: { readonly picture: Blob | ImageBitmap; readonly nearest: number }) => Answer;
  readonly export: (job: {
    readonly format: ExportFormat;
    readonly numbers: Numbers;
    readonly name: string;
  }) => readonly ExportedFile[];
};

/** What only a browser has. */
export interface Surroundings {
  readonly load: (options: StartOptions) => Promise<PudNetModel>;
  readonly square: (picture: Blob | ImageBitmap, side: number) => Promise<Uint8Array>;
  /** Loaded when the first export is asked for. */
  readonly exports: () => Promise<Pick<typeof import("./exports.ts"), "exportClassifier">>;
}

/** Pictures that warm up what is compiled: the first run of a program takes as long as several. */
const WARM_UP = 8;

export function learnerHandlers({ load, square, exports }: Surroundings): Handlers<LearnerApi> {
  let started: Promise<{ readonly live: LiveClassifier; readonly side: number }> | undefined;
  const running = () => started ?? Promise.reject(new Error("the learner was not started"));
  return {
    async start(options) {
      started = load(options).then(async (model) => {
        const live = await LiveClassifier.create(model, { threads: options.threads });
        return { live, side: model.arch.side };
      });
      return { side: (await started).side, model: options.name, threads: options.threads };
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
      return told(learned, wholeBytes(live.classifier), performance.now() - start);
    },
    async ask({ picture, nearest }) {
      const { live, side } = await running();
      const start = performance.now();
      const planes = await square(picture, side);
      const answer = await live.ask(planes, { nearest });
      return { ...answer, milliseconds: performance.now() - start };
    },
    async export({ format, numbers, name }, { transfer }) {
      const { live } = await running();
      const { exportClassifier } = await exports();
      const { files } = await exportClassifier(live.classifier, { format, numbers, name, pictures: live.images });
      transfer(...files.map(({ bytes }) => bytes.buffer));
      return files;
    },
  };
}

/** What came of learning, as the page shows it. */
function told({ head, change, ...learned }: LiveLearned, bytes: number, milliseconds: number): Learned {
  const own = head.leftOut[head.kind];
  return {
    ...learned,
    milliseconds,
    bytes,
    head: { kind: head.kind, ...(head.lambda === undefined ? {} : { lambda: head.lambda }) },
    ...(change ? { strength: change.strength } : {}),
    ...(own ? { leftOut: { accuracy: own.accuracy, images: own.images } } : {}),
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
  await live.learn({ classes }, "weights");
  await live.ask(pictures[0]!.planes, { nearest: 1 });
  live.forget();
}
