import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { LivingWorker } from "./living-worker.ts";
import { EngineError } from "./protocol.ts";

type Nothing = { readonly nothing: (nothing: undefined) => void };

/** By the name of a lock: those who hear when it is free. */
let watchers: Map<string, () => void>;

beforeEach(() => {
  watchers = new Map();
  vi.stubGlobal("navigator", {
    locks: { request: async (name: string, onFree: () => void) => void watchers.set(name, onFree) },
  });
});
afterEach(() => vi.unstubAllGlobals());

class FakeWorker extends EventTarget {
  readonly terminate = vi.fn<() => void>();
  readonly postMessage = vi.fn<() => void>();
}

function setUp() {
  const own = new FakeWorker();
  const onEnd = vi.fn<() => void>();
  const worker = new LivingWorker<Nothing>(own as unknown as Worker, onEnd);
  worker.watch();
  return { own, onEnd, worker };
}

it("ends once, though its own end frees its lock", async () => {
  const { own, onEnd, worker } = setUp();
  const asked = worker.caller.call("nothing", undefined);
  own.dispatchEvent(Object.assign(new Event("error"), { message: "no memory" }));
  watchers.get(worker.lock)!();
  worker.end(new EngineError("died", "closed"));
  await expect(asked).rejects.toThrow("no memory");
  expect(onEnd).toHaveBeenCalledOnce();
  expect(own.terminate).toHaveBeenCalledOnce();
});

it("refuses what is asked of it after its end, for the reason that it ended of", async () => {
  const { own, worker } = setUp();
  watchers.get(worker.lock)!();
  await expect(worker.caller.call("nothing", undefined)).rejects.toThrow("the browser ended a worker");
  expect(own.postMessage).not.toHaveBeenCalled();
});
