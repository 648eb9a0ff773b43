// Cells through a queue on a real Redis: the same numbers as without one, whoever makes them and whatever happens meanwhile.

import { createHash } from "node:crypto";
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { ADAM } from "pudnet/methods";
import { Blobs, type JobKind, Jobs, QueueConnection, queueName, QueueWorker, Refused } from "pudnet/queue";
import { writeFashionStandIn } from "../../test/fashion-stand-in.ts";
import { noRedis, RedisServer } from "../../test/redis.ts";
import type { EpisodicRecipe, EvaluationRecipe } from "../recipes/recipe.ts";
import { evaluationName } from "../store/evaluations.ts";
import { judgedCheckpoint } from "../store/networks.ts";
import { type Failure, runEvaluations } from "../store/run.ts";
import { Store, type StoreOptions } from "../store/store.ts";
import { withinProtocol } from "../recipes/datasets.ts";
import { CELLS, type CellsJob, type CellsResult } from "./cells.ts";
import { makeParcel } from "./make-parcel.ts";
import { submitEvaluations } from "./submit.ts";
import { jobIn, storeIn } from "./work-folder.ts";
import { workOnCells } from "./worker.ts";

const protocol = { ...withinProtocol("fashion-set", 4), shots: 3, generation: 8, test: 10 };
const target = { arch: "convnet-3", width: 4, stem: "3x3" } as const;
const source = { dataset: "fashion-mnist", split: "fashion-set", side: 28, trainOn: "train" } as const;
const untrained = (kind: "pixels" | "random", groups = 4): EvaluationRecipe => ({
  kind,
  target,
  normalization: source,
  protocol: { ...protocol, groups },
});
const network: EpisodicRecipe = {
  method: "episodic",
  rule: "protonet",
  source,
  target,
  seed: 0,
  optimizer: ADAM,
  augment: false,
  task: { ways: 3, shots: 2, queries: 2 },
  tasksPerStep: 1,
  steps: 20,
};
const judged: EvaluationRecipe = { kind: "fixed", network, protocol };
/** Cannot be: there are four test classes. */
const impossible: EvaluationRecipe = { ...untrained("random"), protocol: { ...protocol, ways: 5 } };
const all = [untrained("pixels"), untrained("random"), judged];
const asked = (recipes: readonly EvaluationRecipe[]) => recipes.map((evaluation) => ({ evaluation }));

it.runIf(noRedis !== undefined)(`SKIPPED: cells through a queue, ${noRedis}`, () => {});

