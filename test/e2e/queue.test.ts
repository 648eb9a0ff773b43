// Meta-training whose groups are computed by workers that take them from a queue: whatever happens to workers, trainer and
// Redis, the numbers are those of one machine, and nothing is left in the queue.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { UserError } from "../../src/errors.ts";
import { QueueConnection } from "../../src/node/queue/connection.ts";
import { QueueWorker } from "../../src/node/queue/worker.ts";
import { groupJobs } from "../../src/node/workers/group-jobs.ts";
import { fold, key, uniform } from "../../src/tensor/random.ts";
import { type Running, start as startProgram } from "../built-program.ts";
import { noRedis, RedisServer } from "../redis.ts";
import { ROOT, temporaryFolder } from "./pudnet.ts";
import { run, start, writeTinyMixture } from "./tiny-training.ts";

it.runIf(noRedis !== undefined)(`SKIPPED: trainings by a queue, ${noRedis}`, () => {});

describe.skipIf(noRedis !== undefined)("a training by a queue", { timeout: 900_000 }, () => {
  let home: Awaited<ReturnType<typeof temporaryFolder>>;
  let redis: RedisServer;
  beforeAll(async () => {
    home = await temporaryFolder();
    await writeTinyMixture(home.path);
    redis = await RedisServer.start();
  });
  afterAll(async () => {
    await redis.stop();
    await home[Symbol.asyncDispose]();
  });

  const workers = new Set<Running>();
  afterEach(async () => {
    for (const worker of workers) worker.stop("SIGKILL");
    await Promise.all([...workers].map(({ ended }) => ended));
    workers.clear();
  });
  const startIn = (env: Readonly<Record<string, string>>, ...args: readonly string[]): Running =>
    startProgram(args, { cwd: home.path, env: { PUDNET_CACHE: join(home.path, "cache"), ...env } });
  /** A worker that is ready. */
  const work = async (url = redis.url, env: Readonly<Record<string, string>> = {}): Promise<Running> => {
    const worker = startIn(env, "worker", "--queue", url, "--jobs", "1", "--lock", "4");
    workers.add(worker);
    await worker.says(/^waits for groups/m);
    return worker;
  };

  const GRADIENTS = ["groupsPerStep=3"];
  const STATES = ["groupsPerStep=3", "localSteps=5"];
  const train = (name: string, parallel: readonly string[], ...more: readonly string[]): string[] => [
    "train",
    "--config",
    name.startsWith("mixture") ? "mixture.yaml" : "config.yaml",
    ...["steps=30", "validation.every=15", `name=${name}`, ...parallel].flatMap((one) => ["--set", one]),
    ...more,
  ];
  const byQueue = ["--queue"] as const;
  /** What a run is judged by: its rows, and its weights. */
  const outcome = (name: string) => ({
    rows: readFileSync(join(home.path, "runs", `${name}-1`, "metrics.csv"), "utf8"),
    weights: readFileSync(join(home.path, "runs", `${name}-1`, "checkpoints", "last.safetensors")),
  });
  const undisturbed = new Map<string, Promise<ReturnType<typeof outcome>>>();
  /** The outcome on this machine alone. */
  const alone = (parallel: readonly string[]): Promise<ReturnType<typeof outcome>> => {
    const name = `alone-${parallel.length}`;
    const made =
      undisturbed.get(name) ??
      run(home.path, ...train(name, parallel, "--workers", "2")).then((ended) => {
        expect(ended).toMatchObject({ code: 0 });
        return outcome(name);
      });
    undisturbed.set(name, made);
    return made;
  };
  const connect = (url = redis.url): Promise<QueueConnection> => QueueConnection.open(url, { tell: () => undefined });
  /** Bytes and lists of jobs that are not done; what is said of a job that was done is small and expires. */
  const left = async (): Promise<string[]> => {
    await using connection = await connect();
    const keys = await connection.redis.keys("*");
    return keys.filter((name) => /:blob:|:(wait|active|delayed|prioritized)$/.test(name));
  };

  it("has the numbers of one machine, though another training runs beside it", async () => {
    await work();
    await work();
    const trainings = [
      { name: "gradients", parallel: GRADIENTS },
      { name: "states", parallel: STATES },
    ];
    const ended = trainings.map(({ name, parallel }) =>
      run(home.path, ...train(name, parallel, ...byQueue, redis.url)),
    );
    for (const { code, stdout } of await Promise.all(ended)) {
      expect(code).toBe(0);
      expect(stdout).toMatch(/\| exchanged \| exchange \|/);
      expect(stdout).toMatch(/^\| +30 \|.* \d[\d.]* MB \| +\d+\.\d\d % \|/m);
    }
    for (const { name, parallel } of trainings) expect(outcome(name)).toEqual(await alone(parallel));
    expect(await left()).toEqual([]);
  });

  it("of a mixture with groups of several shapes and a sketch for each domain has the numbers of one machine, too", async () => {
    await work();
    for (const way of [
      [...byQueue, redis.url],
      ["--workers", "1"],
    ]) {
      const ended = await run(home.path, ...train(`mixture${way[0]}`, [...GRADIENTS, "pudnet.sketch=domain"], ...way));
      expect(ended).toMatchObject({ code: 0, stderr: "" });
    }
    expect(outcome("mixture--queue")).toEqual(outcome("mixture--workers"));
    expect(await left()).toEqual([]);
  });

  it.each([
    ["gradients", GRADIENTS],
    ["states", STATES],
  ])("of %s goes on when workers and the Redis are killed", async (kind, parallel) => {
    const name = `${kind}-disturbed`;
    const own = await RedisServer.start();
    try {
      const pool = [await work(own.url), await work(own.url)];
      const running = start(home.path, ...train(name, parallel, ...byQueue, own.url));
      for (let row = 1; row <= 3; row++) {
        await running.rows(row);
        const [who, when] = uniform(fold(key(7), `${kind} ${row}`), 2);
        await pause(100 * when!); // somewhere in a step
        const victim = Math.floor(who! * pool.length);
        pool[victim]!.stop("SIGKILL");
        if (row === 2) {
          await own.kill();
          await own.restart();
        }
        pool[victim] = await work(own.url);
      }
      const { code, stderr } = await running.ended;
      expect({ code, stderr }).toMatchObject({ code: 0 });
      expect(stderr).toMatch(/is lost; trying to get it back\n.*is back/);
      expect(outcome(name)).toEqual(await alone(parallel));
    } finally {
      await own.stop();
    }
  });

  it("that is killed goes on with --resume", async () => {
    await work();
    const running = start(home.path, ...train("killed", GRADIENTS, ...byQueue, redis.url));
    await running.rows(3);
    running.stop("SIGKILL");
    await running.ended;
    expect(await run(home.path, "train", "--resume", "runs/killed-1", ...byQueue, redis.url)).toMatchObject({
      code: 0,
    });
    expect(outcome("killed")).toEqual(await alone(GRADIENTS));
  });

  it("stops with a checkpoint, takes back what it handed out, and goes on without a queue", async () => {
    const worker = await work();
    const running = start(home.path, ...train("stopped", STATES, ...byQueue, redis.url));
    await running.rows(2);
    running.stop("SIGINT");
    const { code, stdout } = await running.ended;
    expect({ code, stdout }).toMatchObject({ code: 130, stdout: expect.stringContaining("go on with: pudnet train") });
    expect(await left()).toEqual([]);
    worker.stop("SIGTERM");
    expect(await worker.ended).toMatchObject({
      code: 130,
      stdout: expect.stringMatching(/^stopped after \d+ groups/m),
    });
    expect(await run(home.path, "train", "--resume", "runs/stopped-1", "--workers", "2")).toMatchObject({ code: 0 });
    expect(outcome("stopped")).toEqual(await alone(STATES));
  });

  it("ends with the reason why a group could not be computed, and jobs that are none harm nobody", async () => {
    const { name, format } = await groupJobs();
    await using connection = await connect();
    const poisoned = (): never => {
      throw new UserError("this group is poisoned");
    };
    const tell = (): void => undefined;
    const faulty = await QueueWorker.start(connection, await groupJobs(), {
      work: poisoned,
      jobs: 1,
      lockSeconds: 4,
      tell,
    });
    const args = train("poisoned", GRADIENTS, ...byQueue, redis.url);
    const { code, stderr } = await run(home.path, ...args);
    await faulty.close();
    expect({ code, stderr }).toEqual({ code: 1, stderr: "error: this group is poisoned\n" });
    expect(await left()).toEqual([]);

    const queue = new connection.bullmq.Queue(`${name}-${format}-pudnet-0.1.0`, {
      connection: connection.redis,
      prefix: "pudnet",
    });
    await queue.add("train", { work: "gradient", problem: "rm -rf /" }, { jobId: "alien" });
    await work();
    expect(await run(home.path, "train", "--resume", "runs/poisoned-1", ...byQueue, redis.url)).toMatchObject({
      code: 0,
    });
    expect(outcome("poisoned")).toEqual(await alone(GRADIENTS));
    expect((await queue.getJob("alien"))?.failedReason).toMatch(
      /^not a job that this version knows: problem: expected/,
    );
    await queue.remove("alien");
    await queue.close();
  });

  it("says that no worker of its version is there, and does not wait for one when it is to stop", async () => {
    await using connection = await connect();
    const other = { ...(await groupJobs()), format: 4711 };
    const tell = (): void => undefined;
    const taken = (): never => {
      throw new Error("took a job of another version");
    };
    const strange = await QueueWorker.start(connection, other, { work: taken, jobs: 1, lockSeconds: 4, tell });
    const running = start(home.path, ...train("waiting", GRADIENTS, ...byQueue, redis.url));
    await running.says(/^no worker of train-\S+ is connected to \S+ \(one of train-\S+-4711-\S+ is\): "pudnet worker/m);
    running.stop("SIGTERM");
    expect(await running.ended).toMatchObject({
      code: 130,
      stdout: expect.stringContaining("go on with: pudnet train"),
    });
    await strange.close();
    expect(await left()).toEqual([]);
  });

  it("ends when it is told to though the Redis is gone, and so does a worker", async () => {
    const own = await RedisServer.start();
    try {
      const worker = await work(own.url);
      const running = start(home.path, ...train("cut-off", GRADIENTS, ...byQueue, own.url));
      await running.rows(1);
      await own.kill();
      for (const one of [running, worker]) await one.says(/^the connection to the queue at \S+ is lost/m);
      running.stop("SIGTERM");
      worker.stop("SIGTERM");
      expect(await running.ended).toMatchObject({ code: 130 });
      expect(await worker.ended).toMatchObject({ code: 130 });
    } finally {
      await own.stop();
    }
    expect(await run(home.path, "train", "--resume", "runs/cut-off-1")).toMatchObject({ code: 0 });
    expect(outcome("cut-off")).toEqual(await alone(GRADIENTS));
  });

  it("has workers that end by themselves without work", async () => {
    const args = ["worker", "--queue", redis.url, "--idle", "0.001"];
    const { code, stdout } = await run(home.path, ...args);
    expect({ code, stdout }).toMatchObject({ code: 0, stdout: expect.stringMatching(/^stopped after 0 groups/m) });
  });

  it("speaks TLS with a password, which nothing tells", async () => {
    const [cert, tlsKey] = ["cert", "key"].map((name) => join(ROOT, "test/fixtures/tls", `localhost.${name}.pem`));
    const secret = "correct horse";
    const secured = await RedisServer.start({ password: secret, tls: { cert: cert!, key: tlsKey! } });
    try {
      const env = { NODE_EXTRA_CA_CERTS: cert! };
      await work(secured.url, env);
      const args = train("secured", GRADIENTS, ...byQueue, secured.url);
      const { code, stdout, stderr } = await startIn(env, ...args).ended;
      expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
      expect(outcome("secured")).toEqual(await alone(GRADIENTS));
      const record = readFileSync(join(home.path, "runs", "secured-1", "run.json"), "utf8");
      expect(record).toContain(`--queue rediss://localhost:${secured.port}`);

      const strange = await run(home.path, ...args);
      expect(strange).toMatchObject({
        code: 1,
        stderr: expect.stringMatching(/cannot show who it is: self-signed.*\nhint: .*NODE_EXTRA_CA_CERTS/),
      });
      const open = await startIn(env, "worker", "--queue", `rediss://localhost:${secured.port}`).ended;
      expect(open).toMatchObject({
        code: 1,
        stderr: expect.stringMatching(/it asks for a password\nhint: .*PUDNET_QUEUE_PASSWORD/),
      });
      const said = [stdout, record, strange.stderr, open.stderr].join("\n");
      expect(said).not.toContain(secret);
      expect(said).not.toContain(encodeURIComponent(secret));
    } finally {
      await secured.stop();
    }
  });

  it("of one group a step is bad use, and so is an address that is none", async () => {
    const one = await run(home.path, ...train("one", [], ...byQueue, redis.url));
    expect(one).toMatchObject({ code: 2, stderr: expect.stringMatching(/^error: a queue has nothing to share/) });
    const none = await run(home.path, ...train("none", GRADIENTS, ...byQueue, "http://localhost"));
    expect(none).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/^error: .*begins with "http:"\nhint: .*redis:/),
    });
    const both = await run(home.path, ...train("both", GRADIENTS, "--workers", "2", ...byQueue, redis.url));
    expect(both).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/^error: --workers says nothing with --queue/),
    });
    expect(await run(home.path, "worker")).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("--queue is missing"),
    });
  });
});
