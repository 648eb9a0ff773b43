import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Caller, serve } from "./rpc.ts";

type Sums = {
  readonly add: (numbers: readonly number[]) => number;
  readonly slow: (steps: number) => readonly string[];
  readonly fail: (message: string) => never;
  readonly give: (length: number) => Uint8Array;
};

let channel: MessageChannel;
let caller: Caller<Sums>;
/** Lets the slow call go on. */
let step: () => void;
const log: string[] = [];

beforeEach(() => {
  channel = new MessageChannel();
  log.length = 0;
  serve<Sums>(
    channel.port1,
    {
      add(numbers) {
        log.push(`add ${numbers.join()}`);
        return numbers.reduce((sum, number) => sum + number, 0);
      },
      async slow(steps, { progress, letIn }) {
        for (let i = 0; i < steps; i++) {
          log.push(`step ${i}`);
          await new Promise<void>((resolve) => (step = resolve));
          progress((i + 1) / steps);
          await letIn("add");
        }
        return [...log];
      },
      fail(message) {
        throw new TypeError(message);
      },
      give(length, { transfer }) {
        const bytes = new Uint8Array(length).fill(7);
        transfer(bytes.buffer);
        return bytes;
      },
    },
    { describe: (error) => (error as Error).message },
  );
  caller = new Caller<Sums>(channel.port2, (message) => new RangeError(`it said: ${String(message)}`));
});
afterEach(() => {
  channel.port1.close();
  channel.port2.close();
});

describe("calls", () => {
  it("are answered in their order, each with its own answer", async () => {
    const all = await Promise.all([caller.call("add", [1, 2]), caller.call("add", [3]), caller.call("add", [])]);
    expect(all).toEqual([3, 3, 0]);
    expect(log).toEqual(["add 1,2", "add 3", "add "]);
  });

  it("are refused with the error that was described, and others go on", async () => {
    const refused = caller.call("fail", "no");
    await expect(refused).rejects.toThrow(new RangeError("it said: no"));
    expect(await caller.call("add", [1])).toBe(1);
  });

  it("hand buffers over", async () => {
    expect(await caller.call("give", 3)).toEqual(Uint8Array.of(7, 7, 7));
  });

  it("tell of progress, and let in calls of one name alone", async () => {
    const shares: number[] = [];
    const slow = caller.call("slow", 2, { onProgress: (share) => void shares.push(share) });
    await expect.poll(() => log).toEqual(["step 0"]);
    const other = caller.call("slow", 0);
    const added = caller.call("add", [5]);
    step();
    expect(await added).toBe(5);
    await expect.poll(() => log).toEqual(["step 0", "add 5", "step 1"]);
    step();
    expect(await slow).toEqual(["step 0", "add 5", "step 1"]);
    expect(await other).toEqual(log);
    expect(shares).toEqual([0.5, 1]);
  });

  it("fail together where the other side is lost", async () => {
    const slow = caller.call("slow", 1);
    const waiting = caller.call("add", [1]);
    caller.fail(new Error("lost"));
    await expect(slow).rejects.toThrow("lost");
    await expect(waiting).rejects.toThrow("lost");
    await expect.poll(() => log).toEqual(["step 0"]);
    step();
  });

  it("are refused once the other side is lost, and do not wait for it", async () => {
    caller.fail(new Error("lost"));
    caller.fail(new Error("lost again"));
    await expect(caller.call("add", [1])).rejects.toThrow(new Error("lost"));
    expect(log).toEqual([]);
  });
});
