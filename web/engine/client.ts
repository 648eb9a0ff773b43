// The engine as the page calls it: starts workers, hands them their work, and puts new ones in the place of those that died.

import { AT_ONCE, type DecodeApi } from "./decode-api.ts";
import { type Decoder, DecoderPool } from "./decoder-pool.ts";
import { Latest } from "./latest.ts";
import type { LearnerApi } from "./learner.ts";
import { LivingWorker } from "./living-worker.ts";
import { type Dataset, type Engine, EngineError, type EngineInfo, type Learned } from "./protocol.ts";
import type { Caller } from "./rpc.ts";

export interface EngineOptions {
  /** Where the checkpoint is fetched from. */
  readonly model: URL;
  /** What people call it. */
  readonly name: string;
}

/** One core is left to the page and the learner. */
const MOST_DECODERS = 4;
/** As many threads as onnxruntime takes by itself, where the page is isolated; else it has one. */
const MOST_THREADS = 4;

interface LearnJob {
  readonly dataset: Dataset;
  readonly how: Learned["how"];
  readonly onProgress: (share: number) => void;
}

/** Starts what the page computes with. For example: `startEngine({ model: new URL("model.safetensors", document.baseURI), name: "tiny" })` */
export function startEngine(options: EngineOptions): Engine {
  /** All that the learner was given, for the one after it. */
  const squares = new Map<string, Uint8Array>();
  let learner: Learner | undefined;
  let isAgain = false;
  let isClosed = false;
  const current = (): Learner => {
    if (isClosed) throw new EngineError("died", "the engine is closed");
    learner ??= startLearner(options, isAgain ? squares : new Map(), () => (learner = undefined));
    isAgain = true;
    return learner;
  };
  const info = async (): Promise<EngineInfo> => current().info;
  const ready = async (): Promise<Caller<LearnerApi>> => {
    const { worker, info: started } = current();
    await started;
    return worker.caller;
  };
  const learning = new Latest<LearnJob, Learned>(
    async ({ dataset, how, onProgress }) => (await ready()).call("learn", { dataset, how }, { onProgress }),
    mergedJobs,
  );
  const size = Math.max(1, Math.min(MOST_DECODERS, navigator.hardwareConcurrency - 1));
  const startOne = async (): Promise<Decoder> => startDecoder((await info()).side);
  const decoders = new DecoderPool(startOne, { size, atOnce: AT_ONCE });
  current();
  return {
    get ready() {
      return info();
    },
    decode: (file) => decoders.decode(file),
    async add(pictures) {
      for (const { id, planes } of pictures) squares.set(id, planes);
      await (await ready()).call("add", pictures);
    },
    async drop(ids) {
      for (const id of ids) squares.delete(id);
      await (await ready()).call("drop", ids);
    },
    learn: (dataset, how, onProgress = () => {}) => learning.ask({ dataset, how, onProgress }),
    async ask(picture, { nearest }) {
      const transfer = picture instanceof ImageBitmap ? [picture] : [];
      return await (await ready()).call("ask", { picture, nearest }, { transfer });
    },
    export: async (format, numbers, name) => (await ready()).call("export", { format, numbers, name }),
    close() {
      isClosed = true;
      learner?.worker.end(new EngineError("died", "the engine is closed"));
      decoders.end();
    },
  };
}

/** The newer dataset, with new weights if either asked for them; both hear of the progress. */
function mergedJobs(older: LearnJob, newer: LearnJob): LearnJob {
  return {
    dataset: newer.dataset,
    how: older.how === "weights" ? "weights" : newer.how,
    onProgress(share) {
      older.onProgress(share);
      newer.onProgress(share);
    },
  };
}

interface Learner {
  readonly worker: LivingWorker<LearnerApi>;
  readonly info: Promise<EngineInfo>;
}

function startLearner(
  { model, name }: EngineOptions,
  squares: ReadonlyMap<string, Uint8Array>,
  onEnd: () => void,
): Learner {
  const own = new Worker(new URL("./learner-worker.ts", import.meta.url), { type: "module" });
  const worker = new LivingWorker<LearnerApi>(own, onEnd);
  const threads = crossOriginIsolated
    ? Math.max(1, Math.min(MOST_THREADS, Math.floor(navigator.hardwareConcurrency / 2)))
    : 1;
  const { caller, lock } = worker;
  const start = async (): Promise<EngineInfo> => {
    const info = await caller.call("start", { model: model.href, name, threads, lock });
    worker.watch();
    caller.call("warmUp", undefined).catch(() => {}); // whoever calls next hears of it
    if (squares.size > 0)
      await caller.call(
        "add",
        Array.from(squares, ([id, planes]) => ({ id, planes })),
      );
    return info;
  };
  const info = start();
  info.catch(() => {}); // those who wait for it hear of it
  return { worker, info };
}

async function startDecoder(side: number): Promise<Decoder> {
  const own = new Worker(new URL("./decode-worker.ts", import.meta.url), { type: "module" });
  const worker = new LivingWorker<DecodeApi>(own, () => {});
  await worker.caller.call("start", { lock: worker.lock });
  worker.watch();
  return {
    decode: (file) => worker.caller.call("decode", { file, side }),
    end: () => worker.end(new EngineError("died", "closed")),
  };
}
