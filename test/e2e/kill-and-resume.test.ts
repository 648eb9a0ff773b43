// Training that is killed at any moment, stopped by a signal or spoilt by NaN: nothing is lost, and a resumed run ends as
// an undisturbed one.

import {
  copyFileSync,
  cpSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  watch,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { loadCheckpoint } from "../../src/node/checkpoints/checkpoint.ts";
import { fold, key, sample, uniform } from "../../src/tensor/random.ts";
import type { Exit, Running } from "../built-program.ts";
import { run, start, writeTinyTraining } from "./tiny-training.ts";

let folder: string;
/** A run from start to end in one go. */
let undisturbed: string;
/** What it took to its first row. */
let startMilliseconds: number;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "pudnet-kill-"));
  await writeTinyTraining(folder);
  const begun = performance.now();
  const process = start(folder, "train", "--config", "config.yaml");
  await process.rows(1);
  startMilliseconds = performance.now() - begun;
  expect(await process.ended).toMatchObject({ code: 0, stderr: "" });
  undisturbed = join(folder, "runs", "tiny-1");
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/**
 * Each waits, from the start of a process, for its moment; `u` in [0, 1) is its share of chance. Times are shares of what this
 * machine takes to the first row.
 */
const MOMENTS = {
  "starting up": (process: Running, _path: string | undefined, u: number) =>
    Promise.race([process.ended, sleep(startMilliseconds * u)]),
  training: async (process: Running, _path: string | undefined, u: number) => {
    await process.rows(1 + Math.floor(3 * u));
    await sleep(0.04 * startMilliseconds * ((3 * u) % 1));
  },
  "writing a checkpoint": async (process: Running, path: string | undefined) => {
    if (path === undefined) return process.rows(1);
    const stopWatching = new AbortController();
    await Promise.race([
      process.ended,
      new Promise<void>((seen) => {
        const checkpoints = join(path, "checkpoints");
        watch(checkpoints, { signal: stopWatching.signal }, (_event, name) => name?.includes(".tmp-") && seen());
      }),
    ]);
    stopWatching.abort();
  },
} as const;
type Moment = keyof typeof MOMENTS;

async function expectSameEnd(path: string): Promise<void> {
  for (const name of ["metrics.csv", "metrics.jsonl"]) {
    expect(readFileSync(join(path, name), "utf8")).toBe(readFileSync(join(undisturbed, name), "utf8"));
  }
  for (const kind of ["last", "best"]) {
    const [ours, theirs] = await Promise.all(
      [path, undisturbed].map((of) => loadCheckpoint(join(of, "checkpoints", `${kind}.safetensors`))),
    );
    expect(ours!.metadata).toEqual(theirs!.metadata);
    expect(ours!.tensors).toEqual(theirs!.tensors);
  }
}

it("ends the same after 20 kills at random moments", { timeout: 600_000 }, async () => {
  const moments: Moment[] = sample(key(5), [
    ...Array<Moment>(5).fill("starting up"),
    ...Array<Moment>(8).fill("training"),
    ...Array<Moment>(7).fill("writing a checkpoint"),
  ]);
  const chances = uniform(fold(key(5), "chances"), moments.length);
  const parent = join(folder, "killed");
  const finished = new Set<string>();
  const runs = () => (existsSync(parent) ? readdirSync(parent).map((name) => join(parent, name)) : []);
  /** The run to go on with; one killed before its folder was complete holds nothing. */
  const begun = () => runs().find((path) => existsSync(join(path, "run.json")) && !finished.has(path));
  const train = (path = begun()) =>
    path === undefined
      ? start(folder, "train", "--config", "config.yaml", "--runs", parent)
      : start(folder, "train", "--resume", path);
  /** A run that came to its end is compared, and the next one is another. */
  const finish = async ({ code, stderr }: Exit): Promise<void> => {
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    const path = begun()!;
    await expectSameEnd(path);
    finished.add(path);
  };
  for (const [i, moment] of moments.entries()) {
    for (let isKilled = false, attempt = 0; !isKilled; attempt++) {
      expect({ moment, attempt }).not.toEqual({ moment, attempt: 10 });
      const path = begun();
      const process = train(path);
      await MOMENTS[moment](process, path, chances[i]!);
      process.stop("SIGKILL");
      const ended = await process.ended;
      isKilled = ended.code === null;
      if (isKilled) expect({ moment, ...ended }).toMatchObject({ moment, signal: "SIGKILL", stderr: "" });
      else await finish(ended); // it was done before its moment came
    }
  }
  await finish(await train().ended);
  const left = runs().flatMap((path) => readdirSync(path, { recursive: true, encoding: "utf8" }));
  expect(left.filter((name) => /\.tmp-|lock/.test(name))).toEqual([]);
  const resumed = [...finished].flatMap((path) => {
    const record = JSON.parse(readFileSync(join(path, "run.json"), "utf8")) as { resumed?: { afterStep: number }[] };
    return record.resumed ?? [];
  });
  expect(Math.max(...resumed.map(({ afterStep }) => afterStep))).toBeGreaterThan(0);
});

