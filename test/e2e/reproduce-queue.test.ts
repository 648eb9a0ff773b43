// npm run reproduce through a queue, as processes: workers, submitter and Redis are killed at random moments.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { REPRODUCE_MAIN, type Running, start } from "../built-program.ts";
import { noRedis, RedisServer } from "../redis.ts";
import { layGround, STAND_INS } from "../soak/ground.ts";
import { queueEpisode, withoutQueue } from "../soak/queue-episode.ts";
import type { Ground, Outcome } from "../soak/scenario.ts";
import { expectFailure, temporaryFolder } from "./pudnet.ts";

let home: Awaited<ReturnType<typeof temporaryFolder>>;
beforeAll(async () => (home = await temporaryFolder()));
afterAll(() => home[Symbol.asyncDispose]());

const run = (args: readonly string[], env: Readonly<Record<string, string>> = {}): Running =>
  start(args, { cwd: home.path, env, program: REPRODUCE_MAIN });

it("addresses that are none, and options that say nothing, are bad use", async () => {
  const fails = (args: readonly string[], message: RegExp, hint: RegExp): Promise<void> =>
    expectFailure(args, { code: 2, message, hint }, { cwd: home.path, program: REPRODUCE_MAIN });
  const address = ["--queue", "redis://localhost"];
  await Promise.all([
    fails(["worker"], /--queue is missing/, /worker --queue redis:\/\/HOST/),
    fails(["worker", "--queue", "http://localhost"], /the address of the queue begins with "http:"/, /redis:\/\//),
    fails(["all", "--budget", "quick", "--queue", "localhost"], /the address of the queue/, /redis:\/\//),
    fails(["all", "--list", ...address], /--queue says nothing with --list$/m, /leave one of the two out/),
    fails(["all", "--pages", ...address], /--queue says nothing with --pages$/m, /leave one of the two out/),
    fails(["all", "--jobs", "2", ...address], /--jobs says nothing with --queue$/m, /each worker/),
    fails(["worker", ...address, "--cell", "x"], /unknown option '--cell'/, /--help/),
  ]);
});

it("without a queue nothing of one is loaded", async () => {
  const file = join(home.path, "modules.txt");
  const hook = pathToFileURL(join(import.meta.dirname, "record-modules.mjs")).href;
  const options = ["--cell", "convnet-3/fashion-set/random", "--budget", "quick"];
  const env = { NODE_OPTIONS: `--import ${hook}`, MODULES_FILE: file };
  const { code, stderr } = await run(["table-1", ...options], env).ended;
  expect({ code, stderr }).toMatchObject({
    code: 1,
    stderr: expect.stringContaining("fashion-mnist is not there") as string,
  });
  const loaded = readFileSync(file, "utf8");
  expect(loaded).toContain("/node/records/complete.js");
  expect(loaded).not.toMatch(/node_modules\/(bullmq|ioredis)\/|\/queue\//);
});

it.runIf(noRedis !== undefined)(`SKIPPED: cells through a queue, ${noRedis}`, () => {});

describe.skipIf(noRedis !== undefined)("through a queue", () => {
  let ground: Ground;
  let expected: Outcome;
  beforeAll(async () => {
    ground = await layGround(join(home.path, "ground"));
    expected = await withoutQueue(ground);
  });

  it("everything comes out as without, though workers, submitter and Redis are killed", async () => {
    const plan = { seed: 1, episode: 0, most: 3, pause: 3000, lockSeconds: 8 };
    const { kills, problems } = await queueEpisode(ground, expected, plan);
    expect(problems).toEqual([]);
    expect(kills.length).toBeGreaterThan(0);
  });

  it("a worker that is asked to stop hands its work back, and another goes on at once", async () => {
    const redis = await RedisServer.start();
    const here = { cwd: ground.folder, env: { PUDNET_CACHE: join(ground.folder, "cache") }, program: REPRODUCE_MAIN };
    const own = ["--root", STAND_INS, "--threads", "1", "--queue", redis.url];
    const cell = ["--cell", "convnet-3/fashion-set/protonet", "--budget", "quick"];
    const work = (name: string): Running => start(["worker", "--lock", "3600", "--out", name, ...own], here);
    try {
      const first = work("first");
      const submitter = start(["table-1", ...cell, "--out", "handed-back", ...own], here);
      while (!first.said().includes("training from step")) await new Promise((done) => setTimeout(done, 20));
      first.stop("SIGTERM");
      expect(await first.ended).toMatchObject({ code: 130 });
      const second = work("second");
      expect(await submitter.ended).toMatchObject({ code: 0, stderr: "" });
      second.stop("SIGTERM");
      expect(await second.ended).toMatchObject({ code: 130, stdout: expect.stringContaining(": done") as string });
    } finally {
      await redis.stop();
    }
  });
});
