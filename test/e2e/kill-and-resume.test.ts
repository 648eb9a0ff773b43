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
import { loadCheckpoint } from "../../src/node/runs/checkpoint.ts";
import { fold, key, sample, uniform } from "../../src/tensor/random.ts";
import type { Running } from "../built-program.ts";
import { run, start, writeTinyTraining } from "./tiny-training.ts";

let folder: string;
/** A run from start to end in one go. */
let undisturbed: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "pudnet-kill-"));
  await writeTinyTraining(folder);
  const ended = await run(folder, "train", "--config", "config.yaml");
  expect(ended).toMatchObject({ code: 0, stderr: "" });
  undisturbed = join(folder, "runs", "tiny-1");
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Each waits, from the start of a process, for its moment; `u` in [0, 1) is its share of chance. */
const MOMENTS = {
  "starting up": (_process: Running, _path: string, u: number) => sleep(800 * u),
  training: async (process: Running, _path: string, u: number) => {
    await process.rows(1 + Math.floor(3 * u));
    await sleep(40 * ((3 * u) % 1));
  },
  "writing a checkpoint": async (process: Running, path: string) => {
    const checkpoints = join(path, "checkpoints");
    if (!existsSync(checkpoints)) return process.rows(1);
    const stopWatching = new AbortController();
    await Promise.race([
      process.ended,
      new Promise<void>((seen) => {
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
  let path = join(parent, "tiny-1");
  const train = () =>
    existsSync(join(path, "run.json"))
      ? start(folder, "train", "--resume", path)
      : start(folder, "train", "--config", "config.yaml", "--runs", parent);
  for (const [i, moment] of moments.entries()) {
    const process = train();
    await MOMENTS[moment](process, path, chances[i]!);
    process.stop("SIGKILL");
    const { signal, stderr } = await process.ended;
    expect({ moment, signal, stderr }).toEqual({ moment, signal: "SIGKILL", stderr: "" });
    // A run killed before its folder was complete holds nothing: the next one gets a folder of its own, and removes it.
    if (existsSync(parent) && !existsSync(join(path, "run.json"))) {
      const numbers = readdirSync(parent).map((name) => Number(name.slice("tiny-".length)));
      path = join(parent, `tiny-${Math.max(0, ...numbers) + 1}`);
    }
  }
  expect(await run(folder, "train", "--resume", path)).toMatchObject({ code: 0, stderr: "" });
  await expectSameEnd(path);
  const left = readdirSync(path, { recursive: true, encoding: "utf8" });
  expect(left.filter((name) => /\.tmp-|lock/.test(name))).toEqual([]);
  const { resumed } = JSON.parse(readFileSync(join(path, "run.json"), "utf8")) as { resumed: { afterStep: number }[] };
  expect(Math.max(...resumed.map(({ afterStep }) => afterStep))).toBeGreaterThan(0);
});

describe.each(["SIGINT", "SIGTERM"] as const)("%s", (signal) => {
  it("saves, says how to go on, and the resumed run ends the same", async () => {
    const process = start(folder, "train", "--config", "config.yaml", "--runs", signal);
    await process.rows(3);
    process.stop(signal);
    const stopped = await process.ended;
    const path = join(signal, "tiny-1");
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
      new RegExp(`was begun with another ${what} than the one at hand\nhint: bring the pictures`, "m"),
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