describe.skipIf(noRedis !== undefined)("cells through a queue", () => {
  let [root, plain] = ["", ""];
  let redis: RedisServer;
  beforeAll(async () => {
    redis = await RedisServer.start();
    root = mkdtempSync(join(tmpdir(), "pudnet-data-"));
    writeFashionStandIn(root, { train: 20, test: 10 });
    plain = mkdtempSync(join(tmpdir(), "pudnet-plain-"));
    expect(await runEvaluations(storeAt(plain), asked(all))).toEqual([]);
  });
  afterAll(async () => {
    await redis.stop();
    for (const folder of [root, plain]) rmSync(folder, { recursive: true, force: true });
  });

  let home: string;
  let lines: string[];
  const closing: (() => Promise<unknown>)[] = [];
  beforeEach(async () => {
    home = mkdtempSync(join(tmpdir(), "pudnet-queue-"));
    lines = [];
    await (await connect()).redis.flushall();
  });
  afterEach(async () => {
    for (const close of closing.splice(0).toReversed()) await close();
    looking = undefined;
    rmSync(home, { recursive: true });
  });

  const print = (line: string): void => void lines.push(line);
  const storeAt = (out: string, options: Partial<StoreOptions> = {}): Store =>
    new Store({ out, root, threads: 1, print: () => undefined, ...options });
  const mine = (options: Partial<StoreOptions> = {}): Store => storeAt(join(home, "mine"), { print, ...options });

  async function connect(): Promise<QueueConnection> {
    const connection = await QueueConnection.open(redis.url, { tell: print });
    closing.push(() => connection.close());
    return connection;
  }
  const submit = async (recipes: readonly EvaluationRecipe[], store = mine()): Promise<Failure[]> =>
    submitEvaluations(store, asked(recipes), await connect());

  /** Works in this process, until the test ends; gives what it says. */
  async function startWorker({ data = root, name = "worker" } = {}): Promise<string[]> {
    const said: string[] = [];
    const stop = new AbortController();
    const tell = (line: string): void => void said.push(line);
    const make = async (folder: string, signal: AbortSignal) =>
      makeParcel(storeIn(folder, { root: data, threads: 1, signal, print: tell }), await jobIn(folder));
    const options = { make, out: join(home, name), jobs: 1, lockSeconds: 60, print: tell };
    const ended = workOnCells(await connect(), options, stop.signal);
    closing.push(() => {
      stop.abort();
      return ended;
    });
    await until(() => said.some((line) => line.startsWith("waiting for work")));
    return said;
  }

  async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
    while (!(await holds())) await pause(20);
  }

  /** What numbers there are, and the weights behind them. */
  function outcome(out: string, recipes = all): Record<string, string> {
    const folder = join(out, "store", "evaluations");
    const rows = recipes.map((recipe) => {
      const name = evaluationName(recipe);
      return [name, readFileSync(join(folder, `${name}.csv`), "utf8")] as const;
    });
    const isJudged = recipes.some((recipe) => recipe.kind === "fixed");
    const weights = isJudged ? readFileSync(judgedCheckpoint(storeAt(out), network)) : "";
    return { ...Object.fromEntries(rows), weights: createHash("sha256").update(weights).digest("hex") };
  }
  const evaluationsIn = (out: string): string[] =>
    existsSync(join(out, "store", "evaluations")) ? readdirSync(join(out, "store", "evaluations")) : [];
  let looking: QueueConnection | undefined;
  const keys = async (pattern: string): Promise<string[]> => (looking ??= await connect()).redis.keys(pattern);
  const taken = (said: readonly string[]): number => said.filter((line) => line.endsWith(": taken")).length;

  it("have the numbers that they have without, and leave nothing in the queue", async () => {
    const said = await startWorker();
    expect(await submit(all)).toEqual([]);
    expect(outcome(join(home, "mine"))).toEqual(outcome(plain));
    expect(taken(said)).toBe(3);
    expect(said.filter((line) => line.includes("training from"))).toEqual([expect.stringContaining("step 0 of 20")]);
    const sessions = JSON.parse(
      readFileSync(join(home, "mine", "store", "evaluations", `${evaluationName(judged)}.json`), "utf8"),
    ) as { sessions: unknown[] };
    expect(sessions.sessions).toMatchObject([{ fromGroup: 0, machine: { cores: expect.any(Number) as number } }]);
    expect(await keys("pudnet:blob:*")).toEqual([]);
    expect(await keys("pudnet:waiting:*")).toEqual([]);
    expect(await keys("*:parcel-*")).toEqual([]);
    lines = [];
    expect(await submit(all)).toEqual([]); // all is known
    expect([lines, taken(said)]).toEqual([[], 3]);
  });

  it("go on behind what the submitter has, with its network", async () => {
    cpSync(plain, join(home, "mine"), { recursive: true });
    const said = await startWorker();
    const more = { ...judged, protocol: { ...protocol, groups: 6 } };
    expect(await submit([more])).toEqual([]);
    expect(said.filter((line) => line.includes("training from"))).toEqual([]);
    expect(said).toContainEqual(expect.stringMatching(/group 4 of 6$/));
    const [before, after] = [outcome(plain, [judged]), outcome(join(home, "mine"), [more])];
    expect(after["weights"]).toBe(before["weights"]);
    expect(after[evaluationName(more)]!.startsWith(before[evaluationName(judged)]!)).toBe(true);
  });

  it("are made once for two submitters at once", async () => {
    const stores = ["one", "two"].map((name) => storeAt(join(home, name)));
    const both = stores.map((store) => submit(all, store));
    const { redis: client } = await connect();
    const waiting = async (): Promise<number> => {
      const counts = await Promise.all((await keys("pudnet:waiting:*")).map((key) => client.scard(key)));
      return counts.reduce((sum, count) => sum + count, 0);
    };
    await until(async () => (await waiting()) === 2 * all.length);
    const said = await startWorker();
    expect(await Promise.all(both)).toEqual([[], []]);
    for (const { options } of stores) expect(outcome(options.out)).toEqual(outcome(plain));
    expect(taken(said)).toBe(3);
    expect(await keys("pudnet:blob:*")).toEqual([]);
  });

  it("that fail say why, and the others go on", async () => {
    const said = await startWorker();
    const failures = await submit([impossible, ...all]);
    expect(failures).toMatchObject([{ name: evaluationName(impossible), error: { message: /classes/ } }]);
    expect(outcome(join(home, "mine"))).toEqual(outcome(plain));
    expect(taken(said)).toBe(4);
    await submit([impossible]);
    expect(taken(said)).toBe(5); // it is tried again
  });

  it("are given to others by a worker with other images, which is told once", async () => {
    const elsewhere = join(home, "data");
    writeFashionStandIn(elsewhere, { train: 21, test: 10 });
    const wrong = await startWorker({ data: elsewhere, name: "wrong" });
    const none = await startWorker({ data: join(home, "nothing"), name: "none" });
    const submitted = submit(all);
    const refusals = (): string[] => lines.filter((line) => line.includes("leaves work to others"));
    await until(() => refusals().length === 2);
    const right = await startWorker({ name: "right" });
    expect(await submitted).toEqual([]);
    expect(outcome(join(home, "mine"))).toEqual(outcome(plain));
    expect(refusals().toSorted()).toEqual([
      expect.stringMatching(/its fashion-mnist@28 is another one \([0-9a-f]{16}, expected [0-9a-f]{16}\)$/),
      expect.stringMatching(/fashion-mnist is not there/),
    ]);
    expect([...wrong, ...none].filter((line) => line.endsWith(": done"))).toEqual([]);
    expect(right.filter((line) => line.endsWith(": done"))).toHaveLength(3);
  });

  it("are not seen by a worker of another version, which both sides are told", async () => {
    const other: JobKind<CellsJob, CellsResult> = { ...CELLS, format: CELLS.format + 1 };
    const seen: unknown[] = [];
    const work = (job: CellsJob): Promise<CellsResult> =>
      Promise.resolve({ files: [], failures: [], seen: seen.push(job) });
    const options = { work, jobs: 1, lockSeconds: 60, tell: print };
    const worker = await QueueWorker.start(await connect(), other, options);
    closing.push(() => worker.close());
    const submitted = submit(all);
    await until(() => lines.some((line) => line.startsWith("no worker of")));
    const own = queueName(CELLS);
    expect(lines.find((line) => line.startsWith("no worker of"))).toContain(
      `no worker of ${own} is connected, only one of ${queueName(other)}: npm run`,
    );
    const later = await Jobs.open(await connect(), other); // a submitter of that version
    closing.push(() => later.close());
    const said = await startWorker();
    expect(said[0]).toBe(`note: ${queueName(other)} has work there, which this version, ${own}, does not take`);
    expect(await submitted).toEqual([]);
    expect(seen).toEqual([]);
  });

  it("that a submitter asked for are taken back when it is stopped, unless another waits for them", async () => {
    const stop = new AbortController();
    const first = submit(all, mine({ signal: stop.signal }));
    const second = submit([judged], storeAt(join(home, "second")));
    await until(async () => (await keys("*:parcel-????????????????????")).length >= 2 * 3);
    stop.abort(new Error("stopped"));
    await expect(first).rejects.toThrow("stopped");
    const said = await startWorker();
    expect(await second).toEqual([]);
    expect(taken(said)).toBe(1);
    expect(outcome(join(home, "second"), [judged])).toEqual(outcome(plain, [judged]));
    expect(await submit(all)).toEqual([]); // goes on
    expect(outcome(join(home, "mine"))).toEqual(outcome(plain));
  });

  it("that are waited for can be given up while the Redis is away", async () => {
    const stop = new AbortController();
    const submitted = submit(all, mine({ signal: stop.signal }));
    await until(async () => (await keys("pudnet:waiting:*")).length === 3);
    await redis.kill();
    stop.abort(new Error("stopped"));
    await expect(submitted).rejects.toThrow("stopped");
    await redis.restart();
  });

  describe("by somebody else, who answers", () => {
    /** Answers what `work` gives. */
    async function answer(work: (job: CellsJob) => Promise<unknown>): Promise<void> {
      const tell = (): void => undefined;
      const options = { work: work as (job: CellsJob) => Promise<CellsResult>, jobs: 1, lockSeconds: 60, tell };
      const worker = await QueueWorker.start(await connect(), CELLS, options);
      closing.push(() => worker.close());
    }
    const blob = { key: "x", bytes: 1, sha256: "0".repeat(64) };

    it.each([
      ["no result", {}, /answered what this version does not know/],
      ["a file elsewhere", { files: [{ path: "../../x", blob }], failures: [] }, /no file of its recipes/],
      ["nothing", { files: [], failures: [] }, /fewer groups than were asked for/],
    ])("%s: it is refused", async (_, result, message) => {
      await answer(() => Promise.resolve(result));
      expect(await submit([judged])).toMatchObject([{ name: evaluationName(judged), error: { message } }]);
      expect(evaluationsIn(join(home, "mine"))).toEqual([]);
    });

    it("what is no longer there: it is asked for again", async () => {
      const csv = { path: `evaluations/${evaluationName(untrained("pixels"))}.csv`, blob };
      let answers = 0;
      await answer(() =>
        answers++ === 0 ? Promise.resolve({ files: [csv], failures: [] }) : Promise.reject(new Refused("has no time")),
      );
      const submitted = submit([untrained("pixels")]);
      await until(() => lines.some((line) => line.endsWith("the queue has lost it; it is handed in again")));
      await startWorker();
      expect(await submitted).toEqual([]);
      expect(outcome(join(home, "mine"), [untrained("pixels")])).toEqual(outcome(plain, [untrained("pixels")]));
    });

    it.each([
      ["other numbers than are known", "0,0.5,", /disagree: .* of group 0 is .* and 0.5/],
      ["what are no numbers", "0,good,", /group 0: "good" is no number/],
    ])("%s: nothing of it is taken", async (_, row, message) => {
      cpSync(plain, join(home, "mine"), { recursive: true });
      const before = outcome(join(home, "mine"));
      const more = untrained("pixels", 6);
      const blobs = new Blobs(await connect());
      await answer(async ({ given }) => {
        const files = given.map(async ({ path, blob: sent }) => {
          const text = Buffer.from((await blobs.get(sent))!).toString();
          const changed = path.endsWith(".csv") ? text.replace(/^0,[^,]*,/m, row) : text;
          return { path, blob: await blobs.put("bad", [Buffer.from(changed)]) };
        });
        return { files: await Promise.all(files), failures: [] };
      });
      expect(await submit([more])).toMatchObject([{ name: evaluationName(more), error: { message } }]);
      expect(outcome(join(home, "mine"))).toEqual(before);
    });
  });

  it("are made by a worker that comes by a job which is none", async () => {
    const { bullmq, redis: client } = await connect();
    const queue = new bullmq.Queue(queueName(CELLS), { connection: client, prefix: "pudnet" });
    closing.push(() => queue.close());
    await queue.add("cells", { evaluations: "rm -rf /" }, { jobId: "poison" });
    await startWorker();
    expect(await submit([untrained("pixels")])).toEqual([]);
    await until(async () => (await queue.getJobState("poison")) === "failed");
    expect((await queue.getJob("poison"))!.failedReason).toMatch(/not a job that this version knows: evaluations/);
  });
});
