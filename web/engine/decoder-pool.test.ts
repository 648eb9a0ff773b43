import { describe, expect, it } from "vitest";
import { type Decoder, DecoderPool } from "./decoder-pool.ts";
import { type Decoded, EngineError, PictureRefused } from "./protocol.ts";

/** What decoding the file of such a text comes to. */
type Fate = "good" | "bad" | "deadly";

function setUp(size: number, atOnce = 2) {
  const started: FakeWorker[] = [];
  const taken: Blob[] = [];
  const start = async (onEnd: () => void): Promise<Decoder> => {
    const worker = new FakeWorker(taken, onEnd);
    started.push(worker);
    return worker;
  };
  return { started, taken, pool: new DecoderPool(start, { size, atOnce }) };
}

/** Works when it is told to; dies of deadly files, with all that it has in hand. */
class FakeWorker implements Decoder {
  readonly inHand: {
    readonly file: Blob;
    readonly resolve: (decoded: Decoded) => void;
    readonly reject: (error: unknown) => void;
  }[] = [];
  readonly taken: Blob[];
  readonly #onEnd: () => void;
  isEnded = false;

  constructor(taken: Blob[], onEnd: () => void) {
    this.taken = taken;
    this.#onEnd = onEnd;
  }

  decode(file: Blob): Promise<Decoded> {
    this.taken.push(file);
    if (this.isEnded) return Promise.reject(new EngineError("died", "dead"));
    return new Promise((resolve, reject) => this.inHand.push({ file, resolve, reject }));
  }

  end(): void {
    this.isEnded = true;
    this.#onEnd();
  }

  async work(): Promise<void> {
    const job = this.inHand.shift()!;
    const [fate] = (await job.file.text()).split(" ") as [Fate];
    if (fate === "good") return job.resolve({ content: await job.file.text() } as Decoded);
    if (fate === "bad") return job.reject(new PictureRefused("unreadable"));
    this.end();
    for (const { reject } of [job, ...this.inHand.splice(0)]) reject(new EngineError("died", "of a file"));
  }
}

const fileOf = (text: string): Blob => new Blob([text]);
/** Lets all workers work until nothing is in hand any more. */
async function workOff(started: readonly FakeWorker[]): Promise<void> {
  await expect
    .poll(async () => {
      for (const worker of started) if (worker.inHand.length > 0) await worker.work();
      return started.some(({ inHand }) => inHand.length > 0);
    })
    .toBe(false);
}
async function settled(results: readonly Promise<Decoded>[]): Promise<string[]> {
  const all = await Promise.allSettled(results);
  return all.map((one) => (one.status === "fulfilled" ? one.value.content : (one.reason as PictureRefused).why));
}

describe("a pool of decoders", () => {
  it("has no more in hand than its workers take, however many files wait, in their order", async () => {
    const { started, taken, pool } = setUp(2);
    const files = Array.from({ length: 40 }, (_, i) => fileOf(`good ${i}`));
    const all = settled(files.map((file) => pool.decode(file)));
    await expect.poll(() => started.map(({ inHand }) => inHand.length)).toEqual([2, 2]);
    expect(taken).toEqual(files.slice(0, 4));
    await started[1]!.work();
    await expect.poll(() => started.map(({ inHand }) => inHand.length)).toEqual([2, 2]);
    expect(taken).toEqual(files.slice(0, 5));
    await expect
      .poll(async () => {
        await workOff(started);
        return taken.length;
      })
      .toBe(40);
    await workOff(started);
    expect(await all).toEqual(files.map((_, i) => `good ${i}`));
    expect(taken).toEqual(files);
    expect(started.length).toBe(2);
  });

  it("refuses bad files alone", async () => {
    const { started, pool } = setUp(1);
    const all = settled(["good 1", "bad", "good 2"].map((text) => pool.decode(fileOf(text))));
    await expect.poll(() => started[0]?.inHand.length).toBe(2);
    await started[0]!.work();
    await expect.poll(() => started[0]!.inHand.length).toBe(2);
    await workOff(started);
    expect(await all).toEqual(["good 1", "unreadable", "good 2"]);
  });

  it("loses only the file that a worker dies of, whatever else was in hand", async () => {
    const { started, pool } = setUp(2);
    const texts = ["good 1", "deadly", "good 2", "good 3", "deadly", "good 4"];
    const results = texts.map((text) => pool.decode(fileOf(text)));
    const all = settled(results);
    let isDone = false;
    void all.then(() => (isDone = true));
    await expect
      .poll(async () => {
        await workOff(started);
        return isDone;
      })
      .toBe(true);
    expect(await all).toEqual(["good 1", "too-large", "good 2", "good 3", "too-large", "good 4"]);
    expect(started.length).toBeGreaterThan(2);
  });

  it("gives nothing to a worker that ended with nothing in hand", async () => {
    const { started, taken, pool } = setUp(1);
    const first = pool.decode(fileOf("good 1"));
    await expect.poll(() => started[0]?.inHand.length).toBe(1);
    await started[0]!.work();
    await first;
    started[0]!.end();
    const second = pool.decode(fileOf("good 2"));
    await expect.poll(() => started[1]?.inHand.length).toBe(1);
    await started[1]!.work();
    expect((await second).content).toBe("good 2");
    expect(taken).toHaveLength(2);
  });

  it("ends, refusing what waits", async () => {
    const { started, pool } = setUp(1, 1);
    const [first, second] = [pool.decode(fileOf("good 1")), pool.decode(fileOf("good 2"))];
    await expect.poll(() => started[0]?.inHand.length).toBe(1);
    pool.end();
    await expect(second).rejects.toThrow(EngineError);
    await expect.poll(() => started[0]!.isEnded).toBe(true);
    await started[0]!.work();
    expect((await first).content).toBe("good 1");
  });

  it("says why no worker can be started, and tries again with the next file", async () => {
    let isPossible = false;
    const worker = new FakeWorker([], () => {});
    const start = async (): Promise<Decoder> => {
      if (!isPossible) throw new EngineError("died", "no model");
      return worker;
    };
    const pool = new DecoderPool(start, { size: 1, atOnce: 2 });
    const refused = [pool.decode(fileOf("good 1")), pool.decode(fileOf("good 2"))];
    for (const one of refused) await expect(one).rejects.toThrow("no model");
    isPossible = true;
    const third = pool.decode(fileOf("good 3"));
    await expect.poll(() => worker.inHand.length).toBe(1);
    await worker.work();
    expect((await third).content).toBe("good 3");
  });
});