describe.each(["SIGINT", "SIGTERM"] as const)("%s", (signal) => {
  it("saves, says how to go on, and the resumed run ends the same", async () => {
    const attempt = async (runs: string): Promise<Exit> => {
      const process = start(folder, "train", "--config", "config.yaml", "--runs", runs);
      await process.rows(3);
      process.stop(signal);
      return process.ended;
    };
    let runs = signal as string;
    let stopped = await attempt(runs);
    for (let again = 1; stopped.code === 0 && again < 5; again++)
      // it was done before the signal came
      stopped = await attempt((runs = `${signal}-${again}`));
    const path = join(runs, "tiny-1");
    expect(stopped.signal).toBeNull();
    expect(stopped.code).toBe(130);
    expect(stopped.stderr).toContain("stopping after this line, with a checkpoint");
    expect(stopped.stdout).toContain(`stopped; go on with: pudnet train --resume ${path}`);
    const { metadata } = await loadCheckpoint(join(folder, path, "checkpoints", "last.safetensors"));
    const rows = readFileSync(join(folder, path, "metrics.csv"), "utf8")
      .trim()
      .split("\n");
    expect(Number(metadata["step"])).toBe(5 * (rows.length - 1));
    expect(Number(metadata["step"])).toBeLessThan(240);
    expect(await run(folder, "train", "--resume", path)).toMatchObject({ code: 0, stderr: "" });
    await expectSameEnd(join(folder, path));
  });
});

it("is done, not stopped, when the signal comes before the last line", async () => {
  const last = ["--set", "steps=5", "--set", "validation.every=5"];
  const process = start(folder, "train", "--config", "config.yaml", "--runs", "last", ...last);
  const record = join(folder, "last", "tiny-1", "run.json");
  const isEnded = process.ended.then(() => true);
  while (!existsSync(record)) if (await Promise.race([isEnded, sleep(5, false)])) break;
  process.stop("SIGINT");
  const { code, stdout } = await process.ended;
  expect(stdout).toContain(`done: ${join("last", "tiny-1")}`);
  expect(code).toBe(0);
});

it("goes on with the pictures and the split that it was begun with, and no others", async () => {
  const short = ["--set", "steps=20", "--set", "validation.every=20"];
  expect(await run(folder, "train", "--config", "config.yaml", "--runs", "own", ...short)).toMatchObject({ code: 0 });
  const path = join("own", "tiny-1");
  const [picture, split] = [join(folder, "pictures/class-0/0.png"), join(folder, "split.json")];
  for (const [file, other, what] of [
    [picture, readFileSync(join(folder, "pictures/class-1/0.png")), "pictures@16"],
    [split, JSON.stringify({ val: ["class-0", "class-4", "class-5"] }), "class split split.json"],
  ] as const) {
    const own = readFileSync(file);
    writeFileSync(file, other);
    const { code, stderr } = await run(folder, "train", "--resume", path);
    writeFileSync(file, own);
    expect(stderr).toMatch(
      new RegExp(`was begun with another ${what} than the one at hand\nhint: bring it back as it was`, "m"),
    );
    expect(code).toBe(1);
  }
  const config = join(folder, path, "config.yaml");
  const text = readFileSync(config, "utf8");
  cpSync(join(folder, "pictures"), join(folder, "others"), { recursive: true });
  copyFileSync(join(folder, "split.json"), join(folder, "other.json"));
  for (const [from, to, what] of [
    ["pictures", "others", "others@16"],
    ["split.json", "other.json", "class split other.json"],
  ] as const) {
    writeFileSync(config, text.replace(from, to));
    const { code, stderr } = await run(folder, "train", "--resume", path);
    writeFileSync(config, text);
    expect(stderr).toContain(`was begun with another ${what} than the one at hand`);
    expect(code).toBe(1);
  }
  const record = join(folder, path, "run.json");
  const facts = readFileSync(record, "utf8");
  writeFileSync(record, JSON.stringify({ ...JSON.parse(facts), madeFrom: "pictures" }));
  const foreign = await run(folder, "train", "--resume", path);
  expect(foreign.stderr).toMatch(/not the record of a run[^]*madeFrom/);
  expect(foreign.code).toBe(1);
  writeFileSync(record, JSON.stringify({ ...JSON.parse(facts), madeFrom: undefined })); // as older versions wrote it
  expect(await run(folder, "train", "--resume", path)).toMatchObject({ code: 0, stderr: "" });
  writeFileSync(record, facts);
  expect(await run(folder, "train", "--resume", path)).toMatchObject({ code: 0, stderr: "" });
});

describe("a learning rate that makes the loss NaN", () => {
  const absurd = ["--set", "optimizer.learningRate=1e18", "--set", "optimizer.warmUp=0"];
  const message =
    /^error: step \d+: "\w+" is (NaN|-?Infinity); the first tensor that is no longer finite is "[\w.]+"\nhint: .*learningRate/;

  it("stops a run with a message that names step and tensor", async () => {
    const { code, stderr } = await run(folder, "train", "--config", "config.yaml", "--runs", "nan", ...absurd);
    expect(stderr).toMatch(message);
    expect(code).toBe(1);
  });

  it("leaves the last good checkpoint as it was", async () => {
    const short = ["--set", "steps=20", "--set", "validation.every=20"];
    expect(await run(folder, "train", "--config", "config.yaml", "--runs", "good", ...short)).toMatchObject({
      code: 0,
    });
    const path = join(folder, "good", "tiny-1");
    const config = join(path, "config.yaml");
    writeFileSync(
      config,
      readFileSync(config, "utf8")
        .replace("steps: 20", "steps: 40")
        .replace(/learningRate: .*/, "learningRate: 1e18"),
    );
    const checkpoint = join(path, "checkpoints", "last.safetensors");
    const before = await loadCheckpoint(checkpoint);
    const { code, stderr } = await run(folder, "train", "--resume", path);
    expect(stderr).toMatch(message);
    expect(code).toBe(1);
    expect(await loadCheckpoint(checkpoint)).toEqual(before);
    expect(before.metadata["step"]).toBe("20");
  });
});
