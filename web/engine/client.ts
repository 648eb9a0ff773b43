// The engine as the page calls it: what goes to the learner, what to the decoders, and what waits for what.

import { AT_ONCE, type DecodeApi, MOST_BYTES } from "./decode-api.ts";
import { type Decoder, DecoderPool } from "./decoder-pool.ts";
import { Latest } from "./latest.ts";
import { type EngineOptions, LivingLearner } from "./living-learner.ts";
import { LivingWorker } from "./living-worker.ts";
import { type Dataset, type Engine, EngineError, type Judged, type Learned, PictureRefused } from "./protocol.ts";

/** As many as there are cores, up to these: while files come, the learner and the page have little to do. */
const MOST_DECODERS = 4;
interface Job {
  readonly dataset: Dataset;
  readonly onProgress: (share: number) => void;
}
interface LearnJob extends Job {
  readonly how: Learned["how"];
}

/** Starts what the page computes with. For example: `startEngine({ model: new URL("model.safetensors", document.baseURI), name: "tiny" })` */
export function startEngine(options: EngineOptions): Engine {
  const learner = new LivingLearner(options);
  const learning = new Latest<LearnJob, Learned>(
    ({ dataset, how, onProgress }) => learner.learn({ dataset, how }, onProgress),
    (older, newer) => ({ ...withBoth(older, newer), how: older.how === "weights" ? "weights" : newer.how }),
  );
  const judging = new Latest<Job, Judged | undefined>(
    ({ dataset, onProgress }) => learner.call("judge", dataset, { onProgress }),
    withBoth,
  );
  const size = Math.max(1, Math.min(MOST_DECODERS, navigator.hardwareConcurrency));
  const startOne = async (onEnd: () => void): Promise<Decoder> => startDecoder((await learner.info()).side, onEnd);
  const decoders = new DecoderPool(startOne, { size, atOnce: AT_ONCE });
  learner.info().catch(() => {}); // those who wait for it hear of it
  return {
    get ready() {
      return learner.info();
    },
    decode: (file) => decoders.decode(file),
    add: (pictures) => learner.add(pictures),
    drop: (ids) => learner.drop(ids),
    learn: (dataset, how, onProgress = () => {}) => learning.ask({ dataset, how, onProgress }),
    judge: (dataset, onProgress = () => {}) => judging.ask({ dataset, onProgress }),
    async ask(picture, { nearest }) {
      if (picture instanceof ImageBitmap) {
        const answer = learner.call("ask", { picture, nearest }, { transfer: [picture] });
        return await answer.finally(() => picture.close()); // where it was not handed over
      }
      const { planes } = await decoders.decode(picture, { isFirst: true });
      return await learner.call("ask", { picture: planes, nearest });
    },
    export: (format, numbers, name) => learner.call("export", { format, numbers, name }),
    close() {
      learner.close();
      decoders.end();
    },
  };
}

/** The newer dataset; both hear of the progress. */
function withBoth(older: Job, newer: Job): Job {
  return {
    dataset: newer.dataset,
    onProgress(share) {
      older.onProgress(share);
      newer.onProgress(share);
    },
  };
}

async function startDecoder(side: number, onEnd: () => void): Promise<Decoder> {
  const own = new Worker(new URL("./decode-worker.ts", import.meta.url), { type: "module" });
  const worker = new LivingWorker<DecodeApi>(own, onEnd);
  await worker.caller.call("start", { lock: worker.lock });
  worker.watch();
  return {
    decode: async (file) => {
      // asked of the disk, while the page waits: less than to read what is refused
      if (file.size > MOST_BYTES) throw new PictureRefused("too-large");
      const bytes = await file.arrayBuffer().catch(() => {
        throw new PictureRefused("unreadable"); // gone, or may not be read
      });
      return await worker.caller.call("decode", { file: { bytes, type: file.type }, side }, { transfer: [bytes] });
    },
    end: () => worker.end(new EngineError("died", "closed")),
  };
}
