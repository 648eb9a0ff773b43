// Queues on a real Redis: who gets in, bytes that come back as they were or not at all, jobs that are done once whatever
// happens to the Redis and to whoever works on them.

import { setTimeout as pause } from "node:timers/promises";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { UserError } from "../../errors.ts";
import { noRedis, RedisServer } from "../../../test/redis.ts";
import { Blobs } from "./blobs.ts";
import { QueueConnection } from "./connection.ts";
import { Jobs } from "./jobs.ts";
import { type JobKind, queueName } from "./kinds.ts";
import { Refused } from "./refusal.ts";
import { QueueWorker } from "./worker.ts";

it.runIf(noRedis !== undefined)(`SKIPPED: queues, ${noRedis}`, () => {});

describe.skipIf(noRedis !== undefined)("a queue", () => {
  let redis: RedisServer;
  beforeAll(async () => (redis = await RedisServer.start()));
  afterAll(() => redis.stop());

  const opened: { close(): Promise<void> }[] = [];
  const told: string[] = [];
  afterEach(async () => {
    for (const one of opened.splice(0).toReversed()) await one.close();
    told.splice(0);
  });
  const later = <T extends { close(): Promise<void> }>(one: T): T => {
    opened.push(one);
    return one;
  };
  const connect = async (url = redis.url): Promise<QueueConnection> =>
    later(await QueueConnection.open(url, { tell: (line) => void told.push(line), patience: 500 }));

  describe("lets nobody in", () => {
    const refusal = async (url: string): Promise<UserError> => {
      const error: unknown = await connect(url).then(
        () => undefined,
        (thrown: unknown) => thrown,
      );
      expect(error).toBeInstanceOf(UserError);
      const { message, hint = "" } = error as UserError;
      expect(`${message} ${hint}`).not.toContain("wrong");
      expect(hint).not.toBe("");
      return error as UserError;
    };

    it("where there is none", async () => {
      const { message, exitCode } = await refusal("redis://:wrong@127.0.0.1:1");
      expect(message).toMatch(/^cannot reach the queue at redis:\/\/127\.0\.0\.1:1: .*ECONNREFUSED/);
      expect(exitCode).toBe(1);
    });

    it("with another password, or without", async () => {
      const guarded = await RedisServer.start({ password: "pass word/@" });
      try {
        const place = `127.0.0.1:${guarded.port}`;
        expect((await refusal(`redis://:wrong@${place}`)).message).toContain("refuses this name or password");
        expect((await refusal(`redis://me:wrong@${place}`)).message).toContain("refuses this name or password");
        expect((await refusal(`redis://${place}`)).message).toContain("it asks for a password");
        const connection = await connect(guarded.url);
        expect(await connection.redis.ping()).toBe("PONG");
        expect(connection.place).toBe(`redis://${place}`);
      } finally {
        await guarded.stop();
      }
    });

    it("into a database that is not there", async () => {
      expect((await refusal(`${redis.url}/4711`)).message).toMatch(/cannot use .*: ERR DB index is out of range/);
    });
  });

  it("that is killed and started again is told of once, and works on", async () => {
    const own = await RedisServer.start();
    try {
      const connection = await connect(own.url);
      const { redis: client } = connection;
      const losses = Array.from({ length: 100 }, () => connection.lost());
      expect(client.listenerCount("close")).toBeLessThan(5);
      await client.set("before", "1");
      await client.config("SET", "appendfsync", "always");
      await client.set("synced", "1");
      await own.kill();
      const answer = client.get("synced");
      await Promise.all(losses);
      await connection.lost(); // while it is
      await pause(300); // several attempts meanwhile
      await own.restart();
      expect(await answer).toBe("1");
      expect(told.map((line) => line.replace(/ at redis:\S+/, ""))).toEqual([
        "the connection to the queue is lost; trying to get it back",
        "the connection to the queue is back",
      ]);
    } finally {
      await own.stop();
    }
  });

  it("whose connection breaks amid a command is lost and back like one that closes it", async () => {
    const own = await RedisServer.start();
    try {
      const connection = await connect(own.url);
      const { redis: client } = connection;
      const errors: string[] = [];
      client.on("error", ({ code }: NodeJS.ErrnoException) => void errors.push(code ?? ""));
      const loss = connection.lost();
      own.freeze();
      const answer = client.set("large", Buffer.alloc(2 ** 20));
      await own.kill();
      await loss;
      expect(errors[0]).toBe("ECONNRESET");
      await own.restart();
      expect(await answer).toBe("OK");
      const isOpen = Symbol("open");
      expect(await Promise.race([connection.lost(), client.ping().then(() => isOpen)])).toBe(isOpen);
    } finally {
      await own.stop();
    }
  });

  describe("keeps bytes", () => {
    const MIB = 2 ** 20;
    const bytesOf = (length: number): Uint8Array => Buffer.alloc(length, "no power of two long");

    it.each([[[]], [[0]], [[5, 0, 7]], [[8 * MIB]], [[3 * MIB, 9 * MIB, 4 * MIB + 1]]])("of %j", async (lengths) => {
      const blobs = new Blobs(await connect());
      const parts = lengths.map(bytesOf);
      const blob = await blobs.put("a", parts);
      expect(Buffer.concat(parts).equals((await blobs.get(blob))!)).toBe(true);
      expect(blobs.moved).toBe(2 * blob.bytes);
      await blobs.remove([blob]);
      expect(await blobs.get(blob)).toEqual(blob.bytes === 0 ? new Uint8Array() : undefined);
    });

    it("and knows when a piece is gone, or is another", async () => {
      const connection = await connect();
      const blobs = new Blobs(connection);
      const blob = await blobs.put("b", [bytesOf(9 * MIB)]);
      const keys = (await connection.redis.keys("*")).filter((key) => key.includes(blob.key)).toSorted();
      expect(keys).toHaveLength(2);
      const piece = (await connection.redis.getBuffer(keys[1]!))!;
      piece[0]! ^= 1;
      await connection.redis.set(keys[1]!, piece);
      await expect(blobs.get(blob)).rejects.toThrow(/is not what was put there/);
      await connection.redis.del(keys[1]!);
      expect(await blobs.get(blob)).toBeUndefined();
      expect(await blobs.keep([blob])).toBe(false);
    });

    it("for a time", async () => {
      const connection = await connect();
      const blobs = new Blobs(connection, { expiry: 1000 });
      const blob = await blobs.put("c", [bytesOf(3)]);
      const [key] = (await connection.redis.keys("*")).filter((name) => name.includes(blob.key));
      expect(await connection.redis.ttl(key!)).toBeGreaterThan(900);
      await connection.redis.expire(key!, 10);
      expect(await blobs.keep([blob])).toBe(true);
      expect(await connection.redis.ttl(key!)).toBeGreaterThan(900);
    });
  });

  describe("hands out jobs", () => {
    interface Sum {
      readonly numbers: readonly number[];
    }
    let format = 0;
    /** Of a queue that no other test uses. */
    const kind = (): JobKind<Sum, number> => ({
      name: "sums",
      format: ++format,
      job: z.strictObject({ numbers: z.array(z.number()) }),
      result: z.number(),
    });
    const summed = ({ numbers }: Sum): number => numbers.reduce((sum, one) => sum + one, 0);
    const worker = async (
      of: JobKind<Sum, number>,
      work: (job: Sum, signal: AbortSignal) => Promise<number>,
      url = redis.url,
    ) => {
      const tell = (line: string): void => void told.push(line);
      const connection = await connect(url);
      return later(await QueueWorker.start(connection, of, { work, jobs: 2, lockSeconds: 2, tell }));
    };
    const submitter = async (
      of: JobKind<Sum, number>,
      onRefusal: (refusal: object) => void = () => undefined,
      url = redis.url,
    ) => later(await Jobs.open(await connect(url), of, { onRefusal }));
    /** Resolves when the signal aborts, with its reason. */
    const never = (signal: AbortSignal): Promise<number> =>
      new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason as Error)));

    it("once each, however many ask", async () => {
      const of = kind();
      let done = 0;
      await worker(of, (job) => {
        done++;
        return Promise.resolve(summed(job));
      });
      const [one, other] = [await submitter(of), await submitter(of)];
      const asked = [1, 2, 3].flatMap((i) =>
        [one, other].map((jobs) => jobs.run(`sum-${i}`, { numbers: [i, 10] }, { priority: i })),
      );
      expect(await Promise.all(asked)).toEqual([11, 11, 12, 12, 13, 13]);
      expect(done).toBe(3);
    });

    it("whose failure is told with its reason, and which can be tried again", async () => {
      const of = kind();
      const hint = "give another";
      let isPoisoned = true;
      await worker(of, (job) => {
        if (isPoisoned && job.numbers.length === 0) throw new UserError("no numbers", { hint });
        return Promise.resolve(summed(job));
      });
      const jobs = await submitter(of);
      const [bad, good] = await Promise.allSettled([
        jobs.run("bad", { numbers: [] }),
        jobs.run("good", { numbers: [1] }),
      ]);
      expect(good).toMatchObject({ value: 1 });
      expect(bad).toMatchObject({ reason: expect.objectContaining({ message: "no numbers (give another)" }) });
      isPoisoned = false;
      expect(await jobs.run("bad", { numbers: [] })).toBe(0);
    });

    it("and takes neither jobs nor results that are none", async () => {
      const of = kind();
      await worker(of, () => Promise.resolve("code" as unknown as number));
      const jobs = await submitter(of);
      await expect(jobs.run("job", { numbers: ["x"] } as unknown as Sum)).rejects.toThrow(
        /not a job that this version knows: numbers\[0\]: expected number/,
      );
      await expect(jobs.run("result", { numbers: [] })).rejects.toThrow(/answered what this version does not know/);
    });

    it("to its own version alone", async () => {
      const [of, other] = [kind(), kind()];
      await worker(other, (job) => Promise.resolve(summed(job)));
      const jobs = await submitter(of);
      const stop = new AbortController();
      const result = jobs.run("waits", { numbers: [1] }, { signal: stop.signal });
      expect(await (await connect()).others()).toEqual(
        expect.arrayContaining([
          { role: "worker", queue: queueName(other) },
          { role: "submitter", queue: queueName(of) },
        ]),
      );
      stop.abort(new UserError("enough"));
      await expect(result).rejects.toThrow("enough");
      expect(await jobs.remove(["waits"])).toBe(0);
    });

    it("which a worker that cannot do them leaves to others, with its reason", async () => {
      const of = kind();
      const refusals: object[] = [];
      await worker(of, (job) => {
        if (job.numbers.includes(1)) throw new Refused("has no 1");
        return Promise.resolve(summed(job));
      });
      const jobs = await submitter(of, (refusal) => void refusals.push(refusal));
      const first = jobs.run("first", { numbers: [1] });
      expect(await jobs.run("second", { numbers: [2] })).toBe(2);
      while (refusals.length === 0) await pause(20);
      await worker(of, (job) => Promise.resolve(summed(job)));
      expect(await first).toBe(1);
      expect(refusals).toEqual([{ worker: expect.stringMatching(/:\d+$/) as string, reason: "has no 1" }]);
    });

    it("which a worker that is stopped hands back at once", async () => {
      const of = kind();
      let begin = (): void => undefined;
      const begun = new Promise<void>((done) => (begin = done));
      const first = await worker(of, (_, signal) => {
        begin();
        return never(signal);
      });
      const jobs = await submitter(of);
      const result = jobs.run("handed-back", { numbers: [4] });
      await begun;
      await first.close();
      await worker(of, (job) => Promise.resolve(summed(job)));
      expect(await result).toBe(4);
    });

    it("which three workers ended over, no more", async () => {
      const of = kind();
      const jobs = await submitter(of);
      const result = jobs.run("deadly", { numbers: [] }).catch((error: unknown) => error);
      for (let death = 1; death <= 3; death++) {
        const connection = await connect();
        let begin = (): void => undefined;
        const begun = new Promise<void>((done) => (begin = done));
        const work = (_: Sum, signal: AbortSignal): Promise<number> => {
          begin();
          return never(signal);
        };
        const tell = (): void => undefined;
        await QueueWorker.start(connection, of, { work, jobs: 1, lockSeconds: 1, tell });
        await begun;
        await connection.close(); // it is cut off: nobody says that it is alive
      }
      await worker(of, () => Promise.resolve(0));
      expect(await result).toMatchObject({ message: "3 workers ended over the same job" });
    });

    it("which are done though the Redis was killed and forgot them", async () => {
      const own = await RedisServer.start();
      try {
        const of = kind();
        const jobs = await submitter(of, undefined, own.url);
        const { redis: client } = await connect(own.url);
        const result = jobs.run("forgotten", { numbers: [5] });
        while ((await client.keys("*forgotten")).length === 0) await pause(20);
        await client.flushall();
        await own.kill();
        await own.restart();
        await worker(of, (job) => Promise.resolve(summed(job)), own.url);
        expect(await result).toBe(5);
      } finally {
        await own.stop();
      }
    });
  });
});
