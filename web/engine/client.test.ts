// The engine with workers that answer, break and end when a test says so.

import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { startEngine } from "./client.ts";
import { type Decoded, EngineError, type Engine, PictureRefused } from "./protocol.ts";

interface Asked {
  readonly id: number;
  readonly name: string;
  readonly argument: unknown;
}

/** What is answered at once. */
const ANSWERS: Readonly<Record<string, unknown>> = {
  start: { side: 32, model: "tiny", threads: 1, readsPixels: true },
  warmUp: undefined,
  add: undefined,
};
/** Nobody learns here. */
const DATASET = { classes: [] };

let started: FakeWorker[];
/** By the name of a lock: who hears when it is free. */
let watchers: Map<string, () => void>;
let engine: Engine;

class FakeWorker extends EventTarget {
  readonly kind: "learner" | "decoder";
  /** What waits for an answer. */
  readonly asked: Asked[] = [];
  #isEnded = false;
  #lock = "";

  constructor({ href }: URL) {
    super();
    this.kind = href.includes("learner-worker") ? "learner" : "decoder";
    started.push(this);
  }

  /** Lost where it has ended, as in browsers. */
  postMessage(call: Asked): void {
    if (this.#isEnded) return;
    if (call.name === "start") this.#lock = (call.argument as { readonly lock: string }).lock;
    this.asked.push(call);
    if (call.name in ANSWERS) queueMicrotask(() => this.answer({ result: ANSWERS[call.name] }));
  }

  /** The last call that is not answered. */
  answer(reply: { readonly result: unknown } | { readonly error: unknown }): void {
    const { id } = this.asked.pop()!;
    this.dispatchEvent(new MessageEvent("message", { data: { id, ...reply } }));
  }

  /** Whoever watches its lock hears of it later. */
  terminate(): void {
    this.#isEnded = true;
    const onFree = watchers.get(this.#lock);
    watchers.delete(this.#lock);
    if (onFree) setTimeout(onFree);
  }

  /** Of what nobody foresaw. */
  fail(message: string): void {
    this.dispatchEvent(Object.assign(new Event("error"), { message }));
  }
}

const all = (kind: FakeWorker["kind"]): readonly FakeWorker[] => started.filter((worker) => worker.kind === kind);
const waitFor = (kind: FakeWorker["kind"], at: number, name: string) =>
  expect.poll(() => all(kind)[at]?.asked.map((call) => call.name)).toEqual([name]);
const later = (): Promise<void> => new Promise((done) => setTimeout(done, 10));
const decodedAs = (content: string) => ({ result: { content } as Decoded });

/** A file that is read when the test says so. */
function fileOf(text: string, size = text.length) {
  let read = (): void => {};
  const bytes = new Promise<ArrayBuffer>((resolve) => (read = () => resolve(new ArrayBuffer(text.length))));
  const arrayBuffer = vi.fn<() => Promise<ArrayBuffer>>(() => bytes);
  return { file: { size, type: "", arrayBuffer } as unknown as Blob, arrayBuffer, read };
}

beforeEach(() => {
  started = [];
  watchers = new Map();
  vi.stubGlobal("Worker", FakeWorker);
  vi.stubGlobal("ImageBitmap", FakeFrame);
  vi.stubGlobal("isSecureContext", true);
  vi.stubGlobal("crossOriginIsolated", false);
  const request = async (name: string, onFree: () => void) => void watchers.set(name, onFree);
  vi.stubGlobal("navigator", { hardwareConcurrency: 1, locks: { request } });
  engine = startEngine({ model: new URL("https://localhost/model.safetensors"), name: "tiny" });
});
afterEach(() => {
  engine.close();
  vi.unstubAllGlobals();
});

class FakeFrame {
  readonly close = vi.fn<() => void>();
}

it("has one learner after the one that broke, though the lock of that is freed when the next has begun", async () => {
  const first = engine.learn(DATASET, "head");
  await waitFor("learner", 0, "learn");
  const second = engine.learn(DATASET, "head");
  all("learner")[0]!.answer({ error: { kind: "broken", message: "RangeError: no memory" } });
  await expect(first).rejects.toThrow("no memory");
  await waitFor("learner", 1, "learn");
  await later(); // the lock is free
  await engine.add([]);
  all("learner")[1]!.answer({ result: { images: 7 } });
  expect((await second).images).toBe(7);
  expect(all("learner")).toHaveLength(2);
});

it("decodes a file anew that was being read when its decoder died of another", async () => {
  const [deadly, slow] = [fileOf("deadly"), fileOf("slow")];
  const ends = Promise.all([engine.decode(deadly.file), engine.decode(slow.file)]);
  deadly.read();
  await waitFor("decoder", 0, "decode");
  all("decoder")[0]!.fail("no memory");
  await waitFor("decoder", 1, "decode");
  slow.read();
  await later();
  all("decoder")[1]!.answer(decodedAs("deadly, at last"));
  await waitFor("decoder", 1, "decode");
  all("decoder")[1]!.answer(decodedAs("slow"));
  expect((await ends).map(({ content }) => content)).toEqual(["deadly, at last", "slow"]);
  expect(all("decoder")).toHaveLength(2);
});

it("gives the next file to another decoder where the browser ended one that had nothing to do", async () => {
  const [first, second] = [fileOf("first"), fileOf("second")];
  const ends = [engine.decode(first.file), engine.decode(second.file)];
  first.read();
  await waitFor("decoder", 0, "decode");
  all("decoder")[0]!.answer(decodedAs("first"));
  expect((await ends[0])!.content).toBe("first");
  second.read();
  await waitFor("decoder", 0, "decode");
  all("decoder")[0]!.answer(decodedAs("second"));
  await ends[1];
  all("decoder")[0]!.terminate();
  await later();
  const third = fileOf("third");
  third.read();
  const end = engine.decode(third.file);
  await waitFor("decoder", 1, "decode");
  all("decoder")[1]!.answer(decodedAs("third"));
  expect((await end).content).toBe("third");
  expect(third.arrayBuffer).toHaveBeenCalledOnce(); // none was given to the one that had ended
});

it("refuses a file by its size before it is read, and one that has gone because it cannot be read", async () => {
  const film = fileOf("film", 256e6 + 1);
  film.read();
  await expect(engine.decode(film.file)).rejects.toEqual(new PictureRefused("too-large"));
  expect(film.arrayBuffer).not.toHaveBeenCalled();
  const gone = fileOf("gone", 0);
  gone.arrayBuffer.mockRejectedValue(new DOMException("gone", "NotFoundError"));
  await expect(engine.decode(gone.file)).rejects.toEqual(new PictureRefused("unreadable"));
});

it("closes a frame also where nobody is there to be asked about it", async () => {
  const frame = new FakeFrame();
  engine.close();
  await expect(engine.ask(frame as unknown as ImageBitmap, { nearest: 1 })).rejects.toThrow(EngineError);
  expect(frame.close).toHaveBeenCalledOnce();
});
