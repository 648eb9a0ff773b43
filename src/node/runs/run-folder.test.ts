import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { appendFile, chmod, cp, mkdir, mkdtemp, readdir, readFile, rm, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { DEAD, temporaryOf } from "../../../test/temporaries.ts";
import { FormatError, UserError } from "../../errors.ts";
import { parseCsv } from "../../formats/csv.ts";
import { hostTensor } from "../../tensor/tree.ts";
import { RunFolder } from "./run-folder.ts";
import { ownerOf } from "../files/folder-lock.ts";

let parent: string;
beforeEach(async () => {
  parent = await mkdtemp(join(tmpdir(), "pudnet-runs-"));
});
afterEach(() => rm(parent, { recursive: true }));

const options = { config: { seed: 7, arch: "convnet-3" }, columns: ["loss", "accuracy"], facts: { seed: 7 } };
const read = (run: RunFolder, name: string) => readFile(join(run.path, name), "utf8");

async function failure(work: Promise<unknown>): Promise<UserError> {
  const error = await work.then(
    () => undefined,
    (e: unknown) => e,
  );
  expect(error).toBeInstanceOf(UserError);
  expect((error as UserError).hint).toBeTruthy();
  return error as UserError;
}

describe("create", () => {
  test("numbers runs upwards and never reuses a number or touches another run", async () => {
    await mkdir(join(parent, "first-7"));
    await mkdir(join(parent, "first-convnet-9"));
    await using run = await RunFolder.create(parent, "first", options);
    expect(run.name).toBe("first-8");
    const racing = await Promise.all(Array.from({ length: 4 }, () => RunFolder.create(parent, "first", options)));
    expect(new Set(racing.map(({ name }) => name)).size).toBe(4);
    for (const other of racing) await other.close();
  });

  test("keeps config, facts, machine, versions and command", async () => {
    await using run = await RunFolder.create(parent, "first", { ...options, facts: { seed: 7, format: "x" } });
    const record = JSON.parse(await read(run, "run.json")) as Record<string, unknown>;
    expect(record).toMatchObject({ format: "pudnet-run", name: "first-1", seed: 7, columns: options.columns });
    expect(record).toMatchObject({ versions: { node: process.versions.node }, machine: { cores: expect.any(Number) } });
    expect(record["command"]).toEqual(expect.any(String));
    expect(Date.parse(record["started"] as string)).not.toBeNaN();
    expect(await read(run, "config.yaml")).toBe("seed: 7\narch: convnet-3\n");
  });

  test("a name that is a path, and a parent that is a file, are UserErrors", async () => {
    expect((await failure(RunFolder.create(parent, "../up", options))).exitCode).toBe(2);
    await writeFile(join(parent, "file"), "");
    await failure(RunFolder.create(join(parent, "file"), "first", options));
    await failure(RunFolder.create(join(parent, "file", "below"), "first", options));
    expect(await readdir(parent)).toEqual(["file"]);
  });

  test.skipIf(process.getuid?.() === 0)("a parent without permission is a UserError", async () => {
    await chmod(parent, 0o500);
    const error = await failure(RunFolder.create(parent, "first", options));
    await chmod(parent, 0o700);
    expect(error.message).toContain("permission denied");
  });
});

describe("log", () => {
  test("writes rectangular CSV, JSON lines and TensorBoard events", async () => {
    await using run = await RunFolder.create(parent, "first", options);
    run.log(1, { loss: 0.5 });
    run.log(2, { accuracy: 0.25, loss: Number.NaN });
    expect(await read(run, "metrics.csv")).toBe("step,loss,accuracy\n1,0.5,\n2,NaN,0.25\n");
    const lines = (await read(run, "metrics.jsonl")).trimEnd().split("\n");
    expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual([
      { step: 1, loss: 0.5 },
      { step: 2, accuracy: 0.25, loss: null },
    ]);
    const events = (await readdir(run.path)).filter((name) => name.startsWith("events.out.tfevents."));
    expect(events).toHaveLength(1);
    expect(await read(run, events[0]!)).toMatch(/brain\.Event:2[^]*loss[^]*accuracy/);
  });

  test("a column that was not announced is our own bug", async () => {
    await using run = await RunFolder.create(parent, "first", options);
    expect(() => run.log(1, { los: 1 })).toThrow("internal:");
  });
});

describe("resume", () => {
  test("rows after the checkpoint are dropped, older ones stay byte for byte, and logging goes on", async () => {
    const run = await RunFolder.create(parent, "first", options);
    for (let step = 0; step < 20; step++) run.log(step, { loss: 1 / (step + 3) });
    const undisturbed = [await read(run, "metrics.csv"), await read(run, "metrics.jsonl")];
    await run.close();
    await using resumed = await RunFolder.open(run.path);
    expect(resumed.config).toEqual(options.config);
    await resumed.truncateAfter(9);
    for (let step = 10; step < 20; step++) resumed.log(step, { loss: 1 / (step + 3) });
    expect([await read(resumed, "metrics.csv"), await read(resumed, "metrics.jsonl")]).toEqual(undisturbed);
    expect(resumed.record["resumed"]).toEqual([{ at: expect.any(String), afterStep: 9 }]);
    const events = (await readdir(run.path)).filter((name) => name.startsWith("events.")).sort();
    expect(events).toHaveLength(2);
    expect((await readFile(join(run.path, events[1]!))).length).toBeGreaterThan(10 * 30);
  });

  test("a row cut at any byte is dropped, whichever file it is in", async () => {
    const run = await RunFolder.create(parent, "first", options);
    run.log(1, { loss: 0.5, accuracy: 0.125 });
    await run.close();
    const whole = Object.fromEntries(
      await Promise.all(["metrics.csv", "metrics.jsonl"].map(async (name) => [name, await read(run, name)])),
    ) as Record<string, string>;
    const row: Record<string, string> = { "metrics.csv": "2,0.25,0.75", "metrics.jsonl": '{"step":2,"loss":0.25}' };
    for (const name of Object.keys(whole)) {
      for (let length = 1; length <= row[name]!.length; length++) {
        await appendFile(join(run.path, name), row[name]!.slice(0, length));
        await using resumed = await RunFolder.open(run.path);
        expect(await read(resumed, name)).toBe(whole[name]);
      }
    }
  });

  test("a lost line end at the last kept row drops that row rather than joining two", async () => {
    const run = await RunFolder.create(parent, "first", options);
    run.log(1, { loss: 0.5 });
    run.log(2, { loss: 0.5 });
    await run.close();
    const csv = join(run.path, "metrics.csv");
    await truncate(csv, (await readFile(csv)).length - 1);
    await using resumed = await RunFolder.open(run.path);
    resumed.log(3, { loss: 0.25 });
    expect(parseCsv(await read(resumed, "metrics.csv"))).toEqual([
      ["step", "loss", "accuracy"],
      ["1", "0.5", ""],
      ["3", "0.25", ""],
    ]);
  });

  test("temporaries of a killed process are cleared", async () => {
    const run = await RunFolder.create(parent, "first", options);
    await run.close();
    const left = temporaryOf(DEAD, join(run.path, "checkpoints", "last.safetensors"));
    await writeFile(left, "half");
    await using _ = await RunFolder.open(run.path);
    expect(existsSync(left)).toBe(false);
  });

  test("missing, foreign, half-made and broken folders are UserErrors with a way out", async () => {
    const run = await RunFolder.create(parent, "first", options);
    await run.close();
    expect((await failure(RunFolder.open(join(parent, "frist-1")))).hint).toContain("first-1");
    expect((await failure(RunFolder.open(parent))).message).toContain("is not a run folder");
    const copy = async (name: string) => {
      await cp(run.path, join(parent, name), { recursive: true });
      return join(parent, name);
    };
    const half = await copy("half");
    await rm(join(half, "run.json"));
    expect((await failure(RunFolder.open(half))).message).toContain("is not a whole run");
    const without = await copy("without");
    await rm(join(without, "metrics.csv"));
    expect((await failure(RunFolder.open(without))).message).toContain("metrics.csv is missing");
    const broken = await copy("broken");
    await writeFile(join(broken, "run.json"), '{"format":');
    expect(await failure(RunFolder.open(broken))).toBeInstanceOf(FormatError);
    await writeFile(join(broken, "run.json"), '{"format":"other"}');
    expect(await failure(RunFolder.open(broken))).toBeInstanceOf(FormatError);
  });
});

describe("a damaged run", () => {
  const damage = async (name: string, change: (text: string) => string): Promise<UserError> => {
    const run = await RunFolder.create(parent, "first", options);
    for (let step = 1; step <= 3; step++) run.log(step, { loss: 1 / step });
    await run.close();
    await writeFile(join(run.path, name), change(await read(run, name)));
    const error = await failure(RunFolder.open(run.path));
    expect(error instanceof FormatError || name === "config.yaml").toBe(true);
    return error;
  };

  test.each([
    ["a row of other cells", (text: string) => text.replace("2,0.5,", "2,0.5"), /metrics\.csv: line 3 is damaged/],
    ["a row of another step", (text: string) => text.replace("2,0.5", "two,0.5"), /metrics\.csv: line 3 is damaged/],
    ["a number that is none", (text: string) => text.replace("2,0.5", "2,0.x5"), /metrics\.csv: line 3 is damaged/],
    ["another header", (text: string) => text.replace("loss", "lost"), /metrics\.csv: line 1 is damaged/],
  ])("with %s is not gone on with, since what was measured would be lost", async (_, change, message) => {
    expect((await damage("metrics.csv", change)).message).toMatch(message);
  });

  test.each(["null", "[]", '{"stop":2}', '{"step":2', '{"step":"2"}'])(
    "nor one with the JSON line %s",
    async (line) => {
      const error = await damage("metrics.jsonl", (text) => text.replace(/^{"step":2.*$/m, line));
      expect(error.message).toMatch(/metrics\.jsonl: line 2 is damaged/);
    },
  );

  test.each(["null", '{"format":"pudnet-run","version":1,"columns":[1]}', "[".repeat(1000)])(
    "nor one with the record %#",
    async (text) => {
      expect((await damage("run.json", () => text)).message).toMatch(/run\.json: not /);
    },
  );

  test("nor one whose list of resumptions is none", async () => {
    expect((await damage("run.json", (text) => text.replace('"seed": 7', '"seed": 7, "resumed": 3'))).message).toMatch(
      /resumed/,
    );
  });

  test.each(["seed: [", "a: !!x y", "[".repeat(5000)])("nor one with the config %#", async (text) => {
    expect((await damage("config.yaml", () => text)).message).toMatch(/config\.yaml is /);
  });
});

describe("lock", () => {
  test("a run that is open cannot be opened again until it is closed", async () => {
    const run = await RunFolder.create(parent, "first", options);
    expect((await failure(RunFolder.open(run.path))).message).toContain("in use by this process");
    await run.close();
    await (await RunFolder.open(run.path)).close();
    expect(existsSync(join(run.path, "lock"))).toBe(false);
  });

  test("another living process keeps it, its death frees it", async () => {
    const run = await RunFolder.create(parent, "first", options);
    await run.close();
    const other = spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)"]);
    const lock = join(run.path, "lock");
    try {
      await writeFile(lock, JSON.stringify(ownerOf(other.pid!)));
      expect((await failure(RunFolder.open(run.path))).message).toContain(`process ${other.pid}`);
    } finally {
      const gone = new Promise((done) => other.once("exit", done));
      other.kill("SIGKILL");
      await gone;
    }
    await (await RunFolder.open(run.path)).close();
  });

  test("a lock half-written, of a reused process id or of a former life of our own is taken over", async () => {
    const run = await RunFolder.create(parent, "first", options);
    await run.close();
    const own = ownerOf(process.pid);
    const parentsId = ownerOf(process.ppid);
    const reused = { ...parentsId, started: parentsId.started.replace(/ \d+$/, " 1") };
    const stale = ['{"pid":', JSON.stringify(own), JSON.stringify(reused)];
    for (const text of stale) {
      await writeFile(join(run.path, "lock"), text);
      await (await RunFolder.open(run.path)).close();
    }
  });

  test("the lock of another machine is respected, with a hint how to lift it", async () => {
    const run = await RunFolder.create(parent, "first", options);
    await run.close();
    await writeFile(join(run.path, "lock"), JSON.stringify({ pid: 1, host: "elsewhere", started: "" }));
    const error = await failure(RunFolder.open(run.path));
    expect(error.message).toContain("process 1 on elsewhere");
    expect(error.hint).toContain(join(run.path, "lock"));
  });

  test("a run that was taken over is neither logged to nor saved, and the other's lock stays", async () => {
    const run = await RunFolder.create(parent, "first", options);
    const lock = join(run.path, "lock");
    const other = JSON.stringify({ ...ownerOf(1), host: "elsewhere" });
    await writeFile(lock, other);
    const error = await failure(run.saveCheckpoint("last", new Map([["a", hostTensor([1], [3])]])));
    expect(error.message).toMatch(/was taken over by process 1 on elsewhere while this process was held up/);
    expect(run.hasCheckpoint("last")).toBe(false);
    expect(() => run.log(1, { loss: 1 })).toThrow(/was taken over/);
    await run.close();
    expect(await readFile(lock, "utf8")).toBe(other);
  });
});

test("checkpoints and figures lie where they should", async () => {
  await using run = await RunFolder.create(parent, "first", options);
  expect(run.hasCheckpoint("last")).toBe(false);
  await failure(run.loadCheckpoint("last"));
  await run.saveCheckpoint("last", new Map([["a", hostTensor([1], [3])]]), { step: "4" });
  expect(run.hasCheckpoint("last")).toBe(true);
  expect((await run.loadCheckpoint("last")).metadata).toEqual({ step: "4" });
  await run.writeFigures(); // nothing logged yet
  for (let step = 0; step < 100; step++)
    run.log(step, { loss: 1 / (1 + step), ...(step % 10 ? {} : { accuracy: 0.9 }) });
  await run.writeFigures();
  const svg = await read(run, "figures/curves.svg");
  for (const text of [">first-1<", ">loss<", ">accuracy<", ">step<"]) expect(svg).toContain(text);
  expect((await readFile(join(run.path, "figures/curves.png"))).subarray(1, 4).toString()).toBe("PNG");
});
